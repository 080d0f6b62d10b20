/**
 * What a server does beside its requests: it renews its presence and its leases, and does
 * due work: sweeps, deliveries, and looks for what other edges have changed.
 *
 * @module
 */

import type { Log } from "../base/log.ts";
import type { Presence } from "../health/presence.ts";
import type { Composed } from "./compose.ts";

const SWEEP_EVERY_MS = 5_000;
const DISPATCH_EVERY_MS = 1_000;
/** How often the edge looks for another active core release. */
const LOOK_EVERY_MS = 1_000;
/** How often the edge looks for seeds that any edge has destroyed. */
const WIPE_EVERY_MS = 3_000;
const JUDGE_ALARMS_EVERY_MS = 15_000;
/**
 * How often the process renews its leases of cells, and looks which other processes
 * share the due work.
 */
const LEASE_EVERY_MS = 2_000;
/**
 * How often a process looks whether its presence has to be renewed. This must be more
 * often than the renewal itself.
 */
export const PRESENCE_EVERY_MS = 5_000;

/**
 * Starts what is done beside the requests. The timers do not keep the process alive:
 * a task that puts a server together and does not serve may end without stopping
 * them.
 */
export function startTimers(
  composed: Composed,
  { presence, log, background = true }: {
    readonly presence: Presence;
    readonly log: Log;
    /** Whether due work is also done without requests. */
    readonly background?: boolean;
  },
): ReturnType<typeof setInterval>[] {
  const { dispatcher, coreFollower, destroyedSeeds, useCases } = composed;
  const { cellLeases } = composed;
  const renew = () => void presence.refusal().catch(() => {});
  const report = (at: string) => ({ name }: Error) =>
    log("error", "unexpected error", { error: name, at });
  const judgeAlarms = () =>
    void useCases.alarms?.look().catch(report("alarms"));
  const lease = () => {
    if (presence.isHeld()) void cellLeases.look().catch(report("leases"));
  };
  const timers = [setInterval(renew, PRESENCE_EVERY_MS)];
  if (background) {
    // Due work is also done on an edge that gets no requests.
    dispatcher.start();
    workSometimes(composed, presence);
    lease();
    timers.push(
      setInterval(() => sweepSometimes(composed, presence), SWEEP_EVERY_MS),
      setInterval(() => {
        if (presence.isHeld()) dispatcher.dispatchSoon();
      }, DISPATCH_EVERY_MS),
      setInterval(lease, LEASE_EVERY_MS),
      setInterval(() => void coreFollower.look(), LOOK_EVERY_MS),
      setInterval(() => void destroyedSeeds.look(), WIPE_EVERY_MS),
      setInterval(judgeAlarms, JUDGE_ALARMS_EVERY_MS),
    );
  }
  for (const timer of timers) Deno.unrefTimer(timer);
  return timers;
}

/** Begins what is due, unless it was begun a moment ago. */
export function workSometimes(composed: Composed, presence: Presence): void {
  sweepSometimes(composed, presence);
  if (presence.isHeld()) composed.dispatcher.dispatchSoon();
  // A store that could not be reached at the start is checked once it can.
  presence.refusal().catch(() => {});
}

/**
 * Begins each sweep that is not under way and was not made a moment ago, unless the store must
 * not be used.
 */
function sweepSometimes(
  { sweeper, seedSweeper, eventSweeper }: Composed,
  presence: Presence,
): void {
  if (!presence.isHeld()) return;
  sweeper.sweepSometimes();
  seedSweeper.sweepSometimes();
  eventSweeper.sweepSometimes();
}
