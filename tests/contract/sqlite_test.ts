import { sqliteFactory } from "../support/store_sqlite.ts";
import { storeContract } from "./store_contract.ts";

storeContract("SQLite store", sqliteFactory);
