/**
 * A small reference model of accounts: credentials, the generations of their
 * seeds, and what wallet, phone and customer say of an account, written down
 * once more without stores, transactions and retries.
 *
 * @module
 */

const DAY_MS = 86_400_000;
const GRACE_MS = 30 * DAY_MS;
const MOST_KEYS = 5;
const REMEMBERED_MS = 2 * DAY_MS;

/** What a tier allows. */
export interface ModelTier {
  readonly perPaymentMinor: number;
  readonly perDayMinor: number;
  readonly countPerDay: number;
  readonly stepUpAboveMinor: number;
}

/** Of the settings under test. */
export interface AccountRules {
  readonly tiers: Readonly<Record<"normal" | "restricted", ModelTier>>;
  readonly offlineDays: number;
  readonly credentialTtlSeconds: number;
}

/** A seed. */
export interface ModelSeed {
  readonly generation: number;
  endsMs: number;
  /** Whether it has left the store because it had ended. */
  isDestroyed: boolean;
}

/** A credential. */
export interface ModelCredential {
  readonly account: string;
  readonly device: string;
  /** `null` once it has ended. */
  newest: ModelSeed | null;
  old: ModelSeed | null;
  /** Idempotency keys of the latest renewals, the newest seed's first. */
  keys: string[];
  endsMs: number;
  /** Whether nothing is kept of it, because its account was erased. */
  isGone: boolean;
}

export type ModelRisk = "normal" | "restricted" | "blocked";

/** What is said of an account. */
interface ModelPolicy {
  set: ModelRisk;
  posture: { risk: ModelRisk; reason: string } | null;
  offlineCodes: boolean;
  own: { perPaymentMinor?: number; countPerDay?: number };
}

/** An account. */
export interface ModelAccount {
  readonly name: string;
  credential: ModelCredential | null;
  /** The generation of the latest seed of which a code was accepted. */
  used: number;
  /** The last step that was accepted; -1: none. */
  mark: number;
  seenMs: number;
  policy: ModelPolicy;
  /** Until when an erased account is remembered; `null`: it is not erased. */
  rememberedMs: number | null;
  /** Payments of a day that count though they were given back, as it was erased then. */
  readonly lost: { readonly day: string; readonly amountMinor: number }[];
}

/** What is said of an account of which nothing was said. */
const usual = (): ModelPolicy => ({
  ...{ set: "normal", posture: null, offlineCodes: true, own: {} },
});

/** The model. */
export class AccountModel {
  readonly accounts = new Map<string, ModelAccount>();
  readonly #rules: AccountRules;

  constructor(rules: AccountRules) {
    this.#rules = rules;
  }

  of(name: string): ModelAccount {
    return this.accounts.get(name)!;
  }

  #newSeed(generation: number, nowMs: number): ModelSeed {
    const { credentialTtlSeconds } = this.#rules;
    const nowSeconds = Math.floor(nowMs / 1000);
    const endsMs = (nowSeconds + credentialTtlSeconds) * 1000;
    return { generation, endsMs, isDestroyed: false };
  }

  enrol(name: string, device: string, nowMs: number): ModelCredential {
    const account = this.accounts.get(name) ?? {
      ...{ name, credential: null, used: 0, mark: -1, seenMs: 0 },
      ...{ policy: usual(), rememberedMs: null, lost: [] },
    };
    this.accounts.set(name, account);
    if ((account.rememberedMs ?? Infinity) <= nowMs) account.policy = usual();
    account.rememberedMs = null;
    for (const { credential } of this.accounts.values()) {
      if (credential === null) continue;
      if (credential.account === name || credential.device === device) {
        this.revoke(credential);
      }
    }
    const newest = this.#newSeed(account.used + 1, nowMs);
    const credential = {
      ...{ account: name, device, newest, old: null, keys: [], isGone: false },
      endsMs: newest.endsMs,
    };
    const { generation: used } = newest;
    Object.assign(account, { credential, used, mark: -1, seenMs: nowMs });
    return credential;
  }

  /** The second time changes nothing. */
  revoke(credential: ModelCredential): void {
    if (credential.newest === null) return;
    const account = this.of(credential.account);
    // Generations only rise, those of seeds that were never used included.
    account.used = credential.newest.generation;
    account.credential = null;
    Object.assign(credential, { newest: null, old: null });
  }

  /** Whether the account is erased afterwards; its credentials are the wallet's. */
  erase(name: string, nowMs: number): boolean {
    const account = this.of(name);
    if (account.rememberedMs !== null) return account.rememberedMs > nowMs;
    if (account.credential !== null) this.revoke(account.credential);
    const isBlocked = this.judge(name).risk === "blocked";
    const rememberedMs = isBlocked ? Infinity : nowMs + REMEMBERED_MS;
    Object.assign(account, { used: 0, mark: -1, rememberedMs });
    return true;
  }

  /** The newest seed afterwards, or why not. */
  renew(
    credential: ModelCredential,
    key: string | null,
    nowMs: number,
  ): ModelSeed | "revoked" | "expired" | "superseded" {
    const { newest, old } = credential;
    if (newest === null) return "revoked";
    if (newest.endsMs + GRACE_MS <= nowMs) return "expired";
    const at = key === null ? -1 : credential.keys.indexOf(key);
    if (at > 0) return "superseded";
    const isLive = newest.endsMs > nowMs;
    if (at === 0 && isLive) return newest;
    const account = this.of(credential.account);
    const phoneHasOld = account.used < newest.generation &&
      old !== null && old.endsMs > nowMs;
    if (!phoneHasOld) {
      credential.old = isLive ? newest : null;
      const dayEndsMs = Math.floor(nowMs / 1000) * 1000 + DAY_MS;
      newest.endsMs = Math.min(newest.endsMs, dayEndsMs);
    }
    credential.newest = this.#newSeed(newest.generation + 1, nowMs);
    credential.endsMs = credential.newest.endsMs;
    credential.keys = [key ?? "", ...credential.keys].slice(0, MOST_KEYS);
    account.seenMs = nowMs;
    return credential.newest;
  }

  /** Seeds that have ended leave the store. */
  sweep(nowMs: number): void {
    for (const { credential } of this.accounts.values()) {
      for (const seed of [credential?.newest, credential?.old]) {
        if (seed && seed.endsMs <= nowMs) seed.isDestroyed = true;
      }
    }
  }

  /** The seeds of an account whose codes are found at a moment. */
  found(name: string, nowMs: number): ModelSeed[] {
    const { credential } = this.of(name);
    return [credential?.newest, credential?.old].flatMap((it) =>
      it && it.endsMs > nowMs ? [it] : []
    );
  }

  judge(name: string): { risk: ModelRisk; reason: string } {
    const { set, posture } = this.of(name).policy;
    const severity = ["normal", "restricted", "blocked"];
    if (posture && severity.indexOf(posture.risk) > severity.indexOf(set)) {
      return posture;
    }
    return { risk: set, reason: set === "normal" ? "none" : "set-by-wallet" };
  }

  /** What a payer may pay by an offline code, or why nothing. */
  allows(
    name: string,
    nowMs: number,
  ): ModelTier | "payer-blocked" | "offline-codes-off" {
    const { policy, seenMs } = this.of(name);
    const { risk } = this.judge(name);
    if (risk === "blocked") return "payer-blocked";
    const unseen = nowMs - seenMs >= this.#rules.offlineDays * DAY_MS;
    if (!policy.offlineCodes || unseen) return "offline-codes-off";
    return this.limits(name);
  }

  /** The limits that hold; of a blocked account those that would. */
  limits(name: string): ModelTier {
    const { policy: { own } } = this.of(name);
    const { risk } = this.judge(name);
    const tier = this.#rules.tiers[risk === "normal" ? "normal" : "restricted"];
    return {
      ...tier,
      perPaymentMinor: Math.min(
        tier.perPaymentMinor,
        own.perPaymentMinor ?? Infinity,
      ),
      countPerDay: Math.min(tier.countPerDay, own.countPerDay ?? Infinity),
    };
  }
}
