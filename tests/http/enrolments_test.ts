import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { decodeBase64Url, encodeBase64Url } from "@std/encoding/base64url";
import * as jose from "jose";
import { NOON_MS, startApp } from "../support/app.ts";
import { setScene } from "../support/scene.ts";
import { codeAt, makeDevice, openSeed } from "../support/wallet.ts";

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
