import { assertEquals } from "@std/assert";
import { ManualClock } from "../support/store/fixture.ts";
import { add, page } from "../support/store/ops.ts";
import {
  openStoreAt,
  PROCESS_STORES,
  withProcessStore,
} from "../support/store/process/process_stores.ts";
import { StoreProcess } from "../support/store/process/process.ts";
import { withStorePath } from "../support/store/sqlite.ts";

const PROCESSES = 8;
const ROUNDS = 100;
const NAMES = 100;

for (const [engine, start] of Object.entries(PROCESS_STORES)) {
  Deno.test(`8 processes have one store, with exact sums and one winner for each name, over ${engine}`, () =>
    withProcessStore(start, async (location) => {
      await using children = new AsyncDisposableStack();
      const processes = Array.from(
        { length: PROCESSES },
        () => children.use(new StoreProcess(location.replace(/^sqlite:/, ""))),
      );
      // All open a new store at once; none may be turned away.
      const opened = processes.map((child) =>
        child.ask("open", { busyTimeoutMs: 600_000 })
      );
      assertEquals(await Promise.all(opened), processes.map(() => null));

      const won: number[][] = await Promise.all(
        processes.map((child, i) =>
          child.ask("hammer", { me: `${i}`, rounds: ROUNDS, names: NAMES })
        ),
      );

      const store = openStoreAt(location, new ManualClock());
      try {
        const keys = processes.map((_, i) => `count:${i}`);
        const counts = await store.read({ keys: ["count", ...keys] });
        assertEquals(counts.values, [
          `0:${PROCESSES * ROUNDS}`,
          ...processes.map(() => `0:${ROUNDS}`),
        ]);

        const all = Array.from({ length: NAMES }, (_, n) => n);
        assertEquals(won.flat().sort((a, b) => a - b), all);
        const owners = await store.read({
          keys: all.map((n) => `name:${n}`),
          ranges: [page("won")],
        });
        const winners = all.map((n) =>
          `${won.findIndex((numbers) => numbers.includes(n))}`
        );
        assertEquals(owners.values, winners);
        assertEquals(owners.ranges[0]!.map(({ score }) => score), all);
      } finally {
        await store.close();
      }
    }));
}

Deno.test("openSqliteStore() makes a new file for 8 processes at once, 25 times", async () => {
  await withStorePath(async (first, folder) => {
    await using children = new AsyncDisposableStack();
    const processes = Array.from(
      { length: PROCESSES },
      () => children.use(new StoreProcess(first)),
    );
    // From here on each is ready to open without delay.
    await Promise.all(processes.map((child) => child.ask("ready")));
    for (let round = 0; round < 25; round++) {
      const path = `${folder}/deep/${round}/store.db`;
      const opened = processes.map((child) => child.ask("open", { path }));
      assertEquals(await Promise.all(opened), processes.map(() => null));
      const counted = processes.map((child) =>
        child.ask("txn", { checks: [], writes: [add("count", 1)] })
      );
      await Promise.all(counted);
      assertEquals(
        (await processes[0]!.ask("read", { keys: ["count"] })).values,
        [`0:${PROCESSES}`],
      );
      await Promise.all(processes.map((child) => child.ask("close")));
    }
  });
});
