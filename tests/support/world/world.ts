/**
 * The one way to build a system under test: a store of any kind, a ledger of
 * any kind, one clock, and as many edges as a test starts. What an edge meets
 * on its way to store and ledger (points where it is held, faults, another
 * clock) is given when it is started; one that is dropped in the middle of an
 * operation has crashed.
 *
 * @module
 */

import type { Settings } from "../../../edge/boot/settings.ts";
import type { Ledger } from "../../../edge/ledger/ledger.ts";
import type {
  OrderRecord,
  PaymentRecord,
} from "../../../edge/payment/record.ts";
import { DUE_ORDERS_KEY } from "../../../edge/store/keys.ts";
import type { IndexEntry, Store } from "../../../edge/store/store.ts";
import { storeEndpoint } from "../callback/queue.ts";
import { JournalLedger } from "../ledger/journal_ledger.ts";
import { inCells } from "../store/cells.ts";
import { keptOpen, type StoreFactory } from "../store/fixture.ts";
import {
  NOON_MS,
  startApp,
  type TestApp,
  type TestAppOptions,
  TestClock,
} from "./app.ts";
import {
  pointedLedger,
  pointedStore,
  type Reach,
} from "./points/fail_points.ts";
import { peekOrder } from "./peek.ts";
import { type Scene, setScene } from "./scene.ts";

/** What all edges of a world share. */
export interface WorldOptions<L extends Ledger>
  extends Omit<TestAppOptions, "wrapLedger"> {
  /** Makes the store; a SQLite file of the first edge, if not given. */
  readonly factory?: StoreFactory | undefined;
  /**
   * One ledger for all edges, which may put something in front of the sandbox;
   * each edge's own sandbox if not given.
   */
  readonly ledger?: (sandbox: Ledger) => L;
}

/** How one edge is started, where that differs from the others. */
export interface EdgeOptions extends
  Pick<
    TestAppOptions,
    "clock" | "random" | "sender" | "openStore" | "wrapStore"
  > {
  /** Called at every point of its operations. */
  readonly reach?: Reach;
  /** Instead of the world's ledger, without points. */
  readonly ledger?: Ledger;
  /** Opens the store once more, as another process would. */
  readonly anew?: boolean;
}

/** A world in which no edge has been started yet. */
export interface EmptyWorld extends AsyncDisposable {
  readonly clock: TestClock;
  /** One more edge; unless it may be held, it ends with the world. */
  start(options?: EdgeOptions): Promise<TestApp>;
  /** Lets `ms` pass, everywhere. */
  pass(ms: number): Promise<void>;
}

/** A world. */
export interface World<L extends Ledger = Ledger> extends EmptyWorld {
  readonly ledger: L;
  /** The store, past everything that stands in front of it. */
  readonly store: Store;
  /** An edge that lives as long as the world. */
  readonly edge: TestApp;
}

/** Opens a world without an edge. */
export async function openEmptyWorld<L extends Ledger>(
  { factory, ledger: makeLedger, ...shared }: WorldOptions<L> = {},
) {
  const clock = shared.clock ?? new TestClock(shared.nowMs ?? NOON_MS);
  const stack = new AsyncDisposableStack();
  const fixture = await factory?.(clock);
  if (fixture !== undefined) stack.defer(() => fixture.dispose());
  let ledger: Ledger | undefined;
  let path = shared.path;

  async function start(own: EdgeOptions = {}): Promise<TestApp> {
    const { reach, ledger: other, anew, ...options } = own;
    const app = await startApp({
      ...{ ...shared, clock },
      ...(path !== undefined && { path }),
      ...(fixture !== undefined && {
        openStore: () => anew ? fixture.reopen!() : keptOpen(fixture.store),
      }),
      ...options,
      ...(reach && { wrapStore: (store) => pointedStore(store, reach) }),
      wrapLedger(sandbox) {
        // A sandbox stands on its edge's own store, with what befalls that.
        const mine = makeLedger === undefined
          ? sandbox
          : ledger ?? makeLedger(sandbox);
        ledger ??= mine;
        if (other !== undefined) return other;
        return reach === undefined ? mine : pointedLedger(mine, reach);
      },
    });
    path ??= app.path;
    // One that is held in an operation does not end.
    if (reach === undefined) stack.use(app);
    return app;
  }

  return {
    ...{ clock, start },
    /** The ledger, once an edge has been started. */
    ledger: () => ledger as L,
    store: fixture && inCells(fixture.store, shared.cells),
    async pass(ms: number) {
      clock.advance(ms);
      await fixture?.advance?.(ms);
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** Opens a world with one edge. */
export async function openWorld<L extends Ledger = Ledger>(
  options: WorldOptions<L> = {},
): Promise<World<L>> {
  await using opening = new AsyncDisposableStack();
  const world = opening.use(await openEmptyWorld(options));
  const edge = await world.start();
  opening.move();
  const store = world.store ?? edge.store;
  return { ...world, edge, store, ledger: world.ledger() };
}

/** A world for tests of a payment's life, whose ledger's journal is elsewhere. */
export interface PaymentWorld extends World<JournalLedger>, Scene {
  order(orderId: string): Promise<OrderRecord | null>;
  /** The payment of an order. */
  paymentOf(orderId: string): Promise<PaymentRecord>;
  /** Everything in the index of what is under way. */
  due(): Promise<readonly IndexEntry[]>;
}

/** Opens a world with a phone that has money, and a merchant with an endpoint. */
export async function openPaymentWorld(
  factory: StoreFactory,
  settings: Partial<Settings> = {},
): Promise<PaymentWorld> {
  const ledger = () => new JournalLedger();
  const world = await openWorld({ factory, settings, ledger });
  const { store } = world;
  const scene = await setScene(world.edge.api);
  const { merchant } = scene;
  await storeEndpoint(store, merchant.id);
  const order = (orderId: string) => peekOrder(store, merchant.id, orderId);
  return {
    ...{ ...world, ...scene, order },
    async paymentOf(orderId) {
      const record = (await order(orderId))?.payment ?? null;
      if (record === null) throw new Error(`No payment of ${orderId}`);
      return record;
    },
    due: () =>
      store.range({
        index: DUE_ORDERS_KEY,
        min: 0,
        max: Number.MAX_SAFE_INTEGER,
        limit: 1000,
      }),
  };
}
