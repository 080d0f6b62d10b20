import { tcpFactory } from "../support/redis/store.ts";
import { storeProperty } from "./store_random.ts";

storeProperty("Redis store over TCP", tcpFactory());
