/**
 * Reads records of a merchant for one of its API keys. The merchant is read in
 * the same snapshot, so that a key that was withdrawn is refused at once.
 *
 * @module
 */

import type { Clock } from "../../base/clock.ts";
import type { Refusal } from "../../base/outcome.ts";
import { type CallerOf, refuseCaller } from "../../merchant/authentication.ts";
import { merchants } from "../../merchant/record.ts";
import {
  type HeldOf,
  readRecords,
  type RecordPlace,
} from "../../store/record.ts";
import type { Store } from "../../store/store.ts";

/**
 * The records as one snapshot, in the order given, or the refusal of the
 * caller.
 */
export async function readForCaller<
  // deno-lint-ignore no-explicit-any -- each place keeps its own type
  const Places extends readonly RecordPlace<any>[],
>(
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  caller: CallerOf<"merchant">,
  places: Places,
): Promise<HeldOf<Places> | Refusal> {
  const { merchant_id } = caller.merchant.record;
  const [merchant, ...found] = await readRecords(store, [
    merchants(merchant_id),
    ...places,
  ]);
  return refuseCaller(caller, merchant, clock.nowMs()) ??
    found as HeldOf<Places>;
}
