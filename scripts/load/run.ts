/**
 * A run from its first wallet to its report: gather, send, settle, compare,
 * dismiss. Ended early, it goes on with what was done; whatever fails, whom it
 * has enrolled is put out of service.
 *
 * @module
 */

import type { Core } from "../../edge/core/core.ts";
import { PROFILE_1 } from "../../edge/code/profile.ts";
import { Api } from "../client.ts";
import { committedCore } from "../edge.ts";
import { compareBooks, settle } from "./books.ts";
import { Crowd, dismissCrowd, gatherCrowd, readBalances } from "./crowd.ts";
import { drive } from "./drive.ts";
import type { LoadOptions } from "./options.ts";
import { Orders } from "./orders.ts";
import type { Progress } from "./progress.ts";
import { Recorder } from "./recorder.ts";
import { type LoadReport, makeReport } from "./report.ts";
import { readable } from "../table.ts";
import { planArrivals } from "./schedule.ts";
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
 * @throws {CrowdError} If the server cannot serve it.
 */
export async function runLoad(run: RunOptions): Promise<LoadReport> {
  const { options, adminKey, progress, giveUp, random, nowMs } = run;
  const id = crypto.randomUUID().slice(0, 8);
  const startedAt = new Date(nowMs()).toISOString();
  const api = new Api(options.origin);
  const core = committedCore();

  const crowd = new Crowd();
  try {
    const enrolSeconds = await gather(run, crowd, { api, core, id });
    const orders = new Orders(id, random);
    const recorder = new Recorder(options.seconds);
    const arrivals = planArrivals(options, random);
    const sent = await send({ ...run, crowd, orders, recorder, arrivals });

    progress.begin("Settling open orders", orders.all.length);
    await settle({
      ...{ api, orders, merchants: crowd.merchants, signal: giveUp },
      sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      onProgress: (open) => progress.at(orders.all.length - open),
    });
    progress.end("Settled what was open");
    progress.begin("Reading the accounts", crowd.wallets.length);
    const balancesMinor = await readBalances({
      ...{ api, adminKey, wallets: crowd.wallets },
      onProgress: (done) => progress.at(done),
    });
    progress.end(`Read ${readable(balancesMinor.length)} accounts`);
    return makeReport({
      ...{ run: id, startedAt, settings: options, enrolSeconds, recorder },
      ...sent,
      planned: arrivals.length,
      breaches: orders.breaches,
      books: compareBooks({
        orders: orders.all,
        wallets: crowd.wallets,
        balancesMinor,
      }),
    });
  } finally {
    // Also after an error: a run leaves nobody behind who could pay.
    await dismiss(api, adminKey, crowd, progress);
  }
}

/** Gathers the crowd; how long that took, seconds. */
async function gather(
  { options, adminKey, progress, stop }: RunOptions,
  crowd: Crowd,
  made: { api: Api; core: Core; id: string },
): Promise<number> {
  const beganMs = performance.now();
  progress.begin("Enrolling wallets", options.wallets);
  await gatherCrowd(crowd, {
    ...options,
    ...{ api: made.api, core: made.core, run: made.id },
    ...{ adminKey, signal: stop },
    onProgress: (done) => progress.at(done),
  });
  const seconds = (performance.now() - beganMs) / 1000;
  progress.end(
    `Enrolled ${readable(crowd.wallets.length)} wallets in ${
      readable(seconds)
    } s`,
  );
  return seconds;
}

async function send(
  { options, crowd, orders, recorder, arrivals, ...run }: RunOptions & {
    crowd: Crowd;
    orders: Orders;
    recorder: Recorder;
    arrivals: ReturnType<typeof planArrivals>;
  },
) {
  const { progress, stop, random, nowMs } = run;
  const { origin, tills, seconds, paymentsPerWallet } = options;
  const startMs = performance.now() + LEAD_MS;
  const traffic = new Traffic({
    ...{ origin, arrivals, orders, recorder, startMs, nowMs },
    endMs: startMs + 2 * seconds * 1000 + OVERRUN_MS,
    merchantKeys: crowd.merchants.map((it) => it.key),
    pool: new WalletPool({
      sources: crowd.wallets.map((it) => it.phone),
      stepMs: PROFILE_1.timeStepSeconds * 1000,
      codesPerWallet: paymentsPerWallet,
      random,
    }),
  });
  progress.begin("Paying", arrivals.length);
  const told = setInterval(() => {
    const sinceMs = Math.max(1, performance.now() - startMs);
    progress.at(
      recorder.ended + traffic.skipped,
      [
        `${readable(recorder.ended / sinceMs * 1000)} a second`,
        `p99 ${readable(recorder.intended.percentileMs(99))} ms`,
        `${readable(recorder.unexpected)} not as expected`,
      ].join("  "),
    );
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
  const endedEarly = stop.aborted;
  return {
    endedEarly,
    skipped: traffic.skipped,
    unsent: traffic.unsent,
    // The last answer may come later than the last request was due, or before.
    seconds: endedEarly
      ? Math.min(sentSeconds, seconds)
      : Math.max(sentSeconds, seconds),
  };
}

async function dismiss(
  api: Api,
  adminKey: string,
  crowd: Crowd,
  progress: Progress,
): Promise<void> {
  if (crowd.merchants.length === 0) return;
  progress.begin("Revoking wallets", crowd.wallets.length);
  const failed = await dismissCrowd({
    ...{ api, adminKey, crowd },
    onProgress: (done) => progress.at(done),
  });
  progress.end(
    failed === 0
      ? `Revoked ${readable(crowd.wallets.length)} wallets`
      : `${failed} wallets or merchants of the run could not be put out of service`,
  );
}
