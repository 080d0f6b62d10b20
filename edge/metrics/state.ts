/**
 * Reads what is not counted as it happens but looked up whenever somebody reads the
 * metrics: the state of this edge's parts, and the two queues in the store.
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import type { Dispatcher } from "../callback/delivery/dispatcher.ts";
import { DUE_MERCHANTS } from "../callback/message/stored.ts";
import type { CoreSwitch } from "../core/switch.ts";
import type { ClockGuard } from "../health/clock_guard.ts";
import { dueOrders } from "../payment/transition.ts";
import type { CoreFollower } from "../release/follow.ts";
import type { GuessPermits } from "../risk/guess_permits.ts";
import { pagesOfAnswering } from "../store/indexes.ts";
import {
  type IndexEntry,
  type Store,
  StoreUnavailableError,
} from "../store/store.ts";
import type { BucketCache } from "../verification/offline/bucket_cache.ts";
import type { NameOf } from "./instruments.ts";

/** The parts of an edge that are looked at. */
export interface WatchedParts {
  readonly store: Pick<Store, "range" | "pages" | "cells">;
  readonly clock: Clock;
  readonly clockGuard: Pick<ClockGuard, "last">;
  readonly buckets: Pick<BucketCache, "figures">;
  readonly guessPermits: Pick<GuessPermits, "figures">;
  readonly dispatcher: Pick<Dispatcher, "figures">;
  readonly cores: Pick<CoreSwitch, "serving" | "shadow">;
  readonly coreFollower: Pick<CoreFollower, "fault">;
}

/** What the runtime says of the process. */
export interface ProcessFigures {
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  /** When the process started, unix ms. */
  readonly startedMs: number;
}

/** Values of gauges; one that is not known is absent. */
export type GaugeValues = { [name in NameOf<"gauge">]?: number };

/** The most entries of a queue that are read. */
const MOST_ENTRIES = 1_000;

/** The state of this edge's parts. */
export function readParts(parts: WatchedParts): GaugeValues {
  const { cores, coreFollower } = parts;
  const buckets = parts.buckets.figures();
  const rations = parts.guessPermits.figures();
  const deliveries = parts.dispatcher.figures();
  const clock = parts.clockGuard.last();
  return {
    offcode_store_cells: parts.store.cells?.count ?? 1,
    offcode_callback_deliveries: deliveries.underWay,
    offcode_callback_deliveries_waiting: deliveries.waiting,
    offcode_callback_breakers_open: deliveries.openBreakers,
    offcode_guess_rations: rations.known,
    offcode_guess_rations_spent: rations.spent,
    offcode_buckets: buckets.buckets,
    offcode_bucket_seeds: buckets.seeds,
    offcode_bucket_largest_seeds: buckets.largest,
    offcode_bucket_memory_bytes: buckets.memoryBytes,
    offcode_bucket_memory_limit_bytes: buckets.limitBytes,
    offcode_core_version: cores.serving.version,
    offcode_core_release_unfit: coreFollower.fault === null ? 0 : 1,
    offcode_core_shadow: cores.shadow === null ? 0 : 1,
    offcode_core_shadow_searches: cores.shadow?.core.compared ?? 0,
    ...(clock !== null && {
      offcode_clock_offset_seconds: (clock.offsetMs ?? 0) / 1000,
      offcode_clock_unsure: clock.sure ? 0 : 1,
    }),
  };
}

/** The queues of all edges, in the cells that answer, and how many do not. */
export async function readQueues(
  { store, clock }: Pick<WatchedParts, "store" | "clock">,
): Promise<GaugeValues> {
  const nowMs = clock.nowMs();
  const queries = [
    dueOrders.page(MOST_ENTRIES),
    DUE_MERCHANTS.page(MOST_ENTRIES, { max: nowMs }),
  ];
  const found = await pagesOfAnswering(store, queries)
    .catch((error: unknown) => {
      if (error instanceof StoreUnavailableError) return null;
      throw error;
    });
  if (found === null) {
    return { offcode_store_cells_silent: store.cells?.count ?? 1 };
  }
  const [orders = [], merchants = []] = found.pages;
  return {
    offcode_store_cells_silent: found.silent,
    offcode_payments_under_way: orders.length,
    offcode_payments_due: orders.filter(({ score }) => score <= nowMs).length,
    offcode_payments_oldest_due_seconds: dueForSeconds(orders, nowMs),
    offcode_callback_merchants_due: merchants.length,
    offcode_callback_oldest_due_seconds: dueForSeconds(merchants, nowMs),
  };
}

/** For how many seconds the first entry has been due. */
function dueForSeconds(entries: readonly IndexEntry[], nowMs: number): number {
  const first = entries[0]?.score ?? nowMs;
  return Math.max(0, nowMs - first) / 1000;
}
