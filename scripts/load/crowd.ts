/**
 * The crowd of a run: merchants, a wallet's backend, and wallets with money in
 * the sandbox ledger. They are made over the API, and put out of service
 * afterwards.
 *
 * All phones of a run share one key pair. Each opens a seed of its own, and the
 * server's work, which alone is measured, is the same.
 *
 * @module
 */

import { type Api, type Shop, UnexpectedAnswerError } from "../client.ts";
import { InputError } from "../command.ts";
import { newDeviceKey } from "../device.ts";
import { inParallel } from "../parallel.ts";
import { committedCore, Phone } from "../phone.ts";
import type { Progress } from "../progress.ts";
import { readable } from "../table.ts";
import type { LoadOptions } from "./options.ts";

/** More than a wallet can spend in a run. */
const BALANCE_MINOR = 1_000_000;

export interface RunWallet {
  readonly accountId: string;
  readonly credentialId: string;
  readonly phone: Phone;
  /** What its account held before the first payment. */
  readonly balanceMinor: number;
}

/** All participants of a run; the lists grow while they are made. */
export class Crowd {
  readonly merchants: Shop[] = [];
  readonly wallets: RunWallet[] = [];
  #walletKey = "";

  constructor(
    readonly api: Api,
    readonly adminKey: string,
    readonly progress: Progress,
  ) {}

  /**
   * Makes merchants, a wallet key and wallets; fewer wallets if it was ended
   * early. After an error the crowd has everybody whom the server has made.
   *
   * @param run Makes names unique among runs.
   * @throws {InputError} If the server refuses something.
   */
  async gather(
    run: string,
    { merchants, wallets }: Pick<LoadOptions, "merchants" | "wallets">,
    signal: AbortSignal,
  ): Promise<void> {
    const { api, adminKey, progress } = this;
    const core = committedCore();
    progress.begin("Enrolling wallets", wallets);
    try {
      for (let n = 1; n <= merchants; n++) {
        const name = `Load ${run}, shop ${n}`;
        this.merchants.push(await api.openShop(adminKey, name));
      }
      this.#walletKey = await api.addWallet(adminKey, `Load ${run}`);
      const pair = await newDeviceKey();
      await inParallel(wallets, async (n) => {
        const accountId = `load-${run}-${n}`;
        await api.setBalance(adminKey, accountId, BALANCE_MINOR);
        const balanceMinor = await api.balance(adminKey, accountId);
        const phone = await Phone.make(core, pair);
        const credentialId = await api.enrol(
          ...[this.#walletKey, phone, accountId, accountId] as const,
        );
        this.wallets.push({ accountId, credentialId, phone, balanceMinor });
        progress.at(this.wallets.length);
      }, { atOnce: 64, signal });
    } catch (error) {
      if (!(error instanceof UnexpectedAnswerError)) throw error;
      throw new InputError(reasonOf(error));
    }
    progress.end(`Enrolled ${readable(this.wallets.length)} wallets`);
  }

  /** Does something for every wallet, and shows how far it is. */
  #each(what: string, work: (it: RunWallet, n: number) => Promise<void>) {
    const { length } = this.wallets;
    this.progress.begin(what, length);
    return inParallel(length, async (n) => {
      await work(this.wallets[n]!, n);
      this.progress.at(n);
    });
  }

  /**
   * What each account holds now, in the order of the wallets; `null` where the
   * server does not say.
   */
  async balances(): Promise<(number | null)[]> {
    const balances: (number | null)[] = [];
    await this.#each("Reading the accounts", async ({ accountId }, n) => {
      balances[n] = await this.api.balance(this.adminKey, accountId)
        .catch(() => null);
    });
    this.progress.end(`Read ${readable(balances.length)} accounts`);
    return balances;
  }

  /** Revokes the wallets and suspends the merchants. */
  async dismiss(): Promise<void> {
    if (this.merchants.length === 0) return;
    let failed = 0;
    const call = async (...args: Parameters<Api["ask"]>) => {
      const { status } = await this.api.ask(...args)
        .catch(() => ({ status: 0 }));
      if (status !== 200 && status !== 204) failed++;
    };
    await this.#each(
      "Revoking wallets",
      ({ credentialId }) =>
        call("DELETE", `/v1/enrolments/${credentialId}`, this.#walletKey),
    );
    for (const { id } of this.merchants) {
      const path = `/v1/admin/merchants/${id}`;
      await call("PATCH", path, this.adminKey, { status: "suspended" });
    }
    this.progress.end(
      failed === 0
        ? `Revoked ${readable(this.wallets.length)} wallets`
        : `${failed} wallets or merchants of the run could not be put out of service`,
    );
  }
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
