/**
 * Payments of a merchant whose server is gone cost nobody a look at what waits
 * for it, until a probe is due.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { startApp } from "../support/world/app.ts";
import { Shop } from "../support/callback/shop.ts";
import { endPayment } from "../support/callback/world.ts";
import { FaultyStore } from "../support/store/faulty_store.ts";

Deno.test("dispatchSoon() leaves a merchant alone while its breaker is open, and probes when it may", async () => {
  let sent = 0;
  let status = 500;
  let counted!: FaultyStore;
  await using app = await startApp({
    wrapStore: (store) => counted = new FaultyStore(store),
    sender: {
      send() {
        sent++;
        return Promise.resolve({
          kind: "answered",
          status,
          body: new Uint8Array(0),
          durationMs: 1,
        });
      },
      check: () => Promise.resolve(null),
      close: () => Promise.resolve(),
    },
  });
  const { store, clock, dispatcher } = app;
  const shop = await Shop.open(app.api);
  await shop.register("https://shop.example/offcode");
  const { id } = shop.merchant;
  for (let n = 0; n < 8; n++) await endPayment(store, clock, id, `o${n}`);
  await dispatcher.dispatch();
  const opened = sent;
  dispatcher.start();
  counted.plan();
  for (let n = 8; n < 28; n++) {
    await endPayment(store, clock, id, `o${n}`);
    dispatcher.dispatchSoon(id);
  }
  // Ending a payment reads the endpoint and writes, and the first one of them
  // had the queue looked at.
  const reads = counted.trace.filter((it) => it === "read callback-endpoint");
  assertEquals([reads.length, counted.trace.length], [21, 41]);
  assertEquals(sent, opened);
  // What is due is found all the same, and a payment finds it when it may go.
  status = 200;
  clock.advance(5_000);
  dispatcher.dispatchSoon(id);
  await dispatcher.dispatch();
  clock.advance(3_600_000);
  await dispatcher.dispatch();
  assertEquals(sent, opened + 28);
});
