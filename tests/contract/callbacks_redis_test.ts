import { tcpFactory } from "../support/redis_store.ts";
import { checkCallbackDeliveries } from "./callback_deliveries.ts";

checkCallbackDeliveries("Redis", tcpFactory());
