import { assertEquals, assertRejects } from "@std/assert";
import { CoreSwitch } from "../../../edge/core/switch.ts";
import { openCore } from "../../../edge/core/core.ts";
import { createClockGuard } from "../../../edge/health/clock_guard.ts";
import { createHealth } from "../../../edge/health/health.ts";
import { createStoreCheck } from "../../../edge/health/store_check.ts";
import { openSqliteStore } from "../../../edge/store/sqlite/sqlite.ts";
import {
  type Store,
  StoreUnavailableError,
} from "../../../edge/store/store.ts";
import { NOON_MS, TestClock } from "../../support/world/app.ts";

/** An edge's clock, a store with a clock of its own, and a guard of both. */
async function guarded() {
  const folder = await Deno.makeTempDir({ prefix: "offcode-clock-" });
  const edge = new TestClock(NOON_MS);
  const storeClock = new TestClock(NOON_MS);
  const opened = openSqliteStore({
    path: `${folder}/offcode.db`,
    clock: storeClock,
  });
  const scene = {
    edge,
    storeClock,
    monotonicMs: 0,
    /** How often the store was asked. */
    asked: 0,
    /** What happens on the way to the store, and on the way back. */
    there: () => {},
    back: () => {},
    /** What happens to a read. */
    read: () => {},
    /** Time passes, on all clocks. */
    pass(ms: number) {
      scene.monotonicMs += ms;
      edge.advance(ms);
      storeClock.advance(ms);
    },
    async [Symbol.asyncDispose]() {
      await opened.close();
      await Deno.remove(folder, { recursive: true });
    },
  };
  const store: Store = {
    read(request) {
      scene.read();
      return opened.read(request);
    },
    range: (query) => opened.range(query),
    txn: (transaction) => opened.txn(transaction),
    close: () => opened.close(),
    async timeMs() {
      scene.asked++;
      scene.there();
      const ms = await opened.timeMs();
      scene.back();
      return ms;
    },
  };
  const guard = createClockGuard({
    store,
    clock: edge,
    monotonicMs: () => scene.monotonicMs,
  });
  return { ...scene, scene, guard, store };
}

Deno.test("check() is sure while the clocks differ by two seconds or less", async () => {
  for (
    const [offsetMs, sure] of [
      [0, true],
      [2_000, true],
      [-2_000, true],
      [2_001, false],
      [-2_001, false],
      [60_000, false],
      [-3_600_000, false],
    ] as const
  ) {
    await using it = await guarded();
    it.edge.advance(offsetMs);
    assertEquals(await it.guard.check(), { sure, offsetMs });
  }
});

Deno.test("check() counts the way to the store as doubt", async () => {
  for (
    const [offsetMs, sure] of [
      [0, true],
      [1_500, true],
      [-1_500, true],
      [1_501, false],
      [-1_501, false],
    ] as const
  ) {
    await using it = await guarded();
    it.edge.advance(offsetMs);
    it.scene.there = it.scene.back = () => it.scene.pass(500);
    assertEquals(await it.guard.check(), { sure, offsetMs });
  }
  // An answer that took four seconds says too little at any difference.
  await using it = await guarded();
  it.scene.there = it.scene.back = () => it.scene.pass(2_001);
  assertEquals((await it.guard.check()).sure, false);
});

Deno.test("check() is never sure before 2020 or after 2100, whatever the store says", async () => {
  for (
    const [date, sure] of [
      ["1970-01-01T00:00:00.000Z", false],
      ["2019-12-31T23:59:59.999Z", false],
      ["2020-01-01T00:00:00.000Z", true],
      ["2100-01-01T00:00:00.000Z", true],
      ["2100-01-01T00:00:00.001Z", false],
    ] as const
  ) {
    await using it = await guarded();
    it.edge.ms = it.storeClock.ms = Date.parse(date);
    assertEquals((await it.guard.check()).sure, sure, date);
  }
});

Deno.test("check() asks the store again after 10 s in passing and after 30 s first", async () => {
  await using it = await guarded();
  const { guard, scene } = it;
  await guard.check();
  scene.pass(10_000);
  await guard.check();
  assertEquals(scene.asked, 1);
  // From now on a request starts a comparison and does not wait for it.
  scene.pass(1);
  scene.storeClock.advance(-60_000);
  assertEquals((await guard.check()).sure, true);
  assertEquals(scene.asked, 2);
  await guard.measure();
  assertEquals((await guard.check()).sure, false);

  await using late = await guarded();
  await late.guard.check();
  late.scene.pass(30_001);
  late.scene.storeClock.advance(-60_000);
  assertEquals((await late.guard.check()).sure, false);
  assertEquals(late.scene.asked, 2);
});

Deno.test("check() compares again when the wall clock jumps", async () => {
  for (
    const [jumpMs, asked] of [
      [2_000, 1],
      [-2_000, 1],
      [2_001, 2],
      [-2_001, 2],
      [3_600_000, 2],
      [-60_000, 2],
    ] as const
  ) {
    await using it = await guarded();
    await it.guard.check();
    it.scene.pass(1_000);
    it.edge.advance(jumpMs);
    const { sure } = await it.guard.check();
    assertEquals([it.scene.asked, sure], [asked, asked === 1]);
  }
});

Deno.test("check() trusts no comparison that was under way when the wall clock jumped", async () => {
  await using it = await guarded();
  const { guard, scene } = it;
  await guard.check();
  scene.pass(11_000);
  // It is made in passing, and has asked the store when the clocks are put forward.
  const early = guard.check();
  scene.edge.advance(30_000);
  scene.storeClock.advance(30_000);
  assertEquals((await guard.check()).sure, true);
  assertEquals((await early).sure, true);
});

Deno.test("check() that is unsure compares every time, until it is sure", async () => {
  await using it = await guarded();
  const { guard, scene } = it;
  scene.edge.advance(60_000);
  for (let i = 1; i <= 3; i++) {
    assertEquals((await guard.check()).sure, false);
    assertEquals(scene.asked, i);
  }
  scene.edge.advance(-60_000);
  assertEquals((await guard.check()).sure, true);
  assertEquals((await guard.check()).sure, true);
  assertEquals(scene.asked, 4);
});

Deno.test("check() of many requests at once asks the store once", async () => {
  await using it = await guarded();
  const states = await Promise.all(
    Array.from({ length: 20 }, () => it.guard.check()),
  );
  assertEquals(states.filter(({ sure }) => sure).length, 20);
  assertEquals(it.scene.asked, 1);
});

Deno.test("check() fails with the store, but for a comparison made in passing", async () => {
  await using it = await guarded();
  const { guard, scene } = it;
  const down = () => {
    throw new StoreUnavailableError("unreachable");
  };
  scene.there = down;
  await assertRejects(() => guard.check(), StoreUnavailableError);
  scene.there = () => {};
  assertEquals((await guard.check()).sure, true);
  scene.there = down;
  scene.pass(20_000);
  assertEquals((await guard.check()).sure, true);
  scene.pass(10_001);
  await assertRejects(() => guard.check(), StoreUnavailableError);
  scene.there = () => {};
  assertEquals((await guard.check()).sure, true);
});

Deno.test("ready() asks clock and store themselves, every time", async () => {
  await using it = await guarded();
  const { guard, scene, store } = it;
  const wasm = await Deno.readFile(
    new URL("../../../wasm/release/core.wasm", import.meta.url),
  );
  const core = openCore(wasm);
  const health = createHealth({
    store,
    cores: new CoreSwitch(core, wasm),
    coreFollower: { fault: null, mustServe: () => Promise.resolve() },
    clockGuard: guard,
    storeCheck: createStoreCheck({
      store: {},
      log: () => {},
      allowsEviction: false,
    }),
    storeMode: { refusal: () => Promise.resolve(null) },
  });
  scene.edge.advance(1_999);
  assertEquals(await health.ready(), {
    kind: "ready",
    clockOffsetMs: 1_999,
    coreAbi: core.abi,
    core: { releaseId: null, version: 0 },
    warnings: [],
  });
  scene.edge.advance(2);
  assertEquals(await health.ready(), {
    kind: "refused",
    code: "clock-unsure",
    detail: "The clocks of edge and store differ by 2001 ms.",
  });
  scene.edge.advance(-2_001);
  scene.there = () => {
    throw new StoreUnavailableError("full");
  };
  assertEquals(await health.ready(), {
    kind: "refused",
    code: "store-unavailable",
    detail: "The store does not answer: full.",
  });
  scene.there = () => {
    throw new TypeError("A bug is no state of health");
  };
  await assertRejects(() => health.ready(), TypeError);
  scene.there = () => {};
  // One that tells the time and does nothing else, such as a replica.
  scene.read = () => {
    throw new StoreUnavailableError("read-only");
  };
  assertEquals(await health.ready(), {
    kind: "refused",
    code: "store-unavailable",
    detail: "The store does not answer: read-only.",
  });
  scene.read = () => {};
  assertEquals((await health.ready()).kind, "ready");
  assertEquals(scene.asked, 5);
});
