/**
 * Files that are not what they should be: read-only, garbled, of another
 * program, newer, moved away.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { openSqliteStore } from "../../edge/store/sqlite/sqlite.ts";
import type { Store, StoreFault } from "../../edge/store/store.ts";
import { assertFault, ManualClock } from "../support/store/fixture.ts";
import { absent, index, page, set } from "../support/store/ops.ts";
import { StoreProcess } from "../support/store/process/process.ts";
import { withStorePath } from "../support/store/sqlite.ts";

const clock = new ManualClock();
const open = (path: string) => openSqliteStore({ path, clock });
const writing = { checks: [], writes: [set("a", "2")] };

async function assertNotOpened(path: string, fault: StoreFault) {
  const error = await assertFault(
    new Promise((resolve) => resolve(open(path))),
    fault,
  );
  return error.cause;
}

/** Every call fails with `fault`. */
async function assertOut(store: Store, fault: StoreFault): Promise<void> {
  await assertFault(store.txn(writing), fault);
  await assertFault(store.read({ keys: ["a"] }), fault);
  await assertFault(store.range(page("i")), fault);
}

/** Makes a file of 2 MB, more than SQLite keeps in memory. */
async function makeLargeStore(path: string): Promise<void> {
  const store = open(path);
  await store.txn({ checks: [], writes: [set("a", "1")] });
  await store.txn({
    checks: [],
    writes: Array.from(
      { length: 100 },
      (_, n) => set(`k${n}`, "v".repeat(20_000)),
    ),
  });
  await store.close();
}

Deno.test("openSqliteStore() refuses a file that takes no writes, and leaves its mode", async () => {
  await withStorePath(async (path) => {
    const store = open(path);
    await store.txn({ checks: [], writes: [set("a", "1")] });
    await store.close();
    await Deno.chmod(path, 0o400);
    // Root passes over modes unless it gives that right away.
    const drop = ["--bounding-set=-dac_override", "--inh-caps=-dac_override"];
    const wrap = Deno.uid() === 0 ? ["setpriv", ...drop] : [];
    await using child = new StoreProcess(path, wrap);
    assertEquals(await child.ask("open"), "read-only");
    assertEquals((await Deno.stat(path)).mode! & 0o777, 0o400);

    await Deno.chmod(path, 0o600);
    assertEquals(await child.ask("open"), null);
    assertEquals(await child.ask("read", { keys: ["a"] }), {
      values: ["1"],
      ranges: [],
    });
  });
});

Deno.test("openSqliteStore() refuses a folder that takes no files", async () => {
  await withStorePath(async (_, folder) => {
    await Deno.chmod(folder, 0o500);
    const drop = ["--bounding-set=-dac_override", "--inh-caps=-dac_override"];
    const wrap = Deno.uid() === 0 ? ["setpriv", ...drop] : [];
    for (const path of [`${folder}/store.db`, `${folder}/deep/store.db`]) {
      await using child = new StoreProcess(path, wrap);
      assertEquals(await child.ask("open"), "read-only");
    }
    await Deno.chmod(folder, 0o700);
  });
});

Deno.test("openSqliteStore() refuses what is no store", async () => {
  await withStorePath(async (path, folder) => {
    await Deno.writeTextFile(path, "no database at all ".repeat(1_000));
    await assertNotOpened(path, "corrupt");
    assertEquals((await Deno.readTextFile(path)).slice(0, 11), "no database");

    await assertNotOpened(folder, "unreachable");
    await assertNotOpened(`${path}/store.db`, "unreachable");

    const other = new DatabaseSync(`${folder}/other.db`);
    other.exec("CREATE TABLE other (a)");
    other.close();
    await assertNotOpened(`${folder}/other.db`, "refused");
    const again = new DatabaseSync(`${folder}/other.db`);
    const tables = again.prepare("SELECT name FROM sqlite_master").all();
    again.close();
    assertEquals(tables.map(({ name }) => name), ["other"]);

    // What is not ours is left as it was.
    for (const name of [path, `${folder}/other.db`]) {
      await Deno.chmod(name, 0o644);
      await assertNotOpened(name, name === path ? "corrupt" : "refused");
      assertEquals((await Deno.stat(name)).mode! & 0o777, 0o644);
    }
    await Deno.chmod(folder, 0o755);
    await assertNotOpened(folder, "unreachable");
    assertEquals((await Deno.stat(folder)).mode! & 0o777, 0o755);
    const mode = new DatabaseSync(`${folder}/other.db`);
    const journal = mode.prepare("PRAGMA journal_mode").get();
    mode.close();
    assertEquals(journal?.journal_mode, "delete");
  });
});

Deno.test("openSqliteStore() refuses a newer schema and says so", async () => {
  await withStorePath(async (path) => {
    await open(path).close();
    const db = new DatabaseSync(path);
    db.exec("PRAGMA user_version = 3");
    db.close();
    const cause = await assertNotOpened(path, "refused");
    assertEquals(
      (cause as Error).message,
      "The file has schema 3; this program knows 2",
    );
  });
});

Deno.test("every call fails as corrupt on a garbled file, and works when it is restored", async () => {
  await withStorePath(async (path) => {
    await makeLargeStore(path);
    const good = await Deno.readFile(path);
    const bad = good.slice();
    // The first page tells what the file is; all others are lost.
    bad.fill(0xa5, 4_096);
    await Deno.writeFile(path, bad);

    const store = open(path);
    try {
      await assertOut(store, "corrupt");
      await Deno.writeFile(`${path}.new`, good);
      await Deno.rename(`${path}.new`, path);
      const { values } = await store.read({ keys: ["a", "k99"] });
      assertEquals(values, ["1", "v".repeat(20_000)]);
      assertEquals((await store.txn(writing)).committed, true);
    } finally {
      await store.close();
    }
  });
});

Deno.test("every call fails while the file is moved away, and works when it is back", async () => {
  await withStorePath(async (path, folder) => {
    const store = open(path);
    try {
      await store.txn({
        checks: [],
        writes: [set("a", "1"), index("i", "m", 1)],
      });
      for (let round = 0; round < 2; round++) {
        await Deno.rename(path, `${folder}/away.db`);
        await assertOut(store, "unreachable");
        assertEquals(
          [...Deno.readDirSync(folder)].filter(({ name }) =>
            name === "store.db"
          ),
          [],
        );
        await Deno.rename(`${folder}/away.db`, path);
        const { values, ranges } = await store.read({
          keys: ["a"],
          ranges: [page("i")],
        });
        assertEquals(values, ["1"]);
        assertEquals(ranges, [[{ score: 1, member: "m" }]]);
      }
      assertEquals((await store.txn(writing)).committed, true);
    } finally {
      await store.close();
    }
  });
});

Deno.test("every call refuses an empty file in the place of the one that was open", async () => {
  await withStorePath(async (path, folder) => {
    const store = open(path);
    try {
      await store.txn({ checks: [], writes: [set("a", "1")] });
      await Deno.rename(path, `${folder}/away.db`);
      await Deno.writeFile(`${folder}/new.db`, new Uint8Array());
      await Deno.rename(`${folder}/new.db`, path);
      // A fresh store would know no used code and no reversed order.
      await assertOut(store, "refused");
      await Deno.rename(`${folder}/away.db`, path);
      const again = await store.txn({ checks: [absent("a")], writes: [] });
      assertEquals(again.committed, false);
    } finally {
      await store.close();
    }
  });
});

Deno.test("openSqliteStore() refuses to begin anew beside the log of a file that is gone", async () => {
  await withStorePath(async (path, folder) => {
    await using child = new StoreProcess(path);
    assertEquals(await child.ask("open"), null);
    await child.ask("txn", { checks: [], writes: [set("a", "1")] });
    await child.kill();
    await Deno.rename(path, `${folder}/away.db`);
    await assertNotOpened(path, "refused");
    await Deno.rename(`${folder}/away.db`, path);
    const store = open(path);
    const { values } = await store.read({ keys: ["a"] });
    await store.close();
    assertEquals(values, ["1"]);
  });
});
