/**
 * What every store must give the calls about callbacks: endpoints, lists,
 * replays, and nothing of another merchant.
 *
 * @module
 */

import { assert, assertEquals, assertNotEquals } from "@std/assert";
import type { CallbackQuery } from "../../edge/callback/desk/list.ts";
import { orderName } from "../../edge/payment/payment_id.ts";
import type { CallbackView } from "../../edge/callback/message/record.ts";
import type { Refusal } from "../../edge/base/outcome.ts";
import { members } from "../support/callback/queue.ts";
import {
  type CallbackWorld,
  withWorld,
  type WorldMerchant,
} from "../support/callback/world.ts";
import { startShopServer, status } from "../support/callback/shop_server.ts";
import type { StoreFactory } from "../support/store/fixture.ts";
import { callbacksKey, DUE_CALLBACKS_KEY } from "../../edge/store/keys.ts";

const DAY_MS = 86_400_000;

/** What was given, which is no refusal. */
function given<T>(outcome: T | Refusal): T {
  assert(
    !(typeof outcome === "object" && outcome !== null && "code" in outcome),
    JSON.stringify(outcome),
  );
  return outcome as T;
}

/** Code of a refusal. */
function refusal(outcome: unknown): string | undefined {
  return (outcome as Partial<Refusal> | null)?.code;
}

/** All pages of a query; none may be empty unless it is the only one. */
async function listAll(
  world: CallbackWorld,
  merchant: WorldMerchant,
  query: CallbackQuery = {},
): Promise<CallbackView[]> {
  const { callbacks } = world.app.useCases;
  const all: CallbackView[] = [];
  let cursor: string | undefined;
  do {
    const page = given(
      await callbacks.list(merchant.caller, {
        ...query,
        ...(cursor !== undefined && { cursor }),
      }),
    );
    assert(page.callbacks.length <= 50);
    all.push(...page.callbacks);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return all;
}

/** The tests by their sentences. */
const TESTS: Readonly<Record<string, (world: CallbackWorld) => Promise<void>>> =
  {
    "put() makes an endpoint once, keeps it for the same URL, and replaces it for another":
      async (world) => {
        const { callbackEndpoints } = world.app.useCases;
        const { caller } = await world.merchant();
        assertEquals(refusal(await callbackEndpoints.get(caller)), "not-found");
        assertEquals(
          refusal(await callbackEndpoints.rotate(caller)),
          "not-found",
        );
        assertEquals(
          refusal(await callbackEndpoints.test(caller)),
          "not-found",
        );
        const url = "http://127.0.0.1:9/a";
        const made = given(await callbackEndpoints.put(caller, url));
        assert(/^whsec_[A-Za-z0-9+/]{43}=$/.test(made.secret!));
        assertEquals([made.created, made.endpoint.url], [true, url]);
        const again = given(await callbackEndpoints.put(caller, url));
        assertEquals(again, { endpoint: made.endpoint, created: false });
        assertEquals(given(await callbackEndpoints.get(caller)), made.endpoint);
        const other = given(await callbackEndpoints.put(caller, `${url}b`));
        assertEquals(other.created, true);
        assertNotEquals(other.secret, made.secret);
        assertNotEquals(other.endpoint.endpointId, made.endpoint.endpointId);
        for (let i = 0; i < 2; i++) {
          assertEquals(await callbackEndpoints.remove(caller), null);
        }
        assertEquals(refusal(await callbackEndpoints.get(caller)), "not-found");
      },
    "put() refuses a URL that nothing may be sent to, and changes nothing":
      async (world) => {
        const { callbackEndpoints } = world.app.useCases;
        const { caller } = await world.merchant();
        for (
          const url of [
            "",
            "shop.example",
            "ftp://127.0.0.1/",
            "http://a:b@127.0.0.1/",
          ]
        ) {
          const no = await callbackEndpoints.put(caller, url);
          assertEquals(refusal(no), "malformed-request", url);
        }
        assertEquals(refusal(await callbackEndpoints.get(caller)), "not-found");
      },
    "a suspended merchant asks, changes and replays as ever; a withdrawn key is refused everywhere":
      async (world) => {
        const { callbackEndpoints, callbacks, merchants } = world.app.useCases;
        const merchant = await world.merchant();
        const { id, caller } = merchant;
        await world.endpoint(merchant, "http://127.0.0.1:9/a");
        const callback = await world.end(merchant, "o1");
        const calls = () => [
          callbackEndpoints.put(caller, "http://127.0.0.1:9/b"),
          callbackEndpoints.get(caller),
          callbackEndpoints.remove(caller),
          callbackEndpoints.rotate(caller),
          callbackEndpoints.test(caller),
          callbacks.list(caller, {}),
          callbacks.get(caller, callback),
          callbacks.replay(caller, callback),
          callbacks.replayRange(caller, {
            sinceMs: 0,
            untilMs: world.clock.ms,
            status: "dead",
          }),
        ];
        await merchants.change(id, { status: "suspended" });
        const shop = "http://127.0.0.1:9/a";
        const put = await callbackEndpoints.put(caller, shop);
        assert("endpoint" in put && put.endpoint.url === shop);
        assert("callbacks" in await callbacks.list(caller, {}));
        const found = await callbacks.get(caller, callback);
        assert("payload" in found);
        for (
          const replayed of [
            await callbacks.replay(caller, callback),
            await callbackEndpoints.rotate(caller),
            await callbackEndpoints.get(caller),
          ]
        ) assert(!("kind" in replayed));
        await world.app.useCases.apiKeys.addToMerchant(id, 0);
        for (const call of calls()) {
          assertEquals(refusal(await call), "not-authenticated");
        }
        const { first } = await world.stored(merchant);
        assertEquals(first.map(({ member }) => member), [callback]);
      },
    "test() sends one signed message past every queue and tells what came back":
      async (world) => {
        await using server = startShopServer();
        server.answer = () =>
          new Response("code 901004201234567890\u0007!", { status: 418 });
        const { callbackEndpoints } = world.app.useCases;
        const merchant = await world.merchant();
        const secret = await world.endpoint(merchant, server.url);
        const { delivered, attempt } = given(
          await callbackEndpoints.test(merchant.caller),
        );
        assertEquals(
          [delivered, attempt.status, attempt.response],
          [false, 418, "code …\\x07!"],
        );
        server.answer = () => status(200);
        const again = given(await callbackEndpoints.test(merchant.caller));
        assertEquals(again.delivered, true);
        const [one, two] = server.received;
        assertEquals(one!.event.type, "endpoint.test");
        assert(server.verifies(one!, secret) && server.verifies(two!, secret));
        assertNotEquals(one!.id, two!.id);
        // While one is under way there is no second one.
        const first = Promise.withResolvers<Response>();
        server.answer = () => first.promise;
        const slow = callbackEndpoints.test(merchant.caller);
        while (server.received.length < 3) {
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
        const busy = await callbackEndpoints.test(merchant.caller);
        assertEquals(refusal(busy), "too-many-attempts");
        first.resolve(status(200));
        assertEquals(given(await slow).delivered, true);
        const queued = await world.stored(merchant);
        assertEquals([queued.all, queued.first], [[], []]);
      },
    "list() pages through all, latest first, and by status and order": async (
      world,
    ) => {
      await using server = startShopServer();
      const merchant = await world.merchant();
      await world.endpoint(merchant, server.url);
      const ids: string[] = [];
      for (let i = 0; i < 120; i++) {
        ids.push(await world.end(merchant, `o${i}`));
        world.clock.ms += 1;
      }
      const latestFirst = ids.toReversed();
      const idsOf = async (query: CallbackQuery = {}) =>
        (await listAll(world, merchant, query)).map((it) => it.callbackId);
      assertEquals(await idsOf(), latestFirst);
      assertEquals(await idsOf({ status: "pending" }), ids);
      assertEquals(await idsOf({ status: "delivered" }), []);
      await world.app.dispatcher.dispatch();
      assertEquals(await idsOf({ status: "delivered" }), latestFirst);
      assertEquals(await idsOf({ status: "pending" }), []);
      assertEquals(await idsOf({ status: "dead" }), []);
      assertEquals(await idsOf({ orderId: "o7" }), [ids[7]]);
      assertEquals(await idsOf({ orderId: "o7", status: "dead" }), []);
      assertEquals(await idsOf({ orderId: "unknown" }), []);
      const [view] = await listAll(world, merchant, { orderId: "o7" });
      assertEquals(view, {
        callbackId: ids[7]!,
        type: "payment.succeeded",
        status: "delivered",
        orderId: "o7",
        paymentId: `pay_${orderName(merchant.id, "o7")}${"0".repeat(16)}`,
        tries: 1,
        createdAt: "2026-01-15T12:00:00.007Z",
        endedAt: "2026-01-15T12:00:00.120Z",
      });
    },
    "list() of an order finds every one of its versions, over many pages":
      async (world) => {
        const merchant = await world.merchant();
        await world.endpoint(merchant, "http://127.0.0.1:9/a");
        const ids: string[] = [];
        for (let version = 3; version <= 330; version += 3) {
          ids.push(
            await world.end(merchant, "o1", { status: "declined", version }),
          );
        }
        const found = await listAll(world, merchant, { orderId: "o1" });
        assertEquals(found.map((it) => it.callbackId), ids.toReversed());
      },
    "a cursor that no page of the query gave is refused": async (world) => {
      const { callbacks } = world.app.useCases;
      const merchant = await world.merchant();
      await world.endpoint(merchant, "http://127.0.0.1:9/a");
      for (let i = 0; i < 60; i++) await world.end(merchant, `o${i}`);
      const page = given(await callbacks.list(merchant.caller, {}));
      const encode = (value: unknown) =>
        btoa(JSON.stringify(value)).replaceAll("=", "");
      const id = `cb_${"0".repeat(32)}`;
      for (
        const cursor of [
          "",
          "x",
          "…",
          "a".repeat(300),
          encode(null),
          encode([]),
          encode(["0", -1, id]),
          encode(["0", 1.5, id]),
          encode(["9", 1, id]),
          encode(["0", 1, "pay_1"]),
          encode(["0", 1]),
          encode(["order", 1]),
          encode([0, 1, id]),
          `${page.cursor}!`,
        ]
      ) {
        const no = await callbacks.list(merchant.caller, { cursor });
        assertEquals(refusal(no), "malformed-request", cursor);
      }
      const { cursor = "" } = page;
      for (const query of [{ orderId: "o1" }]) {
        const no = await callbacks.list(merchant.caller, { ...query, cursor });
        assertEquals(refusal(no), "malformed-request");
      }
    },
    "a merchant cannot read, list or replay what is another's": async (
      world,
    ) => {
      await using server = startShopServer();
      const { callbacks } = world.app.useCases;
      const [mine, other] = [await world.merchant(), await world.merchant()];
      await world.endpoint(mine, server.url);
      await world.endpoint(other, server.url);
      const id = await world.end(mine, "o1");
      await world.end(mine, "o2");
      server.answer = () => status(410);
      await world.app.dispatcher.dispatch();
      const before = await world.stored(mine);
      const { caller } = other;
      for (const name of [id, `cb_${"0".repeat(32)}`, "cb_1", "", "../x"]) {
        assertEquals(refusal(await callbacks.get(caller, name)), "not-found");
        assertEquals(
          refusal(await callbacks.replay(caller, name)),
          "not-found",
        );
      }
      for (
        const query of [
          {},
          { orderId: "o1" },
          { status: "pending" },
          { status: "delivered" },
          { status: "dead" },
        ] as const
      ) {
        assertEquals(await listAll(world, other, query), []);
      }
      // Nor by a cursor that was the other's.
      for (let i = 0; i < 60; i++) await world.end(mine, `more ${i}`);
      const { cursor = "" } = given(await callbacks.list(mine.caller, {}));
      assertEquals(
        given(await callbacks.list(caller, { cursor })).callbacks,
        [],
      );
      for (const end of ["delivered", "dead"] as const) {
        const done = given(
          await callbacks.replayRange(caller, {
            sinceMs: 0,
            untilMs: world.clock.ms + DAY_MS,
            status: end,
          }),
        );
        assertEquals(done, { replayed: 0, more: false });
      }
      const { first } = await world.stored(mine);
      const old = before.first.map(({ member }) => member);
      assertEquals(
        first.filter(({ member }) => old.includes(member)),
        before.first,
      );
      assertEquals(first.length, 62);
    },
    "replay() sends what ended once more under its id, and what waits at once":
      async (world) => {
        await using server = startShopServer();
        const { callbacks } = world.app.useCases;
        const merchant = await world.merchant();
        const { caller } = merchant;
        await world.endpoint(merchant, server.url);
        const id = await world.end(merchant, "o1");
        await world.app.dispatcher.dispatch();
        const view = given(await callbacks.replay(caller, id));
        assertEquals([view.status, view.tries, view.endedAt], [
          "pending",
          0,
          undefined,
        ]);
        assertEquals((await world.stored(merchant)).replay.length, 1);
        // Twice is once.
        assertEquals(given(await callbacks.replay(caller, id)), view);
        await world.app.dispatcher.dispatch();
        assertEquals(server.ids(), [id, id]);
        const detail = given(await callbacks.get(caller, id));
        assertEquals([detail.status, detail.attempts.length], ["delivered", 2]);
        // What waits for its second try.
        server.answer = () => status(500);
        const waits = await world.end(merchant, "o2");
        await world.app.dispatcher.dispatch();
        server.answer = () => status(200);
        const due = given(await callbacks.replay(caller, waits));
        assertEquals([due.tries, due.nextAttemptAt], [
          1,
          new Date(world.clock.ms).toISOString(),
        ]);
        await world.app.dispatcher.dispatch();
        assertEquals((await world.record(waits)).status, "delivered");
        assertEquals((await world.stored(merchant)).retry, []);
      },
    "replay() of what is dead takes it off that list and tries it thirteen times more":
      async (world) => {
        await using server = startShopServer();
        const { callbacks } = world.app.useCases;
        const merchant = await world.merchant();
        await world.endpoint(merchant, server.url);
        const id = await world.end(merchant, "dead");
        const exhaust = async () => {
          while ((await world.record(id)).status === "pending") {
            await world.pass(DAY_MS);
            server.answer = () => status(500);
            await world.app.dispatcher.dispatch();
            server.answer = () => status(200);
            await world.end(merchant, `good ${server.received.length}`);
            await world.app.dispatcher.dispatch();
            server.answer = () => status(500);
          }
          return server.ids().filter((it) => it === id).length;
        };
        server.answer = () => status(500);
        assertEquals(await exhaust(), 13);
        const dead = await listAll(world, merchant, { status: "dead" });
        assertEquals(dead.map((it) => it.callbackId), [id]);
        given(await callbacks.replay(merchant.caller, id));
        assertEquals(await listAll(world, merchant, { status: "dead" }), []);
        assertEquals(await exhaust(), 26);
        const detail = given(await callbacks.get(merchant.caller, id));
        assertEquals(
          [detail.tries, detail.attempts.length, detail.attemptsDropped],
          [13, 26, 0],
        );
        given(await callbacks.replay(merchant.caller, id));
        await exhaust();
        const more = given(await callbacks.get(merchant.caller, id));
        assertEquals([more.attempts.length, more.attemptsDropped], [30, 9]);
      },
    "replayRange() sends a time's messages of one end again, each once, behind live traffic":
      async (world) => {
        await using server = startShopServer();
        const { callbacks } = world.app.useCases;
        const merchant = await world.merchant();
        await world.endpoint(merchant, server.url);
        const startMs = world.clock.ms;
        const ids: string[] = [];
        for (let i = 0; i < 250; i++) {
          ids.push(await world.end(merchant, `o${i}`));
          world.clock.ms += 1;
        }
        await world.app.dispatcher.dispatch();
        const range = {
          sinceMs: startMs + 10,
          untilMs: startMs + 219,
          status: "delivered",
        } as const;
        const none = { ...range, status: "dead" } as const;
        assertEquals(await callbacks.replayRange(merchant.caller, none), {
          replayed: 0,
          more: false,
        });
        assertEquals(await callbacks.replayRange(merchant.caller, range), {
          replayed: 210,
          more: false,
        });
        assertEquals((await world.stored(merchant)).replay.length, 210);
        // They are on their way: the same call finds nothing more to send.
        assertEquals(await callbacks.replayRange(merchant.caller, range), {
          replayed: 0,
          more: false,
        });
        await world.app.dispatcher.dispatch();
        const again = server.ids().slice(250);
        assertEquals(again.toSorted(), ids.slice(10, 220).toSorted());
        const wrong = { ...range, sinceMs: range.untilMs + 1 };
        assertEquals(
          refusal(await callbacks.replayRange(merchant.caller, wrong)),
          "malformed-request",
        );
      },
    "after ninety days nothing is left of a callback, also of one that was parked":
      async (world) => {
        await using server = startShopServer();
        const merchant = await world.merchant();
        await world.endpoint(merchant, server.url);
        for (let i = 0; i < 150; i++) await world.end(merchant, `o${i}`);
        await world.app.dispatcher.dispatch();
        server.answer = () => status(410);
        for (let i = 0; i < 50; i++) await world.end(merchant, `parked ${i}`);
        await world.app.dispatcher.dispatch();
        await world.pass(89 * DAY_MS);
        await world.app.dispatcher.dispatch();
        assertEquals((await listAll(world, merchant)).length, 200);
        await world.pass(3 * DAY_MS);
        await world.app.dispatcher.dispatch();
        const queued = await world.stored(merchant);
        assertEquals([queued.all, queued.first, queued.dueMs], [[], [], null]);
        assertEquals(await members(world.store, callbacksKey(merchant.id)), []);
        assertEquals(await members(world.store, DUE_CALLBACKS_KEY), []);
      },
  };

/** Registers the suite; names begin with `store`. */
export function checkCallbackCalls(store: string, factory: StoreFactory): void {
  function test(
    sentence: string,
    body: (world: CallbackWorld) => Promise<void>,
  ): void {
    Deno.test(`${store}: ${sentence}`, () => withWorld(factory, body));
  }
  for (const [sentence, body] of Object.entries(TESTS)) test(sentence, body);
}
