/**
 * The contract of names that hold another kind of record than a request
 * expects, which only a fault elsewhere can bring about.
 *
 * An engine need not see every one: it may take an index where a value is
 * expected for no value. What it must never do is to lose what is there while
 * it tells of a check that held, or to write a part of a transaction.
 *
 * @module
 */

import { assertEquals, assertInstanceOf } from "@std/assert";
import { StoreUnavailableError } from "../../edge/store/store.ts";
import { assertFault, type StoreTest } from "../support/store/fixture.ts";
import {
  above,
  absent,
  below,
  count,
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

const inMap = field("map", "f");
const KINDS = {
  keys: ["value", inMap, "new", field("new-map", "f")],
  ranges: [page("index")],
};
const BEFORE = {
  values: ["1", "2", null, null],
  ranges: [[entry(3, "m")]],
};

async function seed({ store }: StoreTest): Promise<void> {
  await store.txn({
    checks: [],
    writes: [set("value", "1"), set(inMap, "2"), index("index", "m", 3)],
  });
}

/** The tests by their sentences. */
const TESTS: Readonly<Record<string, Parameters<Register>[1]>> = {
  "a map and an index are told from every other kind, and nothing is written":
    async (test) => {
      const { store } = test;
      await seed(test);
      const others = [set("new", "1"), set(field("new-map", "f"), "1")];
      for (const name of ["value", "index"]) {
        const ref = field(name, "f");
        for (
          const check of [
            absent(ref),
            equals(ref, "1"),
            below(ref, 1),
            above(ref, 1),
            within(ref, "0", 1, 1),
          ]
        ) {
          const late = [absent("value"), check];
          await assertFault(
            store.txn({ checks: [check], writes: others }),
            "corrupt",
          );
          // Fields are read before the checks: a refusal cannot hide it.
          await assertFault(
            store.txn({
              checks: late.slice(name === "value" ? 1 : 0),
              writes: others,
            }),
            "corrupt",
          );
        }
        for (
          const write of [
            set(ref, "1"),
            set(ref, "1", 5),
            count(ref, "0", 1),
            del(ref),
          ]
        ) {
          await assertFault(
            store.txn({ checks: [], writes: [...others, write] }),
            "corrupt",
          );
        }
        await assertFault(store.read({ keys: [ref] }), "corrupt");
        await assertFault(
          store.txn({ checks: [], writes: others, reads: [ref] }),
          "corrupt",
        );
      }
      for (const name of ["value", "map"]) {
        await assertFault(
          store.txn({ checks: [empty(name)], writes: others }),
          "corrupt",
        );
        const added = [...others, index(name, "m", 1)];
        await assertFault(store.txn({ checks: [], writes: added }), "corrupt");
        const lowered = [...others, index(name, "m", 1, true)];
        await assertFault(
          store.txn({ checks: [], writes: lowered }),
          "corrupt",
        );
        await assertFault(
          store.read({ keys: ["new"], ranges: [page(name)] }),
          "corrupt",
        );
        await assertFault(store.range(page(name)), "corrupt");
        const after = entry(1, "m");
        await assertFault(store.range(page(name, { after })), "corrupt");
      }
      assertEquals(await store.read(KINDS), BEFORE);
    },
  "a record of another kind is never overwritten by what a check found absent":
    async (test) => {
      const { store } = test;
      await seed(test);
      const others = [set("new", "1"), set(field("new-map", "f"), "1")];
      for (const name of ["map", "index"]) {
        for (const ttlMs of [undefined, 1_000]) {
          const claim = store.txn({
            checks: [absent("elsewhere"), absent(name)],
            writes: [...others, set(name, "1", ttlMs), index("due", "m", 1)],
          });
          await assertFault(claim, "corrupt");
          assertEquals(await store.read(KINDS), BEFORE);
        }
      }
    },
  "a record of another kind is never taken for a value": async (test) => {
    const { store } = test;
    await seed(test);
    const writes = [set("new", "1")];
    for (const name of ["map", "index"]) {
      for (
        const check of [equals(name, "1"), below(name, 9), above(name, 0)]
      ) {
        const result = await store.txn({
          checks: [check],
          writes,
          reads: [name],
        })
          .catch((error) => error);
        if (result instanceof Error) {
          assertInstanceOf(result, StoreUnavailableError);
          assertEquals(result.fault, "corrupt");
        } else {
          assertEquals(result, {
            committed: false,
            check: 0,
            value: null,
            values: [null],
          });
        }
      }
      const read = await store.read({ keys: [name] }).catch((error) => error);
      if (read instanceof Error) {
        assertInstanceOf(read, StoreUnavailableError);
        assertEquals(read.fault, "corrupt");
      } else assertEquals(read.values, [null]);
    }
    assertEquals(await store.read(KINDS), BEFORE);
  },
  "a wrong kind under a removal from an index leaves its record alone": async (
    test,
  ) => {
    const { store } = test;
    await seed(test);
    for (const name of ["value", "map"]) {
      await assertFault(
        store.txn({ checks: [], writes: [unindex(name, "m")] }),
        "corrupt",
      );
    }
    assertEquals(await store.read(KINDS), BEFORE);
  },
  "a wrong kind is told to that request alone": async (test) => {
    const { store } = test;
    await seed(test);
    const ends = await Promise.allSettled([
      store.txn({ checks: [absent("a")], writes: [set("a", "1")] }),
      store.txn({
        checks: [absent(field("index", "f"))],
        writes: [set("b", "1")],
      }),
      store.read({ keys: ["a"], ranges: [page("map")] }),
      store.txn({
        checks: [],
        writes: [set("c", "1"), index("value", "m", 1)],
      }),
      store.txn({ checks: [absent("index")], writes: [set("index", "1")] }),
      store.txn({ checks: [equals("a", "1")], writes: [set("d", "1")] }),
    ]);
    assertEquals(
      ends.map((it) => it.status === "fulfilled" ? "done" : it.reason.fault),
      ["done", "corrupt", "corrupt", "corrupt", "corrupt", "done"],
    );
    const { values } = await store.read({ keys: ["a", "b", "c", "d"] });
    assertEquals(values, ["1", null, null, "1"]);
  },
};

/** Registers the contract of wrong kinds. */
export function kindContract(register: Register): void {
  for (const [sentence, body] of Object.entries(TESTS)) {
    register(sentence, body);
  }
}
