/**
 * Cold start: from the start of a server process on an empty folder to its
 * first served payment, with everything that a payment needs done over HTTP in
 * between: a merchant, a wallet key, an enrolment, an account with money.
 *
 * @module
 */

import { systemClock } from "../../../edge/base/clock.ts";
import { Api } from "../../client.ts";
import { committedCore, Phone } from "../../phone.ts";
import { median, type Suite, tableOf } from "../../table.ts";
import { startServer } from "../kit/processes.ts";
import { PAYMENT } from "../kit/race.ts";
import { useFolder } from "../kit/store.ts";

const ROUNDS = 7;

/**
 * Starts a server once and pays once; milliseconds from the start of the process.
 *
 * @throws {Error} If the payment is not served.
 */
export async function startAndPay() {
  const phone = await Phone.make(committedCore());
  await using stack = new AsyncDisposableStack();
  const folder = await useFolder(stack);
  const startedMs = performance.now();
  const passedMs = () => performance.now() - startedMs;
  // Empty as well as unset: the server makes its own keys.
  const env = {
    ...{ OFFCODE_STORE: "", OFFCODE_ADMIN_KEY: "", OFFCODE_MASTER_KEYS: "" },
  };
  const { origin } = stack.use(
    await startServer({ entry: "edge/main.ts", folder, env }),
  );
  const listeningMs = passedMs();
  const keys = await Deno.readTextFile(`${folder}/data/development-keys.json`);
  const admin = JSON.parse(keys).admin_key;
  const api = new Api(origin);
  const { key } = await api.openShop(admin, "Corner Shop");
  const walletKey = await api.addWallet(admin, "wallet backend");
  await api.enrol(walletKey, phone, "alice", "phone-1");
  await api.setBalance(admin, "alice", 10_000);
  await api.call("201 succeeded", "POST", PAYMENT.path, key, {
    code: phone.show(systemClock.nowMs()).digits,
    ...PAYMENT.body("first", 0),
  });
  return { listeningMs, paidMs: passedMs() };
}

export const startSuite: Suite = async () => {
  const all: Awaited<ReturnType<typeof startAndPay>>[] = [];
  while (all.length < ROUNDS) all.push(await startAndPay());
  const row = (until: string, values: readonly number[]) => ({
    until,
    "median": median(values),
    "slowest": Math.max(...values),
  });
  return [
    tableOf(`Cold start on an empty folder, ${ROUNDS} times, ms`, [
      row("it listens", all.map((it) => it.listeningMs)),
      row("its first payment is served", all.map((it) => it.paidMs)),
    ]),
  ];
};
