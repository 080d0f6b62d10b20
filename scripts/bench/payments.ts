/**
 * `POST /v1/payments` with the sandbox ledger over TCP Redis, under 64 clients,
 * beside a bare handler that makes three EVALSHA calls, round by round.
 *
 * @module
 */

import { layGround, openShop } from "./http_ground.ts";
import {
  type HttpFigures,
  type HttpSize,
  phonesFor,
  type RacedCall,
} from "./http_race.ts";
import { raceTable, REDIS_COLUMNS, slicesNote } from "./http_table.ts";
import { fundAccounts } from "./http_wallets.ts";
import type { Suite } from "../table.ts";

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
  const count = phonesFor(size);
  await using ground = await layGround({ kind: "tcp", phones: count });
  const store = ground.store.openStore();
  await fundAccounts(store, count);
  await store.close();
  const edge = await ground.start({ entry: "edge/main.ts" });
  const bare = await ground.start({
    entry: "scripts/bench/redis_bare.ts",
    env: { BARE: "payment" },
  });
  return await ground.race({
    call: PAYMENT,
    contenders: [
      { name: "POST /v1/payments, sandbox ledger", ...edge },
      { name: "bare Hono, JSON, three EVALSHA", ...bare },
    ],
    key: await openShop(edge, ground),
    size,
  });
}

/** Payments a second and their latencies. */
export const paymentsSuite: Suite = async () => [
  raceTable({
    figures: await benchPayments(SIZE),
    title: "POST /v1/payments over Redis by TCP",
    columns: REDIS_COLUMNS,
    notes: [
      `${slicesNote(SIZE, "payments", CLIENTS)}, each`,
      "with a fresh code and order; appendonly yes, appendfsync always. The edge runs",
      "four scripts: claim, the ledger's account and debit, end. The bare handler's three",
      "have as many keys as claim, debit and end. All share the machine's cores.",
    ],
  }),
];
