/**
 * Who takes part in a run: merchants, a wallet's backend, and wallets with
 * money in the sandbox ledger, all made over the API, in bulk, and put out of
 * service afterwards.
 *
 * All phones of a run share one key pair. Each opens a seed of its own, and
 * only the server's work is measured, which is the same.
 *
 * @module
 */

import type { Core } from "../../edge/core/core.ts";
import type { Answer, Api } from "../demo/api.ts";
import { newDeviceKey } from "../device.ts";
import { Phone } from "../phone.ts";
import type { LoadOptions } from "./options.ts";
import { CURRENCY } from "./traffic.ts";

/** Calls under way at a time. */
const AT_ONCE = 64;
/** More than a wallet can spend in a run. */
const BALANCE_MINOR = 1_000_000;

/** A merchant of the run. */
export interface RunMerchant {
  readonly id: string;
  readonly key: string;
}

/** A wallet of the run. */
export interface RunWallet {
  readonly accountId: string;
  readonly credentialId: string;
  readonly phone: Phone;
  /** What its account held before the first payment. */
  readonly balanceMinor: number;
}

/** Everybody who takes part; grows while it is gathered. */
export class Crowd {
  readonly merchants: RunMerchant[] = [];
  /** Of the wallet's backend; empty until there is one. */
  walletKey = "";
  readonly wallets: RunWallet[] = [];
}

/** The server cannot serve the run. */
export class CrowdError extends Error {
  override readonly name = "CrowdError";
}

/** How to gather a crowd. */
export interface CrowdOptions
  extends Pick<LoadOptions, "wallets" | "merchants"> {
  readonly api: Api;
  readonly adminKey: string;
  readonly core: Core;
  /** Makes names unique among runs. */
  readonly run: string;
  /** Told how many wallets are enrolled. */
  readonly onProgress: (done: number) => void;
  readonly signal: AbortSignal;
}

/**
 * Makes merchants, a wallet key and wallets; fewer wallets when it was ended
 * early. Whom the server has made is in the crowd also after an error.
 *
 * @throws {CrowdError} If the server refuses something.
 */
export async function gatherCrowd(
  crowd: Crowd,
  options: CrowdOptions,
): Promise<void> {
  const { merchants, wallets } = crowd;
  const { api, adminKey, core, run, onProgress, signal } = options;
  const post = async (path: string, key: string, body: unknown) =>
    insist("201", path, await api.ask("POST", path, key, body)).body;
  for (let n = 0; n < options.merchants; n++) {
    const made = await post("/v1/admin/merchants", adminKey, {
      name: `Load ${run}, shop ${n + 1}`,
    });
    merchants.push({ id: made.merchant_id!, key: made.api_key! });
  }
  const { api_key } = await post("/v1/admin/wallet-keys", adminKey, {
    name: `Load ${run}`,
  });
  crowd.walletKey = api_key!;
  const pair = await newDeviceKey();
  await inParallel(options.wallets, async (n) => {
    const accountId = `load-${run}-${n}`;
    const account = `/v1/admin/sandbox/accounts/${accountId}`;
    const set = await api.ask("PUT", account, adminKey, {
      balance_minor: BALANCE_MINOR,
      currency: CURRENCY,
    });
    if (set.status === 404) {
      throw new CrowdError(
        "The server has no sandbox ledger, and a run must not move real money: start one with OFFCODE_LEDGER=sandbox.",
      );
    }
    insist("200", account, set);
    const { body } = insist(
      "200",
      account,
      await api.ask("GET", account, adminKey),
    );
    const phone = await Phone.make(core, pair);
    const enrolled = insist(
      "201",
      "/v1/enrolments",
      await api.ask("POST", "/v1/enrolments", crowd.walletKey, {
        account_id: accountId,
        device_id: accountId,
        device_key: phone.deviceKey,
      }),
    );
    wallets.push({
      accountId,
      credentialId: enrolled.body.credential_id!,
      phone,
      balanceMinor: body.balance_minor!,
    });
    await phone.receive(enrolled.text);
    onProgress(wallets.length);
  }, signal);
}

/** Revokes the wallets and suspends the merchants; how many calls failed. */
export async function dismissCrowd(
  { api, adminKey, crowd, onProgress }: {
    api: Api;
    adminKey: string;
    crowd: Crowd;
    onProgress: (done: number) => void;
  },
): Promise<number> {
  const { merchants, walletKey, wallets } = crowd;
  let done = 0;
  let failed = 0;
  const call = async (...args: Parameters<Api["ask"]>) => {
    const { status } = await api.ask(...args).catch(() => ({ status: 0 }));
    if (status !== 200 && status !== 204) failed++;
  };
  await inParallel(wallets.length, async (n) => {
    const { credentialId } = wallets[n]!;
    await call("DELETE", `/v1/enrolments/${credentialId}`, walletKey);
    onProgress(++done);
  });
  for (const { id } of merchants) {
    await call("PATCH", `/v1/admin/merchants/${id}`, adminKey, {
      status: "suspended",
    });
  }
  return failed;
}

/**
 * What each account holds now, in the order of the wallets; `null` where the
 * server does not say.
 */
export async function readBalances(
  { api, adminKey, wallets, onProgress }: {
    api: Api;
    adminKey: string;
    wallets: readonly RunWallet[];
    onProgress: (done: number) => void;
  },
): Promise<(number | null)[]> {
  const balances: (number | null)[] = [];
  let done = 0;
  await inParallel(wallets.length, async (n) => {
    const path = `/v1/admin/sandbox/accounts/${wallets[n]!.accountId}`;
    const answer = await api.ask("GET", path, adminKey).catch(() => null);
    balances[n] = answer?.body.balance_minor ?? null;
    onProgress(++done);
  });
  return balances;
}

function insist(status: string, path: string, answer: Answer): Answer {
  if (`${answer.status}` === status) return answer;
  const { code } = answer.body;
  if (code === "not-authenticated" || code === "forbidden") {
    throw new CrowdError(
      "The server does not take this admin key: set OFFCODE_ADMIN_KEY to the one that it was started with.",
    );
  }
  const word = /^[a-z-]{1,40}$/.test(`${code}`) ? ` ${code}` : "";
  throw new CrowdError(
    `${path} answered ${answer.status}${word} instead of ${status}.`,
  );
}

/**
 * Does `work` for 0 to `count` - 1, {@linkcode AT_ONCE} at a time. After an
 * error what is under way ends, and nothing else begins.
 */
async function inParallel(
  count: number,
  work: (n: number) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  let next = 0;
  const errors: unknown[] = [];
  await Promise.all(
    Array.from({ length: Math.min(AT_ONCE, count) }, async () => {
      while (next < count && errors.length === 0 && !signal?.aborted) {
        await work(next++).catch((error) => errors.push(error));
      }
    }),
  );
  if (errors.length > 0) throw errors[0];
}
