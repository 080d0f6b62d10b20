import { sqliteFactory } from "../support/store/sqlite.ts";
import { storeProperty } from "./store_random.ts";

storeProperty("SQLite store", sqliteFactory);
