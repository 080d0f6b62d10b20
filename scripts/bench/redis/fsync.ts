/**
 * What `appendfsync` costs: the same transactions at three servers that differ
 * in it alone, in one run, round by round.
 *
 * @module
 */

import { systemClock, systemRandom } from "../../../edge/base/clock.ts";
import { newId } from "../../../edge/base/ids.ts";
import type { Store, Transaction } from "../../../edge/store/store.ts";
import { inParallel } from "../../parallel.ts";
import { perSecond, type Table } from "../../table.ts";
import { type Contender, rateTable } from "../kit/rounds.ts";
import { openBenchStore } from "../kit/store.ts";

const PER_ROUND = 4_000;

/** Of the size of a claim: five checks, seven writes, 2 kB. */
function claim(id: string): Transaction {
  const at = (kind: string) => `oc:{0}:bench-${kind}:${id}`;
  const counted = ["spent", "count", "uses"]
    .map((it) => ({ counter: at(it), period: "0", delta: 1 }));
  const set = (kind: string, length: number) => {
    const value = "x".repeat(length);
    return { kind: "set", key: at(kind), value, ttlMs: 86_400_000 } as const;
  };
  const due = { index: "oc:{0}:bench-due", member: id };
  return {
    checks: [
      { kind: "absent", key: at("order") },
      { kind: "absent", key: at("tier") },
      ...counted.map((it) => ({ ...it, kind: "within" as const, max: 9 })),
    ],
    writes: [
      ...[set("order", 300), set("payment", 900), set("mark", 10)],
      ...counted.map((it) => ({ ...it, kind: "add" as const })),
      { kind: "index", ...due, score: systemClock.nowMs() },
    ],
  };
}

/** Commits `count` of them, so many at a time; per second of the wall. */
async function commitRate(store: Store, count: number): Promise<number> {
  const startMs = performance.now();
  await inParallel(count, async () => {
    const { committed } = await store.txn(claim(newId("req", systemRandom)));
    if (!committed) throw new Error("A transaction was refused");
  });
  return count * 1000 / (performance.now() - startMs);
}

/** Transactions under each setting. */
export async function fsyncContenders(
  stack: AsyncDisposableStack,
  perRound = PER_ROUND,
): Promise<Contender[]> {
  const contenders: Contender[] = [];
  for (const fsync of ["always", "everysec", "no"] as const) {
    const { store } = stack.use(await openBenchStore("tcp", fsync));
    contenders.push({
      name: `appendfsync ${fsync}`,
      rate: () => commitRate(store, perRound),
    });
  }
  return contenders;
}

/** Transactions per second under each setting. */
export async function fsyncTable(): Promise<Table> {
  await using stack = new AsyncDisposableStack();
  return await rateTable(await fsyncContenders(stack), {
    title: "Transactions of a payment's size over Redis by TCP",
    columns: [
      "Redis is told",
      ["txn/s", ({ median }) => perSecond(median)],
      [
        "always ÷ this",
        (it, _n, [always]) => (always!.median / it.median).toFixed(2),
      ],
    ],
    notes: [
      `of ${PER_ROUND}, 64 at a time; one process sends, beside Redis on the same cores.`,
      "What a disk adds depends on the disk.",
    ],
  });
}
