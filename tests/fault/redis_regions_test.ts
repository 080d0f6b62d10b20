import { assert, assertEquals } from "@std/assert";
import { Api, insist } from "../support/world/api.ts";
import type { TestApp } from "../support/world/app.ts";
import {
  openRegions,
  type Regions,
  type Way,
  WAYS,
} from "../support/world/regions/regions.ts";
import {
  nameOf,
  openShop,
  runPayments,
} from "../support/world/regions/run_payments.ts";
import { checkBooks } from "../support/world/regions/run_payments_books.ts";
import { setScene } from "../support/world/scene.ts";
import { TcpProxy } from "../support/http/tcp_proxy.ts";
import { PATIENT_MS } from "../support/redis/time.ts";

/** Of the region that is cut off; its calls are repeated until they are served. */
const TIMEOUT_MS = 150;
/**
 * Where payments are counted: with a deadline that a busy machine misses, the
 * lines that are well fail, too.
 */
const COUNTED_MS = 1_000;
/** A payment that is left open is swept by then, and not too late to go on. */
const SWEPT_AFTER_MS = 11_000;
/** How far the regions are from the primary, each way, milliseconds. */
const DELAYS_MS = [0, 2, 5] as const;

interface Region {
  readonly edge: TestApp;
  readonly line: TcpProxy;
}

interface Scene extends AsyncDisposable {
  readonly world: Regions;
  readonly home: TestApp;
  readonly near: Region;
  readonly middle: Region;
  readonly remote: Region;
}

/**
 * Three regions with lines of their own, and an edge beside the primary. Unless
 * all have the same deadline, only the remote one gives up early.
 */
async function startRegions(way: Way, sameMs?: number): Promise<Scene> {
  await using starting = new AsyncDisposableStack();
  const world = starting.use(await openRegions(way));
  const home = await world.edge({ timeoutMs: PATIENT_MS });
  const regions: Region[] = [];
  for (const delayMs of DELAYS_MS) {
    const isRemote = delayMs === DELAYS_MS.at(-1);
    const timeoutMs = sameMs ?? (isRemote ? TIMEOUT_MS : PATIENT_MS);
    const line = starting.use(new TcpProxy(world.place));
    const edge = await world.edge({ through: line, timeoutMs });
    // Connected before the way gets long.
    await insist(() => edge.api.call("GET", "/readyz"));
    line.delayMs = delayMs;
    regions.push({ edge, line });
  }
  const [near, middle, remote] = regions;
  const stack = starting.move();
  return {
    world,
    home,
    near: near!,
    middle: middle!,
    remote: remote!,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** How a line may be bad. */
const CUTS = {
  cut: (line: TcpProxy) => line.cut(),
  silent: (line: TcpProxy) => line.flow = "silent",
} as const;

for (const way of WAYS) {
  for (const cut of ["cut", "silent"] as const) {
    Deno.test(`over ${way}, a region whose line is ${cut} says so, and the others go on`, async () => {
      await using regions = await startRegions(way);
      const { world: { clock }, home, near, middle, remote } = regions;
      const { merchant, phone, walletKey } = await setScene(home.api);
      const order = { code: phone.code(clock.ms), order_id: "order-1" };
      const { api } = remote.edge;

      CUTS[cut](remote.line);
      for (
        const answer of [
          await api.pay(merchant, order),
          await api.verify(walletKey, order.code, "ref-1"),
          await api.call("GET", "/v1/payments?order_id=order-1", merchant),
          await api.call("GET", "/readyz"),
        ]
      ) {
        assertEquals(nameOf(answer), "503 store-unavailable");
      }
      assertEquals((await api.call("GET", "/healthz")).status, 200);
      for (const [i, { edge }] of [near, middle].entries()) {
        const ready = await insist(() => edge.api.call("GET", "/readyz"));
        assertEquals(ready.status, 200);
        const code = phone.code(clock.ms + (i - 1) * 30_000);
        const other = { code, order_id: `other-${i}` };
        const paid = await edge.api.pay(merchant, other);
        assertEquals(nameOf(paid), "201");
      }

      remote.line.heal();
      const ready = await insist(() => api.call("GET", "/readyz"));
      assertEquals(ready.status, 200);
      // It is as far away as it was.
      assertEquals(remote.line.delayMs, DELAYS_MS.at(-1));
      // The code was taken elsewhere meanwhile; the next one counts.
      const replayed = await insist(() => api.pay(merchant, order));
      assertEquals(nameOf(replayed), "409 code-replayed");
      const code = phone.code(clock.ms + 30_000);
      const paid = await insist(() => api.pay(merchant, { ...order, code }));
      const name = nameOf(paid);
      // A busy machine may miss its deadline in the middle of the payment.
      assert(["201", "200", "402 payment-pending"].includes(name), name);
      clock.advance(SWEPT_AFTER_MS);
      await home.sweeper.sweep();
      const end = await home.api.call("GET", "/v1/payments?order_id=order-1", {
        key: merchant.key,
      });
      assertEquals(end.body.status, "succeeded");
      assertEquals(await home.api.balance("alice"), 10_000 - 3 * 1_250);
    });
  }

  Deno.test(`over ${way}, what a region did unheard is known to the others`, async () => {
    await using regions = await startRegions(way);
    const { world: { clock }, home, near, remote } = regions;
    const { walletKey, phone, merchant } = await setScene(home.api);
    const code = phone.code(clock.ms);
    const { api } = remote.edge;
    // It knows the key and the bucket, so the first thing that it sends is
    // what takes the code.
    const early = phone.code(clock.ms - 30_000);
    const before = await insist(() => api.verify(walletKey, early, "before"));
    assertEquals(before.status, 200);

    remote.line.flow = "deaf";
    const unheard = await api.verify(walletKey, code, "ref");
    assertEquals(nameOf(unheard), "503 store-unavailable");
    const there = await insist(() =>
      near.edge.api.verify(walletKey, code, "ref")
    );
    assertEquals(there.status, 200);
    const order = { code, order_id: "order-1" };
    const taken = await insist(() => near.edge.api.pay(merchant, order));
    assertEquals(nameOf(taken), "409 code-replayed");

    remote.line.heal();
    const here = await insist(() => api.verify(walletKey, code, "ref"));
    assertEquals([here.status, here.body], [200, there.body]);
    assertEquals(await home.api.balance("alice"), 10_000);
  });

  Deno.test(`over ${way}, regions that are cut off in turn while they sell: the books agree`, async () => {
    await using regions = await startRegions(way, COUNTED_MS);
    const { world, home, near, middle, remote } = regions;
    const all = [near, middle, remote];
    const shop = await openShop(home.api, 60);
    const gates = all.map(() => Promise.withResolvers<void>());
    for (const gate of gates) gate.resolve();
    let failed = Promise.withResolvers<void>();
    let failures = 0;
    const tillAt = ({ edge: { api } }: Region, i: number) =>
      new Api(
        async (request) => {
          const response = await api.fetch(request);
          const isOut = all[i]!.line.flow !== "open";
          if (isOut && [402, 503].includes(response.status)) {
            failures++;
            failed.resolve();
          }
          return response;
        },
        api.origin,
        api.adminKey,
      );
    const rounds = 6;
    const notes = await runPayments({
      // Two tills in each.
      tills: [...all.map(tillAt), ...all.map(tillAt)],
      shop,
      clock: world.clock,
      rounds,
      seed: 3,
      onJob: async (done, round) => {
        const out = round % all.length;
        const { line } = all[out]!;
        if (done === 10) {
          gates[out] = Promise.withResolvers();
          failed = Promise.withResolvers();
          const flow = round < all.length ? "silent" : "deaf";
          line.flow = flow;
        }
        // By then only the others have worked; this till waits until the ones
        // that are cut off have noticed.
        if (done === 50) {
          await failed.promise;
          line.heal();
          gates[out]!.resolve();
        }
      },
      untilUp: (till) => gates[till % all.length]!.promise,
    });
    assert(failures >= rounds);
    const counts = await world.raw((redis) =>
      checkBooks(home, shop, notes, redis)
    );
    assert(counts.succeeded >= 300, JSON.stringify(counts));
  });
}
