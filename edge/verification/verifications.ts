/**
 * Verification without payment: takes a code, spends it, and answers which customer
 * showed it.
 *
 * A verification is named by the wallet key's owner and the caller's reference. A
 * repeat with the same code gets the first result while the code can still be found;
 * a repeat with another code is a conflict. The code is spent by the same guards and
 * writes as in a payment.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { type Clock, type Random, timeText } from "../base/clock.ts";
import type { ClockGuard } from "../health/clock_guard.ts";
import { newId } from "../base/ids.ts";
import type { WalletCaller } from "../merchant/authentication.ts";
import { type WalletBadCodes, walletRations } from "../merchant/rations.ts";
import { type Refusal, refused } from "../base/outcome.ts";
import type { IsTooOld } from "../base/request_age.ts";
import {
  accountKey,
  verificationKey,
  VERIFICATIONS_PREFIX,
} from "../store/keys.ts";
import type { Limits } from "../risk/limits.ts";
import {
  correctPayer,
  payerGuards,
  type PayerLabel,
  USUAL_PAYER,
} from "../risk/payer.ts";
import { commit, commitJoined, type Guard } from "../store/commit.ts";
import {
  type Form,
  json,
  recordKind,
  type RecordPlace,
} from "../store/record.ts";
import { LOST, retry } from "../store/retry.ts";
import { nameOf, type Store, StoreUnavailableError } from "../store/store.ts";
import {
  type Candidate,
  type CodeLabel,
  faultOf,
  type Found,
  offlineCodeName,
} from "./candidate.ts";
import { lastUses } from "./last_use.ts";
import { refuseFound, type Search, type Searched } from "./search.ts";

/** The result of a verification. */
export interface Verification {
  readonly verificationId: string;
  readonly reference: string;
  readonly accountId: string;
  readonly credentialId: string;
  readonly profile: number;
  /** The time step of the code. */
  readonly timeStep: number;
  /** The phone's clock minus ours, in steps; positive if the phone is ahead. */
  readonly driftSteps: number;
  /** RFC 3339. */
  readonly verifiedAt: string;
}

/**
 * A verification as it is stored, in short names; owner and reference are in
 * its key.
 */
interface StoredVerification {
  readonly i: string;
  readonly a: string;
  readonly c: string;
  readonly p: number;
  /** The time step, and the drift unless it is 0. */
  readonly s: number;
  readonly d?: number | undefined;
  /** When the code was verified, unix ms. */
  readonly t: number;
  /**
   * The name of an online code. The name of an offline code follows from `p`
   * and `s`.
   */
  readonly o?: string | undefined;
  /** The reference is bound to this code, and the code is not spent yet. */
  readonly b?: 1 | undefined;
}

/** A stored verification. */
interface VerificationRecord {
  readonly result: Verification;
  /** Compared on a repeat, so that another code is a conflict. */
  readonly codeName: string;
  /** Only across cells: whether the code is not spent yet. */
  readonly isBound?: true;
}

const stored = json<StoredVerification>();

/** The stored form of the verification with a reference. */
const formOf = (reference: string): Form<VerificationRecord> => ({
  write: ({ result, codeName, isBound }) =>
    stored.write({
      i: result.verificationId,
      a: result.accountId,
      c: result.credentialId,
      p: result.profile,
      s: result.timeStep,
      d: result.driftSteps === 0 ? undefined : result.driftSteps,
      t: Date.parse(result.verifiedAt),
      o: codeName === offlineCodeName(result.profile, result.timeStep)
        ? undefined
        : codeName,
      b: isBound && 1,
    }),
  read(text) {
    const { i, a, c, p, s, d = 0, t, b, o = offlineCodeName(p, s) } = stored
      .read(text);
    const result = {
      verificationId: i,
      reference,
      accountId: a,
      credentialId: c,
      profile: p,
      timeStep: s,
      driftSteps: d,
      verifiedAt: timeText(t),
    };
    return { result, codeName: o, ...(b && { isBound: true }) };
  },
});

/**
 * The account of a stored verification, and when it was made, unix ms, by the end of the record's
 * name. Only read.
 */
export const verifiedAccounts = recordKind({
  key: (rest: string) => VERIFICATIONS_PREFIX + rest,
  form: {
    write: String,
    read(text: string) {
      const { a, t } = stored.read(text);
      return { account_id: a, created_ms: t };
    },
  },
});

/** The use case of verification. */
export interface Verifications {
  /**
   * Finds the customer of a code and spends the code.
   *
   * @throws {StoreUnavailableError} If it is not known whether the code was spent. The
   * caller repeats with the same reference.
   */
  verify(input: {
    caller: WalletCaller;
    code: string;
    reference: string;
    isTooOld: IsTooOld;
  }): Promise<Verification | Refusal>;
}

const TRIES = 3;
/** 132 bits. */
const SPENDER_HASH_LENGTH = 22;
/** 132 bits of SHA-256 in base64url. */
const OWNER_HASH_LENGTH = 22;
/** The most hashes of owners that are remembered; there are only a few owners. */
const MAX_OWNERS = 1_000;

/** What verifications need. */
export interface VerificationDeps {
  readonly store: Store;
  readonly search: Search;
  readonly clock: Clock;
  readonly clockGuard: ClockGuard;
  readonly random: Random;
  /** The limits of bad codes of a wallet key. */
  readonly badCodes: WalletBadCodes;
  /** How long a result is kept. */
  readonly recordMs: number;
  readonly limits: Limits;
}

/** Makes the {@linkcode Verifications} use case. */
export function createVerifications(deps: VerificationDeps): Verifications {
  const hashOf = rememberOwners();
  const records = recordKind({
    key: verificationKey,
    form: (_: string, reference: string) => formOf(reference),
    ttlMs: deps.recordMs,
  });
  return {
    async verify({ caller, code, reference, isTooOld }) {
      if (!(await deps.clockGuard.check()).sure) return refused("clock-unsure");
      const verificationId = newId("ver", deps.random);
      const place = records(hashOf(caller), reference);
      const found = await deps.search.find(
        walletRations(caller, deps.badCodes),
        code,
        caller.walletSystem,
      );
      const claim = { place, verificationId, reference };
      return await claimCode(deps, claim, found, isTooOld);
    },
  };
}

/**
 * Makes the function that hashes the name of a key's owner. The name itself
 * could be too long for a store key.
 */
function rememberOwners(): (caller: WalletCaller) => string {
  const hashes = new Map<string, string>();
  return ({ owner, walletSystem }) => {
    // Names have no line break, so owners of one wallet system can never be
    // taken for those of another.
    const name = walletSystem === undefined
      ? owner
      : `${walletSystem}\n${owner}`;
    let hash = hashes.get(name);
    if (hash === undefined) {
      hash = createHash("sha256").update(name).digest("base64url");
      hash = hash.slice(0, OWNER_HASH_LENGTH);
      if (hashes.size >= MAX_OWNERS) hashes.clear();
      hashes.set(name, hash);
    }
    return hash;
  };
}

/** A verification that is to be written. */
interface Claim {
  readonly place: RecordPlace<VerificationRecord, "reference">;
  readonly verificationId: string;
  readonly reference: string;
}

/** Spends the code that was found and writes the verification. */
async function claimCode(
  { store, clock, limits }: VerificationDeps,
  { place, verificationId, reference }: Claim,
  first: Searched,
  isTooOld: IsTooOld,
): Promise<Verification | Refusal> {
  let found: Found | Searched = first;
  let payer = USUAL_PAYER;
  return await retry(async () => {
    if (found.kind !== "candidate") return refuseFound(found);
    const nowMs = clock.nowMs();
    if (isTooOld()) throw new StoreUnavailableError("timeout");
    if (!found.isOpen()) return refused("code-not-accepted");
    const { codeName } = found;
    const result = resultOf(found, verificationId, reference, nowMs);
    const guards = [
      ...found.guards,
      ...payerGuards(found, payer, limits, nowMs),
    ];
    const record = { result, codeName };
    const end = isAcross(store, place, found)
      ? await spendAcross(store, place, record, { ...found, guards, isTooOld })
      : await commitJoined(store, {
        guards: [place.absent("verification"), ...guards],
        writes: [place.set(record), ...found.writes],
      });
    if (end.committed) return "result" in end ? end.result : result;
    const { refusedBy, value } = end;
    if (refusedBy === "verification") {
      const earlier = place.held(value).value!;
      const same = earlier.codeName === codeName &&
        earlier.result.credentialId === found.credentialId;
      return same ? earlier.result : refused("order-conflict");
    }
    if (refusedBy === "policy" || refusedBy === "offline-days") {
      const next = correctPayer(refusedBy, value, found, limits);
      if ("kind" in next) return next;
      payer = next;
      return LOST;
    }
    const fault = faultOf(found, refusedBy, value);
    if (fault === "used") return refused("code-replayed");
    if (fault === "gone") return refused("code-not-accepted");
    found = await found.again();
    return LOST;
  }, { tries: TRIES });
}

/** Whether a reference and the customer of a code are in two cells. */
function isAcross(
  { cells }: Store,
  { ref }: RecordPlace<VerificationRecord>,
  { accountId }: Candidate,
): boolean {
  return cells !== undefined &&
    cells.cellOf(nameOf(ref)) !== cells.cellOf(accountKey(accountId));
}

/** How long a reference is bound to a code that is not spent yet. */
const BOUND_MS = 120_000;

const GONE = { committed: false, refusedBy: "mark", value: null } as const;

/** The result of spending a code across cells, as that of a commit. */
type Spent =
  | { readonly committed: true; readonly result: Verification }
  | {
    readonly committed: false;
    readonly refusedBy: "verification" | CodeLabel | PayerLabel;
    readonly value: string | null;
  };

/**
 * Binds the reference to the code in its own cell, spends the code in the customer's, and then
 * keeps the result. The account names who has spent its latest code, so a call that is repeated
 * finds that it was this reference.
 */
async function spendAcross(
  store: Store,
  place: RecordPlace<VerificationRecord, "reference">,
  wanted: VerificationRecord,
  { accountId, codeName, guards, writes, isOpen, isTooOld }:
    & Pick<Candidate, "accountId" | "codeName" | "writes" | "isOpen">
    & {
      readonly guards: readonly Guard<CodeLabel | PayerLabel, "account">[];
      readonly isTooOld: IsTooOld;
    },
): Promise<Spent> {
  let bound = place.put({ ...wanted, isBound: true }, BOUND_MS);
  const first = await commit(store, {
    guards: [place.absent("verification")],
    writes: [bound.write],
  });
  if (!first.committed) {
    const earlier = place.held(first.value);
    const same = earlier.value?.codeName === codeName &&
      earlier.value.result.credentialId === wanted.result.credentialId;
    if (!same || !earlier.value.isBound) return first;
    bound = { ...bound, held: earlier };
  }
  const { result } = bound.held.value!;
  const hash = createHash("sha256").update(nameOf(place.ref)).digest(
    "base64url",
  );
  const spender = `ver.${hash.slice(0, SPENDER_HASH_LENGTH)}`;
  const use = lastUses(accountId).put({ codeName, spender });
  const spent = isOpen() && !isTooOld()
    ? await commit(store, {
      guards,
      writes: [...writes, use.write],
      reads: [lastUses(accountId).ref],
      mine: () => false,
    })
    // The code has expired meanwhile, so it is answered like a code of nobody.
    : { ...GONE, values: [] };
  const isOwn = !spent.committed &&
    use.held.again(spent.values[0] ?? null).isSame(use.held);
  if (!spent.committed && !isOwn) {
    // Another code may be tried with this reference.
    await commit(store, {
      guards: [bound.held.unchanged("verification")],
      writes: [bound.held.delete()],
    });
    return spent;
  }
  const { isBound: _, ...kept } = bound.held.value!;
  await commit(store, {
    guards: [bound.held.unchanged("verification")],
    writes: [place.set(kept)],
  });
  return { committed: true, result };
}

function resultOf(
  found: Candidate,
  verificationId: string,
  reference: string,
  nowMs: number,
): Verification {
  return {
    verificationId,
    reference,
    accountId: found.accountId,
    credentialId: found.credentialId,
    profile: found.profile,
    timeStep: found.timeStep,
    driftSteps: found.driftSteps,
    verifiedAt: timeText(nowMs),
  };
}
