/**
 * `deno task reseal` beside payments: a store of sealed credentials, an edge
 * that takes payments by offline codes at a steady rate, and the task, which is
 * killed three times on the way and then runs to its end.
 *
 * @module
 */

import { Api } from "../../client.ts";
import type { Suite } from "../../table.ts";
import { startServer } from "../kit/processes.ts";
import {
  type Base,
  enrolBase,
  newMasterKey,
  startPayments,
} from "../kit/steady_payments.ts";
import {
  openBenchStore,
  STORE_NAMES,
  type StoreKind,
  useFolder,
} from "../kit/store.ts";

/** How much is measured. */
export interface ResealSize extends Base {
  /** How long payments go on alone before the task starts. */
  readonly aloneMs: number;
  /** From the first seeds that a run seals anew to its end by SIGKILL. */
  readonly killAfterMs: readonly number[];
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
  const [k1, k2] = [newMasterKey("k1"), newMasterKey("k2")];
  const { perSecond, credentials } = size;
  const payers = await enrolBase(store, k1, size);
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
