/**
 * The contract of transactions: all or nothing, one after the other, and
 * recognizable when repeated.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import {
  absent,
  add,
  below,
  del,
  empty,
  entry,
  equals,
  field,
  index,
  page,
  set,
  unindex,
  within,
} from "../support/store/ops.ts";
import type { Register } from "./store_contract.ts";

/** The tests by their sentences. */
const TESTS: Readonly<Record<string, Parameters<Register>[1]>> = {
  "txn() gives reads as they are after its writes": async ({ store }) => {
    await store.txn({
      checks: [],
      writes: [set("a", "old"), set("b", "old"), set("kept", "1")],
    });
    const result = await store.txn({
      checks: [equals("a", "old")],
      writes: [
        set("a", "new"),
        del("b"),
        set("c", "x"),
        set("c", "y"),
        add("n", 3),
      ],
      reads: ["c", "a", "b", "n", "a", "none", "kept"],
    });
    assertEquals(result, {
      committed: true,
      values: ["y", "new", null, "0:3", "new", null, "1"],
    });
    const { values } = await store.read({ keys: ["a", "b", "c", "n"] });
    assertEquals(values, ["new", null, "y", "0:3"]);
  },
  "txn() gives reads as they are after a refusal": async ({ store }) => {
    await store.txn({ checks: [], writes: [set("a", "1"), set("b", "2")] });
    const result = await store.txn({
      checks: [absent("none"), absent("a")],
      writes: [set("b", "3"), set("none", "4")],
      reads: ["b", "none", "a"],
    });
    assertEquals(result, {
      committed: false,
      check: 1,
      value: "1",
      values: ["2", null, "1"],
    });
  },
  "txn() changes nothing when it is refused": async ({ store, pass }) => {
    await store.txn({
      checks: [],
      writes: [
        set("a", "1"),
        set("ends", "1", 1_000),
        add("c", 5),
        index("i", "m", 5),
        index("j", "m", 5),
      ],
    });
    const keys = ["a", "ends", "c", "new", "newCounter"];
    const ranges = [page("i"), page("j"), page("k")];
    const before = await store.read({ keys, ranges });
    const result = await store.txn({
      checks: [absent("none"), equals("a", "1"), absent("a")],
      writes: [
        set("a", "2"),
        set("ends", "2"),
        set("new", "1"),
        add("c", 1),
        add("newCounter", 1),
        index("i", "m", 1),
        index("i", "n", 1),
        index("k", "n", 1),
        unindex("j", "m"),
      ],
    });
    assertEquals(result.committed, false);
    assertEquals(await store.read({ keys, ranges }), before);
    await pass(1_000);
    assertEquals((await store.read({ keys: ["ends"] })).values, [null]);
  },
  "txn() recognizes its own repeat by the attempt in its first check": async (
    { store },
  ) => {
    const attempt = (id: string) => ({
      checks: [absent("order"), within("spent", "0", 40, 100)],
      writes: [set("order", id), add("spent", 40)],
      reads: ["order", "spent"],
    });
    const first = await store.txn(attempt("attempt 1"));
    assertEquals(first, { committed: true, values: ["attempt 1", "0:40"] });
    for (let repeat = 0; repeat < 3; repeat++) {
      assertEquals(await store.txn(attempt("attempt 1")), {
        committed: false,
        check: 0,
        value: "attempt 1",
        values: ["attempt 1", "0:40"],
      });
    }
    assertEquals(await store.txn(attempt("attempt 2")), {
      committed: false,
      check: 0,
      value: "attempt 1",
      values: ["attempt 1", "0:40"],
    });
  },
  "txn() lets exactly one of 200 at once have a name": async ({ store }) => {
    const results = await Promise.all(
      Array.from({ length: 200 }, (_, i) =>
        store.txn({
          checks: [absent("code")],
          writes: [set("code", `${i}`), add("count", 1)],
          reads: ["code"],
        })),
    );
    const winners = results.flatMap(({ committed }, i) => committed ? [i] : []);
    assertEquals(winners.length, 1);
    const winner = `${winners[0]}`;
    for (const result of results) {
      if (result.committed) continue;
      assertEquals(result, {
        committed: false,
        check: 0,
        value: winner,
        values: [winner],
      });
    }
    const { values } = await store.read({ keys: ["code", "count"] });
    assertEquals(values, [winner, "0:1"]);
  },
  "txn() never passes a limit, with 200 at once": async ({ store }) => {
    const results = await Promise.all(
      Array.from({ length: 200 }, () =>
        store.txn({
          checks: [within("spent", "0", 7, 500)],
          writes: [add("spent", 7)],
        })),
    );
    // 71 × 7 = 497.
    assertEquals(results.filter(({ committed }) => committed).length, 71);
    assertEquals((await store.read({ keys: ["spent"] })).values, ["0:497"]);
  },
  "txn() lets a mark only rise, with 200 at once": async ({ store }) => {
    await store.txn({ checks: [], writes: [set("mark", "0")] });
    const steps = Array.from({ length: 200 }, (_, i) => (i * 37) % 200 + 1);
    const results = await Promise.all(steps.map((step) =>
      store.txn({
        checks: [below("mark", step)],
        writes: [set("mark", `${step}`)],
        reads: ["mark"],
      })
    ));
    assertEquals((await store.read({ keys: ["mark"] })).values, ["200"]);
    const risen = results.flatMap((result) =>
      result.committed ? [Number(result.values[0])] : []
    );
    assertEquals(
      risen.toSorted((a, b) => a - b),
      [...new Set(risen)]
        .sort((a, b) => a - b),
    );
  },
  "txn() loses no update, with 50 writers that compare and set": async (
    { store },
  ) => {
    await store.txn({ checks: [], writes: [set("n", "0")] });
    await Promise.all(Array.from({ length: 50 }, async () => {
      for (let value = "0";;) {
        const result = await store.txn({
          checks: [equals("n", value)],
          writes: [set("n", `${Number(value) + 1}`)],
        });
        if (result.committed) return;
        value = result.value!;
      }
    }));
    assertEquals((await store.read({ keys: ["n"] })).values, ["50"]);
  },
  "read() gives one snapshot, in the order of the request": async (
    { store },
  ) => {
    await store.txn({
      checks: [],
      writes: [
        set("a", "1"),
        set("b", "2"),
        index("i", "m", 1),
        index("j", "n", 2),
      ],
    });
    const snapshot = await store.read({
      keys: ["b", "none", "a", "b"],
      ranges: [page("j"), page("empty"), page("i"), page("j")],
    });
    assertEquals(snapshot, {
      values: ["2", null, "1", "2"],
      ranges: [[entry(2, "n")], [], [entry(1, "m")], [entry(2, "n")]],
    });
    assertEquals(await store.read({}), { values: [], ranges: [] });
  },
  "read() never sees half a transaction": async ({ store }) => {
    const writer = async () => {
      for (let i = 1; i <= 100; i++) {
        await store.txn({
          checks: [],
          writes: [
            set("left", `${i}`),
            unindex("i", `${i - 1}`),
            index("i", `${i}`, i),
            set("right", `${i}`),
            set(field("map", "right"), `${i}`),
          ],
        });
      }
    };
    const reader = async () => {
      const seen = new Set<string | null>();
      // Bounded, for a store whose readers starve its writers.
      for (let reads = 0; reads < 100_000 && !seen.has("100"); reads++) {
        const { values: [left, right, inMap], ranges: [members] } = await store
          .read({
            keys: ["left", "right", field("map", "right")],
            ranges: [page("i")],
          });
        const number = left === null ? [] : [entry(Number(left), left!)];
        assertEquals(
          { right, inMap, members },
          { right: left, inMap: left, members: number },
        );
        seen.add(left!);
      }
      assert(seen.has("100"), "The writer has not come to its end");
    };
    await Promise.all([writer(), reader(), reader()]);
  },
  "txn() and read() agree in another connection at once": async (
    { store, fixture },
  ) => {
    const other = await fixture.reopen?.() ?? store;
    try {
      for (let i = 0; i < 20; i++) {
        const [writer, reader] = i % 2 === 0 ? [store, other] : [other, store];
        await writer.txn({
          checks: [],
          writes: [set("a", `${i}`), index("i", `${i}`, i)],
        });
        const { values, ranges } = await reader.read({
          keys: ["a"],
          ranges: [page("i", { min: i })],
        });
        assertEquals(values, [`${i}`]);
        assertEquals(ranges, [[entry(i, `${i}`)]]);
        const result = await reader.txn({
          checks: [equals("a", `${i}`), empty("none")],
          writes: [],
        });
        assertEquals(result.committed, true);
      }
    } finally {
      if (other !== store) await other.close();
    }
  },
  "txn() that fails leaves those that come with it alone": async (
    { store },
  ) => {
    await store.txn({ checks: [], writes: [set("text", "x")] });
    const results = await Promise.allSettled(
      Array.from({ length: 9 }, (_, i) =>
        store.txn({
          checks: [],
          writes: [set(`k${i}`, "1"), add(i % 3 === 1 ? "text" : "n", 1)],
        })),
    );
    assertEquals(
      results.map(({ status }) => status === "fulfilled"),
      [true, false, true, true, false, true, true, false, true],
    );
    const keys = Array.from({ length: 9 }, (_, i) => `k${i}`);
    const { values } = await store.read({ keys: [...keys, "n", "text"] });
    assertEquals(
      values,
      ["1", null, "1", "1", null, "1", "1", null, "1", "0:6", "x"],
    );
  },
};

/** Registers the contract of transactions. */
export function transactionContract(register: Register): void {
  for (const [sentence, body] of Object.entries(TESTS)) {
    register(sentence, body);
  }
}
