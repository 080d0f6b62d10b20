/**
 * A run of payments and their callbacks while everything goes wrong at once:
 * replies of the store get lost, dispatchers are killed, merchants' servers
 * fail, hang or are not there. Time stands but for where nobody is delivering.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { callbackId } from "../../../../edge/callback/message/queued.ts";
import { LEASE_MS } from "../../../../edge/callback/delivery/lease.ts";
import { DUE_CALLBACKS_KEY } from "../../../../edge/store/keys.ts";
import type { TestMerchant, TestPhone } from "../../world/api.ts";
import { NOON_MS, startApp, type TestApp } from "../../world/app.ts";
import { type Crew, startCrew } from "./crew.ts";
import { type LoadShop, SHOP_KINDS, startShop } from "./load_shops.ts";
import { members, storedCallbacks } from "../queue.ts";
import { Shop } from "../shop.ts";
import {
  openStoreAt,
  type ProcessStores,
} from "../../store/process/process_stores.ts";
import { LossyStore } from "../../store/lossy_store.ts";
import { oneBucket } from "../../world/scene.ts";
import { seeded } from "../../world/points/seeded.ts";

/** How much a run is. */
export interface LoadSize {
  readonly seed: number;
  /** Phones, each of which pays once in each time step. */
  readonly phones: number;
  readonly steps: number;
  readonly dispatchers: number;
  /** A dispatcher is killed after so many requests, or up to twice as many. */
  readonly killEvery: number;
  /** Which part of the store's replies is lost. */
  readonly share: number;
  /** How long an attempt may take. */
  readonly deadlineMs: number;
  /** How often time passes at least before the servers recover. */
  readonly jumps: number;
}

/** A merchant of a run, and what must reach it. */
export interface LoadMerchant {
  readonly id: string;
  readonly secret: string;
  readonly shop: LoadShop;
  /** The callbacks of its payments that ended, by id: their order. */
  readonly expected: Map<string, string>;
}

/** What is left when a run is over. */
export interface LoadRun {
  readonly app: TestApp;
  readonly merchants: readonly LoadMerchant[];
  readonly crew: Crew;
  /** Pending messages of each merchant when the servers recovered. */
  readonly pendingBefore: readonly number[];
  /** Replies of the store that payments lost. */
  readonly lost: number;
}

const STEP_MS = 30_000;
const AT_ONCE = 50;
const TRIES = 30;
/** Longer than any breaker waits. */
const LONG_MS = 1_200_000;
const SWEEPS = 5;

/** Runs it; `check` sees the end. */
export async function runLoad(
  stores: ProcessStores,
  size: LoadSize,
  check: (run: LoadRun) => Promise<void>,
): Promise<void> {
  const { seed, share } = size;
  await using stack = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir({ prefix: "offcode-load-" });
  stack.defer(() => Deno.remove(folder, { recursive: true }));
  const location = await stores.create(folder);
  let lossy!: LossyStore;
  const app = stack.use(
    await startApp({
      nowMs: NOON_MS,
      random: oneBucket,
      openStore: (clock) => openStoreAt(location, clock),
      wrapStore: (store) => lossy = new LossyStore(store, seeded(seed), 0),
      sender: { ...ANYWHERE },
    }),
  );
  const random = seeded(seed + 1);
  const nextKill = () => Math.ceil(size.killEvery * (1 + random()));
  let untilKill = nextKill();
  let received = 0;
  function onRequest(): void {
    if (++received % AT_ONCE === 0) crew.nudge();
    if (--untilKill > 0) return;
    untilKill = nextKill();
    crew.kill(Math.floor(random() * size.dispatchers));
  }
  const shops = await openShops(app, stack, random, onRequest);
  const phones = await enrol(app, size.phones);
  const crew = stack.use(
    startCrew(size.dispatchers, (started) => ({
      ...{ location, share, nowMs: app.clock.ms, deadlineMs: size.deadlineMs },
      seed: seed + 1_000 + started,
    })),
  );

  const run: Running = { ...{ app, stores, location, size, crew }, ...shops };
  lossy.share = share;
  await payAll(run, phones);
  lossy.share = 0;
  // Payments that a sweep could not finish are due again later.
  for (let i = 0; i < SWEEPS; i++) {
    await pass(run, STEP_MS);
    await app.sweeper.sweep();
  }
  for (const [nth, merchant] of run.merchants.entries()) {
    await expect(app, nth, run.keys[nth]!, merchant, size);
  }
  const pendingBefore = await deliverAll(run);
  const { merchants } = run;
  await check({ app, merchants, crew, pendingBefore, lost: lossy.lost });
}

/** The merchants of a run, and their keys. */
interface Shops {
  readonly merchants: readonly LoadMerchant[];
  readonly keys: readonly TestMerchant[];
}

/** What the steps of a run share. */
interface Running extends Shops {
  readonly app: TestApp;
  readonly stores: ProcessStores;
  readonly location: string;
  readonly size: LoadSize;
  readonly crew: Crew;
}

/** Opens a shop of each kind. `onRequest` is called for each request to one. */
async function openShops(
  { api }: TestApp,
  stack: AsyncDisposableStack,
  random: () => number,
  onRequest: () => void,
): Promise<Shops> {
  const merchants: LoadMerchant[] = [];
  const keys: TestMerchant[] = [];
  for (const kind of SHOP_KINDS) {
    const shop = stack.use(startShop(kind, random, onRequest));
    const merchant = await api.merchant(`A ${kind} shop`);
    const secret = await new Shop(api, merchant).register(shop.url);
    keys.push(merchant);
    merchants.push({ id: merchant.id, secret, shop, expected: new Map() });
  }
  return { merchants, keys };
}

/** Lets time pass, for the application and for the store. */
async function pass(
  { app, stores, location }: Running,
  ms: number,
): Promise<void> {
  app.clock.advance(ms);
  await stores.pass(location, ms);
}

/** Every phone pays once in each time step, while callbacks are delivered. */
async function payAll(
  run: Running,
  phones: readonly TestPhone[],
): Promise<void> {
  const { app, crew, keys } = run;
  for (let step = 0; step < run.size.steps; step++) {
    const delivering = crew.deliver(app.clock.ms);
    for (let from = 0; from < phones.length; from += AT_ONCE) {
      await Promise.all(
        phones.slice(from, from + AT_ONCE).map((phone, i) => {
          const n = from + i;
          const merchant = keys[n % keys.length]!;
          return pay(app, merchant, phone, `order-${step}-${n}`);
        }),
      );
    }
    await delivering;
    await pass(run, STEP_MS);
    await sweep(app);
  }
}

/**
 * Lets the servers recover and delivers everything. Returns the number of pending messages
 * of each merchant when the servers recovered.
 */
async function deliverAll(run: Running): Promise<number[]> {
  const { app: { store }, merchants, size } = run;
  const pending = async ({ id }: LoadMerchant) => {
    const { first, retry, replay } = await storedCallbacks(store, id);
    return first.length + retry.length + replay.length;
  };
  const well = merchants.filter(({ shop }) => shop.kind === "healthy");
  // On a busy machine an attempt at a healthy server may take too long, and is repeated.
  const isWaiting = async (i: number) =>
    i < 4 * size.jumps && await sum(well, pending) > 0;
  for (let i = 0; i < size.jumps || await isWaiting(i); i++) {
    await jump(run, LEASE_MS);
  }
  const pendingBefore = await Promise.all(merchants.map(pending));
  for (const { shop } of merchants) shop.recover();
  for (let i = 0; await sum(merchants, pending) > 0; i++) {
    assert(i < 200, "Something is never delivered");
    await jump(run, LONG_MS);
  }
  return pendingBefore;
}

/** Delivers, then lets time pass until something is due, at least `leastMs`. */
async function jump(run: Running, leastMs: number): Promise<void> {
  const { app: { clock, store }, crew } = run;
  await crew.deliver(clock.ms);
  const due = await members(store, DUE_CALLBACKS_KEY);
  const next = due.find(({ score }) => score > clock.ms)?.score ?? 0;
  await pass(run, Math.max(next - clock.ms, leastMs));
}

/** Takes any URL; nothing is sent by the application that takes payments. */
const ANYWHERE = {
  send: () => Promise.reject(new Error("It delivers nothing")),
  check: () => Promise.resolve(null),
  close: () => Promise.resolve(),
};

async function sum<T>(
  all: readonly T[],
  count: (one: T) => Promise<number>,
): Promise<number> {
  return (await Promise.all(all.map(count))).reduce((a, b) => a + b, 0);
}

async function enrol({ api }: TestApp, count: number): Promise<TestPhone[]> {
  const walletKey = await api.walletKey();
  return await Promise.all(
    Array.from({ length: count }, async (_, n) => {
      const phone = await api.enrol(walletKey, `account-${n}`, `phone-${n}`);
      // One in ten has nothing and is declined.
      await api.setBalance(`account-${n}`, n % 10 === 0 ? 0 : 1_000_000);
      return phone;
    }),
  );
}

/** Pays as a till does: again under the same order until it is answered. */
async function pay(
  { api, clock }: TestApp,
  merchant: TestMerchant,
  phone: TestPhone,
  orderId: string,
): Promise<void> {
  const code = phone.code(clock.ms);
  for (let i = 0; i < TRIES; i++) {
    const { status, body } = await api.pay(merchant, {
      order_id: orderId,
      code,
    });
    // What is pending is left to the sweeper.
    if (status !== 503) {
      const said = `${status} ${body.code ?? ""}`;
      return assert(status < 500 && body.code !== "code-not-accepted", said);
    }
  }
  throw new Error("A payment is never answered");
}

/** Sweeps until the store lets it. */
async function sweep({ sweeper }: TestApp): Promise<void> {
  for (let i = 0; i < TRIES; i++) {
    const isDone = await sweeper.sweep().then(() => true, () => false);
    if (isDone) return;
  }
  throw new Error("A sweep never ends");
}

/** Every order of the nth merchant has ended; notes the callbacks of them. */
async function expect(
  { api }: TestApp,
  nth: number,
  { key }: TestMerchant,
  merchant: LoadMerchant,
  { phones, steps }: LoadSize,
): Promise<void> {
  for (let step = 0; step < steps; step++) {
    for (let n = nth; n < phones; n += SHOP_KINDS.length) {
      const orderId = `order-${step}-${n}`;
      const path = `/v1/payments?order_id=${orderId}`;
      const { status, body } = await api.call("GET", path, { key });
      assertEquals(status, 200, orderId);
      assert(["succeeded", "declined", "reversed"].includes(body.status));
      const id = callbackId(merchant.id, orderId, body.order_version);
      merchant.expected.set(id, orderId);
    }
  }
}
