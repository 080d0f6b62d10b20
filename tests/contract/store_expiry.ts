/**
 * The contract of expiry: decided by the clock that the store was given, to
 * the millisecond.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import {
  absent,
  add,
  below,
  del,
  empty,
  equals,
  index,
  page,
  set,
  within,
} from "../support/store/ops.ts";
import type { Register } from "./store_contract.ts";

/** The tests by their sentences. */
const TESTS: Readonly<Record<string, Parameters<Register>[1]>> = {
  "read() finds a value until the millisecond of its expiry": async (
    { store, pass },
  ) => {
    await store.txn({
      checks: [],
      writes: [set("a", "1", 1_000), set("b", "2", 1_001), set("c", "3")],
    });
    const read = async () =>
      (await store.read({ keys: ["a", "b", "c"] })).values;
    await pass(999);
    assertEquals(await read(), ["1", "2", "3"]);
    await pass(1);
    assertEquals(await read(), [null, "2", "3"]);
    await pass(1);
    assertEquals(await read(), [null, null, "3"]);
    await pass(3_155_760_000_000);
    assertEquals(await read(), [null, null, "3"]);
  },
  "txn() counts an expired value as absent in every check and read": async (
    { store, pass },
  ) => {
    await store.txn({
      checks: [],
      writes: [set("a", "1", 10), add("c", 9)],
    });
    await pass(10);
    const cases = [equals("a", "1"), below("a", 5)];
    for (const check of cases) {
      assertEquals(
        await store.txn({ checks: [check], writes: [], reads: ["a"] }),
        { committed: false, check: 0, value: null, values: [null] },
      );
    }
    const result = await store.txn({
      checks: [absent("a"), within("a", "0", 5, 5), empty("a2")],
      writes: [],
      reads: ["a", "c"],
    });
    assertEquals(result, { committed: true, values: [null, "0:9"] });
  },
  "set replaces the expiry too": async ({ store, pass }) => {
    const commit = (...writes: ReturnType<typeof set>[]) =>
      store.txn({ checks: [], writes });
    await commit(set("longer", "1", 10), set("never", "1", 10));
    await commit(set("shorter", "1", 1_000), set("now", "1"));
    await commit(set("longer", "2", 1_000), set("never", "2"));
    await commit(set("shorter", "2", 10), set("now", "2", 10));
    const keys = ["longer", "never", "shorter", "now"];
    await pass(10);
    assertEquals((await store.read({ keys })).values, ["2", "2", null, null]);
    await pass(990);
    assertEquals((await store.read({ keys })).values, [null, "2", null, null]);
  },
  "the last set of a transaction says the expiry": async ({ store, pass }) => {
    await store.txn({
      checks: [],
      writes: [
        set("never", "1", 10),
        set("soon", "1"),
        set("later", "1", 10),
        set("never", "2"),
        set("soon", "2", 10),
        set("later", "2", 1_000),
      ],
    });
    // The same where the value is created under its check.
    await store.txn({
      checks: [absent("created")],
      writes: [set("created", "1", 10), set("created", "2")],
    });
    const keys = ["never", "soon", "later", "created"];
    await pass(10);
    assertEquals((await store.read({ keys })).values, ["2", null, "2", "2"]);
    await pass(990);
    assertEquals((await store.read({ keys })).values, ["2", null, null, "2"]);
  },
  "add leaves the expiry of a counter alone and begins one without": async (
    { store, pass },
  ) => {
    const adding = async (delta: number) => {
      const writes = [add("c", delta)];
      return (await store.txn({ checks: [], writes, reads: ["c"] })).values;
    };
    await store.txn({ checks: [], writes: [set("c", "0:1", 100)] });
    assertEquals(await adding(1), ["0:2"]);
    // Down to 0 is not gone: the expiry stays.
    assertEquals(await adding(-9), ["0:0"]);
    await pass(99);
    assertEquals(await adding(4), ["0:4"]);
    await pass(1);
    assertEquals(await adding(-1), [null]);
    assertEquals(await adding(7), ["0:7"]);
    await pass(100_000);
    assertEquals(await adding(1), ["0:8"]);
  },
  "delete takes the expiry with it": async ({ store, pass }) => {
    await store.txn({ checks: [], writes: [set("a", "1", 10)] });
    await store.txn({ checks: [], writes: [del("a"), set("a", "2")] });
    await pass(10);
    assertEquals((await store.read({ keys: ["a"] })).values, ["2"]);
  },
  "an expired value leaves its name free for an index": async (
    { store, pass },
  ) => {
    await store.txn({ checks: [], writes: [set("n", "1", 10)] });
    await pass(10);
    assertEquals(await store.range(page("n")), []);
    await store.txn({
      checks: [empty("n")],
      writes: [index("n", "m", 1)],
    });
    assertEquals(await store.range(page("n")), [{ score: 1, member: "m" }]);
  },
  "values keep their expiry while thousands of others expire": async (
    { store, pass },
  ) => {
    for (let round = 0; round < 20; round++) {
      await Promise.all(Array.from({ length: 50 }, (_, i) =>
        store.txn({
          checks: [],
          writes: [
            set(`short:${round}:${i}`, "1", 1_000),
            set(`long:${round}:${i}`, "1", 10_000_000_000),
          ],
        })));
      await pass(3_600_000);
    }
    const count = async (kind: string) => {
      let found = 0;
      for (let round = 0; round < 20; round++) {
        const keys = Array.from(
          { length: 50 },
          (_, i) => `${kind}:${round}:${i}`,
        );
        const { values } = await store.read({ keys });
        found += values.filter((value) => value !== null).length;
      }
      return found;
    };
    assertEquals([await count("short"), await count("long")], [0, 1_000]);
  },
  "timeMs() is the store's clock": async ({ store, clock, pass }) => {
    assertEquals(await store.timeMs(), clock.nowMs());
    await pass(1_234);
    assertEquals(await store.timeMs(), clock.nowMs());
  },
};

/** Registers the contract of expiry. */
export function expiryContract(register: Register): void {
  for (const [sentence, body] of Object.entries(TESTS)) {
    register(sentence, body);
  }
}
