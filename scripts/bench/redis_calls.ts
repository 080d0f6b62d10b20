/**
 * What a verification and a payment take of Redis: commands, memory, network
 * and processor time, made over HTTP at a real server and counted by Redis; and
 * what they take of the server's processor.
 *
 * @module
 */

import { systemClock } from "../../edge/base/clock.ts";
import { layGround, openShop } from "./http_ground.ts";
import { fundAccounts, inParallel } from "./http_wallets.ts";
import {
  openProbe,
  type RedisCounts,
  type RedisProbe,
  type Transport,
} from "./redis_world.ts";

/** What one call takes. */
export interface CallFigures {
  readonly name: string;
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
  transport: Transport = "tcp",
): Promise<readonly EdgeCallFigures[]> {
  // The last one warms the server up.
  await using ground = await layGround({ kind: transport, phones: count + 1 });
  using probe = await openProbe(ground.store.redis!);
  const store = ground.store.openStore();
  await using stack = new AsyncDisposableStack();
  stack.defer(() => store.close());
  const ledger = await fundAccounts(store, count + 1);
  const server = await ground.start({
    entry: "edge/main.ts",
    env: { OFFCODE_BAD_CODE_LIMIT: "1000000" },
  });
  const shopKey = await openShop(server, ground);
  const nowMs = systemClock.nowMs();
  const figures: EdgeCallFigures[] = [];
  const calls = [
    {
      name: "verification",
      status: "200",
      path: "/v1/verifications",
      key: ground.walletKey,
      atMs: nowMs,
      body: (n: number) => ({ reference: `r-${n}` }),
    },
    {
      name: "payment, sandbox ledger",
      status: "201",
      path: "/v1/payments",
      key: shopKey,
      atMs: nowMs + 30_000,
      body: (n: number) => ({
        order_id: `order-${n}`,
        amount_minor: 1250,
        currency: "EUR",
      }),
    },
  ];
  for (const { name, status, path, key, atMs, body } of calls) {
    const bodies = ground.phones.map((phone, n) =>
      JSON.stringify({ code: phone.show(atMs).digits, ...body(n) })
    );
    const plan = { origin: server.origin, path, key, clients };
    const run = async (some: string[]) => {
      const { statuses, answerBytes } = await ground.load.run({
        ...plan,
        bodies: some,
      });
      if (statuses[status] !== some.length) {
        throw new Error(`Not only ${status}: ${JSON.stringify(statuses)}`);
      }
      return answerBytes;
    };
    await run([bodies.pop()!]);
    figures.push(
      await measure(name, count, probe, server.pid, () => run(bodies)),
    );
  }
  const debitAll = async () => {
    await inParallel(count, async (n) => {
      const { kind } = await ledger.debit({
        paymentId: `pay_${n.toString(16).padStart(48, "0")}`,
        accountId: `account-${n}`,
        merchantId: "mer_00000000000000000000000000000000",
        amountMinor: 1250,
        currency: "EUR",
      }, { confirmed: false });
      if (kind !== "approved") throw new Error("A debit was refused");
    }, clients);
    return 0;
  };
  figures.push(
    await measure(
      "of which the ledger's debit",
      count,
      probe,
      server.pid,
      debitAll,
    ),
  );
  return figures;
}

async function measure(
  name: string,
  count: number,
  probe: RedisProbe,
  edgePid: number,
  /** Answers with the bytes of all answers. */
  work: () => Promise<number>,
): Promise<EdgeCallFigures> {
  const before = await probe.counts();
  const edgeBefore = await processSeconds(edgePid);
  const answerBytes = await work() / count;
  const edgeSeconds = await processSeconds(edgePid) - edgeBefore;
  const after = await probe.counts();
  return {
    name,
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
): Omit<CallFigures, "name"> {
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
