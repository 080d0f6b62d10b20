/**
 * What the edge is measured against: a bare Hono handler that parses the same
 * JSON and makes transactions of the same size over the same store, durable
 * before it answers. It verifies nothing. `BARE` says how it writes:
 *
 * - `store` makes the transaction of a verification through the edge's SQLite
 *   store, `sqlite` with `node:sqlite`, at once and alone;
 * - `script` runs one EVALSHA that gets four keys and sets two;
 * - `payment` runs three, one after the other, over as many keys as the claim,
 *   the debit of the sandbox ledger and the end of a payment have.
 *
 * @module
 */

import { Hono } from "hono";
import { DatabaseSync } from "node:sqlite";
import { systemClock } from "../../../edge/base/clock.ts";
import { openRedisRest } from "../../../edge/store/redis/rest.ts";
import { openRedisTcp } from "../../../edge/store/redis/tcp.ts";
import { openSqliteStore } from "../../../edge/store/sqlite/sqlite.ts";
import { serveBench } from "../kit/processes.ts";

/** Writes one record; whether its reference was new. */
type Transact = (name: string, record: string) => boolean | Promise<boolean>;

const TTL_MS = 400 * 86_400_000;
/** As much as a verification's record with its names, about 420 bytes. */
const RECORD = "x".repeat(300);
/** What a verification over SQLite reads and writes, by names as long. */
const REVISION = { key: "oc:{0}:bucket-rev:1:bare", value: "k3yR3vision-0001" };
const MARK = { key: "mark", value: "0" };
const recordKey = (name: string) =>
  `oc:{0}:verification:${"0".repeat(64)}:${name}`;
const blockedKey = (name: string) => `oc:{0}:blocked:${name}`;

async function byStore(): Promise<Transact> {
  const store = openSqliteStore({ path: "bare-store.db", clock: systemClock });
  const writes = [REVISION, MARK]
    .map((it) => ({ kind: "set" as const, ...it }));
  await store.txn({ checks: [], writes });
  return async (name, value) => {
    const key = recordKey(name);
    const { committed } = await store.txn({
      checks: [
        { kind: "absent", key },
        { kind: "equals", ...REVISION },
        { kind: "below", key: MARK.key, bound: 1 },
        { kind: "absent", key: blockedKey(name) },
      ],
      writes: [
        { kind: "set", key, value, ttlMs: TTL_MS },
        { kind: "set", ...MARK, ttlMs: TTL_MS },
      ],
    });
    return committed;
  };
}

function bySqlite(): Transact {
  const db = new DatabaseSync("bare-sqlite.db");
  db.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    CREATE TABLE item (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
  `);
  const begin = db.prepare("BEGIN IMMEDIATE");
  const commit = db.prepare("COMMIT");
  const get = db.prepare("SELECT value FROM item WHERE key = ?");
  const set = db.prepare("INSERT OR REPLACE INTO item VALUES (?, ?)");
  for (const { key, value } of [REVISION, MARK]) set.run(key, value);
  const value = (key: string) => get.get(key)?.["value"];
  return (name, text) => {
    begin.run();
    const isNew = value(recordKey(name)) === undefined &&
      value(REVISION.key) === REVISION.value && Number(value(MARK.key)) < 1 &&
      value(blockedKey(name)) === undefined;
    if (isNew) {
      set.run(recordKey(name), text);
      set.run(MARK.key, MARK.value);
    }
    commit.run();
    return isNew;
  };
}

const GET_ALL_SET_SOME = `
for k = 1, #KEYS do redis.call('GET', KEYS[k]) end
for a = 1, #ARGV do redis.call('SET', KEYS[a], ARGV[a], 'PX', '${TTL_MS}') end
return { 1 }
`;

/** Keys that each script reads, and how many of them it writes. */
const VERIFICATION = [[4, 2]] as const;
const PAYMENT = [[13, 9], [3, 2], [3, 3]] as const;

function byScripts(steps: typeof VERIFICATION | typeof PAYMENT): Transact {
  const env = (name: string) => Deno.env.get(name)!;
  const url = env("OFFCODE_STORE");
  const transport = url === "upstash"
    ? openRedisRest({
      url: env("UPSTASH_REDIS_REST_URL"),
      token: env("UPSTASH_REDIS_REST_TOKEN"),
    })
    : openRedisTcp({
      nodes: [{ host: new URL(url).hostname, port: Number(new URL(url).port) }],
    });
  // Two records of a payment are long, and one of a verification.
  const long = steps === PAYMENT ? 2 : 1;
  return async (name, value) => {
    for (const [step, [keys, writes]] of steps.entries()) {
      const names = Array.from(
        { length: keys },
        (_, k) => `oc:{0}:order:mer_${"0".repeat(32)}:${name}-${step}-${k}`,
      );
      const values = Array.from(
        { length: writes },
        (_, w) => w < long ? value : "1700000000",
      );
      const reply = await transport.run(GET_ALL_SET_SOME, names, values);
      if (!Array.isArray(reply) || reply[0] !== 1) return false;
    }
    return true;
  };
}

const kind = Deno.env.get("BARE");
const transact = kind === "store"
  ? await byStore()
  : kind === "sqlite"
  ? bySqlite()
  : byScripts(kind === "payment" ? PAYMENT : VERIFICATION);
const app = new Hono();
app.post("*", async (c) => {
  const { code, reference, order_id } = await c.req.json();
  const result = { reference, order_id, record: RECORD + code };
  return await transact(reference ?? order_id, JSON.stringify(result))
    ? c.json(result, kind === "payment" ? 201 : 200)
    : c.json({ error: "conflict" }, 409);
});
const server = serveBench(app.fetch);
Deno.addSignalListener("SIGTERM", () => void server.shutdown());
await server.finished;
// The connection to the store would keep the process alive.
Deno.exit(0);
