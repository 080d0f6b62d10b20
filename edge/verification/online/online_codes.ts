/**
 * Online codes: random digits that are issued to a phone that is online. A code is
 * valid for 60 s and for one use, and a credential has one live code at a time.
 *
 * A code is stored under a keyed hash, so that the store never contains the code. Its
 * record says whose it is and never changes. The account names its live code; after
 * use it names that code as used, until the next one is issued. Online codes neither
 * read nor move the account's high-water mark.
 *
 * @module
 */

import type { BackOff } from "../../base/backoff.ts";
import type { Clock, Random } from "../../base/clock.ts";
import { formatOnlineCode, ONLINE_RANDOM_DIGITS } from "../../code/online.ts";
import { createEnrolmentReads } from "../../enrolment/enrolment.ts";
import type { WalletSystem } from "../../enrolment/record.ts";
import { liveCredentials } from "../../enrolment/writes.ts";
import { type Refusal, refused } from "../../base/outcome.ts";
import { seenOnline } from "../../risk/limits.ts";
import { commit } from "../../store/commit.ts";
import { inCell } from "../../store/cells.ts";
import { accountKey, ofAccount, onlineCodeKey } from "../../store/keys.ts";
import {
  json,
  plainText,
  readRecords,
  recordKind,
} from "../../store/record.ts";
import type { Cells, Store } from "../../store/store.ts";
import { LOST, retry } from "../../store/retry.ts";
import type { Vault } from "../../vault/seal.ts";
import { type Found, usedOnline } from "../candidate.ts";

/** An online code that was just issued. */
export interface IssuedCode {
  readonly code: string;
  /** RFC 3339. */
  readonly expiresAt: string;
}

/** Issues online codes and finds their customers. */
export interface OnlineCodes {
  /**
   * Issues a code for a credential that the caller may see; the code before it
   * ends.
   */
  issue(
    credentialId: string,
    by: WalletSystem,
  ): Promise<IssuedCode | Refusal>;
  /** Finds the customer of a code by one look-up. */
  find(code: string): Promise<Found>;
}

/** The stored owner of an online code. */
interface OnlineRecord {
  readonly credential_id: string;
  readonly account_id: string;
  readonly expires_ms: number;
}

const TTL_MS = 60_000;
/** 132 bits, so that it fits into an account's short fields. */
const HASH_LENGTH = 22;
/** How many digits of a code say its cell. */
const CELL_DIGITS = 4;

/** What online codes need. */
export interface OnlineCodeDeps {
  readonly store: Store;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly random: Random;
  readonly prefix: string;
  /** Spaces out the tries of callers that change one account at once. */
  readonly backOff: BackOff;
}

/**
 * The records of online codes. Without `cell` the record is in the cell of the
 * transaction.
 */
const codesAt = (clock: Clock) =>
  recordKind({
    key: (hash: string, cell?: number) =>
      cell === undefined
        ? onlineCodeKey(hash)
        : inCell(onlineCodeKey(hash), cell),
    form: json<OnlineRecord>(),
    ttlMs: ({ expires_ms }) => Math.max(1, expires_ms - clock.nowMs()),
  });

/** The hash of an account's live online code; `used:` and the hash once that is spent. */
const onlineHashes = recordKind({ key: ofAccount("online"), form: plainText });

/** Makes {@linkcode OnlineCodes}. */
export function createOnlineCodes(deps: OnlineCodeDeps): OnlineCodes {
  return {
    issue: (credentialId, by) =>
      retry(() => tryToIssue(deps, credentialId, by), deps),
    find: (code) => findCode(deps, code),
  };
}

function hashOf({ vault }: OnlineCodeDeps, code: string): string {
  return vault.keyedHash("online-code", code).hash.slice(0, HASH_LENGTH);
}

/**
 * Draws a code for an account: 15 digits uniformly, by rejection sampling of 50 bits. With
 * several cells the first four of them modulo the number of cells are the account's cell.
 */
function drawCode(
  { random, prefix, store: { cells } }: OnlineCodeDeps,
  accountId: string,
): string {
  const count = 10n ** BigInt(ONLINE_RANDOM_DIGITS);
  const cell = cells?.cellOf(accountKey(accountId));
  for (;;) {
    const bytes = random.bytes(8);
    const bits = new DataView(bytes.buffer).getBigUint64(0) >> 14n;
    if (bits >= count) continue;
    const code = formatOnlineCode(prefix, bits);
    if (cells === undefined || cellOfCode(code, cells) === cell) return code;
  }
}

/** The cell in which an online code is kept. */
function cellOfCode(code: string, { count }: Cells): number {
  const digits = code.slice(-ONLINE_RANDOM_DIGITS);
  return Number(digits.slice(0, CELL_DIGITS)) % count;
}

async function tryToIssue(
  deps: OnlineCodeDeps,
  credentialId: string,
  by: WalletSystem,
): Promise<IssuedCode | Refusal | typeof LOST> {
  const { store, clock } = deps;
  const held = await createEnrolmentReads(deps).readSeen(credentialId, by);
  const nowMs = clock.nowMs();
  if (held?.value.status !== "active" || held.value.expires * 1000 <= nowMs) {
    return refused("not-found");
  }
  const { account_id, expires } = held.value;
  const code = drawCode(deps, account_id);
  const hash = hashOf(deps, code);
  // A code expires no later than its credential.
  const expiresMs = Math.min(nowMs + TTL_MS, expires * 1000);
  const online = codesAt(clock)(hash);
  const { committed } = await commit(store, {
    guards: [
      online.absent("code"),
      liveCredentials(account_id).equals("credential", credentialId),
    ],
    writes: [
      online.set({
        credential_id: credentialId,
        account_id,
        expires_ms: expiresMs,
      }),
      onlineHashes(account_id).set(hash),
      ...seenOnline(account_id, nowMs),
    ],
  });
  if (!committed) return LOST;
  return { code, expiresAt: new Date(expiresMs).toISOString() };
}

async function findCode(
  deps: OnlineCodeDeps,
  code: string,
): Promise<Found> {
  const { store, clock } = deps;
  const hash = hashOf(deps, code);
  const cell = store.cells && cellOfCode(code, store.cells);
  const [{ value }] = await readRecords(store, [codesAt(clock)(hash, cell)]);
  if (value === null) return { kind: "none" };
  const { credential_id, account_id, expires_ms } = value;
  const isOpen = () => clock.nowMs() < expires_ms;
  if (!isOpen()) return { kind: "none" };
  const online = onlineHashes(account_id);
  return {
    kind: "candidate",
    credentialId: credential_id,
    accountId: account_id,
    profile: 0,
    timeStep: 0,
    driftSteps: 0,
    codeName: hash,
    guards: [
      liveCredentials(account_id).equals("credential", credential_id),
      online.equals("online", hash),
    ],
    writes: [online.set(usedOnline(hash))],
    isOpen,
    again: () => Promise.resolve({ kind: "none" }),
  };
}
