/**
 * What a verification and a payment take of Redis: commands, memory, network
 * and processor time, made over HTTP at a real server and counted by Redis; and
 * what they take of the server's processor.
 *
 * @module
 */

import { systemClock, systemPause } from "../../../edge/base/clock.ts";
import type { SandboxLedger } from "../../../edge/ledger/sandbox/sandbox.ts";
import { inParallel } from "../../parallel.ts";
import type { Phone } from "../../phone.ts";
import { fundAccounts, layGround } from "../kit/ground.ts";
import { callAll, PAYMENT, STEP_MS, VERIFICATION } from "../kit/race.ts";
import { cpuSecondsOf } from "../kit/rounds.ts";
import {
  openProbe,
  type RedisCounts,
  type RedisProbe,
  type StoreKind,
} from "../kit/store.ts";

/** What one call takes of Redis and of the edge. */
export interface EdgeCallFigures extends ReturnType<typeof callFigures> {
  readonly name: string;
  /** What is kept: growth of `used_memory` beside the accounts. */
  readonly redisBytes: number;
  /** Microseconds of the server's process, all of its threads. */
  readonly edgeCpuMicroseconds: number;
  /** Of the answer, head and body. */
  readonly answerBytes: number;
}

/**
 * Makes `count` verifications and `count` payments, one of each per phone, from
 * so many clients at a time: what meets in one turn shares a script. What payments keep
 * is measured `guardsMs` after the last one: then the guards against double scans have ended.
 */
export async function measureCalls(
  count: number,
  clients: number,
  transport: Exclude<StoreKind, "sqlite"> = "tcp",
  guardsMs = 61_000,
): Promise<readonly EdgeCallFigures[]> {
  // The last phone warms the server up.
  await using ground = await layGround(transport, count + 1);
  using probe = await openProbe(ground.redis!);
  const ledger = await fundAccounts(ground.store, count + 1);
  const server = await ground.start({
    entry: "edge/main.ts",
    env: { OFFCODE_BAD_CODE_LIMIT: "1000000" },
  });
  const shopKey = await ground.openShop(server);
  /** `work` answers with the bytes of all answers. */
  const measure = async (
    name: string,
    work: () => Promise<number>,
    endsMs = 0,
  ) => {
    const keptBefore = await keptBytes(probe);
    const before = await probe.counts();
    const edgeBefore = cpuSecondsOf(server.pid);
    const answerBytes = await work() / count;
    const edgeSeconds = cpuSecondsOf(server.pid) - edgeBefore;
    const figures = callFigures(before, await probe.counts(), count);
    await systemPause(endsMs);
    return {
      ...{ name, ...figures },
      redisBytes: (await keptBytes(probe) - keptBefore) / count,
      edgeCpuMicroseconds: edgeSeconds * 1e6 / count,
      answerBytes,
    };
  };
  const figures: EdgeCallFigures[] = [];
  const code = codesOf(ground.phones);
  for (
    const [name, call, key] of [
      ["verification", VERIFICATION, ground.walletKey],
      ["payment, sandbox ledger", PAYMENT, shopKey],
    ] as const
  ) {
    const run = async (from: number, to: number) => {
      const bodies: object[] = [];
      for (let n = from; n < to; n++) {
        bodies.push({ code: code(n), ...call.body(`order-${n}`, 0) });
      }
      const plan = { origin: server.origin, key };
      return (await callAll(ground.load, { ...call, clients }, plan, bodies))
        .answerBytes;
    };
    await run(count, count + 1);
    figures.push(
      await measure(name, async () => {
        let bytes = 0;
        for (let from = 0; from < count; from += SHOWN_TOGETHER) {
          bytes += await run(from, Math.min(count, from + SHOWN_TOGETHER));
        }
        return bytes;
      }, call === PAYMENT ? guardsMs : 0),
    );
  }
  const debits = await measure(
    "of which the ledger's debit",
    () => debitAll(ledger, count, clients),
  );
  return [...figures, debits];
}

/** Gives the next code of the nth phone. */
function codesOf(phones: readonly Phone[]): (n: number) => string {
  /** When each phone's latest code was the one of the present step, unix ms. */
  const shownMs: number[] = [];
  return (n) => {
    // A phone's codes count in order, each once.
    const atMs = Math.max(systemClock.nowMs(), (shownMs[n] ?? 0) + STEP_MS);
    shownMs[n] = atMs;
    return phones[n]!.show(atMs).digits;
  };
}

/** What is kept beside the accounts, whose size does not grow with their calls. */
async function keptBytes(probe: RedisProbe): Promise<number> {
  const { memoryBytes } = await probe.counts();
  return memoryBytes - ((await probe.bytesByKind()).get("account") ?? 0);
}

/**
 * Codes that are made together. They are used one after the other, and the last of them
 * must not be too old by then, however slow the machine is.
 */
const SHOWN_TOGETHER = 200;

async function debitAll(
  ledger: SandboxLedger,
  count: number,
  atOnce: number,
): Promise<0> {
  await inParallel(count, async (n) => {
    const { kind } = await ledger.debit({
      paymentId: `pay_${n.toString(16).padStart(48, "0")}`,
      accountId: `account-${n}`,
      merchantId: "mer_00000000000000000000000000000000",
      amountMinor: 1250,
      currency: "EUR",
    }, { confirmed: false });
    if (kind !== "approved") throw new Error("A debit was refused");
  }, { atOnce });
  return 0;
}

/** Commands that the bench itself sends. */
const OWN = ["info", "scan", "memory|usage"];

/** The difference between two counts, for each of `count` calls. */
export function callFigures(
  before: RedisCounts,
  after: RedisCounts,
  count: number,
) {
  const sum = { scripts: 0, inner: 0, others: 0 };
  for (const [command, calls] of Object.entries(after.calls)) {
    if (OWN.includes(command)) continue;
    const kind = /^eval(sha)?$/.test(command)
      ? "scripts"
      : /^(h?(m?get|set|del)|unlink|z[a-z]+)$/.test(command)
      ? "inner"
      : "others";
    sum[kind] += (calls - (before.calls[command] ?? 0)) / count;
  }
  const more = (of: (it: RedisCounts) => number) =>
    (of(after) - of(before)) / count;
  return {
    /**
     * Runs of scripts, each one round trip, commands inside of them, and
     * commands beside them.
     */
    ...sum,
    /** Of Redis' main thread. */
    cpuMicroseconds: more((it) => it.cpuSeconds * 1e6),
    /** Bytes to Redis and back, as its own protocol has them. */
    toRedisBytes: more((it) => it.receivedBytes),
    fromRedisBytes: more((it) => it.sentBytes),
  };
}
