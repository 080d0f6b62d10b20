import {
  assert,
  assertEquals,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import {
  newEndpoint,
  openSigner,
  PREVIOUS_SECRET_MS,
  viewEndpoint,
  withNewSecret,
} from "../../../../edge/callback/endpoint/endpoint_record.ts";
import type { EndpointRecord } from "../../../../edge/callback/message/record.ts";
import { systemRandom } from "../../../../edge/base/clock.ts";
import { parseKeyring } from "../../../../edge/vault/keyring.ts";
import { createVault, SealError } from "../../../../edge/vault/seal.ts";
import { createSigner } from "../../../../edge/base/signature.ts";
import { MASTER_KEYS } from "../../../support/world/app.ts";

const NOW_MS = 1_768_478_400_000;
const ID = `cb_${"0".repeat(32)}`;
const makers = {
  random: systemRandom,
  vault: createVault({
    keyring: parseKeyring(MASTER_KEYS),
    random: systemRandom,
  }),
};

function rotated(record: EndpointRecord, nowMs: number) {
  const made = withNewSecret(makers, record, nowMs);
  assert("secret" in made);
  return made;
}

Deno.test("openSigner() signs with both secrets to the millisecond, also where it was opened before", () => {
  const first = newEndpoint(makers, "https://shop.example", NOW_MS);
  const { record, secret } = rotated(first.record, NOW_MS);
  assertNotEquals(secret, first.secret);
  const signer = openSigner(makers.vault, record, NOW_MS);
  assertEquals(signer.secrets, [secret, first.secret]);
  const both = createSigner(secret, first.secret);
  const one = createSigner(secret);
  for (
    const [ms, sign] of [
      [0, both],
      [PREVIOUS_SECRET_MS - 1, both],
      [PREVIOUS_SECRET_MS, one],
    ] as const
  ) {
    const atMs = NOW_MS + ms;
    assertEquals(signer.sign(ID, atMs, "{}"), sign(ID, atMs, "{}"));
    assertEquals(
      openSigner(makers.vault, record, atMs).sign(ID, atMs, "{}"),
      sign(ID, atMs, "{}"),
    );
  }
});

Deno.test("openSigner() opens no secret of another endpoint", () => {
  const [one, two] = [1, 2].map((n) =>
    newEndpoint(makers, `https://${n}.example`, NOW_MS).record
  );
  const mixed = { ...one!, secret: two!.secret };
  assertThrows(() => openSigner(makers.vault, mixed, NOW_MS), SealError);
});

Deno.test("viewEndpoint() shows no secret, sealed or not", () => {
  const first = newEndpoint(makers, "https://shop.example", NOW_MS);
  const { record, secret } = rotated(first.record, NOW_MS);
  const failures = { failures: 1, since_ms: NOW_MS };
  const view = viewEndpoint(record, failures, NOW_MS);
  assertEquals(view, {
    endpointId: record.endpoint_id,
    url: "https://shop.example",
    status: "active",
    failingSince: "2026-01-15T12:00:00.000Z",
    previousSecretUntil: "2026-01-16T12:00:00.000Z",
    createdAt: "2026-01-15T12:00:00.000Z",
    updatedAt: "2026-01-15T12:00:00.000Z",
  });
  const text = JSON.stringify(view);
  for (const hidden of [secret, first.secret, record.secret]) {
    assertEquals(text.includes(hidden), false);
  }
  assertEquals(JSON.stringify(record).includes(secret), false);
});
