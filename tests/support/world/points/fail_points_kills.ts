/**
 * Kills at every point: what is prepared, what the process under test is asked
 * for, and how it must end when that process is killed at a point and others
 * sweep afterwards, in time or after the deadline.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import type { PaymentStatus } from "../../../../edge/payment/record.ts";
import { NOON_MS, type TestApp, UNLIMITED } from "../app.ts";
import type { TestMerchant, TestPhone } from "../api.ts";
import { accountKey, merchantKey } from "../../../../edge/store/keys.ts";
import { LimitedCommand } from "../../http/command.ts";
import { startStoppable, type StoppableCall } from "./fail_points_process.ts";
import type { Verdict } from "../../ledger/journal_ledger.ts";
import { setScene } from "../scene.ts";

/** 20.00 EUR and more are confirmed by the customer. */
export const KILL_SETTINGS = {
  limits: {
    ...UNLIMITED.limits,
    normal: { ...UNLIMITED.limits.normal, stepUpAboveMinor: 1_999 },
  },
};

/** Which ledger holds the money. */
export type LedgerName = "sandbox" | "journal";

/** What stands before the process under test begins. */
export interface Prepared {
  readonly merchant: TestMerchant;
  readonly walletKey: string;
  readonly phone: TestPhone;
  /** The payment of order-1, if there is one. */
  readonly paymentId?: string;
  /** Whether the customer is in another cell than the merchant. */
  readonly crossing: boolean;
}

/** What was done before the kill. */
export interface Done {
  /** How often an operation such as `txn order` was finished. */
  times(operation: string): number;
  /** How often it was begun. */
  begun(operation: string): number;
  /** Whether the sweep came before the deadline. */
  readonly early: boolean;
  /** Whether the customer is in another cell than the merchant. */
  readonly crossing: boolean;
}

/** The end of order-1; `null`: unknown to everybody. */
export type Ended = PaymentStatus | "closed" | null;

/** One call that is killed at each of its points. */
export interface Flow {
  readonly name: string;
  readonly ledgers: readonly LedgerName[];
  readonly verdict: Verdict;
  /** Of order-1. */
  readonly amountMinor: number;
  /**
   * Before the kill: nothing, paid, declined, claimed only, or waiting; or the
   * customer may not pay.
   */
  readonly before:
    | "nothing"
    | "blocked"
    | "paid"
    | "declined"
    | "claimed"
    | "waiting"
    | "refunding";
  readonly ask: "pay" | "reverse" | "approve" | "refuse" | "query" | "refund";
  /** Of refund-1. */
  readonly refundMinor?: number;
  /** How order-1 must end; one of several, if nobody can tell. */
  readonly end: (done: Done) => Ended | readonly Ended[];
  /** What must be refunded in the end; nothing if absent. */
  readonly refunded?: (done: Done) => number;
}

const BOTH = ["sandbox", "journal"] as const;
const APPROVED = {
  ledgers: BOTH,
  verdict: "approve",
  amountMinor: 1250,
} as const;

/**
 * How a payment ends that was claimed: as the ledger says where its end was
 * written, the so manieth `txn payment`, or is swept in time.
 */
function endsOrExpires<T>(end: T, { times, early }: Done, written = 1) {
  return early || times("txn payment") >= written ? end : "reversed";
}

/**
 * How a new payment ends whose claim is the `txn order` with the number `opened`, counted
 * from 1. Across cells that transaction only opens the order, and nobody pays for it
 * without the claim in the customer's cell.
 */
function claimedOr<T, U>(unclaimed: U, end: T, done: Done, opened = 1) {
  if (done.times("txn order") < opened) return unclaimed;
  if (done.crossing && done.times("txn claim") === 0) return "declined";
  return endsOrExpires(end, done);
}

/**
 * How a payment ends that was approved. The first `txn payment` is the approval's own;
 * across cells that checks order and merchant only, as a claim does, and has its name.
 */
function approvedOr(done: Done) {
  const { times, crossing } = done;
  const approved = times(crossing ? "txn order" : "txn payment");
  if (approved === 0) return "declined";
  return endsOrExpires("succeeded", done, crossing ? 1 : 2);
}

/** Every flow. */
export const FLOWS: readonly Flow[] = [
  {
    ...APPROVED,
    name: "pay",
    before: "nothing",
    ask: "pay",
    end: (done) => claimedOr(null, "succeeded", done),
  },
  {
    name: "pay, and be declined",
    ledgers: BOTH,
    verdict: "decline",
    amountMinor: 1998,
    before: "nothing",
    ask: "pay",
    // Across cells what was taken is given back first, and then nobody pays any more.
    end: (done) =>
      done.crossing && done.times("txn claim") > 1
        ? "declined"
        : claimedOr(null, "declined", done),
  },
  {
    ...APPROVED,
    name: "pay after a decline",
    before: "declined",
    ask: "pay",
    // The first one only learns that the order is known.
    end: (done) => claimedOr("declined", "succeeded", done, 2),
  },
  {
    name: "pay, and be held by the ledger",
    ledgers: ["journal"],
    verdict: "hold",
    amountMinor: 1250,
    before: "nothing",
    ask: "pay",
    end: (done) => claimedOr(null, "declined", done),
  },
  {
    ...APPROVED,
    name: "pay, and be refused",
    before: "blocked",
    ask: "pay",
    // Across cells the order is opened, and taken back before the till is told.
    end({ times, begun, crossing }) {
      if (!crossing || times("txn order") === 0) return null;
      if (begun("txn payment") === 0) return "declined";
      return times("txn payment") === 0 ? ["declined", null] : null;
    },
  },
  {
    ...APPROVED,
    name: "query what a crash left",
    before: "claimed",
    ask: "query",
    end: (done) => endsOrExpires("succeeded", done),
  },
  {
    ...APPROVED,
    name: "reverse what is paid",
    before: "paid",
    ask: "reverse",
    end: ({ times }) => times("txn payment") > 0 ? "reversed" : "succeeded",
  },
  {
    ...APPROVED,
    name: "reverse what is under way",
    before: "claimed",
    ask: "reverse",
    end: ({ times, early }) =>
      early && times("txn payment") === 0 ? "succeeded" : "reversed",
  },
  {
    ...APPROVED,
    name: "reverse what was declined",
    before: "declined",
    ask: "reverse",
    end: ({ times }) => times("txn payment") > 0 ? "reversed" : "declined",
  },
  {
    ...APPROVED,
    name: "reverse what was never seen",
    before: "nothing",
    ask: "reverse",
    end: ({ times }) => times("txn order") > 0 ? "closed" : null,
  },
  {
    ...APPROVED,
    name: "reverse what waits",
    amountMinor: 2000,
    before: "waiting",
    ask: "reverse",
    end: ({ times }) => times("txn payment") > 0 ? "reversed" : "declined",
  },
  {
    ...APPROVED,
    name: "approve",
    amountMinor: 2000,
    before: "waiting",
    ask: "approve",
    end: approvedOr,
  },
  {
    name: "approve what the ledger held",
    ledgers: ["journal"],
    verdict: "hold",
    amountMinor: 1250,
    before: "waiting",
    ask: "approve",
    end: approvedOr,
  },
  {
    ...APPROVED,
    name: "refund a part",
    before: "paid",
    ask: "refund",
    refundMinor: 500,
    end: () => "succeeded",
    refunded: ({ times }) => times("txn payment") > 0 ? 500 : 0,
  },
  {
    ...APPROVED,
    name: "refund all",
    before: "paid",
    ask: "refund",
    refundMinor: 1250,
    end: ({ times }) => times("txn payment") > 0 ? "refunded" : "succeeded",
    refunded: ({ times }) => times("txn payment") > 0 ? 1250 : 0,
  },
  {
    ...APPROVED,
    name: "reverse what is being refunded",
    before: "refunding",
    ask: "reverse",
    refundMinor: 500,
    end: () => "succeeded",
    refunded: () => 500,
  },
  {
    ...APPROVED,
    name: "refuse",
    amountMinor: 2000,
    before: "waiting",
    ask: "refuse",
    end: () => "declined",
  },
];

/** When the process under test begins. */
export function startsAtMs({ before }: Flow): number {
  // What a crash left is looked at after ten seconds.
  return before === "claimed" ? NOON_MS + 10_000 : NOON_MS + 1_000;
}

/** What the account in the sandbox ledger is to hold while nothing is paid. */
export function fundsOf({ verdict }: Flow): number {
  return verdict === "decline" ? 1_000 : 10_000;
}

/** Brings about what stands before the process under test begins. */
export async function prepare(
  flow: Flow,
  files: { readonly store: string; readonly journal?: string },
): Promise<Prepared> {
  const start = (at: number | string) =>
    startStoppable({
      ...files,
      settings: KILL_SETTINGS,
      nowMs: NOON_MS,
      verdict: "approve",
      at,
    });
  const { app, journal } = await start(Infinity);
  const scene = await setCrossScene(app);
  await app.api.setBalance("alice", fundsOf(flow));
  const { merchant, phone, walletKey, crossing } = scene;
  const order = {
    order_id: "order-1",
    code: phone.code(NOON_MS),
    amount_minor: flow.amountMinor,
  };
  let paymentId: string | undefined;
  if (flow.before === "claimed") {
    const dying = await start(crossing ? "after txn claim" : "after txn order");
    void dying.app.api.pay(merchant, order);
    await dying.hold.held;
    await dying.app[Symbol.asyncDispose]();
  } else if (flow.before === "blocked") {
    const path = `/v1/enrolments/${phone.credentialId}`;
    const body = { risk: "blocked" };
    await app.api.must(200, "PATCH", path, { key: walletKey, body });
  } else if (flow.before !== "nothing") {
    const declines = flow.before === "declined";
    if (declines) await app.api.setBalance("alice", 0);
    if (journal !== null) journal.verdict = declines ? "decline" : flow.verdict;
    paymentId = (await app.api.pay(merchant, order)).body.payment_id;
    if (declines) await app.api.setBalance("alice", fundsOf(flow));
  }
  if (flow.before === "refunding") {
    const dying = await start("after txn payment");
    const { path, ...rest } = refundOf(flow, merchant);
    void dying.app.api.call("POST", path, rest);
    await dying.hold.held;
    await dying.app[Symbol.asyncDispose]();
  }
  await app[Symbol.asyncDispose]();
  return { ...scene, ...(paymentId !== undefined && { paymentId }) };
}

/** The usual scene; in a store of many cells, one whose payments cross. */
async function setCrossScene({ api, store }: TestApp) {
  const scene = await setScene(api);
  const { cells } = store;
  if (cells === undefined) return { ...scene, crossing: false };
  const home = cells.cellOf(accountKey("alice"));
  let { merchant } = scene;
  while (cells.cellOf(merchantKey(merchant.id)) === home) {
    merchant = await api.merchant();
  }
  return { ...scene, merchant, crossing: true };
}

/** The refund of order-1. */
function refundOf({ refundMinor }: Flow, { key }: TestMerchant) {
  return {
    path: "/v1/refunds",
    key,
    body: {
      order_id: "order-1",
      refund_id: "refund-1",
      amount_minor: refundMinor,
    },
  };
}

/** The call that the process under test is to be killed in. */
export function requestOf(
  flow: Flow,
  { merchant, walletKey, phone, paymentId }: Prepared,
): StoppableCall["request"] {
  switch (flow.ask) {
    case "pay":
      return {
        method: "POST",
        path: "/v1/payments",
        key: merchant.key,
        body: {
          order_id: "order-1",
          // A declined order is tried with the next code.
          code: phone.code(NOON_MS + (flow.before === "declined" ? 30_000 : 0)),
          amount_minor: flow.amountMinor,
          currency: "EUR",
        },
      };
    case "reverse":
      return {
        method: "POST",
        path: "/v1/reversals",
        key: merchant.key,
        body: { order_id: "order-1" },
      };
    case "refund":
      return { method: "POST", ...refundOf(flow, merchant) };
    case "query":
      return {
        method: "GET",
        path: "/v1/payments?order_id=order-1",
        key: merchant.key,
      };
    case "approve":
    case "refuse":
      return {
        method: "POST",
        path: `/v1/payments/${paymentId}/confirmation`,
        key: walletKey,
        body: { approve: flow.ask === "approve" },
      };
  }
}

const PROCESS = new URL("./fail_points_process.ts", import.meta.url).pathname;
const CONFIG = new URL("../../../../deno.json", import.meta.url).pathname;

/**
 * Runs a process until all its edges are at their points, and kills it. Gives the
 * names of the points.
 */
export async function kill(calls: readonly StoppableCall[]): Promise<string[]> {
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
