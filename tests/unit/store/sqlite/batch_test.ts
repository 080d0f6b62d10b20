import { assertEquals, assertRejects } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { openSqliteStore } from "../../../../edge/store/sqlite/sqlite.ts";
import {
  type Check,
  type Store,
  StoreUnavailableError,
  type Write,
} from "../../../../edge/store/store.ts";
import { ManualClock } from "../../../support/store/fixture.ts";
import { commitsIn } from "../../../support/store/log.ts";
import {
  absent,
  add,
  del,
  empty,
  entry,
  equals,
  index,
  page,
  set,
  unindex,
} from "../../../support/store/ops.ts";
import { withStorePath } from "../../../support/store/sqlite.ts";

async function withSqlite(
  body: (store: Store, clock: ManualClock, path: string) => Promise<void>,
): Promise<void> {
  await withStorePath(async (path) => {
    const clock = new ManualClock();
    const store = openSqliteStore({ path, clock });
    try {
      await body(store, clock, path);
    } finally {
      await store.close();
    }
  });
}

type Step = readonly [checks: readonly Check[], writes: readonly Write[]];

/** Sends all in one turn; `true`, or the position of what refused. */
async function batch(store: Store, ...steps: readonly Step[]) {
  const results = await Promise.all(
    steps.map(([checks, writes]) => store.txn({ checks, writes })),
  );
  return results.map((it) => it.committed || it.check);
}

Deno.test("txn() of a batch sees what those before it wrote, and nothing of who was refused", async () => {
  await withSqlite(async (store, _, path) => {
    const start = await commitsIn(`${path}-wal`);
    assertEquals(
      await batch(
        store,
        [[absent("a")], [set("a", "1"), index("i", "m", 5)]],
        [[equals("a", "1"), absent("a")], [set("a", "2"), set("b", "2")]],
        [[equals("a", "1"), absent("b")], [set("a", "3"), add("n", 2)]],
        [[empty("i")], [set("c", "4")]],
        [[equals("n", "0:2")], [add("n", 3), unindex("i", "m")]],
        [[empty("i"), absent("c")], [del("a")]],
      ),
      [true, 1, true, 0, true, true],
    );
    assertEquals(await commitsIn(`${path}-wal`) - start, 1);
    const keys = ["a", "b", "c", "n"];
    const { values, ranges } = await store.read({ keys, ranges: [page("i")] });
    assertEquals([values, ranges], [[null, null, null, "0:5"], [[]]]);
  });
});

Deno.test("txn() of a batch makes an index where another removed a value, and the other way round", async () => {
  await withSqlite(async (store) => {
    await batch(store, [[], [
      set("was-value", "1"),
      index("was-index", "m", 1),
    ]]);
    assertEquals(
      await batch(
        store,
        [[], [del("was-value")]],
        [[empty("was-value")], [index("was-value", "n", 2)]],
        [[], [unindex("was-index", "m")]],
        [[absent("was-index")], [set("was-index", "2")]],
        // Emptied once more, it is looked up in the file again.
        [[], [unindex("was-value", "n")]],
        [[absent("was-value")], []],
        [[], [index("was-value", "o", 3)]],
      ),
      [true, true, true, true, true, true, true],
    );
    assertEquals(
      await store.read({ keys: ["was-index"], ranges: [page("was-value")] }),
      { values: ["2"], ranges: [[entry(3, "o")]] },
    );
    const wrong = store.txn({ checks: [absent("was-value")], writes: [] });
    const right = store.txn({ checks: [equals("was-index", "2")], writes: [] });
    const { fault } = await assertRejects(() => wrong, StoreUnavailableError);
    assertEquals([fault, (await right).committed], ["corrupt", true]);
  });
});

Deno.test("txn() removes what has ended only where it was decided on, whatever else is in the batch", async () => {
  await withSqlite(async (store, clock) => {
    await batch(store, [[], [set("a", "1", 1_000), set("b", "1", 1_000)]]);
    clock.ms += 1_000;
    assertEquals(
      await batch(
        store,
        [[equals("a", "1")], [set("c", "1")]],
        [[absent("b")], [set("d", "1")]],
      ),
      [0, true],
    );
    clock.ms -= 1_000;
    const keys = ["a", "b", "c", "d"];
    const { values } = await store.read({ keys });
    assertEquals(values, ["1", null, null, "1"]);
  });
});

Deno.test("txn() purges twice as many as its batch writes, an hour after they have ended", async () => {
  await withSqlite(async (store, clock, path) => {
    const ended = ["a", "b", "c", "d", "e"];
    await batch(store, [[], ended.map((name) => set(name, "1", 1))]);
    const other = new DatabaseSync(path);
    const count = other.prepare("SELECT COUNT(*) AS count FROM value_record");
    const rows = () => count.get()!.count;
    clock.ms += 3_600_000;
    await batch(store, [[], [set("new", "1")]]);
    assertEquals(rows(), 6);
    clock.ms += 1;
    // Nothing is written by the one, and one value by the other two.
    await batch(store, [[absent("new")], [set("x", "1")]]);
    assertEquals(rows(), 6);
    await batch(store, [[], [set("new", "2")]], [[], [set("new", "3")]]);
    assertEquals(rows(), 4);
    await batch(store, [[], [set("new", "4"), set("newer", "1")]]);
    assertEquals(rows(), 2);
    other.close();
  });
});

Deno.test("a value and an index of one name, which only another hand writes, are told as corrupt", async () => {
  await withSqlite(async (store, clock, path) => {
    await batch(store, [[], [index("both", "m", 1), set("good", "1")]]);
    const other = new DatabaseSync(path);
    const { ms } = clock;
    other.prepare("INSERT INTO value_record VALUES (?, ?, 0, ?)")
      .run("both", "1", ms + 1);
    other.close();
    const settled = await Promise.allSettled([
      store.read({ keys: ["both"] }),
      store.read({ ranges: [page("both")] }),
      store.txn({ checks: [absent("both")], writes: [set("x", "1")] }),
      store.txn({ checks: [], writes: [set("y", "1")] }),
      store.txn({ checks: [empty("both")], writes: [set("x", "1")] }),
    ]);
    assertEquals(
      settled.map((it) =>
        it.status === "fulfilled" || it.reason.fault === "corrupt"
          ? it.status
          : it.reason
      ),
      ["rejected", "rejected", "rejected", "fulfilled", "rejected"],
    );
    // The value ends, and the index stands.
    clock.ms += 1;
    const asValue = store.read({ keys: ["both"] });
    const { fault } = await assertRejects(() => asValue, StoreUnavailableError);
    assertEquals(fault, "corrupt");
    assertEquals(
      await store.read({ keys: ["x", "y"], ranges: [page("both")] }),
      {
        values: [null, "1"],
        ranges: [[entry(1, "m")]],
      },
    );
    assertEquals(
      await batch(
        store,
        [[empty("both")], [set("x", "1")]],
        [[], [index("both", "n", 2)]],
      ),
      [0, true],
    );
    clock.ms -= 1;
    assertEquals((await store.read({ ranges: [page("both")] })).ranges, [[
      entry(1, "m"),
      entry(2, "n"),
    ]]);
  });
});

Deno.test("txn() tells all of a batch whose commit fails, and nothing of it is there", async () => {
  await withSqlite(async (store, _, path) => {
    // A foreign key that is looked at when all is written, and not before.
    const other = new DatabaseSync(path);
    other.exec(`CREATE TABLE parent (id INTEGER PRIMARY KEY);
      CREATE TABLE child (id INTEGER REFERENCES parent
        DEFERRABLE INITIALLY DEFERRED);
      CREATE TRIGGER poison AFTER INSERT ON value_record
        WHEN new.name = 'poison'
        BEGIN INSERT INTO child VALUES (1); END`);
    other.close();
    const write = (name: string) =>
      store.txn({
        checks: [absent(name)],
        writes: [set(name, "1"), add("count", 1), index("i", name, 1)],
      });
    const refused = store.txn({ checks: [equals("x", "1")], writes: [] });
    const all = await Promise.allSettled(
      [write("a"), write("poison"), write("b"), refused],
    );
    assertEquals(
      all.map((it) =>
        it.status === "rejected" && it.reason instanceof StoreUnavailableError
          ? it.reason.fault
          : it
      ),
      ["refused", "refused", "refused", "refused"],
    );
    const there = () =>
      store.read({ keys: ["a", "poison", "b", "count"], ranges: [page("i")] });
    assertEquals(await there(), {
      values: [null, null, null, null],
      ranges: [[]],
    });
    assertEquals(
      (await Promise.all([write("a"), write("b")])).map((it) => it.committed),
      [true, true],
    );
    assertEquals((await there()).values, ["1", null, "1", "0:2"]);
  });
});

Deno.test("txn() has others read what it has told anybody of", async () => {
  await withSqlite(async (store, _, path) => {
    const other = new DatabaseSync(path);
    const select = other.prepare(
      "SELECT value FROM value_record WHERE name = ?",
    );
    const seen = await Promise.all(
      Array.from({ length: 100 }, async (_, n) => {
        await store.txn({
          checks: [absent(`k${n}`)],
          writes: [set(`k${n}`, `${n}`), add("count", 1)],
        });
        return [select.get(`k${n}`)?.value, select.get("count")?.value];
      }),
    );
    other.close();
    assertEquals(
      seen,
      Array.from({ length: 100 }, (_, n) => [`${n}`, "0:100"]),
    );
  });
});
