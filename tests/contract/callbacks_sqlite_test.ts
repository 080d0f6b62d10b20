import { sqliteFactory } from "../support/store/sqlite.ts";
import { checkCallbackCalls } from "./callback_calls.ts";
import { checkCallbackDeliveries } from "./callback_deliveries.ts";
import { checkCallbackLeaks } from "./callback_leaks.ts";
import { checkCallbackDoubts } from "./callback_doubts.ts";
import { checkCallbackMishaps } from "./callback_mishaps.ts";
import { checkCallbackMoments } from "./callback_moments.ts";
import { checkCallbackRaces } from "./callback_races.ts";

checkCallbackDeliveries("SQLite", sqliteFactory);
checkCallbackRaces("SQLite", sqliteFactory);
checkCallbackCalls("SQLite", sqliteFactory);
checkCallbackLeaks("SQLite", sqliteFactory);
checkCallbackDoubts("SQLite", sqliteFactory);
checkCallbackMishaps("SQLite", sqliteFactory);
checkCallbackMoments("SQLite", sqliteFactory);
