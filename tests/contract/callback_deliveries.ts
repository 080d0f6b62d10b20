/**
 * What every store must give the delivery of callbacks: each message arrives,
 * is tried again by the schedule, and waits or dies as it should.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { PAUSES_MS } from "../../edge/callback/message/schedule.ts";
import { HOUSEKEEPING_MS } from "../../edge/callback/message/queued.ts";
import { callbackKey, callbackLaneKey } from "../../edge/store/keys.ts";
import { MAX_VALUE_BYTES } from "../../edge/store/validate.ts";
import {
  type CallbackWorld,
  EARLIEST,
  withWorld,
  type WorldMerchant,
} from "../support/callback/world.ts";
import {
  type ShopServer,
  startShopServer,
  status,
} from "../support/callback/shop_server.ts";
import type { StoreFactory } from "../support/store/fixture.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** What each test begins with: a merchant whose server is up. */
interface Shop {
  readonly merchant: WorldMerchant;
  readonly server: ShopServer;
  readonly secret: string;
}

/** The tests by their sentences. */
const TESTS: Readonly<
  Record<string, (world: CallbackWorld, shop: Shop) => Promise<void>>
> = {
  "dispatch() delivers each message once, signed, and keeps what came back":
    async (world, { merchant, server, secret }) => {
      server.answer = () => new Response("thanks", { status: 202 });
      const ids = [];
      for (let i = 0; i < 20; i++) ids.push(await world.end(merchant, `o${i}`));
      assertEquals(await world.app.dispatcher.dispatch(), {
        attempts: 20,
        delivered: 20,
      });
      assertEquals(server.ids().toSorted(), ids.toSorted());
      for (const received of server.received) {
        assert(server.verifies(received, secret));
        assertEquals(received.timestamp, Math.floor(world.clock.ms / 1000));
        const record = await world.record(received.id);
        assertEquals(record.payload, received.body);
        assertEquals(
          [record.status, record.tries, record.attempts, record.lease],
          ["delivered", 1, 1, undefined],
        );
      }
      const detail = await world.app.useCases.callbacks.get(
        merchant.caller,
        ids[0]!,
      );
      assert(!("kind" in detail));
      assertEquals(detail.attempts.map(({ durationMs: _, ...it }) => it), [{
        at: "2026-01-15T12:00:00.000Z",
        status: 202,
        response: "thanks",
      }]);
      // Nothing is left to do but what is due once a day.
      const queued = await world.stored(merchant);
      assertEquals([queued.first, queued.retry, queued.replay], [[], [], []]);
      assertEquals(queued.dueMs, world.clock.ms + HOUSEKEEPING_MS);
      assertEquals((await world.app.dispatcher.dispatch()).attempts, 0);
    },
  "a message that fails is tried thirteen times over three days, and is dead then":
    async (world, { merchant, server, secret }) => {
      const id = await world.end(merchant, "bad");
      server.answer = (received) => status(received.id === id ? 500 : 200);
      for (const [i, pause] of PAUSES_MS.entries()) {
        await world.pass(pause * EARLIEST);
        // Something else goes through, so that the endpoint does not look dead.
        await world.end(merchant, `good ${i}`);
        await world.app.dispatcher.dispatch();
        const tried = server.ids().filter((it) => it === id).length;
        assertEquals(tried, i + 1);
        const next = PAUSES_MS[i + 1];
        if (next === undefined) break;
        const record = await world.record(id);
        assertEquals(record.due_ms, world.clock.ms + next * EARLIEST);
        assertEquals([record.status, record.lane], ["pending", "retry"]);
        // Not a millisecond sooner.
        await world.pass(next * EARLIEST - 1);
        await world.app.dispatcher.dispatch();
        assertEquals(server.ids().filter((it) => it === id).length, tried);
        await world.pass(1 - next * EARLIEST);
      }
      const record = await world.record(id);
      assertEquals(
        [record.status, record.tries, record.dead_reason],
        ["dead", 13, "13 tries failed; the last: answered 500"],
      );
      const queued = await world.stored(merchant);
      assertEquals(queued.dead.map(({ member }) => member), [id]);
      assertEquals([queued.first, queued.retry], [[], []]);
      // The same bytes under the same id, each time signed for its own moment.
      const copies = server.received.filter((it) => it.id === id);
      assertEquals(new Set(copies.map(({ body }) => body)).size, 1);
      assert(copies.every((it) => server.verifies(it, secret)));
      assertEquals(new Set(copies.map((it) => it.timestamp)).size, 13);
      assert(world.app.logged.some((line) => line.includes("callback dead")));
    },
  "only a 2xx is a delivery": async (world, { merchant, server }) => {
    for (const code of [200, 204, 299, 300, 302, 304, 400, 404, 500, 503]) {
      server.answer = () => status(code);
      const id = await world.end(merchant, `o${code}`);
      await world.app.dispatcher.dispatch();
      assertEquals(
        (await world.record(id)).status,
        code < 300 ? "delivered" : "pending",
        `${code}`,
      );
      // A success in between keeps the breaker closed.
      server.answer = () => status(200);
      await world.end(merchant, `after ${code}`);
      await world.app.dispatcher.dispatch();
    }
  },
  "Retry-After of 429 and 503 is obeyed within a day, and nonsense is not":
    async (world, { merchant, server }) => {
      const after = new Map<string, [number, string | null]>();
      const cases: [number, string | null, number][] = [
        [429, "120", 120_000],
        [503, "120", 120_000],
        [503, "Thu, 15 Jan 2026 13:00:00 GMT", HOUR_MS],
        [429, "1000000000", DAY_MS],
        [429, "1e9", 4_000],
        [429, "-5", 4_000],
        [429, "Thu, 15 Jan 2026 11:00:00 GMT", 4_000],
        [429, "soon", 4_000],
        [503, "1", 4_000],
        [503, null, 4_000],
        [500, "120", 4_000],
        [302, "120", 4_000],
      ];
      server.answer = ({ id }) => {
        const [code, header] = after.get(id) ?? [200, null];
        return status(code, header === null ? {} : { "retry-after": header });
      };
      for (const [i, [code, header, waitMs]] of cases.entries()) {
        const id = await world.end(merchant, `o${i}`);
        after.set(id, [code, header]);
        await world.app.dispatcher.dispatch();
        await world.end(merchant, `good ${i}`);
        await world.app.dispatcher.dispatch();
        const record = await world.record(id);
        assertEquals(
          record.due_ms - world.clock.ms,
          waitMs,
          `${code} ${header}`,
        );
      }
    },
  "410 disables the endpoint at once; what waits is parked and neither lost nor spun":
    async (world, { merchant, server }) => {
      server.answer = () => status(410);
      const id = await world.end(merchant, "o1");
      await world.app.dispatcher.dispatch();
      const { callbackEndpoints } = world.app.useCases;
      const gone = await callbackEndpoints.get(merchant.caller);
      assert(!("kind" in gone));
      assertEquals([gone.status, gone.disabledReason], ["disabled", "gone"]);
      const record = await world.record(id);
      assertEquals(
        [record.status, record.tries, record.attempts],
        ["pending", 0, 1],
      );
      const later = await world.end(merchant, "o2");
      // Nobody looks at what is parked more than once a day.
      const { dueMs } = await world.stored(merchant);
      assertEquals(dueMs, world.clock.ms + HOUSEKEEPING_MS);
      for (let day = 0; day < 3; day++) {
        await world.pass(DAY_MS);
        assertEquals((await world.app.dispatcher.dispatch()).attempts, 0);
      }
      assertEquals(server.received.length, 1);
      assert(
        world.app.logged.some((line) =>
          line.includes("callback endpoint disabled") && line.includes("gone")
        ),
      );
      // The same URL again: it takes messages, and gets what waited.
      server.answer = () => status(200);
      await world.endpoint(merchant, server.url);
      await world.app.dispatcher.dispatch();
      assertEquals(server.ids().slice(1).toSorted(), [id, later].toSorted());
      assertEquals((await world.stored(merchant)).first, []);
    },
  "what waits for an endpoint that is removed goes to the one after it": async (
    world,
    { merchant, server, secret },
  ) => {
    server.answer = () => status(500);
    const id = await world.end(merchant, "o1");
    await world.app.dispatcher.dispatch();
    const { callbackEndpoints } = world.app.useCases;
    assertEquals(await callbackEndpoints.remove(merchant.caller), null);
    assertEquals(await world.end(merchant, "unheard"), "");
    await world.pass(DAY_MS);
    for (let i = 0; i < 3; i++) {
      assertEquals((await world.app.dispatcher.dispatch()).attempts, 0);
    }
    assertEquals(
      (await world.stored(merchant)).dueMs,
      world.clock.ms + HOUSEKEEPING_MS,
    );
    await using other = startShopServer();
    const otherSecret = await world.endpoint(merchant, other.url);
    await world.app.dispatcher.dispatch();
    assertEquals([server.received.length, other.ids()], [1, [id]]);
    assert(other.verifies(other.received[0]!, otherSecret));
    assert(!other.verifies(other.received[0]!, secret));
  },
  "five failures in a row open the breaker: then single probes, which spend no try":
    async (world, { merchant, server }) => {
      server.answer = () => status(500);
      const ids: string[] = [];
      for (let i = 0; i < 30; i++) ids.push(await world.end(merchant, `o${i}`));
      await world.app.dispatcher.dispatch();
      const opened = server.received.length;
      // Those that were under way when the fifth failed, and no more.
      assert(opened >= 5 && opened <= 8, `${opened}`);
      assert(
        world.app.logged.some((it) => it.includes("callback breaker open")),
      );
      let waitMs = 5_000;
      for (let probes = 1; probes <= 10; probes++) {
        await world.pass(waitMs - 1);
        await world.end(merchant, `more ${probes}`);
        assertEquals((await world.app.dispatcher.dispatch()).attempts, 0);
        await world.pass(1);
        assertEquals((await world.app.dispatcher.dispatch()).attempts, 1);
        assertEquals(server.received.length, opened + probes);
        const probed = server.received.at(-1)!.id;
        const detail = await world.app.useCases.callbacks.get(
          merchant.caller,
          probed,
        );
        assert(!("kind" in detail));
        assertEquals(detail.attempts.at(-1)!.probe, true);
        assert(detail.tries < detail.attempts.length);
        waitMs = Math.min(waitMs * 2, 600_000);
      }
      // It is back: one probe finds out, and everything goes on.
      server.answer = () => status(200);
      await world.pass(waitMs);
      await world.app.dispatcher.dispatch();
      await world.pass(HOUR_MS);
      await world.app.dispatcher.dispatch();
      const queued = await world.stored(merchant);
      assertEquals([queued.first, queued.retry], [[], []]);
      assertEquals(
        queued.all.map((it) => it.status),
        Array(40).fill("delivered"),
      );
      const { callbackEndpoints } = world.app.useCases;
      const view = await callbackEndpoints.get(merchant.caller);
      assert(!("kind" in view));
      assertEquals(view.failingSince, undefined);
    },
  "five days of nothing but failure disable the endpoint, and one success in between does not":
    async (world, { merchant, server }) => {
      const { callbackEndpoints } = world.app.useCases;
      const view = async () => {
        const found = await callbackEndpoints.get(merchant.caller);
        assert(!("kind" in found));
        return found;
      };
      const hours = async (n: number) => {
        for (let hour = 0; hour < n; hour++) {
          await world.pass(HOUR_MS);
          await world.app.dispatcher.dispatch();
        }
      };
      server.answer = () => status(500);
      await world.end(merchant, "o1");
      await world.app.dispatcher.dispatch();
      assertEquals((await view()).failingSince, "2026-01-15T12:00:00.000Z");
      for (let i = 2; i < 8; i++) await world.end(merchant, `o${i}`);
      await hours(119);
      assertEquals((await view()).status, "active");
      server.answer = () => status(200);
      await hours(1);
      assertEquals((await view()).failingSince, undefined);
      server.answer = () => status(500);
      for (let i = 8; i < 15; i++) await world.end(merchant, `o${i}`);
      await world.app.dispatcher.dispatch();
      await hours(119);
      assertEquals((await view()).status, "active");
      await hours(1);
      const { status: end, disabledReason } = await view();
      assertEquals([end, disabledReason], ["disabled", "failing"]);
      const count = server.received.length;
      await hours(48);
      assertEquals(server.received.length, count);
    },
  "a poison record dies alone, whatever is wrong with it": async (
    world,
    { merchant, server },
  ) => {
    const good: string[] = [];
    const bad: string[] = [];
    const wrong = [
      "no JSON",
      "null",
      "[]",
      "{}",
      '{"callback_id":"cb_1"}',
      '{"payload":7}',
    ];
    for (const [i, value] of wrong.entries()) {
      good.push(await world.end(merchant, `good ${i}`));
      const id = await world.end(merchant, `bad ${i}`);
      bad.push(id);
      await world.store.txn({
        checks: [],
        writes: [{ kind: "set", key: callbackKey(id), value }],
      });
    }
    // Not even a name, a record that is an index, one of another merchant,
    // and one that grows too large for the store when it is leased.
    const lane = callbackLaneKey(merchant.id, "first");
    const foreign = await world.merchant();
    await world.endpoint(foreign, server.url);
    const theirs = await world.end(foreign, "theirs");
    const wide = await world.end(merchant, "wide");
    const { payload: _, ...rest } = await world.record(wide);
    const room = MAX_VALUE_BYTES -
      JSON.stringify({ ...rest, payload: "" }).length;
    const index = `cb_${"e".repeat(32)}`;
    await world.store.txn({
      checks: [],
      writes: [
        { kind: "index", index: callbackKey(index), member: "m", score: 0 },
      ],
    });
    await world.store.txn({
      checks: [],
      writes: [
        { kind: "index", index: lane, member: "x".repeat(600), score: 0 },
        { kind: "index", index: lane, member: index, score: 0 },
        { kind: "index", index: lane, member: theirs, score: 0 },
        {
          kind: "set",
          key: callbackKey(wide),
          value: JSON.stringify({ ...rest, payload: "x".repeat(room) }),
        },
      ],
    });
    await world.app.dispatcher.dispatch();
    assertEquals(server.ids().toSorted(), [...good, theirs].toSorted());
    const queued = await world.stored(merchant);
    assertEquals([queued.first, queued.retry], [[], []]);
    const told = world.app.logged.filter((it) => it.includes("callback dead"));
    // Whoever looked before it was gone tells of it as well.
    const ids = new Set(told.map((it) => JSON.parse(it).callbackId));
    assertEquals(ids.size, bad.length + 4);
    assertEquals((await world.app.dispatcher.dispatch()).attempts, 0);
  },
  "both secrets sign for a day after a rotation, and a retry days later is signed with the new one":
    async (world, { merchant, server, secret }) => {
      const { callbackEndpoints } = world.app.useCases;
      server.answer = () => status(500);
      await world.end(merchant, "old");
      await world.app.dispatcher.dispatch();
      const rotated = await callbackEndpoints.rotate(merchant.caller);
      assert(!("kind" in rotated));
      assertEquals(
        rotated.endpoint.previousSecretUntil,
        "2026-01-16T12:00:00.000Z",
      );
      const signedBy = async () => {
        await world.app.dispatcher.dispatch();
        const last = server.received.at(-1)!;
        assertEquals(last.timestamp, Math.floor(world.clock.ms / 1000));
        return [
          last.signatures.length,
          server.verifies(last, rotated.secret),
          server.verifies(last, secret),
        ];
      };
      await world.pass(4_000);
      assertEquals(await signedBy(), [2, true, true]);
      await world.pass(DAY_MS - 4_001);
      assertEquals(await signedBy(), [2, true, true]);
      await world.end(merchant, "on the hour");
      await world.pass(1);
      assertEquals(await signedBy(), [1, true, false]);
      const view = await callbackEndpoints.get(merchant.caller);
      assert(!("kind" in view));
      assertEquals(view.previousSecretUntil, undefined);
      // Twice more within a day: each signs until its own promise ends.
      const again = await callbackEndpoints.rotate(merchant.caller);
      const third = await callbackEndpoints.rotate(merchant.caller);
      assert(!("kind" in again) && !("kind" in third));
      await world.pass(DAY_MS - 1);
      assertEquals(await signedBy(), [3, true, false]);
      const last = server.received.at(-1)!;
      assert(server.verifies(last, third.secret));
      assert(server.verifies(last, again.secret));
    },
  "callbacks that overtake each other are told apart by their order_version":
    async (world, { merchant, server }) => {
      server.answer = ({ event, earlier }) =>
        status(event.data.order_version === 2 && earlier === 0 ? 500 : 200);
      const paid = await world.end(merchant, "o1", { version: 2 });
      await world.app.dispatcher.dispatch();
      const reversed = await world.end(merchant, "o1", {
        status: "reversed",
        version: 4,
      });
      await world.app.dispatcher.dispatch();
      await world.pass(DAY_MS);
      await world.app.dispatcher.dispatch();
      assertEquals(server.ids(), [paid, reversed, paid]);
      const versions = server.received.map(({ event }) => [
        event.type,
        event.data.order_id,
        event.data.order_version,
      ]);
      assertEquals(versions, [
        ["payment.succeeded", "o1", 2],
        ["payment.reversed", "o1", 4],
        ["payment.succeeded", "o1", 2],
      ]);
      // Who keeps the highest version that it saw ends with the truth.
      let seen = { version: 0, type: "" };
      for (const { event: { type, data } } of server.received) {
        const version = data.order_version;
        if (version > seen.version) seen = { version, type };
      }
      assertEquals(seen.type, "payment.reversed");
    },
};

/** Registers the suite; names begin with `store`. */
export function checkCallbackDeliveries(
  store: string,
  factory: StoreFactory,
): void {
  function test(
    sentence: string,
    body: (world: CallbackWorld, shop: Shop) => Promise<void>,
  ): void {
    Deno.test(`${store}: ${sentence}`, async () => {
      await using server = startShopServer();
      await withWorld(factory, async (world) => {
        const merchant = await world.merchant();
        const secret = await world.endpoint(merchant, server.url);
        await body(world, { merchant, server, secret });
      });
    });
  }
  for (const [sentence, body] of Object.entries(TESTS)) test(sentence, body);
}
