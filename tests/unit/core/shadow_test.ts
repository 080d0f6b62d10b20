import { assert, assertEquals } from "@std/assert";
import { systemRandom } from "../../../edge/base/clock.ts";
import { openCore } from "../../../edge/core/core.ts";
import {
  CoreComparison,
  type FromShadow,
  ShadowCore,
  type ShadowDifference,
  type ToShadow,
} from "../../../edge/core/shadow.ts";
import { until } from "../../../scripts/redis_server.ts";
import { IDS, seedOf, SM3_ID, STEP, tagOf, wasm } from "../../wasm/core.ts";
import {
  coreThatLoadsForever,
  coreThatLoops,
  coreThatSearchesWrong,
  coreThatTagsWrong,
} from "../../support/code/odd_cores.ts";

const CREDENTIALS = new Uint32Array([1, 2, 3]);
const places = () => {
  const seeds = new Uint8Array(96);
  [0, 1, 2].forEach((i) => seeds.set(seedOf(i), 32 * i));
  return { seeds, credentials: CREDENTIALS };
};
/** Searches that find the second seed, or nobody. */
const query = (id = SM3_ID, step = STEP) => ({
  ...{ id, tagDigits: 11, first: step - 1, count: 3 },
  tag: tagOf(id, seedOf(1), step),
});

/** A core in shadow behind the committed one, in its worker. */
function shadow(other: Uint8Array<ArrayBuffer>) {
  const differences: ShadowDifference[] = [];
  const core = new ShadowCore(
    openCore(wasm),
    { active: wasm, shadow: other },
    (difference) => differences.push(difference),
    // A core that never returns uses a processor for so long.
    10_000,
  );
  return {
    core,
    differences,
    differs: () =>
      until(() => differences.length > 0, "no difference was seen"),
    [Symbol.dispose]: () => core.close(),
  };
}

Deno.test("a core in shadow that is like the active one differs nowhere, and each search counts once", async () => {
  using it = shadow(wasm);
  for (const id of IDS) it.core.loadPacked(id, places());
  let searches = 0;
  let slowestRatio = 0;
  for (let i = 0; i < 100; i++) {
    for (const id of IDS) it.core.search(query(id, STEP + i));
  }
  await until(() => {
    const tally = it.core.tally();
    searches += tally.searches;
    ({ slowestRatio } = tally);
    return searches >= 200;
  }, "the searches were not compared");
  assertEquals(searches, 200);
  assert(slowestRatio > 0);
  assertEquals(it.differences, []);
  // With nothing under way no look counts.
  for (let i = 0; i < 20; i++) it.core.look();
  assertEquals(it.differences, []);
});

Deno.test("a core in shadow takes copies of seeds, so its caller can wipe them", async () => {
  using it = shadow(wasm);
  const given = places();
  it.core.loadPacked(SM3_ID, given);
  assertEquals(given, places());
  it.core.search(query());
  await until(() => it.core.tally().searches === 1, "nothing was compared");
  assertEquals(it.differences, []);
});

Deno.test("the worker of a core in shadow wipes the seeds that it was sent", async () => {
  // The worker's file takes this thread for its own.
  const scope = globalThis as {
    postMessage?: (message: FromShadow) => void;
    onmessage?: ((event: { data: ToShadow }) => void) | null;
  };
  const said: FromShadow[] = [];
  scope.postMessage = (message) => void said.push(message);
  try {
    await import("../../../edge/core/shadow_worker.ts");
    const tell = (data: ToShadow) => scope.onmessage!({ data });
    // The seeds are wiped before the cores are open, too.
    for (let i = 0; i < 2; i++) {
      const packed = places();
      tell({ kind: "load", id: SM3_ID, packed });
      assertEquals(packed.seeds, new Uint8Array(96));
      tell({ kind: "open", active: wasm, shadow: wasm, limitMs: 60_000 });
    }
    assertEquals(said.map(({ difference }) => difference), [null, null]);
    // Also where the core does not come back from loading them.
    const shadow = await coreThatLoadsForever();
    tell({ kind: "open", active: wasm, shadow, limitMs: 2_000 });
    const packed = places();
    tell({ kind: "load", id: SM3_ID, packed });
    assertEquals(packed.seeds, new Uint8Array(96));
    assertEquals(said.at(-1)?.difference, "silent");
  } finally {
    delete scope.postMessage;
    delete scope.onmessage;
  }
});

Deno.test("one wrong tag in a thousand is seen in shadow within a thousand searches", async () => {
  using it = shadow(await coreThatTagsWrong());
  it.core.loadPacked(SM3_ID, places());
  for (let i = 0; i < 1_000; i++) it.core.search(query());
  await it.differs();
  assertEquals(it.differences, ["tag"]);
});

Deno.test("one tag in a thousand that is not found is seen in shadow within a thousand searches", async () => {
  using it = shadow(await coreThatSearchesWrong());
  it.core.loadPacked(SM3_ID, places());
  for (let i = 0; i < 1_000; i++) it.core.search(query());
  await it.differs();
  assertEquals(it.differences, ["sample"]);
});

Deno.test("a core in shadow that never returns is dropped after ten looks without an answer", async () => {
  using it = shadow(await coreThatLoops());
  it.core.loadPacked(SM3_ID, places());
  for (let i = 0; i < 10; i++) it.core.look();
  // An answer begins the count again.
  it.core.search(query());
  await until(() => it.core.tally().searches === 1, "nothing was compared");
  it.core.search({ ...query(), tag: 7n });
  it.core.search(query());
  for (let i = 0; i < 10; i++) it.core.look();
  assertEquals(it.differences, []);
  it.core.look();
  assertEquals(it.differences, ["silent"]);
  assertEquals(it.core.tally().searches, 0);
  // Dropped, it takes nothing more and says nothing more.
  it.core.search(query());
  for (let i = 0; i < 20; i++) it.core.look();
  assertEquals(it.differences, ["silent"]);
});

Deno.test("a core in shadow is late only at the eleventh look", () => {
  using it = shadow(wasm);
  for (let i = 0; i < 10; i++) it.core.look();
  assertEquals(it.differences, []);
  it.core.look();
  assertEquals(it.differences, ["silent"]);
});

Deno.test("what does not open as a core differs at once", async () => {
  using it = shadow(wasm.slice(0, 5_000));
  await it.differs();
  assertEquals(it.differences, ["open"]);
});

/** A core that answers as told in place of one function. */
const instead = (change: Partial<ReturnType<typeof openCore>>) => {
  const core = openCore(wasm);
  return {
    profiles: core.profiles,
    loadPacked: core.loadPacked.bind(core),
    deriveTag: core.deriveTag.bind(core),
    verify: core.verify.bind(core),
    wipeBucket: core.wipeBucket.bind(core),
    wipeAll: core.wipeAll.bind(core),
    ...change,
  };
};

Deno.test("a comparison tells where cores differ: in loading, in what was searched, by throwing", () => {
  const trap = () => {
    throw new WebAssembly.RuntimeError("unreachable");
  };
  const compare = (change: Parameters<typeof instead>[0]) =>
    new CoreComparison(openCore(wasm), instead(change), systemRandom, () => 0);
  assertEquals(compare({ loadPacked: trap }).load(SM3_ID, places()), "load");
  for (
    const verify of [
      trap,
      () => ({ kind: "none" as const }),
      () => ({ kind: "one" as const, credential: 2, place: 1, step: STEP - 1 }),
    ]
  ) {
    const it = compare({ verify });
    assertEquals(it.load(SM3_ID, places()), null);
    assertEquals(it.search(query()).difference, "search");
  }
  const alike = compare({});
  assertEquals(alike.load(SM3_ID, places()), null);
  assertEquals(alike.search(query()), {
    ...{ compared: true, difference: null, activeMs: 0, shadowMs: 0 },
  });
  // Both throw: the bucket is in neither.
  alike.wipe(SM3_ID);
  assertEquals(alike.search(query()).difference, null);
});

Deno.test("a comparison wipes a bucket, or all, of both cores", () => {
  const cores = [openCore(wasm), openCore(wasm)] as const;
  const it = new CoreComparison(...cores, systemRandom, () => 0);
  const held = () => cores.map((core) => IDS.map((id) => core.hasBucket(id)));
  for (const id of IDS) it.load(id, places());
  assertEquals(held(), [[true, true], [true, true]]);
  it.wipe(IDS[0]!);
  assertEquals(held(), [[false, true], [false, true]]);
  it.wipe(null);
  assertEquals(held(), [[false, false], [false, false]]);
});

Deno.test("a comparison times both cores over the same searches", () => {
  let nowMs = 0;
  const slow = instead({});
  const it = new CoreComparison(
    openCore(wasm),
    {
      ...slow,
      verify(...query) {
        nowMs += 3;
        return slow.verify(...query);
      },
    },
    systemRandom,
    () => nowMs += 1,
  );
  it.load(SM3_ID, places());
  const { activeMs, shadowMs } = it.search(query());
  assertEquals(shadowMs, 4 * activeMs);
});
