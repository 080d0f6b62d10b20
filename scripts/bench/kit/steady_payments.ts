/**
 * Payments at a steady rate by customers of a large base: credentials sealed in
 * a store, and a drive that pays by their offline codes from this process.
 *
 * @module
 */

import { encodeBase64 } from "@std/encoding/base64";
import { encodeBase64Url } from "@std/encoding/base64url";
import { systemClock, systemRandom } from "../../../edge/base/clock.ts";
import { timeStepAt } from "../../../edge/code/time_step.ts";
import { PROFILE_1 } from "../../../edge/code/profile.ts";
import {
  credentialKind,
  generations,
  liveCredentials,
  marks,
} from "../../../edge/enrolment/writes.ts";
import { markSeen } from "../../../edge/risk/limits.ts";
import type { Store, Write } from "../../../edge/store/store.ts";
import { parseKeyring } from "../../../edge/vault/keyring.ts";
import { createVault } from "../../../edge/vault/seal.ts";
import { CURRENCY } from "../../client.ts";
import { drive, requestBytes, type Shot } from "../../load/drive.ts";
import { Latencies } from "../../load/latencies.ts";
import { codeOf, committedCore } from "../../phone.ts";
import { fundAccounts } from "./ground.ts";
import { CLIENTS, PAYMENT } from "./race.ts";
import { type SealedSeed, writeSeeds } from "./sealed_buckets.ts";

const PREFIX = "90";
const DAY_SECONDS = 86_400;
/** Credentials that are written together. */
const BATCH = 10_000;
/** A payer pays once in so many seconds, which is more than a time step. */
const TURN_SECONDS = 40;

/** A new master key with its id, as OFFCODE_MASTER_KEYS lists it. */
export const newMasterKey = (kid: string): string =>
  `${kid}:${encodeBase64(systemRandom.bytes(32))}`;

/** What an enrolment writes beside the sealed seed. */
function enrolmentOf(
  { credentialId, accountId, deviceId, stored }: SealedSeed,
): Write[] {
  const record = {
    ...{ ...stored, credential_id: credentialId, account_id: accountId },
    ...{ device_id: deviceId, device_point: "A".repeat(44) },
    ...{ status: "active" as const, created_at: new Date().toISOString() },
  };
  return [
    credentialKind(systemClock)(credentialId).set(record),
    liveCredentials(accountId).set(credentialId),
    generations(accountId).set(1),
    marks(accountId).set(0),
    markSeen(accountId, systemClock.nowMs()),
  ];
}

/** How many credentials, in how many buckets, pay how often a second. */
export interface Base {
  readonly credentials: number;
  readonly buckets: number;
  readonly perSecond: number;
}

/**
 * Enrols all, evenly spread over the buckets; answers those that pay, which are
 * enough for a new code in each turn.
 */
export async function enrolBase(
  store: Store,
  masterKeys: string,
  { credentials, buckets, perSecond }: Base,
): Promise<SealedSeed[]> {
  const payers = Math.min(credentials, perSecond * TURN_SECONDS);
  const keyring = parseKeyring(masterKeys);
  const sealing = {
    vault: createVault({ keyring, random: systemRandom }),
    ...{ random: systemRandom, prefix: PREFIX, profile: PROFILE_1.digit },
    expires: Math.floor(systemClock.nowMs() / 1000) + 30 * DAY_SECONDS,
  };
  const enrolled: SealedSeed[] = [];
  for (let first = 0; first < credentials; first += BATCH) {
    const places = Array.from(
      { length: Math.min(BATCH, credentials - first) },
      (_, i) => (first + i) % buckets,
    );
    const some = await writeSeeds(store, sealing, places, first, enrolmentOf);
    enrolled.push(...some.slice(0, Math.max(0, payers - first)));
  }
  await fundAccounts(store, payers);
  return enrolled;
}

/** Payments at a steady rate, until they are ended. */
export function startPayments(
  { origin, key, payers, perSecond }: {
    readonly origin: string;
    readonly key: string;
    readonly payers: readonly SealedSeed[];
    readonly perSecond: number;
  },
) {
  const core = committedCore();
  const ended = new AbortController();
  const answers = new Map<string, number>();
  let latencies = new Latencies();
  let next = 0;
  const startMs = performance.now();
  const shoot = (): Shot => {
    const n = next++;
    const dueMs = startMs + n * 1_000 / perSecond;
    const { seed, stored } = payers[n % payers.length]!;
    return {
      dueMs,
      bytes() {
        const delivered = {
          ...{ prefix: PREFIX, bucket: stored.bucket },
          seed: encodeBase64Url(seed),
        };
        const { timeStepSeconds } = PROFILE_1;
        const step = timeStepAt(systemClock.nowMs(), timeStepSeconds);
        const body = JSON.stringify({
          code: codeOf(core, PROFILE_1, delivered, step),
          order_id: `order-${n}`,
          // Another amount in each turn: alike purchases would wait for the customer.
          amount_minor: 100 + Math.floor(n / payers.length),
          currency: CURRENCY,
        });
        return requestBytes({ origin, path: PAYMENT.path, key, body });
      },
      ended(outcome) {
        const { code } = "fault" in outcome || outcome.status === 201
          ? { code: undefined }
          : JSON.parse(outcome.text());
        const answer = "fault" in outcome
          ? outcome.fault
          : `${outcome.status} ${code ?? ""}`.trimEnd();
        answers.set(answer, (answers.get(answer) ?? 0) + 1);
        latencies.add(outcome.endedMs - dueMs);
      },
    };
  };
  const { signal } = ended;
  const clients = 2 * CLIENTS;
  const driven = drive({ origin, clients, next: shoot, signal });
  return {
    /** The latencies since the last call. */
    takeLatencies() {
      const taken = latencies;
      latencies = new Latencies();
      return taken;
    },
    /** Ends them; how many got each answer. */
    async end() {
      ended.abort();
      await driven;
      return answers;
    },
  };
}
