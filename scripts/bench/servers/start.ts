/**
 * Cold start: from the start of a server process on an empty folder to its
 * first served payment, with everything that a payment needs done over HTTP in
 * between: a merchant, a wallet key, an enrolment, an account with money.
 *
 * @module
 */

import { systemClock } from "../../../edge/base/clock.ts";
import { Api, CURRENCY } from "../../client.ts";
import { committedCore } from "../../edge.ts";
import { Phone } from "../../phone.ts";
import { startServer } from "../kit/processes.ts";
import { median, type Suite } from "../../table.ts";

const ROUNDS = 7;

/** Milliseconds from the start of the process. */
export interface StartFigures {
  readonly listeningMs: number;
  readonly paidMs: number;
}

/**
 * Starts a server once and pays once.
 *
 * @throws {Error} If the payment is not served.
 */
export async function startAndPay(): Promise<StartFigures> {
  const phone = await Phone.make(committedCore());
  const folder = await Deno.makeTempDir({ prefix: "offcode-bench-" });
  try {
    const startedMs = performance.now();
    // Empty as well as unset: the server makes its own keys.
    const env = {
      OFFCODE_STORE: "",
      OFFCODE_ADMIN_KEY: "",
      OFFCODE_MASTER_KEYS: "",
    };
    await using server = await startServer({
      ...{ entry: "edge/main.ts", folder, env },
    });
    const listeningMs = performance.now() - startedMs;
    const keys = await Deno.readTextFile(
      `${folder}/data/development-keys.json`,
    );
    await pay(new Api(server.origin), JSON.parse(keys).admin_key, phone);
    return { listeningMs, paidMs: performance.now() - startedMs };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function pay(api: Api, admin: string, phone: Phone): Promise<void> {
  const { key } = await api.openShop(admin, "Corner Shop");
  const walletKey = await api.addWallet(admin, "wallet backend");
  await api.enrol(walletKey, phone, "alice", "phone-1");
  await api.setBalance(admin, "alice", 10_000);
  await api.call("201 succeeded", "POST", "/v1/payments", key, {
    code: phone.show(systemClock.nowMs()).digits,
    order_id: "first",
    amount_minor: 1250,
    currency: CURRENCY,
  });
}

/** Milliseconds from the start of a process to its first payment. */
export const startSuite: Suite = async () => {
  const all: StartFigures[] = [];
  for (let i = 0; i < ROUNDS; i++) all.push(await startAndPay());
  const row = (name: string, values: readonly number[]) => [
    name,
    median(values).toFixed(0),
    Math.max(...values).toFixed(0),
  ];
  return [{
    title: "Cold start on an empty folder, ms",
    columns: ["until", "median", "slowest"],
    rows: [
      row("it listens", all.map((it) => it.listeningMs)),
      row("its first payment is served", all.map((it) => it.paidMs)),
    ],
    notes: [
      `${ROUNDS} starts, Deno's module cache filled; merchant, wallet key, enrolment and`,
      "account are made over HTTP before the payment.",
    ],
  }];
};
