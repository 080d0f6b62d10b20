/**
 * A run from its first wallet to its report: gather, send, settle, compare,
 * dismiss. Ended early, it goes on with what was done; whatever fails, whom it
 * has enrolled is put out of service.
 *
 * @module
 */

import { setTimeout as sleep } from "node:timers/promises";
import { PROFILE_1 } from "../../edge/code/profile.ts";
import { Api } from "../client.ts";
import type { Progress } from "../progress.ts";
import { readable } from "../table.ts";
import { compareBooks, settle } from "./books.ts";
import { Crowd } from "./crowd.ts";
import { drive } from "./drive.ts";
import type { LoadOptions } from "./options.ts";
import { Orders } from "./orders.ts";
import { Recorder } from "./recorder.ts";
import { type LoadReport, makeReport } from "./report.ts";
import { planArrivals, Traffic } from "./traffic.ts";
import { WalletPool } from "./wallet_pool.ts";

/** A server that does not keep up gets twice the time of the run, and this time in addition. */
const OVERRUN_MS = 10_000;
/** The pause between the plan and the first request. */
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
}

/**
 * Makes a run.
 *
 * @throws {InputError} If the server cannot serve it.
 */
export async function runLoad(run: RunOptions): Promise<LoadReport> {
  const { options, adminKey, progress, stop, giveUp } = run;
  const id = crypto.randomUUID().slice(0, 8);
  const startedAt = new Date().toISOString();
  const api = new Api(options.origin);
  const crowd = new Crowd(api, adminKey, progress);
  try {
    await crowd.gather(id, options, stop);
    const orders = new Orders(id, Math.random);
    const sent = await send(run, crowd, orders);
    progress.begin("Settling open orders", orders.all.length);
    await settle({
      ...{ api, orders, merchants: crowd.merchants, signal: giveUp, sleep },
      onProgress: (open) => progress.at(orders.all.length - open),
    });
    progress.end("Settled what was open");
    const { wallets } = crowd;
    const balancesMinor = await crowd.balances();
    return makeReport({
      ...{ run: id, startedAt, settings: options, ...sent },
      breaches: orders.breaches,
      books: compareBooks({ orders: orders.all, wallets, balancesMinor }),
    });
  } finally {
    // Also after an error: a run leaves nobody behind who could pay.
    await crowd.dismiss();
  }
}

async function send(
  { options, progress, stop }: RunOptions,
  { merchants, wallets }: Crowd,
  orders: Orders,
) {
  const { origin, tills, seconds, paymentsPerWallet } = options;
  const recorder = new Recorder();
  const arrivals = planArrivals(options, Math.random);
  const startMs = performance.now() + LEAD_MS;
  const traffic = new Traffic({
    ...{ origin, orders, recorder, arrivals, startMs, nowMs: Date.now },
    endMs: startMs + 2 * seconds * 1000 + OVERRUN_MS,
    merchantKeys: merchants.map((it) => it.key),
    pool: new WalletPool({
      sources: wallets.map((it) => it.phone),
      stepMs: PROFILE_1.timeStepSeconds * 1000,
      codesPerWallet: paymentsPerWallet,
      random: Math.random,
    }),
  });
  progress.begin("Paying", arrivals.length);
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
    ...{ recorder, planned: arrivals.length, skipped, unsent },
    ...{ endedEarly: stop.aborted, seconds: either(sentSeconds, seconds) },
  };
}
