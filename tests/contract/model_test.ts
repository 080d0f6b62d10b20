import type { StoreFactory } from "../support/store/fixture.ts";
import { ModelStore } from "../support/store/model.ts";
import { CONTRACT, storeContract } from "./store_contract.ts";
import { faultContract } from "./store_faults.ts";

const factory: StoreFactory = (clock) => {
  const store = new ModelStore(clock);
  return Promise.resolve({ store, dispose: () => store.close() });
};

// What adapters are compared with keeps the contract too, but for the bounds of
// arguments and for closing, which it leaves to adapters.
storeContract(
  "Reference model",
  factory,
  CONTRACT.filter((part) => part !== faultContract),
);
