import { assert, assertEquals, assertRejects } from "@std/assert";
import type { ReleaseSettings } from "../../edge/boot/settings.ts";
import { binaries } from "../../edge/release/record.ts";
import { StoreUnavailableError } from "../../edge/store/store.ts";
import { until } from "../../scripts/redis_server.ts";
import { coreThatLoops, coreThatTagsWrong } from "../support/code/odd_cores.ts";
import { manifestFor, manifestOf, signedBy } from "../support/code/releases.ts";
import { FaultyStore } from "../support/store/faulty_store.ts";
import { startApp, type TestApp } from "../support/world/app.ts";
import {
  ReleaseDesk,
  releaseSettings,
  SIGNERS,
} from "../support/world/release_desk.ts";
import { setScene } from "../support/world/scene.ts";

const QUICK = { shadowMs: 0, shadowSearches: 0 };
const STEP_MS = 30_000;

/** An edge, or a second one beside the first, whose pauses are over at once. */
const openEdge = (
  release: Partial<ReleaseSettings> = QUICK,
  options: Parameters<typeof startApp>[0] = {},
) =>
  startApp({
    pause: () => Promise.resolve(),
    settings: releaseSettings({ ...QUICK, ...release }),
    ...options,
  });

const beside = (
  { path, clock }: TestApp,
  release: Partial<ReleaseSettings> = {},
) => openEdge(release, { path, clock });

/** Which core serves, as readiness tells. */
async function serving({ api }: TestApp) {
  const { core } = await api.must(200, "GET", "/readyz");
  return core;
}

const BUILT_IN = { release_id: null, version: 0 };

/** The lines of the log with this text, without their time. */
const linesOf = ({ logged }: TestApp, message: string) =>
  logged.map((line) => JSON.parse(line)).filter((it) => it.message === message);

Deno.test("activation and roll-back reach each edge at its next look, and every payment passes", async () => {
  await using one = await openEdge();
  await using two = await beside(one);
  const { merchant, phone, walletKey } = await setScene(one.api);
  const bob = await one.api.enrol(walletKey, "bob", "phone-b");
  await one.api.setBalance("bob", 10_000);
  let orders = 0;
  const payEverywhere = async () => {
    for (const { api } of [one, two]) {
      for (const it of [phone, bob]) {
        one.clock.advance(STEP_MS);
        const { status, body } = await api.pay(merchant, {
          code: it.code(one.clock.ms),
          order_id: `order-${orders++}`,
          amount_minor: 1,
        });
        assertEquals(status, 201, body.code);
      }
    }
  };
  const edges = [one, two];
  const look = () => Promise.all(edges.map((it) => it.coreFollower.look()));
  const desk = await ReleaseDesk.open(one.api);
  await payEverywhere();
  const id = await desk.push({ version: 4 });
  for (const step of ["shadow", "activate"]) {
    assertEquals((await desk.step(id, step)).status, 200);
    await look();
    await payEverywhere();
  }
  for (const edge of edges) {
    assertEquals(await serving(edge), { release_id: id, version: 4 });
    // What it held has moved, and nothing stays in the core before.
    await edge.coreFollower.moved();
    const place = ({ seed }: typeof phone) => ({ ...seed, prefix: 90 });
    assert(![phone, bob].some((it) => edge.core.hasBucket(place(it))));
    assertEquals(linesOf(edge, "core release serves").length, 1);
  }
  await payEverywhere();
  assertEquals((await desk.rollback()).status, 200);
  // Until its next look an edge goes on with what it has.
  assertEquals(await serving(two), { release_id: id, version: 4 });
  await look();
  await payEverywhere();
  for (const edge of edges) assertEquals(await serving(edge), BUILT_IN);
  await look();
  assertEquals(linesOf(one, "core release serves").length, 2);
  assertEquals(await one.api.balance("bob"), 10_000 - orders / 2);
});

Deno.test("buckets move slowly after an activation, and quickly after a roll-back", async () => {
  const pauses: number[] = [];
  let readMs = 0;
  await using edge = await openEdge(QUICK, {
    pause: (ms) => {
      pauses.push(ms);
      return Promise.resolve();
    },
    wrapStore: (store) => ({
      read(request) {
        edge?.clock.advance(readMs);
        return store.read(request);
      },
      range: (query) => store.range(query),
      txn: (transaction) => store.txn(transaction),
      timeMs: () => store.timeMs(),
      close: () => store.close(),
    }),
  });
  const { merchant, phone } = await setScene(edge.api);
  const desk = await ReleaseDesk.open(edge.api);
  /** The pauses of a move whose only bucket takes 10 ms. */
  const pausesOf = async (step: () => Promise<unknown>) => {
    edge.clock.advance(STEP_MS);
    await step();
    await edge.coreFollower.look();
    const { status } = await edge.api.pay(merchant, {
      code: phone.code(edge.clock.ms),
      order_id: `order-${edge.clock.ms}`,
      amount_minor: edge.clock.ms % 1_000 + 1,
    });
    assertEquals(status, 201);
    return pauses.splice(0);
  };
  const id = await desk.push({ version: 4 });
  await pausesOf(() => desk.step(id, "shadow"));
  readMs = 10;
  const slow = await pausesOf(() => desk.step(id, "activate"));
  const quick = await pausesOf(() => desk.rollback());
  assertEquals([Math.max(...slow), Math.max(...quick)], [300, 20]);
});

Deno.test("a release in shadow is compared on every edge, the counts are kept together, and activation asks for them", async () => {
  const rule = { shadowMs: 0, shadowSearches: 6 };
  await using one = await openEdge(rule);
  await using two = await beside(one, rule);
  const { merchant, phone } = await setScene(one.api);
  const desk = await ReleaseDesk.open(one.api);
  const id = await desk.push();
  await desk.step(id, "shadow");
  for (const [i, edge] of [one, two].entries()) {
    await edge.coreFollower.look();
    for (const order of [1, 2, 3]) {
      const { body } = await desk.step(id, "activate");
      assertEquals(body.reason, "not-in-shadow-long-enough");
      one.clock.advance(STEP_MS);
      const { status } = await edge.api.pay(merchant, {
        code: phone.code(one.clock.ms),
        order_id: `order-${i}-${order}`,
        amount_minor: 1,
      });
      assertEquals(status, 201);
    }
    await until(async () => {
      // An edge looks once a second: ten looks without an answer end a core,
      // and its worker may still be starting.
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      await edge.coreFollower.look();
      return (await desk.get(id)).body.searches === 3 * (i + 1);
    }, "the searches were not counted");
  }
  const { body } = await desk.get(id);
  assertEquals([body.searches, body.differences], [6, 0]);
  assertEquals((await desk.step(id, "activate")).body.state, "active");
});

/** Counts the workers that cores run in while in shadow. */
function countShadows() {
  const { Worker } = globalThis;
  const counted = {
    shadows: 0,
    [Symbol.dispose]: () => void (globalThis.Worker = Worker),
  };
  globalThis.Worker = class extends Worker {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options);
      if (`${url}`.endsWith("/shadow_worker.ts")) counted.shadows++;
    }
  };
  return counted;
}

for (
  const [name, make, difference] of [
    ["is wrong for one tag in a thousand", coreThatTagsWrong, "tag"],
    ["never returns for one tag in a thousand", coreThatLoops, "silent"],
  ] as const
) {
  Deno.test(`a core that ${name} is retired by itself, everywhere, and no payment notices`, async () => {
    await using one = await openEdge();
    await using two = await beside(one);
    const { merchant, phone } = await setScene(one.api);
    const desk = await ReleaseDesk.open(one.api);
    const wasm = await make();
    using counted = countShadows();
    const manifest = await manifestFor(wasm);
    const { body: { release_id: id } } = await desk.upload(
      await signedBy(manifest, SIGNERS[0]),
      wasm,
    );
    await desk.step(id, "shadow");
    for (const edge of [one, two]) await edge.coreFollower.look();
    let orders = 0;
    await until(async () => {
      for (let i = 0; i < 20; i++) {
        one.clock.advance(STEP_MS);
        const { status } = await one.api.pay(merchant, {
          code: phone.code(one.clock.ms),
          order_id: `order-${orders++}`,
          amount_minor: 1,
        });
        assertEquals(status, 201);
      }
      await one.coreFollower.look();
      return (await desk.get(id)).body.state === "retired";
    }, "it was not retired");
    assert(orders <= 1_000);
    assertEquals(await one.api.balance("alice"), 10_000 - orders);
    const { body } = await desk.get(id);
    assertEquals(
      [body.retired_because, body.differences],
      ["difference", 1],
    );
    const message = "core in shadow differs, and is retired";
    const [line] = linesOf(one, message);
    assertEquals([line.level, line.releaseId, line.difference], [
      "error",
      id,
      difference,
    ]);
    await two.coreFollower.look();
    assertEquals(linesOf(two, message), []);
    // Nowhere was it started again.
    assertEquals(counted.shadows, 2);
    assertEquals((await desk.step(id, "activate")).body.reason, "retired");
    assertEquals(await serving(one), BUILT_IN);
  });
}

Deno.test("an edge serves nothing before it knows which core is active", async () => {
  await using first = await openEdge();
  const { merchant, phone } = await setScene(first.api);
  const desk = await ReleaseDesk.open(first.api);
  const id = await desk.push({ version: 2 });
  for (const step of ["shadow", "activate"]) await desk.step(id, step);
  let store!: FaultyStore;
  await using edge = await openEdge(QUICK, {
    path: first.path,
    clock: first.clock,
    wrapStore: (opened) => store = new FaultyStore(opened),
  });
  store.plan({ at: 0, mode: "before", fault: "unreachable", onwards: true });
  assertEquals(await edge.coreFollower.begin(), null);
  await assertRejects(
    () => edge.coreFollower.mustServe(),
    StoreUnavailableError,
  );
  store.plan();
  const { status } = await edge.api.pay(merchant, {
    code: phone.code(first.clock.ms),
    order_id: "order-1",
  });
  // Its first search asked which core is active, once the store was there.
  assertEquals(status, 201);
  assertEquals(await serving(edge), { release_id: id, version: 2 });
});

Deno.test("an active release that an edge cannot verify does not run there; the built-in core does only where that is allowed", async () => {
  await using first = await openEdge();
  const { merchant, phone } = await setScene(first.api);
  const desk = await ReleaseDesk.open(first.api);
  const id = await desk.push({ version: 2 });
  for (const step of ["shadow", "activate"]) await desk.step(id, step);
  const strangers = { trusted: { keys: [], threshold: 1 } };
  const code = phone.code(first.clock.ms);
  await using strict = await beside(first, strangers);
  const fault = "None of the keys that this edge trusts signed the manifest.";
  assertEquals(await strict.coreFollower.begin(), fault);
  const { body: unready } = await strict.api.call("GET", "/readyz");
  assertEquals(
    [unready.code, unready.detail],
    [
      "store-unavailable",
      `The active core release cannot serve here: ${fault}`,
    ],
  );
  const refused = await strict.api.pay(merchant, { code, order_id: "order-1" });
  assertEquals(
    [refused.status, refused.body.code],
    [503, "store-unavailable"],
  );
  await using lenient = await beside(first, {
    ...strangers,
    allowsBuiltIn: true,
  });
  assertEquals(await lenient.coreFollower.begin(), null);
  const { core, warnings } = await lenient.api.must(200, "GET", "/readyz");
  assertEquals(core, BUILT_IN);
  assertEquals(warnings, [{ code: "core-release-unfit", detail: fault }]);
  const { status } = await lenient.api.pay(merchant, {
    code,
    order_id: "order-1",
  });
  assertEquals(status, 201);
});

Deno.test("what somebody writes into the store does not run, and the core that serves goes on", async () => {
  await using edge = await openEdge();
  const { merchant, phone } = await setScene(edge.api);
  const desk = await ReleaseDesk.open(edge.api);
  const id = await desk.push({ version: 2 });
  const odd = await coreThatTagsWrong();
  await edge.store.txn({
    checks: [],
    writes: [binaries(manifestOf().sha256).set(odd)],
  });
  for (const step of ["shadow", "activate"]) {
    assertEquals((await desk.step(id, step)).status, 200);
    await edge.coreFollower.look();
    await edge.coreFollower.look();
  }
  const fault = "The binary is not the one that the manifest names.";
  const { core, warnings } = await edge.api.must(200, "GET", "/readyz");
  assertEquals(core, BUILT_IN);
  assertEquals(warnings, [{ code: "core-release-unfit", detail: fault }]);
  for (
    const message of [
      "core release in shadow cannot run here",
      "active core release cannot serve here",
    ]
  ) assertEquals(linesOf(edge, message).map((it) => it.fault), [fault]);
  const { status } = await edge.api.pay(merchant, {
    code: phone.code(edge.clock.ms),
    order_id: "order-1",
  });
  assertEquals(status, 201);
});
