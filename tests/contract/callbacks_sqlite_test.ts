import { sqliteFactory } from "../support/store_sqlite.ts";
import { checkCallbackDeliveries } from "./callback_deliveries.ts";

checkCallbackDeliveries("SQLite", sqliteFactory);
