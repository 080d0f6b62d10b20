/**
 * More merchants with something due than one process can deliver to at a time:
 * all of them get it, and who waits costs nothing.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import type { Sender } from "../../edge/callback/sender.ts";
import {
  callbackEndpointKey,
  DUE_CALLBACKS_KEY,
} from "../../edge/store/keys.ts";
import type { Store } from "../../edge/store/store.ts";
import { NOON_MS, startApp, TestClock } from "../support/app.ts";
import { Shop } from "../support/callback_shop.ts";
import { endPayment } from "../support/callback_world.ts";
import { FaultyStore } from "../support/faulty_store.ts";
import { Rendezvous } from "../support/rendezvous.ts";

const MERCHANTS = 2_500;
const IN_FLIGHT = 256;
const AT_ONCE = 250;
const LOOKS = 5;

Deno.test("dispatchSoon() reaches 2500 merchants at once, and looks at no more of them than it can serve", async () => {
  const hall = new Rendezvous();
  const sent: string[] = [];
  const all = Promise.withResolvers<void>();
  const sender: Sender = {
    async send({ headers }) {
      sent.push(headers["webhook-id"]!);
      if (sent.length === MERCHANTS) all.resolve();
      await hall.wait();
      return {
        kind: "answered",
        status: 204,
        body: new Uint8Array(0),
        durationMs: 1,
      };
    },
    check: () => Promise.resolve(null),
    close: () => Promise.resolve(),
  };
  const clock = new TestClock(NOON_MS);
  let counted!: FaultyStore;
  /** Pages that each look for merchants read. */
  const pages: number[] = [];
  await using app = await startApp({
    clock,
    sender,
    wrapStore: (store) => {
      const range: Store["range"] = (query) => {
        if (query.index === DUE_CALLBACKS_KEY) {
          if (query.after === undefined) pages.push(0);
          pages[pages.length - 1]!++;
        }
        return store.range(query);
      };
      return counted = new FaultyStore({
        read: (request) => store.read(request),
        range,
        txn: (transaction) => store.txn(transaction),
        timeMs: () => store.timeMs(),
        close: () => store.close(),
      });
    },
  });
  // All have the endpoint of one: what is theirs is the queue.
  const shop = await Shop.open(app.api);
  await shop.register("https://shop.example/offcode");
  const key = callbackEndpointKey(shop.merchant.id);
  const [value] = (await app.store.read({ keys: [key] })).values;
  const ids: string[] = [];
  for (let from = 0; from < MERCHANTS; from += AT_ONCE) {
    await Promise.all(
      Array.from({ length: AT_ONCE }, async (_, i) => {
        const id = `mer_${(from + i).toString(16).padStart(32, "0")}`;
        const key = callbackEndpointKey(id);
        await app.store.txn({
          checks: [],
          writes: [{ kind: "set", key, value: value! }],
        });
        ids.push(await endPayment(app.store, clock, id, "o1"));
      }),
    );
  }

  counted.plan();
  app.dispatcher.start();
  app.dispatcher.dispatchSoon();
  await hall.reached(IN_FLIGHT);
  for (let look = 1; look <= LOOKS; look++) {
    clock.advance(1_000);
    // Not while the one before it is still at it.
    while (pages.length === look) {
      app.dispatcher.dispatchSoon();
      await new Promise((resolve) => setTimeout(resolve));
    }
  }
  const leases = counted.trace.filter((it) => it === "txn callback-slot");
  const held = pages.slice(0, LOOKS);
  hall.open();
  // A thousand wait at most, and of those only who has a permit is looked at.
  assertEquals([held, leases.length], [[10, 1, 1, 1, 1], IN_FLIGHT]);
  await all.promise;
  await app.dispatcher.dispatch();
  assertEquals(sent.toSorted(), ids.toSorted());
});
