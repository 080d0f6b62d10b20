/**
 * The contract of indexes: members, order, pages.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import type { IndexEntry, Store } from "../../edge/store/store.ts";
import {
  del,
  empty,
  entry,
  index,
  page,
  unindex,
} from "../support/store/ops.ts";
import type { Register } from "./store_contract.ts";

const MAX = Number.MAX_SAFE_INTEGER;

/** Ordered by bytes of UTF-8; U+FFFD is above U+1F600 in UTF-16. */
const BY_BYTES = ["", "\0", "\x01", "\x02", "A", "B", "a", "aa", "b", "~"]
  .concat(["é", "ÿ", "\u0100", "\uE000", "\uFFFD", "😀", "\u{10FFFF}"]);

async function readPages(
  store: Store,
  limit: number,
): Promise<(readonly IndexEntry[])[]> {
  const pages = [await store.range(page("i", { limit }))];
  // A page that repeats itself must not hang the test.
  while (pages.length < 100) {
    const after = pages.at(-1)!.at(-1)!;
    const next = await store.range(page("i", { limit, after }));
    if (next.length === 0) return pages;
    pages.push(next);
  }
  return pages;
}

/** The tests by their sentences. */
const TESTS: Readonly<Record<string, Parameters<Register>[1]>> = {
  "range() orders by score, then by bytes of the member": async ({ store }) => {
    const entries = [0, 1, 10, MAX].flatMap((score) =>
      BY_BYTES.map((member) => entry(score, `${score} ${member}`))
    );
    // 7 has no factor in common with 68: every entry comes once, out of order.
    const shuffled = entries.map((_, i) => entries[(i * 7) % entries.length]!);
    await store.txn({
      checks: [],
      writes: shuffled.map(({ score, member }) => index("i", member, score)),
    });
    assertEquals(await store.range(page("i")), entries);
    assertEquals(await store.range(page("other")), []);
  },
  "range() orders the members themselves by bytes": async ({ store }) => {
    await store.txn({
      checks: [],
      writes: BY_BYTES.toReversed().map((member) => index("i", member, 7)),
    });
    const entries = BY_BYTES.map((member) => entry(7, member));
    assertEquals(await store.range(page("i")), entries);
    for (const [position, after] of entries.entries()) {
      assertEquals(
        await store.range(page("i", { after })),
        entries.slice(position + 1),
      );
    }
  },
  "range() pages through equal scores without gap or repeat": async (
    { store },
  ) => {
    const entries = Array.from(
      { length: 60 },
      (_, i) => entry(Math.floor(i / 20), `m${`${i}`.padStart(2, "0")}`),
    );
    await store.txn({
      checks: [],
      writes: entries.map(({ score, member }) => index("i", member, score)),
    });
    for (const limit of [1, 2, 7, 19, 20, 21, 59, 60, 61]) {
      const pages = await readPages(store, limit);
      assertEquals(pages.flat(), entries);
      assertEquals(pages.length, Math.ceil(60 / limit));
    }
  },
  "range() keeps to its bounds": async ({ store }) => {
    const entries = [
      entry(0, "a"),
      entry(5, "b"),
      entry(5, "d"),
      entry(9, "a2"),
      entry(MAX, "z"),
    ];
    await store.txn({
      checks: [],
      writes: entries.map(({ score, member }) => index("i", member, score)),
    });
    const cases: [Parameters<typeof page>[1], number[]][] = [
      [{}, [0, 1, 2, 3, 4]],
      [{ min: 5, max: 5 }, [1, 2]],
      [{ min: 1, max: 4 }, []],
      [{ min: 0, max: 0 }, [0]],
      [{ min: -MAX, max: -1 }, []],
      [{ min: -MAX, max: 5 }, [0, 1, 2]],
      [{ min: MAX, max: MAX }, [4]],
      [{ max: MAX - 1 }, [0, 1, 2, 3]],
      [{ min: 9, max: 5 }, []],
      [{ limit: 2 }, [0, 1]],
      [{ min: 5, limit: 1 }, [1]],
      // `after` need not be there.
      [{ after: entry(5, "c") }, [2, 3, 4]],
      [{ after: entry(5, "") }, [1, 2, 3, 4]],
      [{ after: entry(7, "") }, [3, 4]],
      [{ after: entry(MAX, "z") }, []],
      // `after` below the lowest score, and at it.
      [{ min: 5, after: entry(0, "zz") }, [1, 2, 3, 4]],
      [{ min: 5, after: entry(5, "b") }, [2, 3, 4]],
      [{ min: 6, after: entry(5, "b") }, [3, 4]],
      // `after` beyond the highest score.
      [{ max: 5, after: entry(9, "a2") }, []],
      [{ max: 5, after: entry(5, "b"), limit: 1 }, [2]],
    ];
    for (const [options, expected] of cases) {
      assertEquals(
        await store.range(page("i", options)),
        expected.map((position) => entries[position]!),
        JSON.stringify(options),
      );
    }
  },
  "txn() keeps each member once, with its last score": async ({ store }) => {
    const commit = async (...writes: ReturnType<typeof index>[]) => {
      await store.txn({ checks: [], writes });
      return await store.range(page("i"));
    };
    assertEquals(await commit(index("i", "m", 5)), [entry(5, "m")]);
    assertEquals(await commit(index("i", "m", 9)), [entry(9, "m")]);
    assertEquals(await commit(index("i", "m", 2)), [entry(2, "m")]);
    assertEquals(await commit(index("i", "m", 3, true)), [entry(2, "m")]);
    assertEquals(await commit(index("i", "m", 2, true)), [entry(2, "m")]);
    assertEquals(await commit(index("i", "m", 1, true)), [entry(1, "m")]);
    assertEquals(await commit(index("i", "m", 4, false)), [entry(4, "m")]);
    assertEquals(await commit(index("i", "n", 7, true)), [
      entry(4, "m"),
      entry(7, "n"),
    ]);
    assertEquals(await commit(index("i", "m", 0), index("i", "m", MAX)), [
      entry(7, "n"),
      entry(MAX, "m"),
    ]);
    assertEquals(await commit(unindex("i", "m"), unindex("i", "m")), [
      entry(7, "n"),
    ]);
    assertEquals(await commit(unindex("none", "m")), [entry(7, "n")]);
  },
  "txn() makes changes of an index in the order given": async ({ store }) => {
    const cases: [ReturnType<typeof index>[], IndexEntry[]][] = [
      [[index("i", "a", 1), unindex("i", "a")], [entry(5, "old")]],
      [[unindex("i", "old"), index("i", "a", 1)], [entry(1, "a")]],
      [[index("i", "old", 9), index("i", "old", 4, true)], [entry(4, "old")]],
      [[unindex("i", "old"), index("i", "old", 9, true)], [entry(9, "old")]],
      [[index("i", "old", 3, true), index("i", "old", 9)], [
        entry(9, "old"),
      ]],
      [[index("i", "old", 3), index("i", "old", 9, true)], [
        entry(3, "old"),
      ]],
      [[index("i", "old", 7, true), index("i", "old", 6, true)], [
        entry(5, "old"),
      ]],
      [[index("i", "old", 3, true), index("i", "old", 4, true)], [
        entry(3, "old"),
      ]],
      [[index("i", "old", 4, true), index("i", "old", 3, true)], [
        entry(3, "old"),
      ]],
      [[index("i", "a", 2, true), unindex("i", "a")], [entry(5, "old")]],
      [[unindex("i", "a"), index("i", "a", 6), index("i", "b", 6)], [
        entry(5, "old"),
        entry(6, "a"),
        entry(6, "b"),
      ]],
      [[unindex("i", "old"), index("j", "old", 2)], []],
      [[unindex("i", "old")], []],
    ];
    for (const [writes, expected] of cases) {
      const checks = [empty("none")];
      await store.txn({ checks, writes: [del("i"), del("j")] });
      await store.txn({ checks, writes: [index("i", "old", 5)] });
      await store.txn({ checks, writes });
      assertEquals(await store.range(page("i")), expected);
    }
  },
  "txn() frees a name when its last member or value goes": async (
    { store },
  ) => {
    await store.txn({ checks: [], writes: [index("n", "m", 1)] });
    await store.txn({
      checks: [empty("other")],
      writes: [unindex("n", "m")],
    });
    const { values } = await store.read({ keys: ["n"] });
    assertEquals(values, [null]);
    await store.txn({ checks: [], writes: [index("n", "m", 1)] });
    await store.txn({ checks: [], writes: [del("n")] });
    assertEquals((await store.read({ keys: ["n"] })).values, [null]);
    assertEquals(await store.range(page("n")), []);
  },
};

/** Registers the contract of indexes. */
export function indexContract(register: Register): void {
  for (const [sentence, body] of Object.entries(TESTS)) {
    register(sentence, body);
  }
}
