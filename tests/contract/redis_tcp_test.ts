import { tcpFactory } from "../support/redis/store.ts";
import { CONTRACT, storeContract } from "./store_contract.ts";
import { namesContract } from "./store_names.ts";
import { recordsContract } from "./store_records.ts";

storeContract("Redis store over TCP", tcpFactory(), [
  ...CONTRACT,
  namesContract,
  recordsContract,
]);
