import { assertEquals, assertStrictEquals } from "@std/assert";
import { openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { toStoreFault } from "../../../../edge/store/sqlite/fault.ts";
import {
  type StoreFault,
  StoreUnavailableError,
} from "../../../../edge/store/store.ts";
import { withStorePath } from "../../../support/store/sqlite.ts";

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error("Nothing was thrown");
}

Deno.test("toStoreFault() names what SQLite and the file system really throw", async () => {
  await withStorePath(async (path, folder) => {
    await Deno.writeTextFile(`${folder}/text`, "no database ".repeat(100));
    const db = new DatabaseSync(path);
    const other = new DatabaseSync(path);
    const text = new DatabaseSync(`${folder}/text`);
    other.prepare("PRAGMA busy_timeout = 0").get();
    const run = (sql: string, on = db) => on.prepare(sql).run();
    run("CREATE TABLE t (a INTEGER CHECK (a >= 0)) STRICT");
    run("BEGIN IMMEDIATE");
    const locked = thrownBy(() => run("BEGIN IMMEDIATE", other));
    run("ROLLBACK");
    db.prepare("PRAGMA max_page_count = 2").get();
    const full = thrownBy(() =>
      run("CREATE TABLE u AS SELECT hex(zeroblob(9000)) AS a")
    );
    db.prepare("PRAGMA query_only = 1").get();
    const cases: [unknown, StoreFault][] = [
      [locked, "locked"],
      [full, "full"],
      [thrownBy(() => run("INSERT INTO t VALUES (1)")), "read-only"],
      [thrownBy(() => text.prepare("PRAGMA user_version").get()), "corrupt"],
      [thrownBy(() => run("INSERT INTO t VALUES (-1)", other)), "refused"],
      [thrownBy(() => new DatabaseSync(`${folder}/none/x`)), "unreachable"],
      [thrownBy(() => openSync(`${folder}/none/x`, "wx")), "unreachable"],
      [thrownBy(() => openSync(`${folder}/text/x`, "wx")), "unreachable"],
    ];
    for (const [error, fault] of cases) {
      const result = toStoreFault(error);
      assertEquals(result.fault, fault, `${error}`);
      assertStrictEquals(result.cause, error);
      assertEquals(result.message, `The store is unavailable: ${fault}`);
    }
    for (const open of [db, other, text]) open.close();
  });
});

Deno.test("toStoreFault() reads the primary code out of an extended one", () => {
  const cases: [number, StoreFault][] = [
    [261, "locked"], // SQLITE_BUSY_RECOVERY
    [517, "locked"], // SQLITE_BUSY_SNAPSHOT
    [262, "locked"], // SQLITE_LOCKED_SHAREDCACHE
    [15, "locked"], // SQLITE_PROTOCOL
    [1032, "read-only"], // SQLITE_READONLY_DBMOVED
    [778, "unreachable"], // SQLITE_IOERR_WRITE
    [1034, "unreachable"], // SQLITE_IOERR_FSYNC
    [4874, "full"], // SQLITE_IOERR_SHMSIZE
    [526, "unreachable"], // SQLITE_CANTOPEN_ISDIR
    [779, "corrupt"], // SQLITE_CORRUPT_INDEX
    [7, "refused"], // SQLITE_NOMEM
    [0, "refused"],
  ];
  for (const [errcode, fault] of cases) {
    assertEquals(toStoreFault({ errcode }).fault, fault, `${errcode}`);
  }
});

Deno.test("toStoreFault() knows the file system's own codes", () => {
  const cases: [unknown, StoreFault][] = [
    [{ code: "ENOSPC" }, "full"],
    [{ code: "EDQUOT" }, "full"],
    [{ code: "EACCES" }, "read-only"],
    [{ code: "EROFS" }, "read-only"],
    [{ code: "ESTALE" }, "unreachable"],
    [{ code: "ERR_INVALID_STATE" }, "refused"],
    [{}, "refused"],
    [null, "refused"],
    [undefined, "refused"],
    ["text", "refused"],
  ];
  for (const [error, fault] of cases) {
    assertEquals(toStoreFault(error).fault, fault);
  }
});

Deno.test("toStoreFault() leaves a fault of the store as it is", () => {
  const fault = new StoreUnavailableError("timeout");
  assertStrictEquals(toStoreFault(fault), fault);
});
