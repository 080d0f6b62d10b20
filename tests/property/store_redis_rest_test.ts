import type { Store } from "../../edge/store/store.ts";
import { restFactory } from "../support/redis/store.ts";
import type { StoreFactory } from "../support/store/fixture.ts";
import { storeProperty } from "./store_random.ts";

/**
 * Requests made at once arrive in any order, and the reference model has one
 * order: so each transaction waits for those before it.
 */
function inTurn(store: Store): Store {
  let last: Promise<unknown> = Promise.resolve();
  return {
    read: (request) => store.read(request),
    range: (query) => store.range(query),
    timeMs: () => store.timeMs(),
    close: () => store.close(),
    txn(transaction) {
      const result = last.then(() => store.txn(transaction));
      last = result.catch(() => {});
      return result;
    },
  };
}

const factory = restFactory();
const factoryInTurn: StoreFactory = async (clock) => {
  const fixture = await factory(clock);
  return { ...fixture, store: inTurn(fixture.store) };
};

storeProperty("Redis store over REST", factoryInTurn);
