/**
 * Payments at a steady rate by phones that take turns, from this process.
 *
 * @module
 */

import { systemClock } from "../../../edge/base/clock.ts";
import { drive, requestBytes, type Shot } from "../../load/drive.ts";
import { Latencies } from "../../load/latencies.ts";
import type { Phone } from "../../phone.ts";
import { CLIENTS, PAYMENT } from "./race.ts";

/** Payments a second. */
export const STEADY_RATE = 200;
/** So many phones have a new code each time that their turn comes. */
export const STEADY_PHONES = 40 * STEADY_RATE;

/** Payments at a steady rate, until they are ended. */
export function startPayments(
  { origin, key, phones, perSecond = STEADY_RATE }: {
    readonly origin: string;
    readonly key: string;
    readonly phones: readonly Phone[];
    readonly perSecond?: number;
  },
) {
  const ended = new AbortController();
  const refused = new Map<string, number>();
  let latencies = new Latencies();
  let next = 0;
  const startMs = performance.now();
  const shoot = (): Shot => {
    const n = next++;
    const dueMs = startMs + n * 1_000 / perSecond;
    return {
      dueMs,
      bytes() {
        const body = JSON.stringify({
          code: phones[n % phones.length]!.show(systemClock.nowMs()).digits,
          ...PAYMENT.body(`order-${n}`, Math.floor(n / phones.length)),
        });
        return requestBytes({ origin, path: PAYMENT.path, key, body });
      },
      ended(outcome) {
        latencies.add(outcome.endedMs - dueMs);
        if ("status" in outcome && outcome.status === PAYMENT.status) return;
        const answer = "fault" in outcome
          ? outcome.fault
          : `${outcome.status} ${JSON.parse(outcome.text()).code ?? ""}`;
        refused.set(answer, (refused.get(answer) ?? 0) + 1);
      },
    };
  };
  const { signal } = ended;
  const clients = 2 * CLIENTS;
  const driven = drive({ origin, clients, next: shoot, signal });
  return {
    /** The latencies since the last call. */
    takeLatencies() {
      const taken = latencies;
      latencies = new Latencies();
      return taken;
    },
    /** Ends them; the answers but 201, and how many got each. */
    async end(): Promise<string> {
      ended.abort();
      await driven;
      const all = [...refused].map(([answer, n]) => `${n} × ${answer}`);
      return all.join(", ") || "none";
    },
  };
}
