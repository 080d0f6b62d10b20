import { assert, assertEquals, assertRejects } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { SCHEMA_VERSION } from "../../../../edge/store/sqlite/file.ts";
import { openSqliteStore } from "../../../../edge/store/sqlite/sqlite.ts";
import { ManualClock } from "../../../support/store/fixture.ts";
import type { Write } from "../../../../edge/store/store.ts";
import { storeBytes } from "../../../support/store/dump.ts";
import { commitsIn } from "../../../support/store/log.ts";
import {
  absent,
  add,
  del,
  equals,
  index,
  page,
  set,
  unindex,
} from "../../../support/store/ops.ts";
import { withStorePath } from "../../../support/store/sqlite.ts";

const adding = (name: string) => ({
  checks: [absent(name)],
  writes: [set(name, "1"), add("count", 1)],
});

Deno.test("txn() writes 200 at once with one fsync, and 1 000 with two", async () => {
  await withStorePath(async (path) => {
    const store = openSqliteStore({ path, clock: new ManualClock() });
    try {
      const start = await commitsIn(`${path}-wal`);
      const commit = async (count: number, prefix: string) => {
        await Promise.all(
          Array.from(
            { length: count },
            (_, i) => store.txn(adding(prefix + i)),
          ),
        );
        return await commitsIn(`${path}-wal`) - start;
      };
      assertEquals(await commit(200, "a"), 1);
      assertEquals(await commit(1_000, "b"), 3);
      // Refused ones cost none.
      assertEquals(await commit(200, "a"), 3);
      await store.txn({ checks: [], writes: [], reads: ["count"] });
      assertEquals(await commit(0, ""), 3);
    } finally {
      await store.close();
    }
  });
});

Deno.test("what is deleted, or replaced, is overwritten in the files", async () => {
  await withStorePath(async (path) => {
    const store = openSqliteStore({ path, clock: new ManualClock() });
    const files = async () => {
      const db = new DatabaseSync(path);
      db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
      db.close();
      return new TextDecoder("latin1").decode(await storeBytes(path));
    };
    const write = (...writes: Write[]) => store.txn({ checks: [], writes });
    const names = ["value-1", "field-1", "member-1", "whole-1", "stays-1"];
    try {
      await write(
        set("value", "value-1"),
        set({ map: "map", field: "f" }, "field-1"),
        index("index", "member-1", 1),
        index("whole", "whole-1", 1),
        set("stays", "stays-1"),
      );
      const before = await files();
      assertEquals(names.filter((it) => !before.includes(it)), []);
      await write(
        set("value", "value-2"),
        set({ map: "map", field: "f" }, "field-2"),
        unindex("index", "member-1"),
        del("whole"),
      );
      const after = await files();
      assertEquals(names.filter((it) => after.includes(it)), ["stays-1"]);
    } finally {
      await store.close();
    }
  });
});

Deno.test("txn() removes what expired an hour ago, and no more", async () => {
  await withStorePath(async (path) => {
    const clock = new ManualClock();
    const store = openSqliteStore({ path, clock });
    const rows = () => {
      const db = new DatabaseSync(path);
      const all = db.prepare("SELECT name FROM value_record ORDER BY rowid")
        .all();
      db.close();
      return all.map(({ name }) => name);
    };
    const write = (name: string, ttlMs?: number) =>
      store.txn({ checks: [], writes: [set(name, "1", ttlMs)] });
    try {
      for (const name of ["a", "b", "c", "d", "e"]) await write(name, 1_000);
      await write("long", 100_000_000);
      clock.ms += 1_000 + 3_600_000 - 1;
      await write("x");
      assertEquals(rows(), ["a", "b", "c", "d", "e", "long", "x"]);
      clock.ms += 1;
      await write("x");
      assertEquals(rows(), ["c", "d", "e", "long", "x"]);
      // Without a write nothing is removed.
      await store.txn({ checks: [absent("none")], writes: [] });
      assertEquals(rows(), ["c", "d", "e", "long", "x"]);
      await write("y");
      await write("z");
      assertEquals(rows(), ["long", "x", "y", "z"]);
    } finally {
      await store.close();
    }
  });
});

Deno.test("txn() does not bring back an expired value it has decided on when the clock steps back", async () => {
  await withStorePath(async (path) => {
    const clock = new ManualClock();
    const store = openSqliteStore({ path, clock });
    try {
      await store.txn({ checks: [], writes: [set("a", "1", 1_000)] });
      clock.ms += 1_000;
      const writes = [set("b", "1")];
      await store.txn({ checks: [equals("a", "1")], writes });
      clock.ms -= 1_000;
      // A refusal has decided on nothing.
      assertEquals((await store.read({ keys: ["a"] })).values, ["1"]);
      clock.ms += 1_000;
      await store.txn({ checks: [absent("a")], writes });
      clock.ms -= 1_000;
      const { values } = await store.read({ keys: ["a", "b"] });
      assertEquals(values, [null, "1"]);
    } finally {
      await store.close();
    }
  });
});

Deno.test("openSqliteStore() makes folders and files for the owner alone", async () => {
  await withStorePath(async (_, folder) => {
    const path = `${folder}/a/b ?#%41'/file:x.db`;
    const clock = new ManualClock();
    const store = openSqliteStore({ path, clock });
    const modes = () =>
      ["", "-wal", "-shm"].map((suffix) =>
        (Deno.statSync(path + suffix).mode! & 0o777).toString(8)
      );
    await store.txn({ checks: [], writes: [set("a", "1")] });
    assertEquals(modes(), ["600", "600", "600"]);
    assertEquals(Deno.statSync(`${folder}/a`).mode! & 0o777, 0o700);
    assertEquals(Deno.statSync(`${folder}/a/b ?#%41'`).mode! & 0o777, 0o700);

    for (const suffix of ["", "-wal", "-shm"]) {
      await Deno.chmod(path + suffix, 0o664);
    }
    const second = openSqliteStore({ path, clock });
    assertEquals(modes(), ["600", "600", "600"]);
    await second.close();
    await store.close();
    assertEquals([...Deno.readDirSync(`${folder}/a/b ?#%41'`)].length, 1);
  });
});

Deno.test("openSqliteStore() makes a sound file with a write-ahead log and its version", async () => {
  await withStorePath(async (path) => {
    await openSqliteStore({ path, clock: new ManualClock() }).close();
    const db = new DatabaseSync(path);
    const pragma = (name: string) =>
      Object.values(db.prepare(`PRAGMA ${name}`).get()!)[0];
    assertEquals(pragma("journal_mode"), "wal");
    assertEquals(pragma("user_version"), SCHEMA_VERSION);
    assertEquals(pragma("integrity_check"), "ok");
    db.close();
  });
});

Deno.test("every call rejects a clock that gives no integer", async () => {
  await withStorePath(async (path) => {
    const clock = new ManualClock();
    const store = openSqliteStore({ path, clock });
    try {
      for (const ms of [NaN, Infinity, 0.5]) {
        clock.ms = ms;
        const calls = [
          () => store.txn(adding("a")),
          () => store.read({ keys: ["a"] }),
          () => store.range(page("i")),
          () => store.timeMs(),
        ];
        for (const call of calls) await assertRejects(call, RangeError);
      }
      clock.ms = 1;
      assert((await store.txn(adding("a"))).committed);
    } finally {
      await store.close();
    }
  });
});

Deno.test("close() writes what was accepted before it lets go of the file", async () => {
  await withStorePath(async (path, folder) => {
    const store = openSqliteStore({ path, clock: new ManualClock() });
    const accepted = [adding("a"), adding("b")].map((one) => store.txn(one));
    await store.close();
    const results = await Promise.all(accepted);
    assertEquals(results.map(({ committed }) => committed), [true, true]);
    // SQLite removes the log when the last connection goes.
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), [
      "store.db",
    ]);
  });
});
