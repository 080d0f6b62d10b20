import { assert, assertEquals } from "@std/assert";
import { decodeBase64Url, encodeBase64Url } from "@std/encoding/base64url";
import * as jose from "jose";
import { NOON_MS, startApp } from "../support/world/app.ts";
import { setScene } from "../support/world/scene.ts";
import { makeDevice, openSeed } from "../support/world/wallet.ts";

const STEP_MS = 30_000;

const TTL_MS = 30 * 86_400_000;

Deno.test("POST /v1/enrolments delivers a seed to the device's key", async () => {
  await using app = await startApp();
  const { api } = app;
  const key = await api.walletKey();
  const device = await makeDevice();
  const body = {
    account_id: "alice",
    device_id: "phone-a",
    device_key: device.publicJwk,
  };
  const made = await api.call("POST", "/v1/enrolments", { key, body });
  assertEquals(made.status, 201);
  const { credential_id, seed_jwe, ...rest } = made.body;
  assert(/^cred_[0-9a-f]{32}$/.test(credential_id));
  assertEquals(rest, {
    account_id: "alice",
    device_id: "phone-a",
    expires_at: "2026-02-14T12:00:00.000Z",
  });

  const { epk, ...header } = jose.decodeProtectedHeader(seed_jwe);
  assertEquals(header, {
    alg: "ECDH-ES",
    enc: "A256GCM",
    apu: encodeBase64Url(credential_id),
    apv: encodeBase64Url("phone-a"),
  });
  assertEquals(Object.keys(epk!).sort(), ["crv", "kty", "x", "y"]);

  const { seed, bucket, ...delivery } = await openSeed(device, seed_jwe);
  assertEquals(decodeBase64Url(seed).length, 32);
  assert(Number.isInteger(bucket) && bucket >= 0 && bucket < 10_000);
  assertEquals(delivery, {
    prefix: "90",
    profile: 1,
    bucket_digits: 4,
    tag_digits: 11,
    time_step_seconds: 30,
    credential_id,
    expires_at: "2026-02-14T12:00:00.000Z",
  });
});

Deno.test("POST /v1/enrolments never delivers a seed or an ephemeral key twice", async () => {
  await using app = await startApp();
  const { api } = app;
  const key = await api.walletKey();
  const device = await makeDevice();
  const seeds = new Set<string>();
  const ephemerals = new Set<string>();
  for (let i = 0; i < 8; i++) {
    const { seed_jwe } = await api.must(201, "POST", "/v1/enrolments", {
      key,
      body: {
        account_id: `account-${i}`,
        device_id: `phone-${i}`,
        device_key: device.publicJwk,
      },
    });
    seeds.add((await openSeed(device, seed_jwe)).seed);
    ephemerals.add(JSON.stringify(jose.decodeProtectedHeader(seed_jwe).epk));
  }
  assertEquals([seeds.size, ephemerals.size], [8, 8]);
});

Deno.test("GET /v1/enrolments/:id shows an enrolment without its seed", async () => {
  await using app = await startApp();
  const { api } = app;
  const key = await api.walletKey();
  const phone = await api.enrol(key, "alice", "phone-a", "restricted");
  const found = await api.call("GET", `/v1/enrolments/${phone.credentialId}`, {
    key,
  });
  assertEquals([found.status, found.body], [200, {
    credential_id: phone.credentialId,
    account_id: "alice",
    device_id: "phone-a",
    profile: 1,
    risk: "restricted",
    reason: "set-by-wallet",
    status: "active",
    created_at: "2026-01-15T12:00:00.000Z",
    expires_at: "2026-02-14T12:00:00.000Z",
  }]);
});

Deno.test("DELETE /v1/enrolments/:id kills the seed at once, and twice is the same", async () => {
  await using app = await startApp();
  const { api } = app;
  const { walletKey: key, merchant, phone } = await setScene(api);
  const path = `/v1/enrolments/${phone.credentialId}`;
  // The bucket is cached and its revision freshly confirmed.
  assertEquals(
    (await api.pay(merchant, { code: phone.code(NOON_MS), order_id: "1" }))
      .status,
    201,
  );
  for (let i = 0; i < 2; i++) {
    const { status, body } = await api.call("DELETE", path, { key });
    assertEquals([status, body], [204, null]);
  }
  assertEquals((await api.must(200, "GET", path, { key })).status, "revoked");
  const code = phone.code(NOON_MS + STEP_MS);
  const paid = await api.pay(merchant, { code, order_id: "2" });
  assertEquals([paid.status, paid.body.code], [422, "code-not-accepted"]);
  const verified = await api.verify(key, code, "ref");
  assertEquals([verified.status, verified.body.code], [
    422,
    "code-not-accepted",
  ]);
  assertEquals(await api.balance("alice"), 8_750);
  // The account and the phone are free for a new enrolment.
  const again = await api.enrol(key, "alice", phone.deviceId);
  const renewed = await api.verify(key, again.code(NOON_MS), "ref");
  assertEquals(renewed.body.account_id, "alice");
});

Deno.test("GET and DELETE /v1/enrolments/:id answer 404 for an unknown id", async () => {
  await using app = await startApp();
  const { api } = app;
  const key = await api.walletKey();
  for (const id of [`cred_${"0".repeat(32)}`, "cred_", "0"]) {
    for (const method of ["GET", "DELETE"]) {
      const { status, body } = await api.call(method, `/v1/enrolments/${id}`, {
        key,
      });
      assertEquals([status, body.code, body.retry], [
        404,
        "not-found",
        "never",
      ]);
    }
  }
});

Deno.test("an enrolment expires at its very second, also where its bucket is cached", async () => {
  await using app = await startApp({ nowMs: NOON_MS + 999 });
  const { api, clock } = app;
  const { walletKey: key, merchant, phone } = await setScene(api);
  const path = `/v1/enrolments/${phone.credentialId}`;
  clock.ms = NOON_MS + TTL_MS - 1;
  assertEquals((await api.must(200, "GET", path, { key })).status, "active");
  const first = await api.verify(key, phone.code(clock.ms - STEP_MS), "1");
  assertEquals(first.status, 200);

  clock.advance(1);
  assertEquals((await api.must(200, "GET", path, { key })).status, "expired");
  for (const drift of [-1, 0, 1]) {
    const code = phone.code(clock.ms + drift * STEP_MS);
    const verified = await api.verify(key, code, `late${drift}`);
    assertEquals([verified.status, verified.body.code], [
      422,
      "code-not-accepted",
    ]);
    const paid = await api.pay(merchant, { code, order_id: `late${drift}` });
    assertEquals([paid.status, paid.body.code], [422, "code-not-accepted"]);
  }
  assertEquals(await api.balance("alice"), 10_000);
  // Revoking what has expired and enrolling anew are both fine.
  await api.must(204, "DELETE", path, { key });
  const again = await api.enrol(key, "alice", phone.deviceId);
  assertEquals(
    (await api.verify(key, again.code(clock.ms), "new")).status,
    200,
  );
});

Deno.test("enrol() keeps the account's risk unless it names another", async () => {
  await using app = await startApp();
  const { api } = app;
  const key = await api.walletKey();
  const risks: string[] = [];
  const codes: (string | number)[] = [];
  let phones = 0;
  const enrol = async (risk?: string) => {
    const phone = await api.enrol(key, "mallory", `phone-${phones++}`, risk);
    const path = `/v1/enrolments/${phone.credentialId}`;
    risks.push((await api.must(200, "GET", path, { key })).risk);
    const answer = await api.verify(key, phone.code(NOON_MS), `${phones}`);
    codes.push(answer.body.code ?? answer.status);
  };
  await enrol();
  await enrol("blocked");
  await enrol();
  await enrol("normal");
  await enrol("restricted");
  await enrol();
  assertEquals(risks, [
    "normal",
    "blocked",
    "blocked",
    "normal",
    "restricted",
    "restricted",
  ]);
  assertEquals(codes, [200, "payer-blocked", "payer-blocked", 200, 200, 200]);
});
