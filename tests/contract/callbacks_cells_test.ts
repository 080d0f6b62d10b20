/**
 * A merchant's callbacks are all in one cell. The suites are played over stores of many cells
 * nevertheless, all of them over the fastest one.
 *
 * @module
 */

import { PLAYS_ALL } from "../support/store/cells.ts";
import { celledStores } from "../support/store/stores.ts";
import { checkCallbackCalls } from "./callback_calls.ts";
import { checkCallbackDeliveries } from "./callback_deliveries.ts";
import { checkCallbackDoubts } from "./callback_doubts.ts";
import { checkCallbackMishaps } from "./callback_mishaps.ts";
import { checkCallbackMoments } from "./callback_moments.ts";
import { checkCallbackRaces } from "./callback_races.ts";

for (const [name, factory] of celledStores()) {
  checkCallbackRaces(name, factory);
  checkCallbackCalls(name, factory);
  if (!PLAYS_ALL && !name.startsWith("SQLite")) continue;
  checkCallbackDeliveries(name, factory);
  checkCallbackDoubts(name, factory);
  checkCallbackMishaps(name, factory);
  checkCallbackMoments(name, factory);
}
