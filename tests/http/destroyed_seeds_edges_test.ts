/**
 * No core's memory keeps a seed that another edge has destroyed, in any of the
 * ways in which seeds end, though nobody searches its bucket again.
 */

import { assertEquals } from "@std/assert";
import { decodeBase64Url } from "@std/encoding/base64url";
import { startRedis, until } from "../../scripts/redis_server.ts";
import { readMetrics, valueOf } from "../support/http/metrics_text.ts";
import type { TestPhone } from "../support/world/api.ts";
import { startApp, type TestApp } from "../support/world/app.ts";
import { startServer, type TestServer } from "../support/world/server.ts";
import { midstate } from "../wasm/sha256_reference.ts";

const DAY_MS = 86_400_000;

/** How many words of a seed's inner midstate are in the memory of an edge's core. */
function kept(edge: TestApp, { seed }: TestPhone): number {
  const words = new Set(midstate(decodeBase64Url(seed.seed), 0x36));
  const bytes = edge.coreBytes();
  const view = new DataView(bytes.buffer);
  const found = new Set<number>();
  for (let at = 0; at + 4 <= view.byteLength; at += 4) {
    const word = view.getUint32(at, true);
    if (words.has(word)) found.add(word);
  }
  return found.size;
}

/** All words are there: the seed is searched. */
const WHOLE = 8;

/** Two edges on one store; both hold the seeds of some phones. */
async function twoEdges() {
  const one = await startApp();
  const two = await startApp({ path: one.path, clock: one.clock });
  const key = await one.api.walletKey();
  let searches = 0;
  return {
    one,
    two,
    key,
    /** Has both edges search the bucket of a phone, for nobody's code. */
    async load(phone: TestPhone) {
      const code = phone.code(one.clock.ms);
      const nobody = code.slice(0, -1) + (Number(code.at(-1)) + 1) % 10;
      for (const edge of [one, two]) {
        const reference = `load-${searches++}`;
        const { body } = await edge.api.verify(key, nobody, reference);
        assertEquals(body.code, "code-not-accepted");
        assertEquals(kept(edge, phone), WHOLE);
      }
    },
    async [Symbol.asyncDispose]() {
      await two[Symbol.asyncDispose]();
      await one[Symbol.asyncDispose]();
    },
  };
}

type Edges = Awaited<ReturnType<typeof twoEdges>>;

/** The ways in which seeds end; each gives the phones whose seeds were destroyed. */
const WAYS: Record<
  string,
  (edges: Edges, phone: TestPhone) => Promise<readonly TestPhone[]>
> = {
  async "a revocation"({ one, key }, phone) {
    const path = `/v1/enrolments/${phone.credentialId}`;
    await one.api.must(204, "DELETE", path, { key });
    return [phone];
  },
  async "the revocation of a renewed credential"({ one, key, load }, phone) {
    const renewed = await one.api.renew(key, phone);
    await load(renewed);
    // The renewal has changed the bucket of the old seed, too.
    await load(phone);
    const path = `/v1/enrolments/${phone.credentialId}`;
    await one.api.must(204, "DELETE", path, { key });
    return [phone, renewed];
  },
  async "an enrolment on another phone"({ one, key }, phone) {
    await one.api.enrol(key, phone.accountId, "another-phone");
    return [phone];
  },
  async "an enrolment of another account"({ one, key }, phone) {
    await one.api.enrol(key, "another-account", phone.deviceId);
    return [phone];
  },
  async "an erasure"({ one, key }, phone) {
    const path = `/v1/accounts/${phone.accountId}`;
    await one.api.must(204, "DELETE", path, { key });
    return [phone];
  },
  async "the end of a credential"({ one }, phone) {
    one.clock.advance(30 * DAY_MS - 1_000);
    assertEquals(await one.seedSweeper.sweep(), 1);
    return [phone];
  },
  async "the day that a renewed seed has left"({ one, two, key, load }, phone) {
    const renewed = await one.api.renew(key, phone);
    one.clock.advance(DAY_MS);
    await load(renewed);
    assertEquals(kept(two, phone), WHOLE);
    assertEquals(await one.seedSweeper.sweep(), 1);
    await two.destroyedSeeds.look();
    assertEquals(kept(two, renewed), WHOLE);
    return [phone];
  },
  async "a second renewal whose first seed was never used"(
    { one, key, load },
    phone,
  ) {
    const unused = await one.api.renew(key, phone);
    await load(unused);
    await one.api.renew(key, phone);
    return [unused];
  },
};

for (const [way, end] of Object.entries(WAYS)) {
  Deno.test(`after ${way} the core of another edge keeps no destroyed seed, though nobody searches for it`, async () => {
    await using edges = await twoEdges();
    const { one, two, key, load } = edges;
    const phone = await one.api.enrol(key, "alice", "phone-a");
    one.clock.advance(1_000);
    const other = await one.api.enrol(key, "bob", "phone-b");
    await load(phone);
    await load(other);
    const ended = await end(edges, phone);
    for (const it of ended) assertEquals(kept(one, it), 0);
    await two.destroyedSeeds.look();
    for (const it of ended) assertEquals(kept(two, it), 0);
    // Nothing else was wiped.
    assertEquals(kept(two, other), WHOLE);
  });
}

/** What an edge says of the buckets and the seeds in its core's memory. */
async function held({ api }: TestServer, key: string): Promise<string> {
  const metrics = readMetrics(
    await api.must(200, "GET", "/metrics", { key }),
  );
  return ["offcode_buckets", "offcode_bucket_seeds"]
    .map((name) => valueOf(metrics, name)).join(" ");
}

Deno.test("servers wipe by themselves what another one has destroyed", async () => {
  await using redis = await startRedis();
  const env = { OFFCODE_STORE: redis.url };
  await using one = await startServer({ env });
  await using two = await startServer({ env });
  const key = await one.api.walletKey();
  const metricsKey = await one.api.metricsKey();
  const phone = await one.api.enrol(key, "alice", "phone-a");
  const found = await two.api.verify(key, phone.code(Date.now()), "find");
  assertEquals(found.body.credential_id, phone.credentialId);
  assertEquals(await held(two, metricsKey), "1 1");
  const path = `/v1/enrolments/${phone.credentialId}`;
  await one.api.must(204, "DELETE", path, { key });
  await until(
    async () => await held(two, metricsKey) === "0 0",
    "The other server still holds the seed",
  );
});
