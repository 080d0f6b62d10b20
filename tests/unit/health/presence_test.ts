import { assert, assertEquals, assertRejects } from "@std/assert";
import { systemRandom } from "../../../edge/base/clock.ts";
import { type Migration, migrations } from "../../../edge/health/migration.ts";
import {
  createPresence,
  type Presence,
  presences,
} from "../../../edge/health/presence.ts";
import { PRESENCE_PREFIX } from "../../../edge/store/keys.ts";
import { readRecords } from "../../../edge/store/record.ts";
import {
  type ListableStore,
  StoreUnavailableError,
} from "../../../edge/store/store.ts";
import { FaultyStore } from "../../support/store/faulty_store.ts";
import { ManualClock } from "../../support/store/fixture.ts";
import { sqliteFactory } from "../../support/store/sqlite.ts";
import { startApp } from "../../support/world/app.ts";

const noFault = () => Promise.resolve(null);

/** A store, its clock, and a process that uses it. */
async function present(unfit: () => Promise<string | null> = noFault) {
  const clock = new ManualClock();
  const { store: opened, dispose } = await sqliteFactory(clock);
  const store = new FaultyStore(opened);
  const logged: unknown[] = [];
  let asked = 0;
  const counted = new Proxy(store, {
    get: (target, name) => {
      if (name === "txn") asked++;
      const own = Reflect.get(target, name);
      return typeof own === "function" ? own.bind(target) : own;
    },
  });
  const presence = createPresence({
    ...{ store: counted, random: systemRandom, monotonicMs: () => clock.ms },
    log: (...line) => logged.push(line),
    ...{ place: "here", unfit },
  });
  return {
    ...{ store, clock, presence, logged },
    /** How many transactions it has made. */
    asked: () => asked,
    /** Where the processes are that use the store. */
    async places() {
      const { names } = await (opened as ListableStore).names(PRESENCE_PREFIX);
      const held = await readRecords(
        opened,
        names.map((it) => presences(it.slice(PRESENCE_PREFIX.length))),
      );
      return held.map(({ value }) => value);
    },
    async move(state: Migration["state"] | null) {
      const place = migrations();
      await opened.txn({
        checks: [],
        writes: [
          state === null ? place.delete() : place.set({
            ...{ run: "1", state, other: "redis://new:6379", at_ms: clock.ms },
          }),
        ],
      });
    },
    [Symbol.asyncDispose]: dispose,
  };
}

/** Lets a renewal in the background end. */
async function settled(presence: Presence): Promise<void> {
  await presence.refusal();
  await new Promise((resolve) => setTimeout(resolve, 20));
}

Deno.test("a presence is renewed before it ends, and ends by itself in a process that does nothing", async () => {
  await using test = await present();
  const { presence, clock } = test;
  assertEquals(presence.isHeld(), false);
  assertEquals(await presence.refusal(), null);
  assertEquals([presence.isHeld(), test.asked()], [true, 1]);
  clock.ms += 10_000;
  await settled(presence);
  assertEquals(test.asked(), 1);
  clock.ms += 1;
  // The answer does not wait for this renewal.
  await settled(presence);
  assertEquals(test.asked(), 2);
  clock.ms += 20_000;
  assertEquals(presence.isHeld(), true);
  clock.ms += 1;
  assertEquals(presence.isHeld(), false);
  assertEquals(await test.places(), ["here"]);
  clock.ms += 9_999;
  assertEquals(await test.places(), []);
  assertEquals(await presence.refusal(), null);
  assertEquals([await test.places(), test.asked()], [["here"], 3]);
});

Deno.test("a presence that ended is not written again", async () => {
  await using test = await present();
  const { presence, clock } = test;
  await presence.refusal();
  clock.ms += 15_000;
  const late = presence.refusal();
  await presence.end();
  await late;
  assertEquals(await test.places(), []);
  assertEquals(presence.isHeld(), false);
  await assertRejects(() => presence.refusal(), StoreUnavailableError);
  assertEquals(await test.places(), []);
});

Deno.test("a store that is being left, was left or is being filled is not used, and the log says so once", async () => {
  await using test = await present();
  const { presence, clock, logged } = test;
  await presence.refusal();
  for (const state of ["leaving", "left", "arriving"] as const) {
    await test.move(state);
    clock.ms += 20_001;
    const refusal = await presence.refusal();
    assert(refusal?.includes("redis://new:6379"), state);
    assertEquals(presence.isHeld(), false);
    assertEquals(logged.splice(0), [
      ["error", "store must not be used", { detail: refusal }],
    ]);
    clock.ms += 10_001;
    await settled(presence);
    assertEquals(await test.places(), [], state);
    assertEquals(logged, []);
  }
  for (const state of [null, "arrived"] as const) {
    await test.move(state);
    clock.ms += 20_001;
    assertEquals(await presence.refusal(), null);
    assertEquals(presence.isHeld(), true);
  }
});

Deno.test("a process whose settings do not fit the store has no presence and does nothing there", async () => {
  let answers = false;
  await using test = await present(() =>
    answers
      ? Promise.resolve("another mode")
      : Promise.reject(new StoreUnavailableError("unreachable"))
  );
  const { presence, logged } = test;
  await assertRejects(() => presence.refusal(), StoreUnavailableError);
  answers = true;
  for (let i = 0; i < 2; i++) {
    assertEquals(await presence.refusal(), "another mode");
    assertEquals([presence.isHeld(), await test.places()], [false, []]);
  }
  assertEquals(logged, [
    ["error", "store must not be used", { detail: "another mode" }],
  ]);
});

Deno.test("a process that wakes up in a store that was left meanwhile does nothing there", async () => {
  await using test = await present();
  const { presence, clock } = test;
  await presence.refusal();
  clock.ms += 30_000;
  await test.move("left");
  assertEquals(presence.isHeld(), false);
  assert(await presence.refusal() !== null);
  assertEquals(await test.places(), []);
});

Deno.test("a presence that cannot be renewed is no refusal until it is too old", async () => {
  await using test = await present();
  const { presence, clock, store } = test;
  await presence.refusal();
  store.plan({ at: 0, mode: "before", onwards: true });
  clock.ms += 20_000;
  await settled(presence);
  assertEquals(presence.isHeld(), true);
  clock.ms += 1;
  assertEquals(presence.isHeld(), false);
  await assertRejects(() => presence.refusal(), StoreUnavailableError);
  store.plan();
  assertEquals(await presence.refusal(), null);
});

Deno.test("an edge answers 503 to every call while its store must not be used", async () => {
  let refusal: string | null = "The records were moved.";
  await using app = await startApp({ refusal: () => Promise.resolve(refusal) });
  const { api } = app;
  const body = { name: "Corner Shop" };
  const calls = [
    ["POST", "/v1/admin/merchants", { key: api.adminKey, body }],
    ["GET", "/readyz", {}],
  ] as const;
  for (const [method, path, options] of calls) {
    const answer = await api.call(method, path, options);
    assertEquals(
      [answer.status, answer.body.code, answer.body.detail],
      [503, "store-unavailable", "The records were moved."],
    );
  }
  assertEquals((await api.call("GET", "/healthz")).status, 200);
  refusal = null;
  await api.merchant();
  assertEquals((await api.call("GET", "/readyz")).status, 200);
});
