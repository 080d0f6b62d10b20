/**
 * Payments at a steady rate by phones that take turns.
 *
 * @module
 */

import { systemClock } from "../../../edge/base/clock.ts";
import { callAll, type HttpContender, PAYMENT } from "./race.ts";

const PER_SECOND = 200;
/** Codes are made for this time in advance, and the last one must still be accepted at its end. */
const SLICE_SECONDS = 5;
/** With this number of phones each has a new code whenever its turn comes. */
export const STEADY_PHONES = 40 * PER_SECOND;

/**
 * Makes a function that pays for a number of seconds and returns the latencies, in
 * milliseconds from the time at which each payment was due.
 *
 * @throws {Error} If an answer was not 201.
 */
export function steadyPayments(server: HttpContender) {
  const { phones } = server;
  let n = 0;
  const body = () => {
    const code = phones[n % phones.length]!.show(systemClock.nowMs()).digits;
    const turn = Math.floor(n / phones.length);
    return { code, ...PAYMENT.body(`order-${n++}`, turn) };
  };
  return async (seconds: number): Promise<number[]> => {
    const latenciesMs: number[] = [];
    for (let left = seconds; left > 0; left -= SLICE_SECONDS) {
      const length = PER_SECOND * Math.min(left, SLICE_SECONDS);
      const call = { ...PAYMENT, perSecond: PER_SECOND };
      const bodies = Array.from({ length }, body);
      const slice = await callAll(call, server, bodies);
      latenciesMs.push(...slice.latenciesMs);
    }
    return latenciesMs;
  };
}
