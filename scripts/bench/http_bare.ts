/**
 * What `POST /v1/verifications` is measured against: a bare Hono handler that
 * parses the same JSON and makes one SQLite transaction of the same size, four
 * keys checked and two written, durable before it answers. It verifies
 * nothing.
 *
 * `BARE=store` uses the store of the edge, in which transactions that arrive
 * together share an fsync; `BARE=sqlite` writes with `node:sqlite` at once.
 *
 * @module
 */

import { serveBare, type Transact } from "./bare_handler.ts";
import { DatabaseSync } from "node:sqlite";
import { systemClock } from "../../edge/base/clock.ts";
import { openSqliteStore } from "../../edge/store/sqlite/sqlite.ts";

const REVISION = "k3yR3vision-0001";

async function overStore(): Promise<Transact> {
  const store = openSqliteStore({ path: "bare.db", clock: systemClock });
  await store.txn({
    checks: [],
    writes: [
      { kind: "set", key: "bucket:1:0042:revision", value: REVISION },
      { kind: "set", key: "mark", value: "0" },
    ],
  });
  return async (name, value) => {
    const { committed } = await store.txn({
      checks: [
        { kind: "absent", key: `verification:${name}` },
        {
          kind: "equals",
          key: "bucket:1:0042:revision",
          value: REVISION,
        },
        { kind: "below", key: "mark", bound: 1 },
        { kind: "absent", key: `blocked:${name}` },
      ],
      writes: [
        { kind: "set", key: `verification:${name}`, value, ttlMs: 86_400_000 },
        { kind: "set", key: "mark", value: "0" },
      ],
    });
    return committed;
  };
}

function overSqlite(): Transact {
  const db = new DatabaseSync("bare.db");
  db.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    CREATE TABLE item (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
  `);
  const begin = db.prepare("BEGIN IMMEDIATE");
  const commit = db.prepare("COMMIT");
  const get = db.prepare("SELECT value FROM item WHERE key = ?");
  const set = db.prepare("INSERT OR REPLACE INTO item VALUES (?, ?)");
  set.run("bucket:1:0042:revision", REVISION);
  set.run("mark", "0");
  const value = (key: string) => get.get(key)?.["value"];
  return (name, record) => {
    begin.run();
    const holds = value(`verification:${name}`) === undefined &&
      value("bucket:1:0042:revision") === REVISION &&
      Number(value("mark")) < 1 && value(`blocked:${name}`) === undefined;
    if (holds) {
      set.run(`verification:${name}`, record);
      set.run("mark", "0");
    }
    commit.run();
    return Promise.resolve(holds);
  };
}

const transact = Deno.env.get("BARE") === "store"
  ? await overStore()
  : overSqlite();

await serveBare(transact);
Deno.exit(0);
