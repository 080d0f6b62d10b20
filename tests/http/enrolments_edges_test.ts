import { assertEquals, assertNotEquals } from "@std/assert";
import { NOON_MS, startApp } from "../support/world/app.ts";
import { setScene } from "../support/world/scene.ts";
import { codeAt, makeDevice, openSeed } from "../support/world/wallet.ts";

const STEP_MS = 30_000;

/** Two edges on one file, one phone, its bucket cached and fresh on both. */
async function twoEdges() {
  const one = await startApp();
  const two = await startApp({ path: one.path, clock: one.clock });
  const scene = await setScene(one.api);
  const { phone, walletKey } = scene;
  for (const [i, edge] of [one, two].entries()) {
    const code = phone.code(NOON_MS + (i - 1) * STEP_MS);
    assertEquals((await edge.api.verify(walletKey, code, `${i}`)).status, 200);
  }
  return {
    one,
    two,
    ...scene,
    /** What the edges say to the phone's next code. */
    async answers() {
      const code = phone.code(NOON_MS + STEP_MS);
      const found: unknown[] = [];
      for (const edge of [one, two]) {
        const paid = await edge.api.pay(scene.merchant, {
          code,
          order_id: "order-1",
        });
        const verified = await edge.api.verify(walletKey, code, "order-1");
        found.push(paid.body.code, verified.body.code);
      }
      return found;
    },
    async [Symbol.asyncDispose]() {
      await two[Symbol.asyncDispose]();
      await one[Symbol.asyncDispose]();
    },
  };
}

const DEAD = Array(4).fill("code-not-accepted");

Deno.test("enrol() of an account on a second phone kills the first on every edge", async () => {
  await using edges = await twoEdges();
  const { one, two, walletKey, phone } = edges;
  const second = await one.api.enrol(walletKey, "alice", "second-phone");
  assertEquals(await edges.answers(), DEAD);
  const old = await two.api.must(
    200,
    "GET",
    `/v1/enrolments/${phone.credentialId}`,
    { key: walletKey },
  );
  assertEquals(old.status, "revoked");
  const verified = await two.api.verify(
    walletKey,
    second.code(NOON_MS),
    "second",
  );
  assertEquals(verified.body.credential_id, second.credentialId);
  assertEquals(await one.api.balance("alice"), 10_000);
});

Deno.test("enrol() of another account on the same phone kills the first on every edge", async () => {
  await using edges = await twoEdges();
  const { one, two, walletKey, phone } = edges;
  const bob = await one.api.enrol(walletKey, "bob", phone.deviceId);
  assertEquals(await edges.answers(), DEAD);
  const verified = await two.api.verify(walletKey, bob.code(NOON_MS), "bob");
  assertEquals(verified.body.account_id, "bob");
  // Alice's next enrolment leaves Bob on the phone that was hers.
  await two.api.enrol(walletKey, "alice", "second-phone");
  const still = await one.api.verify(
    walletKey,
    bob.code(NOON_MS + STEP_MS),
    "bob-again",
  );
  assertEquals(still.body.account_id, "bob");
  assertEquals(await one.api.balance("alice"), 10_000);
});

Deno.test("enrol() that joins two phones kills both earlier seeds", async () => {
  await using edges = await twoEdges();
  const { one, two, walletKey, phone } = edges;
  const bob = await one.api.enrol(walletKey, "bob", "phone-of-bob");
  const joined = await one.api.enrol(walletKey, "alice", "phone-of-bob");
  assertEquals(await edges.answers(), DEAD);
  const gone = await two.api.verify(walletKey, bob.code(NOON_MS), "bob");
  assertEquals(gone.body.code, "code-not-accepted");
  const verified = await two.api.verify(walletKey, joined.code(NOON_MS), "new");
  assertEquals(verified.body.account_id, "alice");
  // The phone that Alice left is free, and so is Bob.
  const moved = await two.api.enrol(walletKey, "bob", phone.deviceId);
  const found = await one.api.verify(walletKey, moved.code(NOON_MS), "moved");
  assertEquals(found.body.account_id, "bob");
  assertNotEquals(moved.credentialId, bob.credentialId);
});

Deno.test("enrol() remembers an account's live seed though its old phone is another's", async () => {
  await using edges = await twoEdges();
  const { one, two, walletKey, phone } = edges;
  const second = await one.api.enrol(walletKey, "alice", "second-phone");
  const bob = await two.api.enrol(walletKey, "bob", phone.deviceId);
  await one.api.enrol(walletKey, "alice", "third-phone");
  const dead = await two.api.verify(walletKey, second.code(NOON_MS), "dead");
  assertEquals(dead.body.code, "code-not-accepted");
  const alive = await two.api.verify(walletKey, bob.code(NOON_MS), "alive");
  assertEquals(alive.body.account_id, "bob");
});

Deno.test("DELETE /v1/enrolments/:id kills the seed on every edge", async () => {
  await using edges = await twoEdges();
  await edges.one.api.must(
    204,
    "DELETE",
    `/v1/enrolments/${edges.phone.credentialId}`,
    { key: edges.walletKey },
  );
  assertEquals(await edges.answers(), DEAD);
});

for (
  const [what, account, device] of [
    ["one account on many phones", () => "alice", (i: number) => `phone-${i}`],
    ["many accounts on one phone", (i: number) => `acct-${i}`, () => "phone"],
    ["one account on one phone", () => "alice", () => "phone"],
  ] as const
) {
  Deno.test(`enrol() at once of ${what} leaves one live credential`, async () => {
    await using one = await startApp();
    await using two = await startApp({ path: one.path, clock: one.clock });
    const key = await one.api.walletKey();
    const devices = await Promise.all(
      Array.from({ length: 16 }, () => makeDevice()),
    );
    const answers = await Promise.all(
      devices.map((it, i) =>
        (i % 2 === 0 ? one : two).api.call("POST", "/v1/enrolments", {
          key,
          body: {
            account_id: account(i),
            device_id: device(i),
            device_key: it.publicJwk,
          },
        })
      ),
    );
    const live: string[] = [];
    for (const [i, { status, body }] of answers.entries()) {
      // Who lost every race was told so, and has no seed.
      if (status === 503) {
        assertEquals(body.code, "store-unavailable");
        continue;
      }
      assertEquals(status, 201);
      const path = `/v1/enrolments/${body.credential_id}`;
      const found = await one.api.must(200, "GET", path, { key });
      const seed = await openSeed(devices[i]!, body.seed_jwe);
      const verified = await two.api.verify(
        key,
        codeAt(seed, NOON_MS),
        body.credential_id,
      );
      assertEquals(verified.status, found.status === "active" ? 200 : 422);
      if (found.status === "active") live.push(body.credential_id);
    }
    assertEquals(live.length, 1);
  });
}

Deno.test("enrol() of a blocked account elsewhere blocks nobody else", async () => {
  await using app = await startApp();
  const { api } = app;
  const key = await api.walletKey();
  await api.enrol(key, "mallory", "phone", "blocked");
  const alice = await api.enrol(key, "alice", "phone");
  const verified = await api.verify(key, alice.code(NOON_MS), "ref");
  assertEquals([verified.status, verified.body.account_id], [200, "alice"]);
  const mallory = await api.enrol(key, "mallory", "another-phone");
  const { body } = await api.verify(key, mallory.code(NOON_MS), "ref-2");
  assertEquals(body.code, "payer-blocked");
});
