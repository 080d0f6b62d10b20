import { orderState } from "../../edge/payment/record.ts";
import { refundedMinor } from "../../edge/payment/refund.ts";
import { LimitedCommand } from "../support/http/command.ts";
import { assert, assertEquals } from "@std/assert";
import { confirmationsKey, DUE_ORDERS_KEY } from "../../edge/store/keys.ts";
import type { Store } from "../../edge/store/store.ts";
import { NOON_MS, type TestApp } from "../support/world/app.ts";
import { billedMinor } from "../support/world/bill.ts";
import { peekAccount, peekOrder } from "../support/world/peek.ts";
import {
  type Done,
  type Flow,
  FLOWS,
  fundsOf,
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
import {
  PROCESS_STORES,
  type ProcessStores,
} from "../support/store/process/process_stores.ts";
import { calls, said } from "../support/world/desk.ts";

const KILLS = 240;
/** Edges of one process, which are killed together: most of a kill is its start. */
const EDGES = 12;
const PROCESS =
  new URL("../support/world/points/fail_points_process.ts", import.meta.url)
    .pathname;
const CONFIG = new URL("../../deno.json", import.meta.url).pathname;
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

/** Runs a process until all its edges are at their points, and kills it. */
async function kill(calls: readonly StoppableCall[]): Promise<string[]> {
  const child = new LimitedCommand(Deno.execPath(), {
    args: [
      ...["run", "-A", "--no-check", "--config", CONFIG, PROCESS],
      JSON.stringify(calls),
    ],
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let said = "";
  for await (
    const text of child.stdout.pipeThrough(new TextDecoderStream())
  ) {
    said += text;
    if (said.endsWith("\n")) break;
  }
  child.kill("SIGKILL");
  const { signal } = await child.status;
  assertEquals(signal, "SIGKILL", said);
  return JSON.parse(said);
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
      assertEquals(printed[i], trace[point], "it stopped where it was told to");
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
  ended: string | null,
  { refunded, taken }: { readonly refunded: number; readonly taken: number },
): Promise<void> {
  const till = calls(prepared, app);
  const code = prepared.phone.code(NOON_MS);
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
    const done: Done = {
      early: when === "early",
      times: (operation) =>
        reached.filter((it) => it === `after ${operation}`).length,
    };
    const expected = flow.end(done);
    const ended = order && (payment?.status ?? "closed");
    assertEquals(ended, expected);
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
    const { spent, count } = await peekAccount(app.store, "alice");
    assertEquals(
      [spent.EUR?.amount ?? 0, count?.amount ?? 0],
      [paid, paid > 0 ? 1 : 0],
    );

    await askAgain(track, app, ended, { refunded, taken });
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

for (const [engine, start] of Object.entries(PROCESS_STORES)) {
  Deno.test(`${KILLS} edges killed at every point of a payment's life leave record and ledger agreed, over ${engine}`, async () => {
    await using stores = await start();
    const folder = await Deno.makeTempDir({ prefix: "offcode-kill-" });
    try {
      const tracks: Track[] = [];
      for (const flow of FLOWS) {
        for (const ledger of flow.ledgers) {
          const name = `${folder}/${tracks.length}`;
          tracks.push(await layTrack(stores, flow, ledger, name));
        }
      }
      // Every write and every call of the ledger, before and after; then again
      // from the start, swept at the other time.
      const points = tracks.flatMap((track) =>
        track.trace.flatMap((name, point) =>
          /(txn|debit|reverse|refund|query)/.test(name)
            ? [{ track, point }]
            : []
        )
      );
      assert(points.length <= KILLS, `${points.length} points`);
      const queue: Kill[] = Array.from({ length: KILLS }, (_, i) => ({
        ...points[i % points.length]!,
        when: (i + Math.floor(i / points.length)) % 2 === 0 ? "early" : "late",
        folder: `${folder}/kill-${i}`,
      }));
      let kills = 0;
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
          kills += some.length;
        }
      };
      for (const end of await Promise.allSettled([worker(), worker()])) {
        if (end.status === "rejected") throw end.reason;
      }
      assertEquals(kills, KILLS);
      for (const { files } of tracks) await stores.remove(files.store);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}
