import { assert, assertEquals } from "@std/assert";
import { encodeBase64 } from "@std/encoding/base64";
import { startRedis } from "../../scripts/redis_server.ts";
import { systemClock } from "../../edge/base/clock.ts";
import { openStore } from "../../edge/main.ts";
import { inCell } from "../../edge/store/cells.ts";
import { CELL_LEASE_KEY } from "../../edge/store/keys.ts";
import { openMonitor } from "../support/redis/monitor.ts";
import { probe, unswept } from "../support/store/due_probe.ts";
import { startServer } from "../support/world/server.ts";

const COUNT = 64;
const KEY = new Uint8Array(32).fill(1);

const ALL = Array.from({ length: COUNT }, (_, cell) => cell);

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

Deno.test("4 processes look at 64 cells as often as one would, and go on for one that is killed", async () => {
  await using redis = await startRedis();
  const env = {
    OFFCODE_STORE: redis.url,
    OFFCODE_CELLS: `${COUNT}`,
    OFFCODE_CELL_KEY: encodeBase64(KEY),
  };
  const { host, port } = redis;
  const store = await openStore({
    ...{ kind: "redis", nodes: [{ host, port }], tls: false },
    cells: { count: COUNT, key: KEY, prefix: "90" },
  }, systemClock);
  /** Sees that due payments are found in every cell. */
  const mustSweep = async () => {
    await probe(store, ALL);
    let left: readonly number[] = ALL;
    for (let tries = 0; tries < 300 && left.length > 0; tries++) {
      await pause(200);
      left = await unswept(store, left);
    }
    assertEquals(left, []);
  };
  // Each thread is a process of its own to the others.
  await using other = await startServer({ env, workers: 3 });
  {
    await using server = await startServer({ env });
    await using monitor = await openMonitor(redis);
    const polls = async () => {
      const startedMs = systemClock.nowMs();
      const asked = await monitor.namesInScripts(() => pause(4_000));
      const cells = asked.filter((it) =>
        /^ZRANGE .*:due-(orders|callbacks)$/.test(it)
      );
      const seconds = (systemClock.nowMs() - startedMs) / 1000;
      return cells.length / COUNT / seconds;
    };
    // Every cell is looked at by everyone until the leases are shared. Then callbacks are looked
    // for every second and payments every five seconds.
    let each = Infinity;
    for (let tries = 0; tries < 5 && each > 1.6; tries++) each = await polls();
    assert(each > 0 && each < 1.6, `${each} looks at a cell per second`);
    await mustSweep();
    await server.kill("SIGKILL");
  }
  await mustSweep();
  assertEquals((await other.kill("SIGTERM")).success, true);
  // Who is stopped gives everything back.
  const left = await store.read({
    keys: ALL.map((cell) => inCell(CELL_LEASE_KEY, cell)),
  });
  assertEquals(new Set(left.values), new Set([null]));
  await store.close();
});
