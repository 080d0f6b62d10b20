/**
 * Every answer is on the disk: what SQLite is told, and what it then asks of
 * the system, counted from outside.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { openSqliteStore } from "../../edge/store/sqlite/sqlite.ts";
import { setScene } from "../support/world/scene.ts";
import { startServer } from "../support/world/server.ts";
import { ManualClock } from "../support/store/fixture.ts";
import { commitsIn } from "../support/store/log.ts";
import { set } from "../support/store/ops.ts";
import { withStorePath } from "../support/store/sqlite.ts";

Deno.test("every connection of a store waits for the disk at each commit", async () => {
  const { prototype } = DatabaseSync;
  const { prepare } = prototype;
  const connections = new Set<DatabaseSync>();
  prototype.prepare = function (this: DatabaseSync, text) {
    connections.add(this);
    return prepare.call(this, text);
  };
  const FULL = 2;
  const asked = () =>
    [...connections].map((it) =>
      prepare.call(it, "PRAGMA synchronous").get()?.synchronous
    );
  try {
    await withStorePath(async (path) => {
      const store = openSqliteStore({ path, clock: new ManualClock() });
      const write = () => store.txn({ checks: [], writes: [set("a", "1")] });
      await write();
      assertEquals(asked(), [FULL]);
      connections.clear();
      // A file that was put in its place is opened anew.
      await Deno.copyFile(path, `${path}-other`);
      await Deno.rename(`${path}-other`, path);
      await write();
      assertEquals(asked(), [FULL]);
      await store.close();
    });
  } finally {
    prototype.prepare = prepare;
  }
});

Deno.test("a payment asks for the disk at each of its transactions, and answers then", async () => {
  const folder = await Deno.makeTempDir({ prefix: "offcode-fsync-" });
  const calls = `${folder}/calls`;
  try {
    await using server = await startServer({
      folder,
      // As a grandchild: the process that is ended is the server's own.
      wrap: ["strace", "-D", "-f", "-qq", "--seccomp-bpf"].concat(
        ["-e", "trace=fsync,fdatasync", "-o", calls],
      ),
    });
    /** A call is written down before it returns. */
    const synced = async () =>
      (await Deno.readTextFile(calls)).split("\n")
        .filter((line) => /\bf(data)?sync.*= 0$/.test(line)).length;
    const committed = () => commitsIn(`${folder}/data/offcode.db-wal`);
    const { api } = server;
    const { merchant, phone } = await setScene(api);
    const pay = async (amount_minor: number, aheadMs: number) => {
      const before = [await synced(), await committed()];
      const { status } = await api.pay(merchant, {
        code: phone.code(Date.now() + aheadMs),
        order_id: `order-${amount_minor}`,
        amount_minor,
      });
      assertEquals(status, 201);
      const commits = await committed() - before[1]!;
      assertEquals(await synced() - before[0]!, commits);
      // The claim, the sandbox ledger's debit, the end; guesses are leased
      // for the first payment of a minute.
      assert(commits >= 3, `${commits}`);
    };
    await pay(100, 0);
    await pay(101, 30_000);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
