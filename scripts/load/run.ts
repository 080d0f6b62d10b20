/**
 * A run from its first wallet to its report: gather, send, settle, compare,
 * dismiss. Ended early, it goes on with what was done; whatever fails, whom it
 * has enrolled is put out of service.
 *
 * @module
 */

import { PROFILE_1 } from "../../edge/code/profile.ts";
import { setTimeout as sleep } from "node:timers/promises";
import { Api } from "../client.ts";
import { readable } from "../table.ts";
import { compareBooks, settle } from "./books.ts";
import { Crowd } from "./crowd.ts";
import { drive } from "./drive.ts";
import type { LoadOptions } from "./options.ts";
import { Orders } from "./orders.ts";
import type { Progress } from "../progress.ts";
import { Recorder } from "./recorder.ts";
import { type LoadReport, makeReport } from "./report.ts";
import { type Arrival, planArrivals } from "./schedule.ts";
import { Traffic } from "./traffic.ts";
import { WalletPool } from "./wallet_pool.ts";

/** A server that does not keep up gets as long again, and this. */
const OVERRUN_MS = 10_000;
/** From the last wallet to the first request. */
const LEAD_MS = 100;

/** What a run needs from outside. */
export interface RunOptions {
  readonly options: LoadOptions;
  readonly adminKey: string;
  readonly progress: Progress;
  /** Ends the sending. */
  readonly stop: AbortSignal;
  /** Gives up what is left after that. */
  readonly giveUp: AbortSignal;
  /** From 0 to below 1. */
  readonly random: () => number;
  /** The wall clock, unix ms. */
  readonly nowMs: () => number;
}

/**
 * Makes a run.
 *
 * @throws {InputError} If the server cannot serve it.
 */
export async function runLoad(run: RunOptions): Promise<LoadReport> {
  const { options, adminKey, progress, stop, giveUp, random, nowMs } = run;
  const id = crypto.randomUUID().slice(0, 8);
  const startedAt = new Date(nowMs()).toISOString();
  const api = new Api(options.origin);
  const crowd = new Crowd(api, adminKey, progress);
  try {
    const beganMs = performance.now();
    await crowd.gather(id, options, stop);
    const enrolSeconds = (performance.now() - beganMs) / 1000;
    const orders = new Orders(id, random);
    const recorder = new Recorder(options.seconds);
    const arrivals = planArrivals(options, random);
    const sent = await send(run, crowd, { orders, recorder, arrivals });

    progress.begin("Settling open orders", orders.all.length);
    await settle({
      ...{ api, orders, merchants: crowd.merchants, signal: giveUp, sleep },
      onProgress: (open) => progress.at(orders.all.length - open),
    });
    progress.end("Settled what was open");
    const { wallets } = crowd;
    const balancesMinor = await crowd.balances();
    return makeReport({
      ...{ run: id, startedAt, settings: options, enrolSeconds, recorder },
      ...{ ...sent, planned: arrivals.length, breaches: orders.breaches },
      books: compareBooks({ orders: orders.all, wallets, balancesMinor }),
    });
  } finally {
    // Also after an error: a run leaves nobody behind who could pay.
    await crowd.dismiss();
  }
}

async function send(
  { options, progress, stop, random, nowMs }: RunOptions,
  crowd: Crowd,
  made: {
    readonly orders: Orders;
    readonly recorder: Recorder;
    readonly arrivals: readonly Arrival[];
  },
) {
  const { recorder } = made;
  const { origin, tills, seconds, paymentsPerWallet } = options;
  const startMs = performance.now() + LEAD_MS;
  const traffic = new Traffic({
    ...{ ...made, origin, startMs, nowMs },
    endMs: startMs + 2 * seconds * 1000 + OVERRUN_MS,
    merchantKeys: crowd.merchants.map((it) => it.key),
    pool: new WalletPool({
      sources: crowd.wallets.map((it) => it.phone),
      stepMs: PROFILE_1.timeStepSeconds * 1000,
      codesPerWallet: paymentsPerWallet,
      random,
    }),
  });
  progress.begin("Paying", made.arrivals.length);
  const told = setInterval(() => {
    const sinceMs = Math.max(1, performance.now() - startMs);
    const figures = [
      `${readable(recorder.ended / sinceMs * 1000)} a second`,
      `p99 ${readable(recorder.intended.percentileMs(99))} ms`,
      `${readable(recorder.unexpected)} not as expected`,
    ];
    progress.at(recorder.ended + traffic.skipped, figures.join("  "));
  }, 100);
  try {
    await drive({
      ...{ origin, clients: tills, signal: stop },
      next: (till) => traffic.next(till),
      timeoutMs: options.timeoutSeconds * 1000,
    });
  } finally {
    clearInterval(told);
  }
  const sentSeconds = Math.max(0, performance.now() - startMs) / 1000;
  progress.end(
    `Sent ${readable(recorder.ended)} requests in ${readable(sentSeconds)} s`,
  );
  const { skipped, unsent } = traffic;
  // The last answer may come later than the last request was due, or before.
  const either = stop.aborted ? Math.min : Math.max;
  return {
    ...{ endedEarly: stop.aborted, skipped, unsent },
    seconds: either(sentSeconds, seconds),
  };
}
