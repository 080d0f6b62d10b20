/**
 * The contract of the store port. Every adapter runs all of it, unchanged.
 *
 * @module
 */

import {
  type StoreFactory,
  type StoreTest,
  withStore,
} from "../support/store/fixture.ts";
import { checkContract } from "./store_checks.ts";
import { checkedCounterContract, counterContract } from "./store_counters.ts";
import { expiryContract } from "./store_expiry.ts";
import { faultContract } from "./store_faults.ts";
import { indexContract } from "./store_indexes.ts";
import { kindContract } from "./store_kinds.ts";
import { mapContract } from "./store_maps.ts";
import { periodContract } from "./store_periods.ts";
import { textContract } from "./store_texts.ts";
import { transactionContract } from "./store_transactions.ts";

/** Registers a test that gets a fresh store. */
export type Register = (
  sentence: string,
  body: (test: StoreTest) => Promise<void>,
) => void;

/** Every part of the contract. */
export const CONTRACT: readonly ((register: Register) => void)[] = [
  checkContract,
  checkedCounterContract,
  counterContract,
  periodContract,
  mapContract,
  indexContract,
  expiryContract,
  kindContract,
  transactionContract,
  textContract,
  faultContract,
];

/** Registers the contract for the engine called `name`. */
export function storeContract(
  name: string,
  factory: StoreFactory,
  parts: readonly ((register: Register) => void)[] = CONTRACT,
): void {
  for (const part of parts) {
    part((sentence, body) =>
      Deno.test(`${name}: ${sentence}`, () => withStore(factory, body))
    );
  }
}
