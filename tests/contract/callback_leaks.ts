/**
 * What every store must be rid of when its time is over: of callbacks that were
 * kept for long enough nothing is left, whatever became of them, and a range of
 * any length can be replayed to its end.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { PAUSES_MS } from "../../edge/callback/message/schedule.ts";
import { CALLBACK_TTL_MS } from "../../edge/store/keys.ts";
import { STORED_ENDPOINT, storeEndpoint } from "../support/callback/queue.ts";
import { type CallbackWorld, withWorld } from "../support/callback/world.ts";
import { startShopServer, status } from "../support/callback/shop_server.ts";
import type { StoreFactory } from "../support/store/fixture.ts";

const DAY_MS = 86_400_000;
const NOTHING = { all: [], first: [], retry: [], replay: [], dead: [] };

/** Lets days pass, with someone who looks once a day. */
async function days(world: CallbackWorld, count: number): Promise<void> {
  for (let day = 0; day < count; day++) {
    await world.pass(DAY_MS);
    await world.app.dispatcher.dispatch();
  }
}

type StoreTestBody = (factory: StoreFactory) => Promise<void>;

/** The tests by their sentences. */
const TESTS: Readonly<Record<string, StoreTestBody>> = {
  "a message that was replayed when it was old, and died, leaves nothing":
    async (factory) => {
      await using server = startShopServer();
      await withWorld(factory, async (world) => {
        const merchant = await world.merchant();
        await world.endpoint(merchant, server.url);
        const id = await world.end(merchant, "old");
        await world.app.dispatcher.dispatch();
        await world.pass(CALLBACK_TTL_MS - DAY_MS);
        server.answer = (received) => status(received.id === id ? 500 : 200);
        await world.app.useCases.callbacks.replay(merchant.caller, id);
        for (const [i, pauseMs] of PAUSES_MS.entries()) {
          await world.pass(pauseMs * 1.2);
          // Something else goes through, so that the endpoint does not look dead.
          await world.end(merchant, `good ${i}`);
          await world.app.dispatcher.dispatch();
        }
        const { dead } = await world.stored(merchant);
        assertEquals(dead.map(({ member }) => member), [id]);
        await days(world, CALLBACK_TTL_MS / DAY_MS + 9);
        const left = await world.stored(merchant);
        assertEquals(left, { ...NOTHING, dueMs: null });
      });
    },
  "what waits for a disabled endpoint goes when it is old": async (factory) => {
    await withWorld(factory, async (world) => {
      const merchant = await world.merchant();
      const endpoint = { ...STORED_ENDPOINT, status: "disabled" } as const;
      await storeEndpoint(world.store, merchant.id, endpoint);
      await world.end(merchant, "o1");
      await world.end(merchant, "o2");
      await days(world, 1);
      assertEquals((await world.stored(merchant)).first.length, 2);
      await days(world, CALLBACK_TTL_MS / DAY_MS + 1);
      const left = await world.stored(merchant);
      assertEquals(left, { ...NOTHING, dueMs: null });
    });
  },
  "10 000 delivered callbacks are replayed once each, in as many calls as it takes":
    async (factory) => {
      await withWorld(factory, async (world) => {
        const merchant = await world.merchant();
        await world.endpoint(merchant, "http://127.0.0.1:9/offcode");
        const fromMs = world.clock.ms;
        const ids = new Set<string>();
        for (let from = 0; from < 10_000; from += 500) {
          const some = Array.from(
            { length: 500 },
            (_, i) => world.end(merchant, `o${from + i}`),
          );
          for (const id of await Promise.all(some)) ids.add(id);
          await world.pass(1);
        }
        const { dispatcher, useCases } = world.app;
        assertEquals((await dispatcher.dispatch()).delivered, 10_000);
        const range = { sinceMs: fromMs, status: "delivered" } as const;
        let untilMs = world.clock.ms;
        const replayed: number[] = [];
        for (let isOver = false; !isOver;) {
          const done = await useCases.callbacks.replayRange(merchant.caller, {
            ...range,
            untilMs,
          });
          assert(!("kind" in done));
          replayed.push(done.replayed);
          isOver = !done.more;
          // They arrive before the rest is asked for.
          await dispatcher.dispatch();
          untilMs = done.untilMs ?? untilMs;
          assert(replayed.length < 5, `${replayed}`);
        }
        // Those of one millisecond at the end of a call are in the next one, too.
        assertEquals(replayed, [5_000, 5_000, 1_000]);
        const copies = new Map<string, number>();
        for (const id of sent) copies.set(id, (copies.get(id) ?? 0) + 1);
        assertEquals(new Set(copies.keys()), ids);
        assert(Math.max(...copies.values()) <= 3);
      }, { sender: RECORDER });
    },
};

/** Registers the suite; names begin with `store`. */
export function checkCallbackLeaks(
  store: string,
  factory: StoreFactory,
): void {
  for (const [sentence, body] of Object.entries(TESTS)) {
    Deno.test(`${store}: ${sentence}`, () => body(factory));
  }
}

const sent: string[] = [];

/** Everything arrives; of what does, the ids are kept. */
const RECORDER = {
  send({ headers }: { headers: Readonly<Record<string, string>> }) {
    sent.push(headers["webhook-id"]!);
    return Promise.resolve({
      kind: "answered" as const,
      status: 204,
      body: new Uint8Array(0),
      durationMs: 1,
    });
  },
  check: () => Promise.resolve(null),
  close: () => Promise.resolve(),
};
