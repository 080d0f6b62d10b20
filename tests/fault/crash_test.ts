import { claims, isCrossing, isTaken } from "../../edge/payment/crossing.ts";
import { orderState, type PaymentRecord } from "../../edge/payment/record.ts";
import { refundedMinor } from "../../edge/payment/refund.ts";
import { assert, assertEquals } from "@std/assert";
import { confirmationsKey, DUE_ORDERS_KEY } from "../../edge/store/keys.ts";
import { readRecords } from "../../edge/store/record.ts";
import type { Store } from "../../edge/store/store.ts";
import { NOON_MS, type TestApp } from "../support/world/app.ts";
import { billedMinor } from "../support/world/bill.ts";
import { peekAccount, peekOrder } from "../support/world/peek.ts";
import {
  type Done,
  type Flow,
  FLOWS,
  fundsOf,
  kill,
  KILL_SETTINGS,
  type LedgerName,
  prepare,
  type Prepared,
  requestOf,
  startsAtMs,
} from "../support/world/points/fail_points_kills.ts";
import {
  startStoppable,
  type StoppableCall,
} from "../support/world/points/fail_points_process.ts";
import { PLAYS_ALL } from "../support/store/cells.ts";
import {
  CELLED_PROCESS_STORES,
  PROCESS_STORES,
  type ProcessStores,
} from "../support/store/process/process_stores.ts";
import { calls, said, STEP_MS } from "../support/world/desk.ts";

const KILLS = 240;
/** Edges of one process, which are killed together: most of a kill is its start. */
const EDGES = 12;
/** In time to go on, and too late to. */
const SWEPT_AFTER_MS = { early: 11_000, late: 50_000 };

interface Files {
  /** Location of the store. */
  readonly store: string;
  /** The file of the journal; without it the ledger is the sandbox. */
  readonly journal?: string;
}

async function createFiles(
  stores: ProcessStores,
  ledger: LedgerName,
  folder: string,
): Promise<Files> {
  await Deno.mkdir(folder);
  const store = await stores.create(folder);
  if (ledger === "sandbox") return { store };
  const journal = `${folder}/journal`;
  await Deno.writeTextFile(journal, "");
  return { store, journal };
}

/** A copy, at the time when the process under test begins. */
async function copyFiles(
  stores: ProcessStores,
  files: Files,
  flow: Flow,
  folder: string,
): Promise<Files> {
  await Deno.mkdir(folder);
  const store = await stores.copy(files.store, folder);
  await stores.pass(store, startsAtMs(flow) - NOON_MS);
  if (files.journal === undefined) return { store };
  const journal = `${folder}/journal`;
  await Deno.copyFile(files.journal, journal);
  return { store, journal };
}

/** A flow over one ledger, prepared, with the points it goes through. */
interface Track {
  readonly flow: Flow;
  readonly ledger: LedgerName;
  readonly files: Files;
  readonly prepared: Prepared;
  readonly trace: readonly string[];
}

async function layTrack(
  stores: ProcessStores,
  flow: Flow,
  ledger: LedgerName,
  folder: string,
): Promise<Track> {
  const files = await createFiles(stores, ledger, folder);
  const prepared = await prepare(flow, files);
  const dry = await copyFiles(stores, files, flow, `${folder}-dry`);
  const { app, hold } = await startStoppable({
    ...callOf(flow, dry),
    at: Infinity,
  });
  const { method, path, ...rest } = requestOf(flow, prepared);
  await app.api.call(method, path, rest);
  await app[Symbol.asyncDispose]();
  await stores.remove(dry.store);
  return { flow, ledger, files, prepared, trace: hold.trace };
}

function callOf(
  flow: Flow,
  files: Files,
): Omit<StoppableCall, "request" | "at"> {
  return {
    ...files,
    settings: KILL_SETTINGS,
    nowMs: startsAtMs(flow),
    verdict: flow.verdict,
    // Not that of the edge which has prepared it.
    place: 1,
  };
}

/** A kill to come, and when others sweep after it. */
interface Kill {
  readonly track: Track;
  readonly point: number;
  readonly when: keyof typeof SWEPT_AFTER_MS;
  readonly folder: string;
}

/** Kills some edges, and looks at what each has left. */
async function killTogether(
  stores: ProcessStores,
  kills: readonly Kill[],
): Promise<void> {
  const calls: StoppableCall[] = [];
  for (const { track, point, folder } of kills) {
    const files = await copyFiles(stores, track.files, track.flow, folder);
    const request = requestOf(track.flow, track.prepared);
    calls.push({ ...callOf(track.flow, files), at: point, request });
  }
  const printed = await kill(calls);
  for (const [i, it] of kills.entries()) {
    const { track: { flow, ledger, trace }, point, when } = it;
    try {
      // Two transactions that go side by side may end in either order.
      const near = trace.slice(Math.max(0, point - 1), point + 2);
      assert(
        near.includes(printed[i]!),
        `it stopped at another point: ${printed[i]}`,
      );
      await sweepUp(stores, it, calls[i]!);
    } catch (cause) {
      const name = `${flow.name}, ${ledger} ledger, killed ` +
        `${trace[point]} (${point}), swept ${when}`;
      throw new Error(name, { cause });
    }
  }
}

/** What the till hears when it asks again, and when it gives all of it back. */
async function askAgain(
  { flow, prepared }: Track,
  app: TestApp,
  code: string,
  ended: string | null,
  { refunded, taken }: { readonly refunded: number; readonly taken: number },
): Promise<void> {
  const till = calls(prepared, app);
  const again = await till.pay("order-1", code, flow.amountMinor);
  const answers = {
    succeeded: "200",
    declined: "payment-declined",
    reversed: "payment-reversed",
    closed: "payment-reversed",
    refunded: "order-refunded",
  };
  assertEquals(
    said(again),
    answers[ended as keyof typeof answers] ?? "code-not-accepted",
  );
  // Of what was refunded the rest is given back by another refund.
  assertEquals(
    said(await till.reverse("order-1")),
    refunded > 0 ? "order-refunded" : "200",
  );
  if (refunded > 0 && taken > 0) {
    const rest = await till.refund("order-1", "refund-2", taken);
    assertEquals(said(rest), "201");
  }
}

const isPaid = (status: string | null) =>
  status === "succeeded" || status === "refunded";

const entries = (store: Store, index: string) =>
  store.range({ index, min: 0, max: Number.MAX_SAFE_INTEGER, limit: 10 });

/** The state of an order by the status of its payment; otherwise reversed. */
const ORDER_STATES: Readonly<Record<string, string>> = {
  ...{ succeeded: "paid", declined: "declined", refunded: "refunded" },
};

/** The customer's side: what was claimed, and what counts of the limits. */
async function checkCustomer(
  store: Store,
  payment: PaymentRecord | null,
  paid: number,
): Promise<void> {
  const { spent, count } = await peekAccount(store, "alice");
  assertEquals(
    [spent.EUR?.amount ?? 0, count?.amount ?? 0],
    [paid, paid > 0 ? 1 : 0],
  );
  if (payment === null || !isCrossing(store, payment.payment_id)) return;
  const [claim] = await readRecords(store, [claims(payment.payment_id)]);
  assertEquals(isTaken(claim), paid > 0, `claim ${claim.value?.state}`);
}

/** Sweeps, and compares store, ledger and answers. */
async function sweepUp(
  stores: ProcessStores,
  { track, point, when, folder }: Kill,
  files: Files,
): Promise<void> {
  const { flow, prepared, trace } = track;
  const { merchant } = prepared;
  const { app, journal } = await startStoppable({
    ...callOf(flow, files),
    at: Infinity,
  });
  try {
    for (const ms of [SWEPT_AFTER_MS[when], 200_000]) {
      app.clock.advance(ms);
      await stores.pass(files.store, ms);
      await app.sweeper.sweep();
    }

    const index = (name: string) => entries(app.store, name);
    assertEquals(await index(DUE_ORDERS_KEY), [], "nothing stays open");
    assertEquals(await index(confirmationsKey("alice")), []);

    const order = await peekOrder(app.store, merchant.id, "order-1");
    const payment = order?.payment ?? null;
    const reached = trace.slice(0, point + 1);
    const times = (name: string) => reached.filter((it) => it === name).length;
    const done: Done = {
      early: when === "early",
      times: (operation) => times(`after ${operation}`),
      begun: (operation) => times(`before ${operation}`),
      crossing: prepared.crossing,
    };
    const ended = order && (payment?.status ?? "closed");
    const ends = [flow.end(done)].flat();
    assert(ends.includes(ended), `${ended} is none of ${ends}`);
    if (payment !== null) {
      assertEquals(
        orderState(order!),
        ORDER_STATES[payment.status] ?? "reversed",
      );
    }

    const paid = isPaid(ended) ? flow.amountMinor : 0;
    const refunded = flow.refunded?.(done) ?? 0;
    assertEquals(payment === null ? 0 : refundedMinor(payment), refunded);
    const taken = paid - refunded;
    if (journal === null) {
      assertEquals(await app.api.balance("alice"), fundsOf(flow) - taken);
    } else {
      assertEquals(journal.takenFrom("alice"), taken);
      for (const { paymentId } of journal.lines) {
        assert(journal.debitsOf(paymentId) <= 1, "one debit at most");
      }
    }
    assertEquals(await billedMinor(app.store, merchant.id), taken, "billed");
    await checkCustomer(app.store, payment, paid);

    // The latest attempt may be the one that was killed, with a code of its own.
    const isSecond = flow.before === "declined" &&
      payment?.payment_id !== prepared.paymentId;
    const code = prepared.phone.code(NOON_MS + (isSecond ? STEP_MS : 0));
    await askAgain(track, app, code, ended, { refunded, taken });
    const left = journal === null
      ? fundsOf(flow) - await app.api.balance("alice")
      : journal.takenFrom("alice");
    assertEquals(left, 0);
    assertEquals(await index(DUE_ORDERS_KEY), []);
  } finally {
    await app[Symbol.asyncDispose]();
  }
  await stores.remove(files.store);
  await Deno.remove(folder, { recursive: true });
}

/** Every write and every call of the ledger of all flows, before and after. */
async function pointsOf(
  stores: ProcessStores,
  folder: string,
): Promise<Pick<Kill, "track" | "point">[]> {
  const points: Pick<Kill, "track" | "point">[] = [];
  let tracks = 0;
  for (const flow of FLOWS) {
    for (const ledger of flow.ledgers) {
      const track = await layTrack(
        stores,
        flow,
        ledger,
        `${folder}/${tracks++}`,
      );
      for (const [point, name] of track.trace.entries()) {
        if (/(txn|debit|reverse|refund|query)/.test(name)) {
          points.push({ track, point });
        }
      }
    }
  }
  return points;
}

/** Kills at some of the points, early or late, several at a time. */
async function killAll(
  stores: ProcessStores,
  kills: readonly Kill[],
): Promise<void> {
  const queue = [...kills];
  let done = 0;
  const worker = async () => {
    for (;;) {
      const some = queue.splice(0, EDGES);
      if (some.length === 0) return;
      try {
        await killTogether(stores, some);
      } catch (error) {
        queue.length = 0;
        throw error;
      }
      done += some.length;
    }
  };
  for (const end of await Promise.allSettled([worker(), worker()])) {
    if (end.status === "rejected") throw end.reason;
  }
  assertEquals(done, kills.length);
}

/** Runs `body` with stores and a folder of their own. */
async function withStores(
  start: () => Promise<ProcessStores>,
  body: (stores: ProcessStores, folder: string) => Promise<void>,
): Promise<void> {
  await using stores = await start();
  const folder = await Deno.makeTempDir({ prefix: "offcode-kill-" });
  try {
    await body(stores, folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

for (const [engine, start] of Object.entries(PROCESS_STORES)) {
  Deno.test(`${KILLS} edges killed at every point of a payment's life leave record and ledger agreed, over ${engine}`, () =>
    withStores(start, async (stores, folder) => {
      const points = await pointsOf(stores, folder);
      assert(points.length <= KILLS, `${points.length} points`);
      // Every point once; then again from the start, swept at the other time.
      await killAll(
        stores,
        Array.from({ length: KILLS }, (_, i) => ({
          ...points[i % points.length]!,
          when: (i + Math.floor(i / points.length)) % 2 === 0
            ? "early"
            : "late",
          folder: `${folder}/kill-${i}`,
        })),
      );
    }));
}

const CELLED = Object.entries(CELLED_PROCESS_STORES);
for (const [nth, [engine, start]] of CELLED.entries()) {
  Deno.test(`edges killed at the points of a payment's life across cells leave both halves and the ledger agreed, over ${engine}`, () =>
    withStores(start, async (stores, folder) => {
      const points = await pointsOf(stores, folder);
      // Each store has its part of the points, every other one swept late.
      const own = points.filter((_, i) => i % CELLED.length === nth);
      const WHEN = ["early", "late"] as const;
      const kills = PLAYS_ALL
        ? points.flatMap((it) => WHEN.map((when) => ({ ...it, when })))
        : own.map((it, i) => ({ ...it, when: WHEN[i % 2]! }));
      await killAll(
        stores,
        kills.map((it, i) => ({ ...it, folder: `${folder}/kill-${i}` })),
      );
    }));
}
