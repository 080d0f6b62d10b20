/**
 * The contract of copying: whoever pages to the end is given every record as it is, with its
 * end, and can put it back so, in this store or in another one.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import type {
  ListableStore,
  RestoredRecord,
  RestoreLock,
  Store,
  StoredRecord,
} from "../../edge/store/store.ts";
import type { ManualClock } from "../support/store/fixture.ts";
import {
  count,
  del,
  entry,
  field,
  index,
  page,
  set,
} from "../support/store/ops.ts";
import type { Register } from "./store_contract.ts";

const LOCK: RestoreLock = { key: "lock", value: "mine" };

function listable(store: Store): ListableStore {
  assert("records" in store);
  return store as ListableStore;
}

/** Fields in a fixed order. */
const sorted = (record: StoredRecord): StoredRecord =>
  record.kind !== "map" ? record : {
    ...record,
    fields: record.fields.toSorted(([a], [b]) => a < b ? -1 : 1),
  };

/** Every record with a prefix, by its name. */
async function all(store: Store, prefix: string) {
  const found = new Map<string, StoredRecord>();
  let from: string | undefined;
  do {
    const { records, next } = await listable(store).records(prefix, from);
    for (const it of records) found.set(it.name, sorted(it));
    from = next ?? undefined;
  } while (from !== undefined);
  return Object.fromEntries(
    [...found].toSorted(([a], [b]) => a < b ? -1 : 1),
  );
}

/** Writes one record of each kind, with an end and without one. */
async function writeKinds(store: Store): Promise<void> {
  await store.txn({
    checks: [],
    writes: [
      set("a:map", "outside"),
      set("b:text", "a text"),
      set("b:short", "", 70_000),
      set(field("b:map", "2"), "two"),
      set(field("b:map", "1"), "one"),
      set(field("b:soon", "f"), "x", 5_000),
      count("b:counter", "2026-06-01", 40),
      index("b:index", "m", 7),
      index("b:index", "k", 7),
      index("c:index", "m", 1),
    ],
  });
}

/** What `writeKinds` writes behind `b:`. */
const kindsAt = ({ ms }: ManualClock) => ({
  "b:counter": {
    kind: "value",
    name: "b:counter",
    value: "2026-06-01:40",
    expiresAtMs: null,
  },
  "b:index": { kind: "index", name: "b:index" },
  "b:map": {
    kind: "map",
    name: "b:map",
    fields: [["1", "one"], ["2", "two"]],
    expiresAtMs: null,
  },
  "b:short": {
    kind: "value",
    name: "b:short",
    value: "",
    expiresAtMs: ms + 70_000,
  },
  "b:soon": {
    kind: "map",
    name: "b:soon",
    fields: [["f", "x"]],
    expiresAtMs: ms + 5_000,
  },
  "b:text": {
    kind: "value",
    name: "b:text",
    value: "a text",
    expiresAtMs: null,
  },
});

/** Registers the contract of `records()` and `restore()`. */
export function recordsContract(register: Register): void {
  listContract(register);
  textContract(register);
  largeContract(register);
  restoreContract(register);
  lockContract(register);
}

function listContract(register: Register): void {
  register(
    "records() gives records of every kind with their ends, and none that has expired",
    async ({ store, clock, pass }) => {
      assertEquals(await all(store, ""), {});
      await writeKinds(store);
      const { "b:soon": _, ...others } = kindsAt(clock);
      assertEquals<unknown>(await all(store, "b:"), kindsAt(clock));
      assertEquals(Object.keys(await all(store, "c")), ["c:index"]);
      await pass(4_999);
      assertEquals(Object.keys(await all(store, "b:s")), ["b:short", "b:soon"]);
      await pass(1);
      assertEquals<unknown>(await all(store, "b:"), others);
    },
  );

  register(
    "records() gives every record, over many pages",
    async ({ store }) => {
      const names = Array.from({ length: 1_200 }, (_, i) => `b:${i}`);
      for (let at = 0; at < names.length; at += 300) {
        const some = names.slice(at, at + 300);
        await store.txn({
          checks: [],
          writes: some.flatMap((name) => [
            set(`${name}:value`, name),
            set(field(`${name}:map`, "f"), name),
            index(`${name}:index`, name, 1),
          ]),
        });
      }
      const found = await all(store, "b:");
      assertEquals(
        Object.keys(found),
        names.flatMap((
          name,
        ) => [`${name}:index`, `${name}:map`, `${name}:value`])
          .sort(),
      );
      assertEquals(
        Object.values(found).filter((it) =>
          it.kind === "value" && it.name === `${it.value}:value`
        ).length,
        1_200,
      );
    },
  );
}

function textContract(register: Register): void {
  register(
    "records() gives texts of every kind as they are",
    async ({ store }) => {
      const odd = [
        "*",
        "[x]",
        "\0",
        "\x01",
        "é\u{10ffff}",
        "__proto__",
        "\ufeff",
      ];
      for (const it of odd) {
        await store.txn({
          checks: [],
          writes: [
            set(`v${it}`, it),
            set(field(`m${it}`, it), it),
            index(`i${it}`, it, 3),
          ],
        });
        assertEquals<unknown>(await all(store, `v${it}`), {
          [`v${it}`]: {
            ...{ kind: "value", name: `v${it}`, value: it, expiresAtMs: null },
          },
        });
        assertEquals<unknown>(Object.values(await all(store, `m${it}`)), [
          {
            kind: "map",
            name: `m${it}`,
            fields: [[it, it]],
            expiresAtMs: null,
          },
        ]);
        assertEquals(Object.keys(await all(store, `i${it}`)), [`i${it}`]);
      }
    },
  );
}

function largeContract(register: Register): void {
  register("records() gives values of any size", async ({ store }) => {
    const large = "x".repeat(262_144);
    const names = Array.from({ length: 9 }, (_, i) => `b:${i}`);
    for (const name of names) {
      await store.txn({
        checks: [],
        writes: [set(name, name + large.slice(3))],
      });
    }
    const found = await all(store, "b:");
    assertEquals(Object.keys(found), names);
    for (const [name, it] of Object.entries(found)) {
      assert(it.kind === "value" && it.value === name + large.slice(3), name);
    }
  });
}

function restoreContract(register: Register): void {
  register(
    "restore() puts records back as they were, with their ends",
    async ({ store, clock, pass }) => {
      await writeKinds(store);
      const kinds = kindsAt(clock);
      const listed = Object.values(await all(store, "b:"));
      const entries = await store.range(page("b:index"));
      await store.txn({
        checks: [],
        writes: [...listed.map(({ name }) => del(name)), set("lock", "mine")],
      });
      await pass(1_000);
      assertEquals(await all(store, "b:"), {});
      const records: RestoredRecord[] = listed.map((it) =>
        it.kind === "index" ? { ...it, entries } : it
      );
      assertEquals(await listable(store).restore(records, LOCK), true);
      assertEquals<unknown>(await all(store, "b:"), kinds);
      assertEquals(await store.range(page("b:index")), [
        entry(7, "k"),
        entry(7, "m"),
      ]);
      await pass(3_999);
      assertEquals<unknown>(await all(store, "b:"), kinds);
      // What a counter adds leaves its end as it was restored.
      await store.txn({
        checks: [],
        writes: [count("b:counter", "2026-06-01", 2), set("b:text", "new")],
      });
      await pass(1);
      const { values } = await store.read({
        keys: ["b:counter", "b:short", field("b:soon", "f"), "b:text"],
      });
      assertEquals(values, ["2026-06-01:42", "", null, "new"]);
      await pass(65_000);
      assertEquals((await store.read({ keys: ["b:short"] })).values, [null]);
    },
  );

  register(
    "restore() replaces values and maps, and adds members",
    async ({ store }) => {
      await writeKinds(store);
      await store.txn({ checks: [], writes: [set("lock", "mine")] });
      const many = Array.from({ length: 2_500 }, (_, i) => entry(i, `m-${i}`));
      const fields = many.map(({ member }) => [member, "x"] as const);
      const records: RestoredRecord[] = [
        { kind: "value", name: "b:short", value: "long", expiresAtMs: null },
        { kind: "map", name: "b:map", fields, expiresAtMs: null },
        { kind: "index", name: "b:index", entries: many },
        { kind: "index", name: "b:index", entries: [entry(1, "k")] },
      ];
      for (let times = 0; times < 2; times++) {
        assertEquals(await listable(store).restore(records, LOCK), true);
        const found = await all(store, "b:");
        assertEquals<unknown>(found["b:short"], records[0]);
        assertEquals<unknown>(found["b:map"], sorted(records[1]!));
        const members = await store.range(page("b:index"));
        assertEquals(members.length, 2_502);
        assertEquals(members.slice(0, 2), [entry(0, "m-0"), entry(1, "k")]);
      }
    },
  );
}

function lockContract(register: Register): void {
  register(
    "restore() asks for a lock in the cell of each record",
    async ({ store }) => {
      const { restore } = listable(store);
      const lock = { key: "oc:{0}:lock", value: "1" };
      const records = ["oc:{0}:a", "oc:{8}:b", "oc:{8}:c"].map((name) => ({
        ...{ kind: "value", name, value: "x", expiresAtMs: null } as const,
      }));
      const tried = () => restore.call(store, records, lock);
      assertEquals(await tried(), false);
      await store.txn({ checks: [], writes: [set("oc:{8}:lock", "1")] });
      assertEquals(await tried(), false);
      const names = async () => Object.keys(await all(store, "oc:"));
      assertEquals(await names(), ["oc:{8}:b", "oc:{8}:c", "oc:{8}:lock"]);
      await store.txn({ checks: [], writes: [set("oc:{0}:lock", "1")] });
      assertEquals(await tried(), true);
      assertEquals((await names()).length, 5);
    },
  );

  register(
    "restore() writes nothing without its lock",
    async ({ store, pass }) => {
      const records: RestoredRecord[] = [
        { kind: "value", name: "b:1", value: "x", expiresAtMs: null },
        { kind: "index", name: "b:2", entries: [entry(1, "k")] },
      ];
      const { restore } = listable(store);
      const tried = () => restore.call(store, records, LOCK);
      assertEquals(await tried(), false);
      await store.txn({ checks: [], writes: [set("lock", "another's")] });
      assertEquals(await tried(), false);
      await store.txn({ checks: [], writes: [set("lock", "mine", 1_000)] });
      await pass(1_000);
      assertEquals(await tried(), false);
      assertEquals(await all(store, "b:"), {});
      await store.txn({ checks: [], writes: [set("lock", "mine")] });
      assertEquals(await tried(), true);
      assertEquals(Object.keys(await all(store, "b:")), ["b:1", "b:2"]);
    },
  );
}
