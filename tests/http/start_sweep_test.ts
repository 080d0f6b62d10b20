import { assertEquals } from "@std/assert";
import { systemClock } from "../../edge/base/clock.ts";
import { createApp } from "../../edge/boot/app.ts";
import { openSqliteStore } from "../../edge/store/sqlite/sqlite.ts";
import { until } from "../../scripts/redis_server.ts";
import { NOON_MS, startApp } from "../support/world/app.ts";
import { HoldAt, pointedStore } from "../support/world/points/fail_points.ts";
import { calls, crashed } from "../support/world/desk.ts";
import { peekOrder } from "../support/world/peek.ts";
import { setScene } from "../support/world/scene.ts";
import { startServer } from "../support/world/server.ts";

/** A crash is noticed so long after it. */
const RECOVER_MS = 10_000;

/**
 * A folder for a server in which a payment was claimed `agoMs` ago, by an edge
 * that then died; the payment's id.
 */
async function crashedFolder(agoMs: number) {
  const folder = await Deno.makeTempDir({ prefix: "offcode-sweep-" });
  const path = `${folder}/data/offcode.db`;
  const hold = new HoldAt("after txn order");
  await using dying = await startApp({
    path,
    nowMs: Date.now() - agoMs,
    wrapStore: (store) => pointedStore(store, hold.reach),
  });
  const scene = await setScene(dying.api);
  const code = scene.phone.code(dying.clock.ms);
  await crashed(hold, calls(scene, dying).pay("order-1", code));
  const status = async () => {
    const store = openSqliteStore({ path, clock: systemClock });
    try {
      const order = await peekOrder(store, scene.merchant.id, "order-1");
      return [order?.payment?.status];
    } finally {
      await store.close();
    }
  };
  return {
    folder,
    status,
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

for (
  const [when, agoMs] of [
    ["at once", 2 * RECOVER_MS],
    // It is due only when the server has been up for a while.
    ["by its timer", RECOVER_MS - 3_000],
  ] as const
) {
  Deno.test(`start finishes ${when} what a crash left, though nobody calls`, async () => {
    await using left = await crashedFolder(agoMs);
    assertEquals(await left.status(), ["processing"]);
    await using server = await startServer({ folder: left.folder });
    await until(
      async () => (await left.status())[0] !== "processing",
      `It is still open:\n${server.output()}`,
    );
    assertEquals(await left.status(), ["succeeded"]);
    assertEquals(await server.api.balance("alice"), 8_750);
  });
}

Deno.test("createApp() gives the sweeper its turn after every request", async () => {
  await using edge = await startApp({ nowMs: NOON_MS });
  let turns = 0;
  const app = createApp({
    useCases: edge.useCases,
    log: () => {},
    afterRequest: () => turns++,
    newRequestId: () => "req_1",
    monotonicMs: () => 0,
  });
  for (const path of ["/healthz", "/v1/payments/pay_1", "/nowhere"]) {
    const response = await app.fetch(new Request(`http://edge${path}`));
    await response.body?.cancel();
  }
  assertEquals(turns, 3);
});
