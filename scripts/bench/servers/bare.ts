/**
 * What the edge is measured against: a bare Hono handler that parses the same
 * JSON and makes transactions of the same size over the same store, durable
 * before it answers. It verifies nothing. `BARE` says how it writes:
 *
 * - `store` makes the transaction of a verification through the edge's store;
 * - `sqlite` makes it with `node:sqlite`, at once and alone;
 * - `script` runs one EVALSHA that gets four keys and sets two;
 * - `payment` serves `POST /v1/payments` with three EVALSHA, one after the
 *   other, over as many keys as the claim, the debit of the sandbox ledger and
 *   the end of a payment have.
 *
 * @module
 */

import { Hono } from "hono";
import { DatabaseSync } from "node:sqlite";
import { systemClock } from "../../../edge/base/clock.ts";
import { createRedisStore } from "../../../edge/store/redis/redis.ts";
import { openSqliteStore } from "../../../edge/store/sqlite/sqlite.ts";
import { transportOf } from "../kit/store.ts";

/** Writes one record; whether its reference was new. */
type Transact = (name: string, record: string) => boolean | Promise<boolean>;

const TTL_MS = 400 * 86_400_000;
const REVISION = "k3yR3vision-0001";
/** As long as the names of the edge. */
const OWNER = "0".repeat(64);
const CREDENTIAL = "cred_00000000000000000000000000000000";
/** As much as a verification's record with its names, about 420 bytes. */
const RECORD = "x".repeat(300);

const env = Deno.env.toObject();
const kind = env["BARE"] ?? "script";
const isOverSqlite = (env["OFFCODE_STORE"] ?? "").startsWith("sqlite:");
/** Over SQLite one mark is written again and again, over Redis each is new. */
const MARK = isOverSqlite ? "0" : "1700000000";

const keysOf = (name: string) => ({
  record: `oc:{0}:verification:${OWNER}:${kind}-${name}`,
  revision: "oc:{0}:bucket-rev:1:bare",
  mark: isOverSqlite ? "mark" : `oc:{0}:mark:${CREDENTIAL}-${kind}-${name}`,
  blocked: `oc:{0}:blocked:${kind}-${name}`,
});

async function byStore(): Promise<Transact> {
  const store = isOverSqlite
    ? openSqliteStore({ path: "bare.db", clock: systemClock })
    : createRedisStore(transportOf(env));
  const { revision, mark } = keysOf("");
  await store.txn({
    checks: [],
    writes: [
      { kind: "set", key: revision, value: REVISION },
      ...(isOverSqlite
        ? [{ kind: "set", key: mark, value: MARK } as const]
        : []),
    ],
  });
  return async (name, value) => {
    const { record, mark, blocked } = keysOf(name);
    const { committed } = await store.txn({
      checks: [
        { kind: "absent", key: record },
        { kind: "equals", key: revision, value: REVISION },
        isOverSqlite
          ? { kind: "below", key: mark, bound: 1 }
          // No mark is there before, so it stands for one that is low enough.
          : { kind: "within", counter: mark, period: "0", delta: 0, max: 0 },
        { kind: "absent", key: blocked },
      ],
      writes: [
        { kind: "set", key: record, value, ttlMs: TTL_MS },
        { kind: "set", key: mark, value: MARK, ttlMs: TTL_MS },
      ],
    });
    return committed;
  };
}

function bySqlite(): Transact {
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
  set.run(keysOf("").revision, REVISION);
  set.run(keysOf("").mark, MARK);
  const value = (key: string) => get.get(key)?.["value"];
  return (name, text) => {
    const { record, revision, mark, blocked } = keysOf(name);
    begin.run();
    const holds = value(record) === undefined && value(revision) === REVISION &&
      Number(value(mark)) < 1 && value(blocked) === undefined;
    if (holds) {
      set.run(record, text);
      set.run(mark, MARK);
    }
    commit.run();
    return holds;
  };
}

const GET_ALL_SET_SOME = `
for k = 1, #KEYS do redis.call('GET', KEYS[k]) end
for a = 1, #ARGV do redis.call('SET', KEYS[a], ARGV[a], 'PX', '${TTL_MS}') end
return { 1 }
`;

/** Names that each script reads, and how many of them it writes. */
const VERIFICATION = [{ keys: 4, writes: 2 }];
/** The three transactions of a payment. */
const PAYMENT = [
  { keys: 13, writes: 9 },
  { keys: 3, writes: 2 },
  { keys: 3, writes: 3 },
];

function byScripts(steps: typeof VERIFICATION): Transact {
  const transport = transportOf(env);
  // Of a payment two records are long, of a verification one.
  const long = steps === PAYMENT ? 2 : 1;
  return async (name, value) => {
    for (const [step, { keys, writes }] of steps.entries()) {
      const names = Array.from(
        { length: keys },
        (_, k) => `oc:{0}:order:mer_${"0".repeat(32)}:${name}-${step}-${k}`,
      );
      const values = names.slice(0, writes)
        .map((_, w) => w < long ? value : MARK);
      const reply = await transport.run(GET_ALL_SET_SOME, names, values);
      if (!Array.isArray(reply) || reply[0] !== 1) return false;
    }
    return true;
  };
}

const WAYS: Readonly<Record<string, () => Transact | Promise<Transact>>> = {
  ...{ store: byStore, sqlite: bySqlite },
  script: () => byScripts(VERIFICATION),
  payment: () => byScripts(PAYMENT),
};
const transact = await WAYS[kind]!();
const app = new Hono();
app.post("*", async (c) => {
  const { code, reference, order_id } = await c.req.json();
  const result = { reference, order_id, record: RECORD + code };
  return await transact(reference ?? order_id, JSON.stringify(result))
    ? c.json(result, kind === "payment" ? 201 : 200)
    : c.json({ error: "conflict" }, 409);
});
const server = Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen: ({ port }) =>
    console.log(`Bare handler listens on http://127.0.0.1:${port}`),
}, app.fetch);
Deno.addSignalListener("SIGTERM", () => void server.shutdown());
await server.finished;
// What is connected to the store would keep the process alive.
Deno.exit(0);
