import { sqliteFactory } from "../support/store/sqlite.ts";
import { CONTRACT, storeContract } from "./store_contract.ts";
import { namesContract } from "./store_names.ts";

storeContract("SQLite store", sqliteFactory, [...CONTRACT, namesContract]);
