import { clusterFactory } from "../support/redis_store.ts";
import { storeContract } from "./store_contract.ts";

storeContract("Redis store on a cluster", clusterFactory());
