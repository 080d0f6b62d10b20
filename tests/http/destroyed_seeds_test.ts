/**
 * No sealed seed is left in the store's files once it was destroyed, in any of
 * the ways in which it is, and none in the memory of the core.
 */

import { assert, assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { parseEntry } from "../../edge/enrolment/record.ts";
import { seedsOf } from "../../edge/enrolment/writes.ts";
import { createEnrolmentReads } from "../../edge/enrolment/enrolment.ts";
import { createRedisStore } from "../../edge/store/redis/redis.ts";
import { openRedisTcp } from "../../edge/store/redis/tcp.ts";
import { startRedis, until } from "../../scripts/redis_server.ts";
import { LimitedCommand } from "../support/http/command.ts";
import { connectRaw } from "../support/redis/raw.ts";
import { PATIENT_MS, stretchTime } from "../support/redis/time.ts";
import { storeBytes } from "../support/store/dump.ts";
import type { TestPhone } from "../support/world/api.ts";
import { startApp, type TestApp } from "../support/world/app.ts";
import { oneBucket } from "../support/world/scene.ts";

const DAY_MS = 86_400_000;
/** So many that pages of a file are split and joined. */
const CUSTOMERS = 40;

interface Way {
  readonly app: TestApp;
  readonly key: string;
  readonly phones: readonly TestPhone[];
  /** Remembers the sealed seeds that there are now: they must go, too. */
  look(): Promise<void>;
}

/** The ways in which seeds end; each gives how many have to go. */
const WAYS: Record<string, (way: Way) => Promise<number>> = {
  async revocation({ app, key, phones }) {
    for (const { credentialId } of phones) {
      const path = `/v1/enrolments/${credentialId}`;
      await app.api.must(204, "DELETE", path, { key });
    }
    return CUSTOMERS;
  },
  async replacement({ app, key, phones }) {
    for (const [i, { accountId, deviceId }] of phones.entries()) {
      // By the account on another phone, or by the phone of another account.
      if (i % 2 === 0) await app.api.enrol(key, accountId, `new-${i}`);
      else await app.api.enrol(key, `new-${i}`, deviceId);
    }
    return CUSTOMERS;
  },
  async expiry({ app }) {
    app.clock.advance(29 * DAY_MS);
    return await app.seedSweeper.sweep();
  },
  async erasure({ app, key, phones }) {
    for (const { accountId } of phones) {
      await app.api.must(204, "DELETE", `/v1/accounts/${accountId}`, { key });
    }
    return CUSTOMERS;
  },
  async renewal({ app, key, phones, look }) {
    for (const phone of phones) await app.api.renew(key, phone);
    // The old seed was sealed anew, with an earlier end.
    await look();
    app.clock.advance(DAY_MS);
    assertEquals(await app.seedSweeper.sweep(), CUSTOMERS);
    // Those of before the renewal, and the same sealed anew.
    return 2 * CUSTOMERS;
  },
};

/** The sealed seeds that a customer's credential has in the store now. */
async function sealsOf({ store, clock }: TestApp, id: string) {
  const { readCredential } = createEnrolmentReads({ store, clock });
  const held = await readCredential(id);
  return held === null
    ? []
    : seedsOf(held.value).map(({ entry }) => parseEntry(entry).s);
}

/** Ends the seeds of half of the customers, and looks into the files. */
async function play(
  app: TestApp,
  end: (way: Way) => Promise<number>,
  files: () => Promise<string>,
) {
  const key = await app.api.walletKey();
  const phones: TestPhone[] = [];
  const others = [];
  for (let i = 0; i < CUSTOMERS; i++) {
    phones.push(await app.api.enrol(key, `gone-${i}`, `d-${i}`));
  }
  app.clock.advance(2 * DAY_MS);
  for (let i = 0; i < CUSTOMERS; i++) {
    others.push(await app.api.enrol(key, `stays-${i}`, `e-${i}`));
  }
  const seen = new Set<string>();
  const now = async () =>
    (await Promise.all(phones.map((it) => sealsOf(app, it.credentialId))))
      .flat();
  const look = async () => {
    const [seals, written] = [await now(), await files()];
    for (const seal of seals) {
      assert(written.includes(seal));
      seen.add(seal);
    }
  };
  await look();
  assertEquals(seen.size, CUSTOMERS);
  const expected = await end({ app, key, phones, look });
  const kept = new Set(await now());
  const gone = [...seen].filter((it) => !kept.has(it));
  assertEquals(gone.length, expected);
  const left = await files();
  assertEquals(gone.filter((it) => left.includes(it)).length, 0);
  for (const { credentialId } of others) {
    const [seal, ...more] = await sealsOf(app, credentialId);
    assert(seal !== undefined && left.includes(seal));
    assertEquals(more, []);
  }
}

for (const [way, end] of Object.entries(WAYS)) {
  Deno.test(`after ${way} no sealed seed is left in the files of SQLite, once they are vacuumed`, async () => {
    await using app = await startApp({ random: oneBucket });
    await play(app, end, async () => {
      // A page that was split holds copies in its free part until then.
      const db = new DatabaseSync(app.path);
      db.exec("VACUUM");
      const [busy] = Object.values(
        db.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get()!,
      );
      assertEquals(busy, 0);
      db.close();
      return new TextDecoder("latin1").decode(await storeBytes(app.path));
    });
  });

  Deno.test(`after ${way} no sealed seed is left in the files of Redis, once the append-only file is rewritten`, async () => {
    await using server = await startRedis({
      // Not compressed, so that the test can read what there is.
      settings: ["--appendonly", "yes", "--rdbcompression", "no"],
    });
    using raw = await connectRaw(server);
    const transport = openRedisTcp({ nodes: [server], timeoutMs: PATIENT_MS });
    const serverMs = await transport.timeMs();
    await using app = await startApp({
      random: oneBucket,
      openStore: (clock) =>
        createRedisStore(stretchTime(transport, clock, serverMs)),
    });
    await play(app, end, async () => {
      await raw.send("BGREWRITEAOF");
      await until(async () => {
        const info: string = await raw.send("INFO", "persistence");
        return /aof_rewrite_in_progress:0/.test(info) &&
          /aof_rewrite_scheduled:0/.test(info) &&
          /aof_last_bgrewrite_status:ok/.test(info);
      }, "The append-only file was not rewritten");
      const { success, stdout } = await new LimitedCommand("sh", {
        args: ["-c", `find "$1" -type f -exec cat {} +`, "sh", server.folder],
      }).output();
      assert(success);
      return new TextDecoder("latin1").decode(stdout);
    });
  });
}
