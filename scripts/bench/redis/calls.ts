/**
 * What a verification and a payment take of Redis: commands, memory, network
 * and processor time, made over HTTP at a real server and counted by Redis; and
 * what they take of the server's processor.
 *
 * @module
 */

import { systemPause } from "../../../edge/base/clock.ts";
import { CURRENCY } from "../../client.ts";
import type { Phone } from "../../phone.ts";
import type { RedisServer } from "../../redis_server.ts";
import { layGround } from "../kit/ground.ts";
import {
  CODES_PER_PHONE,
  type HttpFigures,
  PAYMENT,
  raceHttp,
  VERIFICATION,
} from "../kit/race.ts";
import { bytesByKind, type RedisCounts, redisCounts } from "../kit/store.ts";

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

/** The kinds of which a customer has one record, however many payments there are. */
const OF_ACCOUNTS = ["account", "sandbox-spent"];

/** What is kept beside the records of accounts. */
async function keptBytes(redis: RedisServer): Promise<number> {
  // This scans all keys, by which Redis drops those that have expired.
  const kinds = await bytesByKind(redis);
  const { memoryBytes } = await redisCounts(redis);
  return OF_ACCOUNTS.reduce(
    (left, kind) => left - (kinds.get(kind) ?? 0),
    memoryBytes,
  );
}

/**
 * Makes `count` verifications and as many payments over a transport, two of each
 * customer, one at a time: under load calls share scripts and cost less. The third
 * figures are the sandbox ledger's debits, which are in those of the payments. What
 * payments keep is measured `guardsMs` after the last one: then the guards against
 * double scans have ended.
 *
 * @param count A multiple of {@linkcode CODES_PER_PHONE}.
 */
export async function measureCalls(
  count: number,
  transport: "tcp" | "rest",
  guardsMs = 61_000,
): Promise<readonly EdgeCallFigures[]> {
  const each = count / CODES_PER_PHONE;
  // The last customers warm the server up.
  await using ground = await layGround(transport, 2 * (each + 1));
  const redis = ground.redis!;
  const server = await ground.start();
  const shop = await ground.openShop(server);
  const figures: EdgeCallFigures[] = [];
  const measure = async (
    name: string,
    work: () => Promise<Partial<HttpFigures>>,
    endsMs = 0,
  ) => {
    const keptBefore = await keptBytes(redis);
    const before = await redisCounts(redis);
    const { cpuMicroseconds = 0, answerBytes = 0 } = await work();
    const counts = callFigures(before, await redisCounts(redis), count);
    await systemPause(endsMs);
    const redisBytes = (await keptBytes(redis) - keptBefore) / count;
    const edgeCpuMicroseconds = cpuMicroseconds;
    figures.push({
      ...{ name, ...counts, redisBytes, edgeCpuMicroseconds, answerBytes },
    });
  };
  for (
    const [n, name, call, key] of [
      [0, "verification", VERIFICATION, ground.walletKey],
      [1, "payment", PAYMENT, shop.key],
    ] as const
  ) {
    const phones = ground.phones.slice(n * (each + 1));
    // Codes are made for a whole round, and the last of them must not be too old
    // when its turn comes, however slow the machine is.
    const phonesPerRound = Math.min(each, 100);
    const race = async (
      name: string,
      phones: readonly Phone[],
      rounds: number,
    ) => {
      const size = { rounds, warmUpRounds: 0, phonesPerRound };
      const contender = ground.contender(server, { name, key, phones });
      const one = { ...call, clients: 1 };
      return (await raceHttp(one, size, [contender], name))[0]!;
    };
    await race(`${name}-first`, phones.slice(each, each + 1), 1);
    const work = () => race(name, phones, each / phonesPerRound);
    await measure(name, work, call === PAYMENT ? guardsMs : 0);
  }
  await measure("debit of the sandbox ledger", async () => {
    for (let n = 0; n < count; n++) {
      const { kind } = await ground.ledger.debit({
        paymentId: `pay_${n.toString(16).padStart(48, "0")}`,
        accountId: `account-${n % each}`,
        merchantId: shop.id,
        ...{ amountMinor: 1250, currency: CURRENCY },
      }, { confirmed: false });
      if (kind !== "approved") throw new Error("A debit was refused");
    }
    return {};
  });
  return figures;
}

/** The difference between two counts, for each of `count` calls. */
export function callFigures(
  before: RedisCounts,
  after: RedisCounts,
  count: number,
) {
  const sum = { scripts: 0, inner: 0, others: 0 };
  for (const [command, calls] of Object.entries(after.calls)) {
    // This command reads the counts themselves.
    if (command === "info") continue;
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
