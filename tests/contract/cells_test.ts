import { pinnedFactory } from "../support/store/cells.ts";
import { withStore } from "../support/store/fixture.ts";
import { celledStores } from "../support/store/stores.ts";
import { CONTRACT } from "./store_contract.ts";
import { faultContract } from "./store_faults.ts";

/**
 * The bounds of names are those of the adapters, which see longer names here: every name is
 * pinned to a cell.
 */
const isAboutBounds = (sentence: string) => sentence.includes("the longest");
const PARTS = CONTRACT.filter((part) => part !== faultContract);

for (const [name, factory] of celledStores()) {
  const pinned = pinnedFactory(factory);
  for (const part of PARTS) {
    part((sentence, body) => {
      if (isAboutBounds(sentence)) return;
      Deno.test(`One cell of ${name}: ${sentence}`, () =>
        withStore(pinned, body));
    });
  }
}
