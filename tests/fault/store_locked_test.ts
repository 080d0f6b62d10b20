import { assertEquals } from "@std/assert";
import { openSqliteStore } from "../../edge/store/sqlite/sqlite.ts";
import { assertFault, ManualClock } from "../support/store/fixture.ts";
import { commitsIn } from "../support/store/log.ts";
import { add, set } from "../support/store/ops.ts";
import { StoreProcess } from "../support/store/process/process.ts";
import { withStorePath } from "../support/store/sqlite.ts";

const adding = { checks: [], writes: [add("n", 1)], reads: ["n"] };

Deno.test("txn() fails as locked while another process holds the file, reads go on, and it recovers", async () => {
  await withStorePath(async (path) => {
    const clock = new ManualClock();
    const store = openSqliteStore({ path, clock, busyTimeoutMs: 10 });
    try {
      await store.txn({ checks: [], writes: [set("a", "1")] });
      await using other = new StoreProcess(path);
      for (let round = 1; round <= 3; round++) {
        assertEquals(await other.ask("lock"), null);
        const failing = Array.from({ length: 5 }, () => store.txn(adding));
        const ends = await Promise.allSettled(failing);
        for (const end of ends) {
          const failed = end.status === "rejected"
            ? Promise.reject(end.reason)
            : Promise.resolve();
          await assertFault(failed, "locked");
        }
        const { values } = await store.read({ keys: ["a", "n"] });
        assertEquals(values, ["1", round === 1 ? null : `0:${round - 1}`]);
        assertEquals(await other.ask("unlock"), null);
        assertEquals((await store.txn(adding)).values, [`0:${round}`]);
      }
    } finally {
      await store.close();
    }
  });
});

Deno.test("txn() waits for another process's lock without blocking this one", async () => {
  await withStorePath(async (path) => {
    const clock = new ManualClock();
    const store = openSqliteStore({ path, clock, busyTimeoutMs: 600_000 });
    try {
      await using other = new StoreProcess(path);
      assertEquals(await other.ask("lock"), null);
      const first = store.txn(adding);
      // Nobody else could be asked if waiting blocked the thread.
      assertEquals((await store.read({ keys: ["n"] })).values, [null]);
      assertEquals(await other.ask("ready"), null);
      const joined = Array.from({ length: 20 }, () => store.txn(adding));
      const before = await commitsIn(`${path}-wal`);
      assertEquals(await other.ask("unlock"), null);
      const results = await Promise.all([first, ...joined]);
      assertEquals(
        results.map(({ values }) => values[0]),
        results.map((_, i) => `0:${i + 1}`),
      );
      // Those who came while the first was waiting went with it.
      assertEquals(await commitsIn(`${path}-wal`), before + 1);
    } finally {
      await store.close();
    }
  });
});

Deno.test("close() ends what waits for a lock", async () => {
  await withStorePath(async (path) => {
    const clock = new ManualClock();
    const store = openSqliteStore({ path, clock, busyTimeoutMs: 10 });
    await using other = new StoreProcess(path);
    assertEquals(await other.ask("lock"), null);
    const failing = assertFault(store.txn(adding), "locked");
    await store.close();
    await failing;
  });
});

Deno.test("openSqliteStore() fails as locked when another process keeps the file", async () => {
  await withStorePath(async (path) => {
    const clock = new ManualClock();
    await openSqliteStore({ path, clock }).close();
    await using other = new StoreProcess(path);
    assertEquals(await other.ask("lock"), null);
    await assertFault(
      new Promise((resolve) =>
        resolve(openSqliteStore({ path, clock, openTimeoutMs: 20 }))
      ),
      "locked",
    );
    assertEquals(await other.ask("unlock"), null);
    await openSqliteStore({ path, clock }).close();
  });
});
