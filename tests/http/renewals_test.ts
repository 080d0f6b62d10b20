import { parseEntry } from "../../edge/enrolment/record.ts";
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { PROFILE_1, PROFILE_2, profilesOf } from "../../edge/code/profile.ts";
import { readCustomers } from "../../edge/risk/customers.ts";
import {
  bucketEntriesKey,
  credentialKey,
  DUE_SEEDS_KEY,
} from "../../edge/store/keys.ts";
import type { Store } from "../../edge/store/store.ts";
import { keptOpen } from "../support/store/fixture.ts";
import { type Api, phoneOf, type TestPhone } from "../support/world/api.ts";
import {
  NOON_MS,
  startApp,
  type TestApp,
  TestClock,
  UNLIMITED,
} from "../support/world/app.ts";
import { said } from "../support/world/desk.ts";
import { peekAccount } from "../support/world/peek.ts";
import { HoldAt, pointedStore } from "../support/world/points/fail_points.ts";
import { setScene } from "../support/world/scene.ts";
import { makeDevice } from "../support/world/wallet.ts";

const STEP_MS = 30_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const DEAD = "code-not-accepted";

/** Two edges on one file, and a customer whose bucket both have cached. */
async function openScene(settings = {}) {
  const one = await startApp({ settings });
  const two = await startApp({ path: one.path, clock: one.clock, settings });
  const scene = await setScene(one.api);
  let orders = 0;
  /** Pays with a phone's code of the next step, at an edge. */
  const pay = async (phone: TestPhone, edge: TestApp = one) => {
    one.clock.advance(STEP_MS);
    const code = phone.code(one.clock.ms);
    const order_id = `order-${++orders}`;
    return said(await edge.api.pay(scene.merchant, { code, order_id }));
  };
  assertEquals(await pay(scene.phone, one), "201");
  assertEquals(await pay(scene.phone, two), "201");
  return {
    one,
    two,
    clock: one.clock,
    ...scene,
    pay,
    renew: (key?: string, phone = scene.phone) =>
      two.api.renew(scene.walletKey, phone, key),
    ask: (options = {}, phone = scene.phone) =>
      two.api.askRenewal(scene.walletKey, phone.credentialId, options),
    async [Symbol.asyncDispose]() {
      await two[Symbol.asyncDispose]();
      await one[Symbol.asyncDispose]();
    },
  };
}

/** The generations of the entries in the buckets of some phones. */
async function entries(store: Store, ...phones: TestPhone[]) {
  const found: number[] = [];
  for (const { seed: { profile, bucket } } of phones) {
    const index = bucketEntriesKey(profile, bucket);
    const range = { index, min: 0, max: Number.MAX_SAFE_INTEGER, limit: 10 };
    for (const { member } of await store.range(range)) {
      found.push(parseEntry(member).g);
    }
  }
  return found;
}

Deno.test("a renewal keeps the credential and gives another seed in another bucket", async () => {
  await using scene = await openScene();
  const { phone, clock, two, walletKey } = scene;
  clock.advance(20 * DAY_MS);
  const renewed = await scene.renew();
  assertEquals(renewed.credentialId, phone.credentialId);
  assertEquals(renewed.accountId, "alice");
  assertEquals(renewed.deviceId, phone.deviceId);
  assertNotEquals(renewed.seed.seed, phone.seed.seed);
  assertNotEquals(renewed.seed.bucket, phone.seed.bucket);
  const found = await two.api.must(
    200,
    "GET",
    `/v1/enrolments/${phone.credentialId}`,
    { key: walletKey },
  );
  assertEquals(found.status, "active");
  assertEquals(found.created_at, new Date(NOON_MS).toISOString());
  const expires = new Date(clock.ms + 30 * DAY_MS).toISOString();
  assertEquals([found.expires_at, renewed.seed.expires_at], [expires, expires]);
});

Deno.test("both seeds pay until the first code of the new one, then the old is dead on every edge, though cached", async () => {
  await using scene = await openScene();
  const { phone, one, two, clock, pay } = scene;
  const renewed = await scene.renew();
  // The answer may be lost: the phone goes on with what it has.
  assertEquals(await pay(phone, one), "201");
  assertEquals(await pay(phone, two), "201");
  assertEquals(await pay(renewed, one), "201");
  for (const edge of [one, two]) assertEquals(await pay(phone, edge), DEAD);
  const ref = await two.api.verify(
    scene.walletKey,
    phone.code(clock.ms + STEP_MS),
    "ref",
  );
  assertEquals(said(ref), DEAD);
  assertEquals(await pay(renewed, two), "201");
});

Deno.test("a verification of the new seed's code ends the old seed, too", async () => {
  await using scene = await openScene();
  const renewed = await scene.renew();
  const code = renewed.code(scene.clock.ms + STEP_MS);
  const verified = await scene.one.api.verify(scene.walletKey, code, "ref");
  assertEquals(verified.body.credential_id, renewed.credentialId);
  scene.clock.advance(STEP_MS);
  assertEquals(await scene.pay(scene.phone), DEAD);
});

Deno.test("the seeds share one mark: a step is paid with once, whichever seed shows it", async () => {
  await using scene = await openScene();
  const { phone, one, two, clock, merchant } = scene;
  const renewed = await scene.renew();
  assertEquals(await scene.pay(phone), "201");
  for (const edge of [one, two]) {
    const code = renewed.code(clock.ms);
    const answer = await edge.api.pay(merchant, { code, order_id: "again" });
    assertEquals(said(answer), "code-replayed");
  }
  assertEquals(await scene.pay(renewed), "201");
});

Deno.test("the seeds share the limits, and a renewal resets none of them", async () => {
  const { limits } = UNLIMITED;
  const normal = { ...limits.normal, countPerDay: 6, offlineUses: 4 };
  await using scene = await openScene({ limits: { ...limits, normal } });
  const before = await peekAccount(scene.one.store, "alice");
  const renewed = await scene.renew();
  const after = await peekAccount(scene.one.store, "alice");
  assertEquals(after.offlineUses, before.offlineUses);
  assertEquals([after.count, after.spent], [before.count, before.spent]);
  assertEquals(after.mark, before.mark);
  assertEquals(after.seenOnlineMs, scene.clock.ms);
  assertEquals(await scene.pay(scene.phone), "201");
  assertEquals(await scene.pay(renewed), "201");
  assertEquals(await scene.pay(renewed), "limit-exceeded");
});

Deno.test("the old seed lives for a day at most, also where its codes are cached", async () => {
  await using scene = await openScene();
  const { phone, one, two, clock, pay } = scene;
  const renewed = await scene.renew();
  const endMs = clock.ms + DAY_MS;
  for (const [i, edge] of [one, two].entries()) {
    clock.ms = endMs - 1 - (2 - i) * STEP_MS;
    assertEquals(await pay(phone, edge), "201");
  }
  clock.ms = endMs - STEP_MS;
  for (const edge of [one, two]) {
    assertEquals(await pay(phone, edge), DEAD);
    clock.advance(-STEP_MS);
  }
  assertEquals(await pay(renewed), "201");
});

Deno.test("a payment and a verification that are held up past the old seed's end do not take its code", async () => {
  await using scene = await openScene();
  const { phone, one, clock, merchant, walletKey } = scene;
  await scene.renew();
  const endMs = clock.ms + DAY_MS;
  // The first try does not know of it, so each has a second one.
  await one.api.must(200, "PUT", "/v1/accounts/alice/limits", {
    key: walletKey,
    body: { count_per_day: 100, currency: "EUR" },
  });
  const calls = [
    [
      "after txn order",
      (api: Api, code: string) => api.pay(merchant, { code, order_id: "late" }),
    ],
    [
      "after txn verification",
      (api: Api, code: string) => api.verify(walletKey, code, "late"),
    ],
  ] as const;
  for (const [point, call] of calls) {
    clock.ms = endMs - 1_000;
    const hold = new HoldAt(point);
    await using edge = await startApp({
      path: one.path,
      clock,
      wrapStore: (store) => pointedStore(store, hold.reach),
    });
    const answer = call(edge.api, phone.code(clock.ms));
    await hold.held;
    clock.ms = endMs;
    hold.release();
    assertEquals(said(await answer), DEAD);
  }
});

Deno.test("a renewal does not lengthen the life of the old seed", async () => {
  await using scene = await openScene();
  const { phone, clock, pay } = scene;
  // It ends 30 days after noon, which is in an hour.
  clock.ms = NOON_MS + 30 * DAY_MS - HOUR_MS;
  const renewed = await scene.renew();
  assertEquals(await pay(phone), "201");
  clock.advance(HOUR_MS);
  assertEquals(await pay(phone), DEAD);
  assertEquals(await pay(renewed), "201");
});

Deno.test("a second renewal removes the unused seed before it, and the old one keeps its end", async () => {
  await using scene = await openScene();
  const { phone, one, two, clock, pay } = scene;
  const lost = await scene.renew();
  const endMs = clock.ms + DAY_MS;
  clock.advance(23 * HOUR_MS);
  const renewed = await scene.renew();
  assertEquals(await entries(one.store, phone, lost, renewed), [1, 3]);
  for (const edge of [one, two]) assertEquals(await pay(lost, edge), DEAD);
  assertEquals(await pay(phone), "201");
  clock.ms = endMs;
  assertEquals(await pay(phone), DEAD);
  assertEquals(await pay(renewed), "201");
});

Deno.test("a second renewal keeps the seed that was used, and removes the one that it ended", async () => {
  await using scene = await openScene();
  const { phone, one, pay } = scene;
  const second = await scene.renew();
  assertEquals(await pay(second), "201");
  const third = await scene.renew();
  assertEquals(await entries(one.store, phone, second, third), [2, 3]);
  assertEquals(await pay(phone), DEAD);
  assertEquals(await pay(second), "201");
  assertEquals(await pay(third), "201");
  assertEquals(await pay(second), DEAD);
});

Deno.test("the last seed that the phone can have is kept, though it was never used", async () => {
  await using scene = await openScene();
  const { phone, one, clock, pay } = scene;
  const second = await scene.renew();
  // The first has ended: a phone that pays seldom has the second alone.
  clock.advance(10 * DAY_MS);
  const third = await scene.renew();
  assertEquals(await entries(one.store, phone, second, third), [2, 3]);
  assertEquals(await pay(second), "201");
  assertEquals(await pay(third), "201");
  assertEquals(await pay(second), DEAD);
});

Deno.test("the same idempotency key gives the same seed again, sealed anew, and writes nothing", async () => {
  await using scene = await openScene();
  const { phone, one, pay } = scene;
  const first = await scene.ask({ key: "once" });
  assertEquals(first.status, 201);
  const [record] = (await one.store.read({
    keys: [credentialKey(phone.credentialId)],
  })).values;
  scene.clock.advance(HOUR_MS);
  for (const options of [{}, { device: phone.device }]) {
    const again = await scene.ask({ key: "once", ...options });
    assertEquals(again.status, 201);
    assertNotEquals(again.body.seed_jwe, first.body.seed_jwe);
    const { seed_jwe: _, ...rest } = again.body;
    const { seed_jwe: __, ...before } = first.body;
    assertEquals(rest, before);
    assertEquals(
      (await phoneOf(phone.device, again.body)).seed,
      (await phoneOf(phone.device, first.body)).seed,
    );
  }
  const [after] = (await one.store.read({
    keys: [credentialKey(phone.credentialId)],
  })).values;
  assertEquals(after, record);
  assert(!after!.includes("once"));
  assertEquals(await pay(await phoneOf(phone.device, first.body)), "201");
  // Without a key, every call is a renewal of its own.
  const [a, b] = [await scene.renew(), await scene.renew()];
  assertNotEquals(a.seed.seed, b.seed.seed);
});

Deno.test("a repeated key renews anew once the seed that it gave has ended", async () => {
  await using scene = await openScene();
  const { clock, pay } = scene;
  const first = await scene.renew("once");
  clock.advance(30 * DAY_MS - 1);
  assertEquals((await scene.renew("once")).seed, first.seed);
  clock.advance(1);
  const second = await scene.renew("once");
  assertNotEquals(second.seed.seed, first.seed.seed);
  assertEquals(await pay(first), DEAD);
  assertEquals(await pay(second), "201");
  assertEquals((await scene.renew("once")).seed, second.seed);
});

Deno.test("a repeated key gives the seed to no other device key, and a late one undoes nothing", async () => {
  await using scene = await openScene();
  const { phone, pay } = scene;
  await scene.renew("first");
  const device = await makeDevice();
  const other = await scene.ask({ key: "first", device });
  assertEquals(
    [other.status, other.body.code, other.body.reason, other.body.retry],
    [409, "renewal-refused", "other-device-key", "never"],
  );
  const second = await scene.renew("second");
  const late = await scene.ask({ key: "first" });
  assertEquals(
    [late.body.code, late.body.reason],
    ["renewal-refused", "superseded"],
  );
  assertEquals(await pay(second), "201");
  // Only so many keys are kept.
  for (let i = 0; i < 5; i++) await scene.renew();
  const later = await scene.renew("second", phone);
  assertNotEquals(later.seed.seed, second.seed.seed);
});

Deno.test("a renewal from another phone seals the seed for the key that is sent, which the next one uses", async () => {
  await using scene = await openScene();
  const { phone, pay } = scene;
  const device = await makeDevice();
  const answer = await scene.ask({ device });
  assertEquals(answer.status, 201);
  const moved = await phoneOf(device, answer.body);
  assertEquals(await pay(phone), "201");
  assertEquals(await pay(moved), "201");
  assertEquals(await pay(phone), DEAD);
  const next = await scene.renew(undefined, moved);
  assertEquals(await pay(next), "201");
});

Deno.test("of three phones of an account only the last one is renewed", async () => {
  await using scene = await openScene();
  const { phone, one, walletKey } = scene;
  const second = await one.api.enrol(walletKey, "alice", "phone-2");
  const third = await one.api.enrol(walletKey, "alice", "phone-3");
  for (const old of [phone, second]) {
    const { status, body } = await scene.ask({ device: third.device }, old);
    assertEquals(
      [status, body.code, body.reason],
      [409, "renewal-refused", "revoked"],
    );
  }
  assertEquals(await scene.pay(await scene.renew(undefined, third)), "201");
});

Deno.test("a credential is renewed for 30 days after its end, and not after", async () => {
  for (const [lateMs, reason] of [[-1, null], [0, "expired"]] as const) {
    await using scene = await openScene();
    const { phone, one, clock, pay } = scene;
    clock.ms = NOON_MS + 60 * DAY_MS + lateMs;
    const { status, body } = await scene.ask();
    assertEquals([status, body.reason ?? null], [reason ? 409 : 201, reason]);
    if (reason !== null) continue;
    const renewed = await phoneOf(phone.device, body);
    assertEquals(await entries(one.store, phone, renewed), [2]);
    assertEquals(await pay(phone), DEAD);
    assertEquals(await pay(renewed), "201");
  }
});

Deno.test("a credential that is revoked, unknown or another system's is not renewed", async () => {
  await using scene = await openScene();
  const { one, phone, walletKey } = scene;
  const { api } = one;
  const { api_key } = await api.must(201, "POST", "/v1/admin/wallet-keys", {
    key: api.adminKey,
    body: { name: "other", wallet_system: "other" },
  });
  const path = `/v1/enrolments/${phone.credentialId}`;
  const foreign = await api.askRenewal(api_key, phone.credentialId);
  assertEquals(said(foreign), "not-found");
  const unknown = await api.askRenewal(walletKey, `cred_${"0".repeat(32)}`);
  assertEquals(said(unknown), "not-found");
  await api.must(204, "DELETE", path, { key: walletKey });
  const { status, body } = await scene.ask();
  assertEquals(
    [status, body.code, body.reason],
    [409, "renewal-refused", "revoked"],
  );
});

Deno.test("a refused renewal says why, also by a sentence", async () => {
  await using scene = await openScene();
  const { one, clock, phone, walletKey, ask } = scene;
  const why = async (options: Parameters<typeof ask>[0] = {}) => {
    const { status, body: { code, reason, detail } } = await ask(options);
    assertEquals([status, code], [409, "renewal-refused"]);
    return [reason, detail];
  };
  await scene.renew("first");
  const device = await makeDevice();
  assertEquals(await why({ key: "first", device }), [
    "other-device-key",
    "The idempotency key was used with another device_key before.",
  ]);
  await scene.renew("second");
  assertEquals(await why({ key: "first" }), [
    "superseded",
    "A later renewal has followed the one that this idempotency key names.",
  ]);
  clock.advance(60 * DAY_MS);
  assertEquals(await why({ key: "first" }), [
    "expired",
    "The credential expired more than 30 days ago; enrol the account again.",
  ]);
  const path = `/v1/enrolments/${phone.credentialId}`;
  await one.api.must(204, "DELETE", path, { key: walletKey });
  // Whatever else would refuse it.
  assertEquals(await why({ key: "second", device }), [
    "revoked",
    "The credential was revoked or replaced; enrol the account again.",
  ]);
});

Deno.test("a renewal refuses a device key that is no point, and a malformed idempotency key", async () => {
  await using scene = await openScene();
  const { one, phone, walletKey } = scene;
  const path = `/v1/enrolments/${phone.credentialId}/renewals`;
  const { publicJwk } = phone.device;
  const wrong = await one.api.call("POST", path, {
    key: walletKey,
    body: { device_key: { ...publicJwk, y: publicJwk.x } },
  });
  assertEquals([wrong.status, said(wrong)], [400, "malformed-request"]);
  for (const key of ["a b", "x".repeat(256)]) {
    const answer = await scene.ask({ key });
    assertEquals([answer.status, said(answer)], [400, "malformed-request"]);
  }
  assertEquals((await scene.ask({ key: "x".repeat(255) })).status, 201);
  assertEquals((await scene.ask({ key: "x" })).status, 201);
});

for (const end of ["revocation", "re-enrolment", "takeover"] as const) {
  Deno.test(`a ${end} destroys both seeds of a renewed credential, and a later seed is of a later generation`, async () => {
    await using scene = await openScene();
    const { one, two, phone, walletKey, pay } = scene;
    const renewed = await scene.renew();
    if (end === "revocation") {
      await one.api.must(
        204,
        "DELETE",
        `/v1/enrolments/${phone.credentialId}`,
        {
          key: walletKey,
        },
      );
    } else if (end === "re-enrolment") {
      await one.api.enrol(walletKey, "alice", "phone-2");
    } else {
      await one.api.enrol(walletKey, "bob", phone.deviceId);
    }
    assertEquals(await entries(one.store, phone, renewed), []);
    for (const edge of [one, two]) {
      assertEquals(await pay(phone, edge), DEAD);
      assertEquals(await pay(renewed, edge), DEAD);
    }
    const again = await two.api.enrol(walletKey, "alice", "phone-3");
    const [generation] = await entries(two.store, again);
    assert(Number(generation) > 2, `${generation}`);
    assertEquals(await pay(again), "201");
  });
}

Deno.test("the sweeper takes an old seed out once it has ended, and no earlier", async () => {
  await using scene = await openScene();
  const { phone, one, two, clock, pay } = scene;
  const renewed = await scene.renew();
  assertEquals(await pay(renewed), "201");
  const due = () =>
    one.store.range({ index: DUE_SEEDS_KEY, min: 0, max: 1e15, limit: 10 });
  const nameOf = ({ seed: { profile, bucket } }: TestPhone) =>
    `${profile}:${bucket}`;
  const [{ member, score } = { member: "", score: 0 }] = await due();
  assertEquals(member, nameOf(phone));
  clock.ms = score - 1;
  assertEquals(await one.seedSweeper.sweep(), 0);
  assertEquals(await entries(one.store, phone, renewed), [1, 2]);
  clock.ms = score;
  const swept = await Promise.all([
    one.seedSweeper.sweep(),
    two.seedSweeper.sweep(),
  ]);
  assertEquals(swept[0] + swept[1], 1);
  assertEquals(await entries(one.store, phone, renewed), [2]);
  // Next, when the new one ends; nothing is left in the bucket of the old one.
  const endMs = Date.parse(renewed.seed.expires_at);
  assertEquals(await due(), [{ member: nameOf(renewed), score: endMs }]);
  assertEquals(await pay(renewed, two), "201");
  // No core keeps it: the search in its bucket finds nobody.
  assertEquals(await pay(phone, two), DEAD);
});

Deno.test("the sweeper goes by the latest renewal, and drops what was revoked", async () => {
  await using scene = await openScene();
  const { one, phone, clock, walletKey, pay } = scene;
  const second = await scene.renew();
  const firstEndMs = clock.ms + DAY_MS;
  assertEquals(await pay(second), "201");
  clock.advance(HOUR_MS);
  const third = await scene.renew();
  clock.ms = firstEndMs + STEP_MS;
  assertEquals(await one.seedSweeper.sweep(), 0);
  assertEquals(await entries(one.store, second, third), [2, 3]);
  await one.api.must(204, "DELETE", `/v1/enrolments/${phone.credentialId}`, {
    key: walletKey,
  });
  clock.ms = Date.parse(third.seed.expires_at);
  assertEquals(await one.seedSweeper.sweep(), 0);
  const index = DUE_SEEDS_KEY;
  assertEquals(
    await one.store.range({ index, min: 0, max: 1e15, limit: 1 }),
    [],
  );
});

Deno.test("the sweeper destroys the seed of an expired credential, which can be renewed all the same", async () => {
  await using scene = await openScene();
  const { one, phone, clock, walletKey, pay } = scene;
  const path = `/v1/enrolments/${phone.credentialId}`;
  const get = () => one.api.must(200, "GET", path, { key: walletKey });
  const customers = async () =>
    (await readCustomers(one.store, clock.ms, 30 * 86_400)).get(1);
  const endMs = Date.parse(phone.seed.expires_at);
  clock.ms = endMs - 1;
  assertEquals(await one.seedSweeper.sweep(), 0);
  clock.ms = endMs;
  assertEquals(await one.seedSweeper.sweep(), 1);
  assertEquals(await one.seedSweeper.sweep(), 0);
  assertEquals(await entries(one.store, phone), []);
  assertEquals((await get()).status, "expired");
  assertEquals(await customers(), 1);
  const renewed = await scene.renew();
  assertEquals(await entries(one.store, phone, renewed), [2]);
  assertEquals(await customers(), 1);
  assertEquals((await get()).status, "active");
  assertEquals(await pay(renewed), "201");
  clock.ms = Date.parse(renewed.seed.expires_at);
  assertEquals(await one.seedSweeper.sweep(), 1);
  await one.api.must(204, "DELETE", path, { key: walletKey });
  assertEquals((await get()).status, "revoked");
});

Deno.test("the sweeper destroys nothing while the clock is in doubt", async () => {
  await using scene = await openScene();
  const { one, phone, clock } = scene;
  await using ahead = await startApp({
    path: one.path,
    clock: new TestClock(clock.ms + 31 * DAY_MS),
    wrapStore: (store) => ({
      ...keptOpen(store),
      timeMs: () => Promise.resolve(clock.ms),
    }),
  });
  assertEquals(await ahead.seedSweeper.sweep(), 0);
  assertEquals(await entries(one.store, phone), [1]);
});

Deno.test("a renewal counts its customer once, to the day of the new end", async () => {
  await using scene = await openScene();
  const { one } = scene;
  const count = async () =>
    (await readCustomers(one.store, scene.clock.ms, 30 * 86_400)).get(1) ?? 0;
  // Another one of the same day, who does not renew.
  await one.api.enrol(scene.walletKey, "bob", "phone-of-bob");
  const before = await count();
  scene.clock.advance(DAY_MS);
  await scene.renew();
  await scene.renew();
  assertEquals([before, await count()], [2, 2]);
  scene.clock.advance(29 * DAY_MS + 13 * HOUR_MS);
  assertEquals(await count(), 1);
});
Deno.test("a renewal moves a phone to the profile that new enrolments get; both profiles are served meanwhile", async () => {
  const next = { ...PROFILE_2, timeStepSeconds: 20, tagDigits: 12 };
  const profiles = profilesOf([PROFILE_1, next]);
  await using scene = await openScene({ profiles });
  const { one, walletKey, phone, clock, merchant, pay } = scene;
  await using newer = await startApp({
    path: one.path,
    clock,
    settings: { profiles, enrolmentProfile: next },
  });
  const renewed = await newer.api.renew(walletKey, phone);
  assertEquals([renewed.seed.profile, phone.seed.profile], [2, 1]);
  // Old and new phones pay at old and new edges.
  for (const edge of [one, scene.two, newer]) {
    assertEquals(await pay(phone, edge), "201");
  }
  // The mark is in seconds, so the step of another length changes nothing.
  const code = renewed.code(clock.ms);
  const used = await one.api.pay(merchant, { code, order_id: "used" });
  assertEquals(said(used), "code-replayed");
  for (const edge of [newer, one, scene.two]) {
    assertEquals(await pay(renewed, edge), "201");
    assertEquals(await pay(phone, edge), DEAD);
  }
  const path = `/v1/enrolments/${phone.credentialId}`;
  const { profile } = await one.api.must(200, "GET", path, { key: walletKey });
  assertEquals(profile, 2);
});
