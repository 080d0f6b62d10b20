import { sqliteFactory } from "../support/store/sqlite.ts";
import { CONTRACT, storeContract } from "./store_contract.ts";
import { namesContract } from "./store_names.ts";
import { recordsContract } from "./store_records.ts";

storeContract("SQLite store", sqliteFactory, [
  ...CONTRACT,
  namesContract,
  recordsContract,
]);
