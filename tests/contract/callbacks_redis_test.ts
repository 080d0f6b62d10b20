import { tcpFactory } from "../support/redis/store.ts";
import { checkCallbackCalls } from "./callback_calls.ts";
import { checkCallbackDeliveries } from "./callback_deliveries.ts";
import { checkCallbackLeaks } from "./callback_leaks.ts";
import { checkCallbackDoubts } from "./callback_doubts.ts";
import { checkCallbackMishaps } from "./callback_mishaps.ts";
import { checkCallbackMoments } from "./callback_moments.ts";
import { checkCallbackRaces } from "./callback_races.ts";

const factory = tcpFactory();

checkCallbackDeliveries("Redis", factory);
checkCallbackRaces("Redis", factory);
checkCallbackCalls("Redis", factory);
checkCallbackLeaks("Redis", factory);
checkCallbackDoubts("Redis", factory);
checkCallbackMishaps("Redis", factory);
checkCallbackMoments("Redis", factory);
