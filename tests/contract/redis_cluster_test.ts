import { clusterFactory } from "../support/redis/store.ts";
import { CONTRACT, storeContract } from "./store_contract.ts";
import { namesContract } from "./store_names.ts";

storeContract("Redis store on a cluster", clusterFactory(), [
  ...CONTRACT,
  namesContract,
]);
