import { assertEquals } from "@std/assert";
import {
  type ReplayDeps,
  replayOne,
  replayRange,
} from "../../../../edge/callback/desk/replay.ts";
import { messages } from "../../../../edge/callback/message/stored.ts";
import { systemRandom } from "../../../../edge/base/clock.ts";
import {
  callbackKey,
  callbackLaneKey,
  deadCallbacksKey,
  latestFirst,
} from "../../../../edge/store/keys.ts";
import { NOON_MS, TestClock } from "../../../support/world/app.ts";
import {
  callbackRecord,
  storeCallbacks,
} from "../../../support/callback/records.ts";
import { members } from "../../../support/callback/queue.ts";
import { FaultyStore } from "../../../support/store/faulty_store.ts";
import { ModelStore } from "../../../support/store/model.ts";

const MERCHANT = `mer_${"0".repeat(32)}`;
const RANGE = { sinceMs: 0, untilMs: NOON_MS, status: "dead" } as const;

/** What replays need, without a pause between their tries. */
function deps(given: Omit<ReplayDeps, "backOff" | "random">): ReplayDeps {
  return {
    random: systemRandom,
    backOff: () => Promise.resolve(),
    ...given,
  };
}

/** Three dead callbacks, and somebody who replays them at noon. */
async function scene() {
  const clock = new TestClock(NOON_MS);
  const store = new ModelStore(clock);
  const records = [0, 1, 2].map((i) =>
    callbackRecord(MERCHANT, i, NOON_MS - 1_000, "dead")
  );
  await storeCallbacks(store, records);
  const ids = records.map(({ callback_id }) => callback_id);
  const states = async () =>
    (await store.read({ keys: ids.map(callbackKey) })).values
      .map((text, i) => messages(ids[i]!).held(text).value?.status);
  return { clock, store, ids, states };
}

Deno.test("replayRange() sends all of a range, though another call sent the first of them in this millisecond", async () => {
  const { clock, store, ids, states } = await scene();
  const other = deps({ store, clock });
  let isFirst = true;
  const replayer = deps({
    clock,
    store: {
      read: (request) => store.read(request),
      range: (query) => store.range(query),
      timeMs: () => store.timeMs(),
      close: () => store.close(),
      async txn(transaction) {
        // The latest one is the first of the range.
        if (isFirst) await replayOne(other, MERCHANT, ids[2]!);
        isFirst = false;
        return await store.txn(transaction);
      },
    },
  });
  const { replayed } = await replayRange(replayer, MERCHANT, RANGE) as {
    replayed: number;
  };
  assertEquals(await states(), ["pending", "pending", "pending"]);
  assertEquals(replayed, 2);
});

Deno.test("replayRange() knows its own transaction when it was sent twice", async () => {
  const { clock, store, states } = await scene();
  const faulty = new FaultyStore(store);
  const replayer = deps({
    store: faulty,
    clock,
  });
  await replayRange(replayer, MERCHANT, { ...RANGE, untilMs: 0 });
  // The page, the records, the transaction.
  faulty.plan({ at: 2, mode: "twice" });
  const replayed = await replayRange(replayer, MERCHANT, RANGE);
  assertEquals(faulty.trace[2]?.split(" ")[0], "txn");
  assertEquals(replayed, { replayed: 3, more: false });
  assertEquals(await states(), ["pending", "pending", "pending"]);
});

Deno.test("replayOne() gives a message that is due its place in the lane back", async () => {
  const clock = new TestClock(NOON_MS);
  const store = new ModelStore(clock);
  // Pending, and in no lane: something took it out that could not handle it.
  const record = callbackRecord(MERCHANT, 7, NOON_MS - 1_000, "pending");
  await storeCallbacks(store, [record]);
  const id = record.callback_id;
  const replayer = deps({ store, clock });
  const replayed = await replayOne(replayer, MERCHANT, id);
  assertEquals("status" in replayed && replayed.status, "pending");
  const lane = callbackLaneKey(MERCHANT, "first");
  const waiting = [{ member: id, score: NOON_MS - 1_000 }];
  assertEquals(await members(store, lane), waiting);
  // It does not come later by being asked for again.
  clock.advance(5_000);
  await replayOne(replayer, MERCHANT, id);
  assertEquals(await members(store, lane), waiting);
});

Deno.test("replayRange() sends nothing of another merchant, though its index names it", async () => {
  const { clock, store, states } = await scene();
  const foreign = callbackRecord(
    `mer_${"1".repeat(32)}`,
    9,
    NOON_MS - 1_000,
    "dead",
  );
  await storeCallbacks(store, [foreign]);
  const id = foreign.callback_id;
  const raw = async () =>
    (await store.read({ keys: [callbackKey(id)] })).values;
  const before = await raw();
  await store.txn({
    checks: [],
    writes: [{
      kind: "index",
      index: deadCallbacksKey(MERCHANT),
      member: id,
      score: latestFirst(NOON_MS - 1_000),
    }],
  });
  const replayer = deps({ store, clock });
  assertEquals(await replayRange(replayer, MERCHANT, RANGE), {
    replayed: 3,
    more: false,
  });
  assertEquals(await states(), ["pending", "pending", "pending"]);
  assertEquals(await raw(), before);
});

Deno.test("replayRange() goes on after a page that is just full", async () => {
  const clock = new TestClock(NOON_MS);
  const store = new ModelStore(clock);
  await storeCallbacks(
    store,
    Array.from(
      { length: 101 },
      (_, i) => callbackRecord(MERCHANT, i, NOON_MS - 1_000, "dead"),
    ),
  );
  const replayer = deps({ store, clock });
  assertEquals(await replayRange(replayer, MERCHANT, RANGE), {
    replayed: 101,
    more: false,
  });
});
