/**
 * What a verification and a payment take of Redis: commands, memory and
 * processor time, made over HTTP at a real server and counted by Redis.
 *
 * @module
 */

import { systemClock, systemRandom } from "../../edge/clock.ts";
import { createSandboxLedger } from "../../edge/ledger/sandbox.ts";
import { Api } from "../demo/api.ts";
import { startLoad, startServer } from "./http_processes.ts";
import { enrolPhones, inParallel } from "./http_wallets.ts";
import {
  openProbe,
  type RedisCounts,
  type RedisProbe,
  startWorld,
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
}

const SEEDS_PER_BUCKET = 100;

/**
 * Makes `count` verifications and `count` payments, one of each per phone, from
 * so many clients at a time: what meets in one turn shares a script.
 */
export async function measureCalls(
  count: number,
  clients: number,
): Promise<readonly CallFigures[]> {
  const folder = await Deno.makeTempDir({ prefix: "offcode-bench-" });
  try {
    await using world = await startWorld("tcp");
    using probe = await openProbe(world.redis);
    const store = world.openStore();
    const { phones, walletKey, env } = await enrolPhones({
      store,
      // The last one warms the server up.
      count: count + 1,
      buckets: Math.ceil(count / SEEDS_PER_BUCKET),
    });
    const ledger = createSandboxLedger({
      store,
      random: systemRandom,
    });
    await inParallel(count + 1, async (n) => {
      await ledger.setAccount(`account-${n}`, {
        balanceMinor: 1_000_000,
        currency: "EUR",
      });
    });
    await using load = startLoad();
    await using server = await startServer({
      entry: "edge/main.ts",
      folder,
      env: { ...world.env, ...env, OFFCODE_BAD_CODE_LIMIT: "1000000" },
    });
    const api = new Api(server.origin);
    const shop = await api.call(
      "201 active",
      "POST",
      "/v1/admin/merchants",
      env["OFFCODE_ADMIN_KEY"]!,
      { name: "Corner Shop" },
    );
    const nowMs = systemClock.nowMs();
    const figures: CallFigures[] = [];
    const calls = [
      {
        name: "verification",
        status: "200",
        path: "/v1/verifications",
        key: walletKey,
        atMs: nowMs,
        body: (n: number) => ({ reference: `r-${n}` }),
      },
      {
        name: "payment, sandbox ledger",
        status: "201",
        path: "/v1/payments",
        key: shop.body["api_key"]!,
        atMs: nowMs + 30_000,
        body: (n: number) => ({
          order_id: `order-${n}`,
          amount_minor: 1250,
          currency: "EUR",
        }),
      },
    ];
    for (const { name, status, path, key, atMs, body } of calls) {
      const bodies = phones.map((phone, n) =>
        JSON.stringify({ code: phone.show(atMs).digits, ...body(n) })
      );
      const plan = { origin: server.origin, path, key, clients };
      const run = async (some: string[]) => {
        const { statuses } = await load.run({ ...plan, bodies: some });
        if (statuses[status] !== some.length) {
          throw new Error(`Not only ${status}: ${JSON.stringify(statuses)}`);
        }
      };
      await run([bodies.pop()!]);
      figures.push(
        await measure(name, count, probe, () => run(bodies)),
      );
    }
    figures.push(
      await measure("of which the ledger's debit", count, probe, async () => {
        await inParallel(count, async (n) => {
          const { kind } = await ledger.debit({
            paymentId: `pay_${n.toString(16).padStart(32, "0")}`,
            accountId: `account-${n}`,
            merchantId: "mer_00000000000000000000000000000000",
            amountMinor: 1250,
            currency: "EUR",
          }, { confirmed: false });
          if (kind !== "approved") throw new Error("A debit was refused");
        }, clients);
      }),
    );
    await store.close();
    return figures;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function measure(
  name: string,
  count: number,
  probe: RedisProbe,
  work: () => Promise<void>,
): Promise<CallFigures> {
  const before = await probe.counts();
  await work();
  const after = await probe.counts();
  return { name, ...callFigures(before, after, count) };
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
    else if (/^(get|set|del|unlink|z[a-z]+)$/.test(command)) inner += more;
    else if (!OWN.includes(command)) others += more;
  }
  return {
    scripts,
    inner,
    others,
    cpuMicroseconds: (after.cpuSeconds - before.cpuSeconds) * 1e6 / count,
    redisBytes: (after.memoryBytes - before.memoryBytes) / count,
  };
}
