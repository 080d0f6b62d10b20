/**
 * `POST /v1/payments` with the sandbox ledger over TCP Redis, under 64 clients,
 * beside a bare handler that makes three EVALSHA calls, round by round.
 *
 * @module
 */

import { systemRandom } from "../../edge/clock.ts";
import { createSandboxLedger } from "../../edge/ledger/sandbox.ts";
import { Api } from "../demo/api.ts";
import { startLoad, startServer } from "./http_processes.ts";
import {
  CODES_PER_PHONE,
  type HttpFigures,
  type HttpSize,
  phonesFor,
  type RacedCall,
  raceHttp,
} from "./http_race.ts";
import { enrolPhones, inParallel } from "./http_wallets.ts";
import { startWorld } from "./redis_world.ts";
import type { Suite } from "./suite.ts";

const SEEDS_PER_BUCKET = 100;
const CLIENTS = 64;
const SIZE: HttpSize = { rounds: 7, warmUpRounds: 8, phonesPerRound: 1000 };

const PAYMENT: RacedCall = {
  path: "/v1/payments",
  status: "201",
  clients: CLIENTS,
  body: (reference, step) => ({
    order_id: reference,
    // Another one each time: alike purchases would wait for the customer.
    amount_minor: 1250 + step,
    currency: "EUR",
  }),
};

/**
 * Measures the edge and the bare handler, the edge first.
 *
 * @throws {Error} If an answer was not 201.
 */
export async function benchPayments(
  size: HttpSize,
): Promise<readonly HttpFigures[]> {
  const folder = await Deno.makeTempDir({ prefix: "offcode-bench-" });
  try {
    await using world = await startWorld("tcp");
    const count = phonesFor(size);
    const store = world.openStore();
    const { phones, env } = await enrolPhones({
      store,
      count,
      buckets: Math.ceil(count / SEEDS_PER_BUCKET),
    });
    const ledger = createSandboxLedger({ store, random: systemRandom });
    await inParallel(count, async (n) => {
      await ledger.setAccount(`account-${n}`, {
        balanceMinor: 1_000_000,
        currency: "EUR",
      });
    });
    await store.close();
    const start = (entry: string, env: Record<string, string>) =>
      startServer({ entry, folder, env: { ...world.env, ...env } });
    await using load = startLoad();
    await using edge = await start("edge/main.ts", env);
    await using bare = await start("scripts/bench/redis_bare.ts", {
      BARE: "payment",
    });
    const shop = await new Api(edge.origin).call(
      "201 active",
      "POST",
      "/v1/admin/merchants",
      env["OFFCODE_ADMIN_KEY"]!,
      { name: "Corner Shop" },
    );
    return await raceHttp({
      load,
      call: PAYMENT,
      contenders: [
        { name: "POST /v1/payments, sandbox ledger", ...edge },
        { name: "bare Hono, JSON, three EVALSHA", ...bare },
      ],
      phones,
      key: shop.body["api_key"]!,
      size,
      storePid: world.redis.pid,
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Payments a second and their latencies. */
export const paymentsSuite: Suite = async () => {
  const all = await benchPayments(SIZE);
  const [edge] = all;
  const slices = SIZE.rounds * CODES_PER_PHONE;
  return [{
    title: "POST /v1/payments over Redis by TCP",
    columns: [
      "handler",
      "req/s",
      "p50 ms",
      "p99 ms",
      "errors",
      "edge ÷ this",
      "p99 edge ÷ this",
      "CPU µs",
      "Redis µs",
    ],
    rows: all.map((it) => [
      it.name,
      it.requestsPerSecond.toFixed(0),
      it.p50Ms.toFixed(2),
      it.p99Ms.toFixed(2),
      "0",
      (edge!.requestsPerSecond / it.requestsPerSecond).toFixed(2),
      (edge!.p99Ms / it.p99Ms).toFixed(2),
      it.cpuMicroseconds.toFixed(0),
      it.storeCpuMicroseconds.toFixed(0),
    ]),
    notes: [
      `median of ${slices} interleaved slices of ${SIZE.phonesPerRound} payments from ${CLIENTS} clients, each`,
      "with a fresh code and order; appendonly yes, appendfsync always. The edge runs",
      "four scripts: claim, the ledger's account and debit, end. The bare handler's three",
      "have as many keys as claim, debit and end. All share the machine's cores.",
    ],
  }];
};
