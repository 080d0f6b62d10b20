/**
 * What an endpoint costs a payment: `POST /v1/payments` at one server for a
 * merchant without an endpoint, for one whose callbacks are queued only, and
 * for one whose callbacks the same process delivers, slice by slice.
 *
 * @module
 */

import { systemClock, systemRandom } from "../../edge/base/clock.ts";
import { createSandboxLedger } from "../../edge/ledger/sandbox/sandbox.ts";
import { Api } from "../client.ts";
import type { Phone } from "../phone.ts";
import { until } from "../redis_server.ts";
import { openBenchStore, type StoreKind } from "./callbacks_world.ts";
import { type LoadProcess, startLoad, startServer } from "./http_processes.ts";
import { CLIENTS, CODES_PER_PHONE } from "./http_race.ts";
import { enrolPhones, inParallel } from "./http_wallets.ts";
import { median, type Table } from "../table.ts";

/** How much is measured. */
export interface PaymentsSize {
  /** Rounds that count; one more goes before them, for the compilers. */
  readonly rounds: number;
  /** Each pays twice in its round. */
  readonly phonesPerRound: number;
}

/** Payments of one merchant. */
export interface PaymentFigures {
  readonly name: string;
  /** Median of the slices. */
  readonly perSecond: number;
}

const STEP_MS = 30_000;
const SEEDS_PER_BUCKET = 100;
const NAMES = [
  "no endpoint",
  "an endpoint, queued only",
  "an endpoint, delivered by the same process",
];

async function payAll(
  load: LoadProcess,
  plan: { origin: string; key: string },
  phones: readonly Phone[],
  name: string,
): Promise<number[]> {
  const nowMs = systemClock.nowMs();
  const rates: number[] = [];
  for (let step = 0; step < CODES_PER_PHONE; step++) {
    const bodies = phones.map((phone, n) =>
      JSON.stringify({
        code: phone.show(nowMs + step * STEP_MS).digits,
        order_id: `${name}-${step}-${n}`,
        // Not twice the same: that would be for the customer to confirm.
        amount_minor: 100 + step,
        currency: "EUR",
      })
    );
    const result = await load.run({
      ...plan,
      path: "/v1/payments",
      clients: CLIENTS,
      bodies,
    });
    if (result.statuses["201"] !== bodies.length) {
      throw new Error(`Not only 201: ${JSON.stringify(result.statuses)}`);
    }
    rates.push(bodies.length / result.seconds);
  }
  return rates;
}

/**
 * Measures payments, without an endpoint first.
 *
 * @throws {Error} If one does not succeed.
 */
export async function benchPayments(
  kind: StoreKind,
  { rounds, phonesPerRound }: PaymentsSize,
): Promise<readonly PaymentFigures[]> {
  await using opened = await openBenchStore(kind);
  const { store } = opened;
  const count = (rounds + 1) * phonesPerRound * NAMES.length;
  const { phones, env } = await enrolPhones({
    store,
    count,
    buckets: Math.ceil(count / SEEDS_PER_BUCKET),
  });
  const ledger = createSandboxLedger({ store, random: systemRandom });
  await inParallel(count, (n) =>
    ledger.setAccount(`account-${n}`, {
      balanceMinor: 100_000,
      currency: "EUR",
    }));
  const folder = Deno.cwd();
  await using load = startLoad();
  const entry = "scripts/bench/callbacks_receiver.ts";
  await using receiver = await startServer({ entry, folder, env: {} });
  await using edge = await startServer({
    entry: "edge/main.ts",
    folder,
    env: { ...env, ...opened.env, OFFCODE_CALLBACKS_INSECURE: "1" },
  });
  const api = new Api(edge.origin);
  const admin = env["OFFCODE_ADMIN_KEY"]!;
  const keys: string[] = [];
  for (const name of NAMES) {
    const path = "/v1/admin/merchants";
    const made = await api.call("201 active", "POST", path, admin, { name });
    keys.push(made.body.api_key!);
  }
  const register = (key: string, path: string) =>
    fetch(`${edge.origin}/v1/callback-endpoint`, {
      method: "PUT",
      headers: {
        authorization: `Bearer ${key}`,
        "content-type": "application/json",
      },
      body: JSON.stringify({ url: `${receiver.origin}${path}` }),
    }).then((response) => response.body?.cancel());
  await register(keys[1]!, "/gone");
  await register(keys[2]!, "/ok/1");
  const rates: number[][] = NAMES.map(() => []);
  let used = 0;
  for (let round = 0; round <= rounds; round++) {
    for (const [n, key] of keys.entries()) {
      const some = phones.slice(used, used += phonesPerRound);
      const plan = { origin: edge.origin, key };
      const own = await payAll(load, plan, some, `round-${round}-${n}`);
      // The first round's 410 disables the endpoint that is queued for only.
      if (round > 0) rates[n]!.push(...own);
      else if (n === 1) await disabled(edge.origin, key);
    }
  }
  return NAMES.map((name, n) => ({ name, perSecond: median(rates[n]!) }));
}

/** Comes back when a merchant's endpoint takes nothing any more. */
async function disabled(origin: string, key: string): Promise<void> {
  await until(async () => {
    const response = await fetch(`${origin}/v1/callback-endpoint`, {
      headers: { authorization: `Bearer ${key}` },
    });
    return (await response.json()).status === "disabled";
  }, "An endpoint is not disabled by 410");
}

const SIZE: PaymentsSize = { rounds: 5, phonesPerRound: 300 };

/** Payments per second with and without an endpoint. */
export async function paymentsTable(): Promise<Table> {
  const rows: string[][] = [];
  for (const kind of ["SQLite", "Redis by TCP"] as const) {
    const all = await benchPayments(kind, SIZE);
    for (const { name, perSecond } of all) {
      rows.push([
        `${kind}: ${name}`,
        perSecond.toFixed(0),
        (perSecond / all[0]!.perSecond).toFixed(2),
      ]);
    }
  }
  const slices = SIZE.rounds * CODES_PER_PHONE;
  return {
    title: "POST /v1/payments with and without a callback endpoint",
    columns: ["merchant with", "per second", "÷ none"],
    rows,
    notes: [
      `median of ${slices} interleaved slices of ${SIZE.phonesPerRound} payments from ${CLIENTS} clients, each 201;`,
      "queued only: the endpoint answered 410 and is parked. Server, receiver and",
      "load generator share the machine's cores.",
    ],
  };
}
