import { restFactory } from "../support/redis/store.ts";
import { CONTRACT, storeContract } from "./store_contract.ts";
import { namesContract } from "./store_names.ts";
import { recordsContract } from "./store_records.ts";

storeContract("Redis store over REST", restFactory(), [
  ...CONTRACT,
  namesContract,
  recordsContract,
]);
