/**
 * Enrolments that are made side by side.
 *
 * @module
 */

import { refused } from "../base/outcome.ts";
import { StoreUnavailableError } from "../store/store.ts";
import type { Enrolments } from "./enrolments.ts";

/**
 * Enrols one of several. Where the store gives no answer, that is the outcome of
 * this one and ends none of the others. Nobody knows then whether it enrolled:
 * sent again it enrols anew, and ends what was enrolled before.
 */
export function enrolOneOfMany(
  enrol: Enrolments["enrol"],
): Enrolments["enrol"] {
  return async (input) => {
    try {
      return await enrol(input);
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
      return refused("store-unavailable");
    }
  };
}
