/**
 * The contract of maps: fields that are read, checked and written one by one,
 * and that expire together.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import type { Check, TxnResult, Write } from "../../edge/store/store.ts";
import {
  above,
  absent,
  below,
  count,
  del,
  equals,
  field,
  HOLDS,
  labelled,
  never,
  refusal,
  set,
  within,
} from "../support/store/ops.ts";
import type { Register } from "./store_contract.ts";

const MAX = Number.MAX_SAFE_INTEGER;
const f = (name: string) => field("map", name);

/** The tests by their sentences. */
const TESTS: Readonly<Record<string, Parameters<Register>[1]>> = {
  "every check of a field holds exactly when it should": async ({ store }) => {
    await store.txn({
      checks: [],
      writes: [
        set(f("text"), "abc"),
        set(f("nothing"), ""),
        set(f("ten"), "10"),
        set(f("most"), `${MAX}`),
        set(f("spent"), "0:10"),
        set("text", "of a value"),
      ],
    });
    const cases: [Check, TxnResult][] = [
      [absent(f("none")), HOLDS],
      [absent(field("none", "text")), HOLDS],
      [absent(f("text")), refusal("abc")],
      [absent(f("nothing")), refusal("")],
      [equals(f("text"), "abc"), HOLDS],
      [equals(f("text"), "of a value"), refusal("abc")],
      [equals(f("nothing"), ""), HOLDS],
      [equals(f("none"), ""), refusal(null)],
      [below(f("ten"), 11), HOLDS],
      [below(f("ten"), 10), refusal("10")],
      [below(f("none"), MAX), refusal(null)],
      [above(f("ten"), 9), HOLDS],
      [above(f("ten"), 10), refusal("10")],
      [above(f("ten"), -MAX), HOLDS],
      [above(f("none"), -MAX), refusal(null)],
      [above(f("most"), MAX - 1), HOLDS],
      [above(f("most"), MAX), refusal(`${MAX}`)],
      [within(f("spent"), "0", 5, 15), HOLDS],
      [within(f("spent"), "0", 5, 14), refusal("0:10")],
      [within(f("none"), "0", 5, 5), HOLDS],
      [within(f("none"), "0", 5, 4), refusal(null)],
      [within(field("none", "spent"), "0", 5, 4), refusal(null)],
    ];
    for (const [check, expected] of cases) {
      const result = await store.txn({ checks: [check], writes: [] });
      assertEquals(result, expected, JSON.stringify(check));
    }
  },
  "what refuses is named by its label, in the order given": async (
    { store },
  ) => {
    await store.txn({
      checks: [],
      writes: [set("a", "1"), set(f("n"), "5")],
    });
    const failing = [
      labelled("order", absent("a")),
      labelled("mark", below(f("n"), 5)),
      labelled("seed", above(f("n"), 5)),
      labelled("policy", equals(f("n"), "4")),
      labelled("limit", within(f("spent"), "0", 7, 6)),
      never("single-limit"),
    ];
    const values = ["1", "5", "5", "5", null, null];
    for (let first = 0; first < failing.length; first++) {
      const rotated = [...failing.slice(first), ...failing.slice(0, first)];
      assertEquals(
        await store.txn({
          checks: [labelled("holds", equals("a", "1")), ...rotated],
          writes: [set(f("written"), "1"), set("written", "1")],
          reads: [f("n"), f("written")],
        }),
        {
          committed: false,
          label: failing[first]!.label!,
          check: 1,
          value: values[first]!,
          values: ["5", null],
        },
      );
    }
    const { values: after } = await store.read({
      keys: [f("written"), "written"],
    });
    assertEquals(after, [null, null]);
  },
  "writes to fields are seen by later ones, and by reads": async (
    { store },
  ) => {
    const cases: [Write[], string | null][] = [
      [[set(f("x"), "1")], "1"],
      [[set(f("x"), "1"), set(f("x"), "2")], "2"],
      [[set(f("x"), "1"), del(f("x"))], null],
      [[del(f("x")), set(f("x"), "3")], "3"],
      [[del(f("none")), set(f("x"), "3")], "3"],
      [[set(f("x"), "0:4"), count(f("x"), "0", 3)], "0:7"],
      [[count(f("x"), "0", 3), count(f("x"), "0", -1)], "0:2"],
      [[count(f("x"), "0", 3), del(f("x")), count(f("x"), "0", 1)], "0:1"],
    ];
    for (const [writes, expected] of cases) {
      await store.txn({ checks: [], writes: [del("map")] });
      await store.txn({ checks: [], writes: [set(f("kept"), "k")] });
      const keys = [f("x"), f("kept"), f("none")];
      const result = await store.txn({ checks: [], writes, reads: keys });
      const note = JSON.stringify(writes);
      const values = [expected, "k", null];
      assertEquals(result, { committed: true, values }, note);
      assertEquals((await store.read({ keys })).values, values, note);
    }
  },
  "a map is gone with its last field, or when it is removed whole": async (
    { store },
  ) => {
    const commit = (...writes: Write[]) => store.txn({ checks: [], writes });
    const isFree = async () => {
      // A name that is free may be of any kind.
      const result = await store.txn({
        checks: [absent("map")],
        writes: [set("map", "1")],
      });
      await commit(del("map"));
      return result.committed;
    };
    await commit(set(f("a"), "1"), set(f("b"), "2"));
    await commit(del(f("a")));
    assertEquals((await store.read({ keys: [f("a"), f("b")] })).values, [
      null,
      "2",
    ]);
    await commit(del(f("b")));
    assertEquals(await isFree(), true);
    await commit(set(f("a"), "1"), set(f("b"), "2"));
    const result = await store.txn({
      checks: [equals(f("a"), "1")],
      writes: [del("map")],
      reads: [f("a"), f("c")],
    });
    assertEquals(result, { committed: true, values: [null, null] });
    assertEquals(await isFree(), true);
    // A map that never had a field is none.
    await commit(set(f("a"), "1", 1_000), del(f("a")));
    assertEquals(await isFree(), true);
  },
  "a map ends as a whole, and a write to an ended one begins an empty one":
    async ({ store, pass }) => {
      const commit = (...writes: Write[]) => store.txn({ checks: [], writes });
      const read = async () =>
        (await store.read({ keys: [f("a"), f("b"), f("c")] })).values;
      await commit(set(f("a"), "1", 1_000), set(f("b"), "2"));
      await pass(999);
      assertEquals(await read(), ["1", "2", null]);
      // Neither a write without an end nor a counter moves the map's end.
      await commit(set(f("b"), "3"), count(f("c"), "0", 1), del(f("none")));
      await pass(1);
      assertEquals(await read(), [null, null, null]);
      assertEquals(
        (await store.txn({
          checks: [absent(f("a")), within(f("c"), "0", 1, 1)],
          writes: [set(f("b"), "4")],
        })).committed,
        true,
      );
      assertEquals(await read(), [null, "4", null]);
      // The new one has no end until it is given one; the latest one counts.
      await pass(3_155_760_000_000);
      assertEquals(await read(), [null, "4", null]);
      await commit(
        set(f("a"), "1", 10),
        set(f("c"), "3", 1_000),
        set(f("b"), "5"),
      );
      await pass(10);
      assertEquals(await read(), ["1", "5", "3"]);
      await commit(set(f("a"), "2", 5));
      await pass(5);
      assertEquals(await read(), [null, null, null]);
    },
  "the end of a map stays while its fields are replaced, one by one or all":
    async ({ store, pass }) => {
      const commit = (...writes: Write[]) => store.txn({ checks: [], writes });
      await commit(set(f("a"), "1", 1_000));
      await commit(del(f("a")), set(f("b"), "2"));
      // The end goes with a field that is written and removed in one go, too.
      await commit(set(f("c"), "3", 2_000), del(f("c")));
      await pass(1_999);
      const keys = [f("a"), f("b"), f("c")];
      assertEquals((await store.read({ keys })).values, [null, "2", null]);
      await pass(1);
      assertEquals((await store.read({ keys })).values, [null, null, null]);
    },
  "a value keeps its end when its counter changes, and a new one has none":
    async ({ store, pass }) => {
      const commit = (...writes: Write[]) => store.txn({ checks: [], writes });
      await commit(set("a", "0:1", 1_000), set("b", "0:1", 1_000));
      await commit(count("a", "0", 4), count("new", "0", 2));
      await commit(del("b"), count("b", "0", 7));
      await commit(set("c", "0:1", 5_000), count("c", "0", 1));
      const keys = ["a", "b", "c", "new"];
      await pass(999);
      assertEquals((await store.read({ keys })).values, [
        "0:5",
        "0:7",
        "0:2",
        "0:2",
      ]);
      await pass(1);
      assertEquals((await store.read({ keys })).values, [
        null,
        "0:7",
        "0:2",
        "0:2",
      ]);
      await pass(4_000);
      assertEquals((await store.read({ keys })).values, [
        null,
        "0:7",
        null,
        "0:2",
      ]);
    },
  "of 200 at once that count in one map none passes its limits": async (
    { store },
  ) => {
    await store.txn({
      checks: [],
      writes: [set(f("mark"), "0"), set(f("credential"), "c")],
    });
    const results = await Promise.all(
      Array.from({ length: 200 }, (_, i) =>
        store.txn({
          checks: [
            labelled("order", absent(`order ${i}`)),
            labelled("credential", equals(f("credential"), "c")),
            labelled("mark", below(f("mark"), i + 1)),
            labelled("spent", within(f("spent"), "2026-01-01", 7, 500)),
          ],
          writes: [
            set(`order ${i}`, "1"),
            set(f("mark"), `${i + 1}`),
            count(f("spent"), "2026-01-01", 7),
          ],
        })),
    );
    const refused = new Set(
      results.flatMap((it) => it.committed ? [] : [it.label]),
    );
    const paid = results.filter(({ committed }) => committed).length;
    assertEquals([...refused].includes("credential"), false);
    const { values } = await store.read({ keys: [f("spent")] });
    assertEquals(values, [`2026-01-01:${7 * paid}`]);
    assertEquals(7 * paid <= 500, true);
  },
};

/** Registers the contract of maps, and of the labels of checks. */
export function mapContract(register: Register): void {
  for (const [sentence, body] of Object.entries(TESTS)) {
    register(sentence, body);
  }
}
