/**
 * Processes that are killed in the middle of writing, and logs that end in the
 * middle of a transaction, as after a loss of power.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { openSqliteStore } from "../../edge/store/sqlite/sqlite.ts";
import type { Store } from "../../edge/store/store.ts";
import { ManualClock } from "../support/store/fixture.ts";
import { page } from "../support/store/ops.ts";
import { StoreProcess } from "../support/store/process/process.ts";
import { withStorePath } from "../support/store/sqlite.ts";

/** The transactions of the flood that are there; fails if one is in part. */
async function wholeTransactions(store: Store): Promise<number[]> {
  const { values: [count], ranges: [members] } = await store.read({
    keys: ["count"],
    ranges: [page("all")],
  });
  const numbers = members!.map(({ score }) => score);
  assertEquals(count ?? "0:0", `0:${numbers.length}`);
  // Beyond the last one nothing may be either.
  const last = (numbers.at(-1) ?? 0) + 40;
  for (let from = 0; from <= last; from += 500) {
    const range = Array.from({ length: 500 }, (_, i) => from + i);
    const left = await store.read({ keys: range.map((n) => `left:${n}`) });
    const right = await store.read({ keys: range.map((n) => `right:${n}`) });
    const there = new Set(numbers);
    for (const [i, n] of range.entries()) {
      const expected = there.has(n) ? `${n}` : null;
      assertEquals(left.values[i], expected);
      assertEquals(right.values[i]?.trimEnd() ?? null, expected);
    }
  }
  return numbers;
}

Deno.test("txn() keeps what it acknowledged and nothing by halves when its process is killed, 20 times", async () => {
  await withStorePath(async (path) => {
    const acknowledged: number[] = [];
    let next = 0;
    for (let round = 0; round < 20; round++) {
      await using child = new StoreProcess(path);
      assertEquals(await child.ask("open"), null);
      await child.send("flood", next);
      for (let heard = 0; heard <= (round * 37) % 150; heard++) {
        acknowledged.push((await child.next()).ack!);
      }
      const late = await child.kill();
      acknowledged.push(...late.map(({ ack }) => ack!));

      const store = openSqliteStore({ path, clock: new ManualClock() });
      try {
        const there = new Set(await wholeTransactions(store));
        const lost = acknowledged.filter((n) => !there.has(n));
        assertEquals(lost, []);
        next = Math.max(...there) + 1;
      } finally {
        await store.close();
      }
    }
    assert(acknowledged.length >= 20);
  });
});

Deno.test("openSqliteStore() opens a log that was cut off anywhere as of a whole transaction", async () => {
  await withStorePath(async (path, folder) => {
    await using child = new StoreProcess(path);
    assertEquals(await child.ask("open"), null);
    await child.send("flood", 0);
    for (let heard = 0; heard < 60; heard++) await child.next();
    await child.kill();

    const log = await Deno.readFile(`${path}-wal`);
    const seen = new Set<number>();
    const cut = `${folder}/cut.db`;
    for (let part = 0; part <= 40; part++) {
      await Deno.copyFile(path, cut);
      // Not at the borders of pages alone.
      const length = Math.floor((log.length * part) / 40) - (part % 3) * 7;
      await Deno.writeFile(`${cut}-wal`, log.subarray(0, Math.max(0, length)));
      let store;
      try {
        store = openSqliteStore({ path: cut, clock: new ManualClock() });
        seen.add((await wholeTransactions(store)).length);
      } finally {
        await store?.close();
        for (const suffix of ["", "-wal", "-shm"]) {
          await Deno.remove(cut + suffix).catch(() => {});
        }
      }
    }
    assert(seen.size > 2, "The cuts were all at one place");
  });
});
