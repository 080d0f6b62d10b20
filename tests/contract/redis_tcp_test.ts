import { tcpFactory } from "../support/redis_store.ts";
import { storeContract } from "./store_contract.ts";

storeContract("Redis store over TCP", tcpFactory());
