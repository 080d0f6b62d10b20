/**
 * The load generator, in a thread of its own: runs plans with a fixed number of
 * clients that send one request after the other.
 *
 * @module
 */

import { drive, requestBytes, type Shot } from "../../load/drive.ts";
import { serveWorker } from "./processes.ts";

/** What to send. */
export interface LoadPlan {
  readonly origin: string;
  readonly path: string;
  readonly key: string;
  /** Connections, each with one request under way. */
  readonly clients: number;
  /** JSON bodies, each sent once, started in this order. */
  readonly bodies: readonly string[];
}

/** What came of it. */
export interface LoadResult {
  readonly seconds: number;
  /** How long each request took, milliseconds, ascending. */
  readonly latenciesMs: readonly number[];
  /** Of all answers, heads and bodies. */
  readonly answerBytes: number;
  /** How many answers had each status. */
  readonly statuses: Readonly<Record<string, number>>;
}

/**
 * Runs a plan to its end.
 *
 * @throws {Error} If a request was not answered.
 */
export async function runLoad(plan: LoadPlan): Promise<LoadResult> {
  const { origin, clients } = plan;
  const requests = plan.bodies.map((body) => requestBytes({ ...plan, body }));
  const latenciesMs = new Float64Array(requests.length);
  const statuses: Record<string, number> = {};
  let sent = 0;
  let answerBytes = 0;
  let startMs = Infinity;
  let endMs = 0;
  const next = (): Shot | null => {
    if (sent === requests.length) return null;
    const index = sent++;
    return {
      bytes: () => requests[index]!,
      ended(outcome) {
        if ("fault" in outcome) throw new Error(`No answer: ${outcome.fault}`);
        latenciesMs[index] = outcome.endedMs - outcome.sentMs;
        startMs = Math.min(startMs, outcome.sentMs);
        endMs = Math.max(endMs, outcome.endedMs);
        answerBytes += outcome.bytes;
        statuses[outcome.status] = (statuses[outcome.status] ?? 0) + 1;
      },
    };
  };
  await drive({ origin, clients, next });
  // Without the time that opening the connections took.
  const seconds = (endMs - startMs) / 1000;
  latenciesMs.sort();
  return { seconds, latenciesMs: [...latenciesMs], answerBytes, statuses };
}

if (import.meta.main) serveWorker(runLoad);
