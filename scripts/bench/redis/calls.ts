/**
 * What a verification and a payment take of Redis: commands, memory, network
 * and processor time, made over HTTP at a real server and counted by Redis; and
 * what they take of the server's processor.
 *
 * @module
 */

import { systemClock } from "../../../edge/base/clock.ts";
import type { SandboxLedger } from "../../../edge/ledger/sandbox/sandbox.ts";
import { inParallel } from "../../parallel.ts";
import { fundAccounts, layGround } from "../kit/ground.ts";
import { callAll, PAYMENT, VERIFICATION } from "../kit/race.ts";
import {
  openProbe,
  type RedisCounts,
  type RedisProbe,
  type StoreKind,
} from "../kit/store.ts";

/** What one call takes. */
export interface CallFigures {
  /** Runs of scripts, each one round trip; calls that meet share one. */
  readonly scripts: number;
  /** Commands inside of the scripts. */
  readonly inner: number;
  /** Commands beside scripts. */
  readonly others: number;
  /** Microseconds of Redis' main thread. */
  readonly cpuMicroseconds: number;
  /** Growth of `used_memory`. */
  readonly redisBytes: number;
  /** Bytes to Redis and back, as its own protocol has them. */
  readonly toRedisBytes: number;
  readonly fromRedisBytes: number;
}

/** The same with what it takes of the edge. */
export interface EdgeCallFigures extends CallFigures {
  readonly name: string;
  /** Microseconds of the server's process, all of its threads. */
  readonly edgeCpuMicroseconds: number;
  /** Of the answer, head and body. */
  readonly answerBytes: number;
}

/**
 * Makes `count` verifications and `count` payments, one of each per phone, from
 * so many clients at a time: what meets in one turn shares a script.
 */
export async function measureCalls(
  count: number,
  clients: number,
  transport: Exclude<StoreKind, "sqlite"> = "tcp",
): Promise<readonly EdgeCallFigures[]> {
  // The last one warms the server up.
  await using ground = await layGround(transport, count + 1);
  using probe = await openProbe(ground.redis!);
  const ledger = await fundAccounts(ground.store, count + 1);
  const server = await ground.start({
    entry: "edge/main.ts",
    env: { OFFCODE_BAD_CODE_LIMIT: "1000000" },
  });
  const shopKey = await ground.openShop(server);
  const nowMs = systemClock.nowMs();
  const figures: EdgeCallFigures[] = [];
  const add = async (name: string, work: () => Promise<number>) => {
    figures.push({ name, ...await measure(count, probe, server.pid, work) });
  };
  const calls = [
    {
      ...{ name: "verification", call: VERIFICATION },
      ...{ key: ground.walletKey, atMs: nowMs },
    },
    {
      ...{ name: "payment, sandbox ledger", call: PAYMENT },
      ...{ key: shopKey, atMs: nowMs + 30_000 },
    },
  ];
  for (const { name, call, key, atMs } of calls) {
    const bodies = ground.phones.map((phone, n) => ({
      code: phone.show(atMs).digits,
      ...call.body(`order-${n}`, 0),
    }));
    const plan = { origin: server.origin, key };
    const run = async (some: object[]) =>
      (await callAll(ground.load, { ...call, clients }, plan, some))
        .answerBytes;
    await run([bodies.pop()!]);
    await add(name, () => run(bodies));
  }
  await add("of which the ledger's debit", async () => {
    await debitAll(ledger, count, clients);
    return 0;
  });
  return figures;
}

async function debitAll(
  ledger: SandboxLedger,
  count: number,
  atOnce: number,
): Promise<void> {
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
}

async function measure(
  count: number,
  probe: RedisProbe,
  edgePid: number,
  /** Answers with the bytes of all answers. */
  work: () => Promise<number>,
): Promise<Omit<EdgeCallFigures, "name">> {
  const before = await probe.counts();
  const edgeBefore = await processSeconds(edgePid);
  const answerBytes = await work() / count;
  const edgeSeconds = await processSeconds(edgePid) - edgeBefore;
  const after = await probe.counts();
  return {
    ...callFigures(before, after, count),
    edgeCpuMicroseconds: edgeSeconds * 1e6 / count,
    answerBytes,
  };
}

/** Hundredths of a second, whatever the kernel's own are (proc(5)). */
const TICKS_PER_SECOND = 100;

/** Processor seconds that a process has used, in itself and for it. */
export async function processSeconds(pid: number): Promise<number> {
  const text = await Deno.readTextFile(`/proc/${pid}/stat`);
  // The name of the program may hold anything, also brackets.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [user, system] = [fields[11], fields[12]];
  return (Number(user) + Number(system)) / TICKS_PER_SECOND;
}

/** Commands that the bench itself sends. */
const OWN = ["info", "scan", "memory|usage"];

/** What lies between two looks, for each of `count` calls. */
export function callFigures(
  before: RedisCounts,
  after: RedisCounts,
  count: number,
): CallFigures {
  let scripts = 0;
  let inner = 0;
  let others = 0;
  for (const [command, calls] of Object.entries(after.calls)) {
    const more = (calls - (before.calls[command] ?? 0)) / count;
    if (/^eval(sha)?$/.test(command)) scripts += more;
    else if (/^(h?(m?get|set|del)|unlink|z[a-z]+)$/.test(command)) {
      inner += more;
    } else if (!OWN.includes(command)) others += more;
  }
  return {
    scripts,
    inner,
    others,
    cpuMicroseconds: (after.cpuSeconds - before.cpuSeconds) * 1e6 / count,
    redisBytes: (after.memoryBytes - before.memoryBytes) / count,
    toRedisBytes: (after.receivedBytes - before.receivedBytes) / count,
    fromRedisBytes: (after.sentBytes - before.sentBytes) / count,
  };
}
