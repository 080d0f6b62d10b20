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
import { type Api, type Shop, UnexpectedAnswerError } from "../client.ts";
import { newDeviceKey } from "../device.ts";
import { inParallel } from "../parallel.ts";
import { Phone } from "../phone.ts";
import type { LoadOptions } from "./options.ts";

/** Calls under way at a time. */
const AT_ONCE = 64;
/** More than a wallet can spend in a run. */
const BALANCE_MINOR = 1_000_000;

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
  readonly merchants: Shop[] = [];
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
  try {
    await gather(crowd, options);
  } catch (error) {
    if (!(error instanceof UnexpectedAnswerError)) throw error;
    throw new CrowdError(reasonOf(error));
  }
}

async function gather(crowd: Crowd, options: CrowdOptions): Promise<void> {
  const { merchants, wallets } = crowd;
  const { api, adminKey, core, run, onProgress, signal } = options;
  for (let n = 0; n < options.merchants; n++) {
    merchants.push(await api.openShop(adminKey, `Load ${run}, shop ${n + 1}`));
  }
  crowd.walletKey = await api.addWallet(adminKey, `Load ${run}`);
  const pair = await newDeviceKey();
  await inParallel(options.wallets, async (n) => {
    const accountId = `load-${run}-${n}`;
    await api.setBalance(adminKey, accountId, BALANCE_MINOR);
    const balanceMinor = await api.balance(adminKey, accountId);
    const phone = await Phone.make(core, pair);
    const credentialId = await api.enrol(
      ...[crowd.walletKey, phone, accountId, accountId] as const,
    );
    wallets.push({ accountId, credentialId, phone, balanceMinor });
    onProgress(wallets.length);
  }, { atOnce: AT_ONCE, ...(signal && { signal }) });
}

function reasonOf({ message, answer }: UnexpectedAnswerError): string {
  const { code } = answer!.body;
  if (code === "not-authenticated" || code === "forbidden") {
    return "The server does not take this admin key: set OFFCODE_ADMIN_KEY to the one that it was started with.";
  }
  return answer!.status === 404 && message.includes("/sandbox/")
    ? "The server has no sandbox ledger, and a run must not move real money: start one with OFFCODE_LEDGER=sandbox."
    : `${message}.`;
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
  }, { atOnce: AT_ONCE });
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
    const { accountId } = wallets[n]!;
    balances[n] = await api.balance(adminKey, accountId).catch(() => null);
    onProgress(++done);
  }, { atOnce: AT_ONCE });
  return balances;
}
