import { assertEquals } from "@std/assert";
import { encodeBase64 } from "@std/encoding/base64";
import { writeSeeds } from "../../scripts/bench/kit/sealed_buckets.ts";
import { systemRandom } from "../../edge/base/clock.ts";
import { parseKeyring } from "../../edge/vault/keyring.ts";
import { createVault } from "../../edge/vault/seal.ts";
import { NOON_MS, startApp } from "../support/world/app.ts";
import { oneBucket, setScene } from "../support/world/scene.ts";

Deno.test("a code of a bucket that is too large for the core's memory is accepted nowhere, and said in the log", async () => {
  await using app = await startApp({
    random: oneBucket,
    settings: { coreMemoryBytes: 2 ** 21 },
  });
  const { merchant, phone, walletKey } = await setScene(app.api);
  // Sealed under a key that nobody has: they are counted, not opened.
  const keyring = parseKeyring(
    `other:${encodeBase64(new Uint8Array(32).fill(8))}`,
  );
  await writeSeeds(app.store, {
    vault: createVault({ keyring, random: systemRandom }),
    random: systemRandom,
    prefix: "90",
    profile: 1,
    expires: NOON_MS / 1000 + 86_400,
  }, Array<number>(600).fill(0));
  const code = phone.code(NOON_MS);
  for (
    const { status, body } of [
      await app.api.pay(merchant, { code, order_id: "order-1" }),
      await app.api.verify(walletKey, code, "ref-1"),
    ]
  ) {
    assertEquals([status, body.code, body.retry], [
      503,
      "store-unavailable",
      "same-order",
    ]);
  }
  const said = app.logged.map((line) => JSON.parse(line))
    .filter(({ message }) => message.startsWith("bucket"));
  assertEquals(said.length, 2);
  const [{ level, message, profile, bucket, seeds }] = said;
  assertEquals([level, message, profile, bucket, seeds], [
    "error",
    "bucket too large for the core's memory",
    1,
    0,
    601,
  ]);
});
