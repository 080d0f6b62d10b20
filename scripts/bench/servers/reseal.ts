/**
 * `deno task reseal` beside payments: a store of sealed credentials, an edge
 * that takes payments by offline codes at a steady rate, and the task, which is
 * killed three times on the way and then runs to its end.
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
  dueWhenEnded,
  generations,
  liveCredentials,
  marks,
} from "../../../edge/enrolment/writes.ts";
import { markSeen } from "../../../edge/risk/limits.ts";
import type { Store, Write } from "../../../edge/store/store.ts";
import { parseKeyring } from "../../../edge/vault/keyring.ts";
import { createVault } from "../../../edge/vault/seal.ts";
import { Api, CURRENCY } from "../../client.ts";
import { drive, requestBytes, type Shot } from "../../load/drive.ts";
import { Latencies } from "../../load/latencies.ts";
import { codeOf, committedCore } from "../../phone.ts";
import type { Suite } from "../../table.ts";
import { fundAccounts } from "../kit/ground.ts";
import { startServer } from "../kit/processes.ts";
import { CLIENTS, PAYMENT } from "../kit/race.ts";
import { type SealedSeed, writeSeeds } from "../kit/sealed_buckets.ts";
import {
  openBenchStore,
  STORE_NAMES,
  type StoreKind,
  useFolder,
} from "../kit/store.ts";

/** How much is measured. */
export interface ResealSize {
  readonly credentials: number;
  readonly buckets: number;
  /** Payments a second. */
  readonly perSecond: number;
  /** How long payments go on alone before the task starts. */
  readonly aloneMs: number;
  /** From the first seeds that a run seals anew to its end by SIGKILL. */
  readonly killAfterMs: readonly number[];
}

const PREFIX = "90";
const DAY_SECONDS = 86_400;
/** Credentials that are written together. */
const BATCH = 10_000;
/** A payer pays once in so many seconds, which is more than a time step. */
const TURN_SECONDS = 40;

const keyOf = (kid: string) => `${kid}:${encodeBase64(systemRandom.bytes(32))}`;

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
    marks(accountId).set("0"),
    markSeen(accountId, systemClock.nowMs()),
    dueWhenEnded(record),
  ];
}

/** Enrols all, evenly spread over the buckets; answers the first `payers`. */
async function enrolAll(
  store: Store,
  masterKeys: string,
  { credentials, buckets }: ResealSize,
  payers: number,
): Promise<SealedSeed[]> {
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
function startPayments(
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

const RESEAL = new URL("../../reseal.ts", import.meta.url).pathname;

/**
 * Runs the task and answers what it said. With `killAfterMs` it is killed so
 * long after it began to seal.
 */
async function runTask(
  env: Readonly<Record<string, string>>,
  cwd: string,
  killAfterMs?: number,
): Promise<{ code: number; said: string; seconds: number }> {
  const startedMs = performance.now();
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", RESEAL],
    ...{ cwd, env: { ...env, NO_COLOR: "1" } },
    ...{ stdin: "null", stdout: "piped", stderr: "piped" } as const,
  }).spawn();
  const counts = new Response(child.stdout).text();
  let said = "";
  let timer: ReturnType<typeof setTimeout> | undefined;
  for await (const some of child.stderr.pipeThrough(new TextDecoderStream())) {
    said += some;
    if (killAfterMs !== undefined && said.includes("%")) {
      timer ??= setTimeout(() => child.kill("SIGKILL"), killAfterMs);
    }
  }
  const { code, signal } = await child.status;
  clearTimeout(timer);
  if (killAfterMs !== undefined && signal !== "SIGKILL") {
    throw new Error(`The task ended before it was killed: ${said}`);
  }
  const seconds = (performance.now() - startedMs) / 1000;
  return { code, said: said + await counts, seconds };
}

/** Measures one store. */
export async function benchReseal(kind: StoreKind, size: ResealSize) {
  await using stack = new AsyncDisposableStack();
  const { store, env } = stack.use(await openBenchStore(kind));
  const [k1, k2] = [keyOf("k1"), keyOf("k2")];
  const { perSecond, credentials } = size;
  const count = Math.min(credentials, perSecond * TURN_SECONDS);
  const payers = await enrolAll(store, k1, size, count);
  const adminKey = crypto.randomUUID();
  const settings = {
    ...{ ...env, OFFCODE_ADMIN_KEY: adminKey },
    OFFCODE_MASTER_KEYS: `${k2},${k1}`,
  };
  const folder = await useFolder(stack);
  const { origin } = stack.use(
    await startServer({ entry: "edge/main.ts", folder, env: settings }),
  );
  const { key } = await new Api(origin).openShop(adminKey, "Corner Shop");
  const payments = startPayments({ origin, key, payers, perSecond });
  await new Promise((go) => setTimeout(go, size.aloneMs));
  const alone = payments.takeLatencies();
  const startedMs = performance.now();
  for (const killAfterMs of size.killAfterMs) {
    await runTask(settings, folder, killAfterMs);
  }
  const { code, said, seconds } = await runTask(settings, folder);
  const besideSeconds = (performance.now() - startedMs) / 1000;
  const beside = payments.takeLatencies();
  const answers = await payments.end();
  const [, resealed, sealing] =
    /(\d+) were sealed anew in ([\d.]+) s/.exec(said) ??
      [];
  const isDone = said.includes(`${credentials} seeds are sealed under k2\n`) &&
    said.includes("Nothing is sealed under k1\n");
  if (code !== 0 || !isDone) throw new Error(`The task has not ended: ${said}`);
  return {
    /** Of the last run: what it sealed, and how long sealing and all of it took. */
    resealed: Number(resealed),
    sealingSeconds: Number(sealing),
    seconds,
    paymentsPerSecond: beside.count / besideSeconds,
    alone,
    beside,
    /** Every answer to a payment, and how many got it. */
    answers,
  };
}

const SIZE: ResealSize = {
  ...{ credentials: 100_000, buckets: 10_000, perSecond: 200 },
  ...{ aloneMs: 10_000, killAfterMs: [1_000, 1_000, 1_000] },
};

/** Sealing anew beside payments, over each store. */
export const resealSuite: Suite = async () => {
  const rows: string[][] = [];
  for (const kind of ["sqlite", "tcp"] as const) {
    const it = await benchReseal(kind, SIZE);
    const others = [...it.answers].filter(([answer]) => answer !== "201");
    rows.push([
      STORE_NAMES[kind],
      (it.resealed / it.sealingSeconds).toFixed(0),
      it.resealed.toString(),
      it.seconds.toFixed(1),
      it.paymentsPerSecond.toFixed(0),
      it.alone.percentileMs(99).toFixed(1),
      it.beside.percentileMs(99).toFixed(1),
      others.map(([answer, n]) => `${n} × ${answer}`).join(", ") || "0",
    ]);
  }
  return [{
    title: `Sealing ${SIZE.credentials} credentials anew beside payments`,
    columns: [
      ...["store", "credentials/s", "in the last run", "its time, s"],
      ...["payments/s", "p99 alone, ms", "p99 beside, ms", "not 201"],
    ],
    rows,
    notes: [
      `${SIZE.credentials} credentials in ${SIZE.buckets} buckets; the task was killed ${SIZE.killAfterMs.length} times, each`,
      "one second after its first seeds, and its last run counted all of them",
      "under the new key and none under the old one. The time of the last run",
      "has its start and both counts in it, the rate has not.",
    ],
  }];
};
