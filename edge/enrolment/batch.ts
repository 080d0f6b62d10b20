/**
 * Enrolments of which many are made at the same time.
 *
 * @module
 */

import { refused } from "../base/outcome.ts";
import { StoreUnavailableError } from "../store/store.ts";
import type { Enrolments } from "./enrolments.ts";

/**
 * Enrols one of several. If the store does not answer, that is the outcome of this enrolment
 * and does not end the others. It is then not known whether the account was enrolled. Sending
 * the enrolment again makes a new one and ends the earlier one.
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
