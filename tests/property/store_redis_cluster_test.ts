import { clusterFactory } from "../support/redis/store.ts";
import { storeProperty } from "./store_random.ts";

storeProperty("Redis store on a cluster", clusterFactory());
