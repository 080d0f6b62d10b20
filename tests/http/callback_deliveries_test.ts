import { assert, assertEquals } from "@std/assert";
import { callback } from "../../edge/http/native/callback/callback.ts";
import { getCallback } from "../../edge/http/native/callback/get.ts";
import { replayCallbacks } from "../../edge/http/native/callback/replay_range.ts";
import { Inbox } from "../../scripts/till/inbox.ts";
import {
  headerOf,
  isSignedBy,
  openTill,
  pages,
  startCallbackApp,
  takeAt,
} from "../support/callback/shop.ts";
import { answers } from "../support/callback/hostile/hostile_behaviors.ts";
import { startHostileReceiver } from "../support/callback/hostile/hostile_receiver.ts";

const DAY_MS = 86_400_000;

Deno.test("a delivery is what the list said, once, and shows what came back", async () => {
  await using app = await startCallbackApp();
  await using receiver = startHostileReceiver();
  const till = await openTill(app, receiver.url);
  const { body: payment } = await till.pay("order-1");
  const [waiting] = (await till.list()).callbacks;
  receiver.next(answers(200, {}, "noted"));
  app.clock.advance(1_000);
  await app.dispatcher.dispatch();
  await app.dispatcher.dispatch();
  const [request, ...more] = receiver.requests;
  assertEquals(more, []);
  assert(isSignedBy(till.secret, request!, app.clock.ms));
  assertEquals(headerOf(request!, "webhook-id"), waiting.callback_id);
  const at = new Date(app.clock.ms).toISOString();
  const { next_attempt_at: _, ...rest } = waiting;
  const detail = await till.shop.must(
    200,
    "GET",
    `callbacks/${waiting.callback_id}`,
  );
  getCallback.answers[200].schema.parse(detail);
  assertEquals(detail, {
    ...rest,
    status: "delivered",
    tries: 1,
    ended_at: at,
    payload: request!.body,
    attempts: [{ at, duration_ms: 0, status: 200, response: "noted" }],
    attempts_dropped: 0,
  });
  assertEquals(takeAt(new Inbox(till.secret), request!, app.clock.ms), {
    kind: "new",
    event: {
      id: waiting.callback_id,
      type: "payment.succeeded",
      timestamp: waiting.created_at,
      payment: {
        payment_id: payment.payment_id,
        order_id: "order-1",
        order_version: payment.order_version,
        status: "succeeded",
        amount_minor: 1,
        currency: "EUR",
      },
    },
  });
});

Deno.test("what was given up is dead, and comes again under its id when it is replayed", async () => {
  await using app = await startCallbackApp();
  await using receiver = startHostileReceiver();
  const till = await openTill(app, receiver.url);
  receiver.rule = ({ body }) => answers(body.includes("order-bad") ? 500 : 204);
  await till.pay("order-bad");
  const [{ callback_id }] = (await till.list("?order_id=order-bad")).callbacks;
  const path = `callbacks/${callback_id}`;
  // What succeeds meanwhile tells that the endpoint is not down.
  for (let i = 0; i < 13; i++) {
    await app.dispatcher.dispatch();
    app.clock.advance(1.3 * DAY_MS);
    await till.pay(`order-${i}`);
  }
  await app.dispatcher.dispatch();
  const tried = receiver.requests.filter(({ body }) =>
    body.includes("order-bad")
  );
  assertEquals(tried.length, 13);
  const detail = await till.shop.must(200, "GET", path);
  getCallback.answers[200].schema.parse(detail);
  assertEquals(
    [detail.status, detail.tries, detail.attempts.length],
    ["dead", 13, 13],
  );
  assert(detail.dead_reason.length > 0 && detail.ended_at !== undefined);
  const dead = await till.list("?status=dead");
  // deno-lint-ignore no-explicit-any
  assertEquals(dead.callbacks.map((it: any) => it.callback_id), [callback_id]);
  assertEquals((await pages(till.shop, "status=delivered")).flat().length, 13);

  // One by one.
  receiver.rule = () => answers(204);
  const queued = await till.shop.must(202, "POST", `${path}/replays`);
  callback.parse(queued);
  assertEquals([queued.status, queued.tries], ["pending", 0]);
  assertEquals(await till.list("?status=dead"), { callbacks: [] });
  await app.dispatcher.dispatch();
  const after = await till.shop.must(200, "GET", path);
  assertEquals(
    [after.status, after.dead_reason, after.attempts.length],
    ["delivered", undefined, 14],
  );
  const all = receiver.requests.filter(({ body }) =>
    body.includes("order-bad")
  );
  assertEquals(all.length, 14);
  assertEquals(new Set(all.map(({ body }) => body)).size, 1);
  assertEquals(
    new Set(all.map((it) => headerOf(it, "webhook-id"))),
    new Set([callback_id]),
  );
  // A try of weeks later verifies, too.
  assert(isSignedBy(till.secret, all.at(-1)!, app.clock.ms));
});

Deno.test("POST /v1/callback-replays sends a range again, and a shop knows it", async () => {
  await using app = await startCallbackApp();
  await using receiver = startHostileReceiver();
  const till = await openTill(app, receiver.url);
  const inbox = new Inbox(till.secret);
  let read = 0;
  /** What the shop makes of what came since it was asked. */
  const kinds = () => {
    const fresh = receiver.requests.slice(read);
    read = receiver.requests.length;
    return fresh.map((it) => takeAt(inbox, it, app.clock.ms).kind);
  };
  const times: string[] = [];
  for (const order of ["order-1", "order-2", "order-3"]) {
    await till.pay(order);
    times.push(new Date(app.clock.ms).toISOString());
  }
  await app.dispatcher.dispatch();
  assertEquals(kinds(), ["new", "new", "new"]);
  const replay = async (
    since: string,
    until: string,
    status = "delivered",
  ) => {
    const range = { since, until, status };
    const answer = await till.shop.must(
      202,
      "POST",
      "callback-replays",
      range,
    );
    replayCallbacks.answers[202].schema.parse(answer);
    await app.dispatcher.dispatch();
    const found = kinds();
    assertEquals(answer, { replayed: found.length, more: false });
    return found;
  };
  // Both ends are in it.
  assertEquals(await replay(times[0]!, times[1]!), ["repeat", "repeat"]);
  assertEquals(await replay(times[2]!, times[2]!), ["repeat"]);
  assertEquals(await replay(times[0]!, times[2]!, "dead"), []);
  assertEquals(
    await replay("2026-01-15T00:00:00Z", "2026-01-15T12:00:29.999Z"),
    [],
  );
  assertEquals(
    // The same moments, written elsewhere.
    await replay("2026-01-15T13:00:00+01:00", "2026-01-15T14:00:00+01:00"),
    ["repeat", "repeat", "repeat"],
  );
  for (const [since, until] of [[times[1], times[0]], ["1", "2"]]) {
    const { status, body } = await till.shop.call("POST", "callback-replays", {
      since,
      until,
      status: "dead",
    });
    assertEquals([status, body.code], [400, "malformed-request"]);
  }
});

Deno.test("an event that was overtaken can be told by its order_version", async () => {
  await using app = await startCallbackApp();
  await using receiver = startHostileReceiver();
  const till = await openTill(app, receiver.url);
  const inbox = new Inbox(till.secret);
  await till.pay("order-1");
  receiver.next(answers(503));
  await app.dispatcher.dispatch();
  await till.reverse("order-1");
  await app.dispatcher.dispatch();
  app.clock.advance(10_000);
  await app.dispatcher.dispatch();
  // The first try was taken by nobody: the shop was down.
  const taken = receiver.requests.slice(1).map((it) =>
    takeAt(inbox, it, Number(headerOf(it, "webhook-timestamp")) * 1000)
  );
  assertEquals(
    taken.map((it) => [it.kind, it.kind !== "refused" && it.event.type]),
    [["new", "payment.reversed"], ["outdated", "payment.succeeded"]],
  );
});

Deno.test("an endpoint that is gone is disabled, says so, and takes all of it when it is back", async () => {
  await using app = await startCallbackApp();
  await using receiver = startHostileReceiver();
  const till = await openTill(app, receiver.url);
  await till.pay("order-1");
  receiver.next(answers(410));
  await app.dispatcher.dispatch();
  const view = await till.shop.must(200, "GET", "callback-endpoint");
  assertEquals([view.status, view.disabled_reason], ["disabled", "gone"]);
  await till.pay("order-2");
  app.clock.advance(DAY_MS);
  await app.dispatcher.dispatch();
  assertEquals(receiver.requests.length, 1);
  const waiting = (await till.list()).callbacks;
  assertEquals(
    // deno-lint-ignore no-explicit-any
    waiting.map((it: any) => [it.status, it.next_attempt_at]),
    [["pending", undefined], ["pending", undefined]],
  );
  const back = await till.shop.must(200, "PUT", "callback-endpoint", {
    url: receiver.url,
  });
  assertEquals(
    [back.status, back.disabled_reason, back.endpoint_id],
    ["active", undefined, view.endpoint_id],
  );
  await app.dispatcher.dispatch();
  assertEquals((await till.list("?status=delivered")).callbacks.length, 2);
  assert(isSignedBy(till.secret, receiver.requests.at(-1)!, app.clock.ms));
});

Deno.test("an endpoint that fails says since when, until a 2xx comes", async () => {
  await using app = await startCallbackApp();
  await using receiver = startHostileReceiver();
  const till = await openTill(app, receiver.url);
  await till.pay("order-1");
  receiver.next(answers(500));
  await app.dispatcher.dispatch();
  const since = new Date(app.clock.ms).toISOString();
  const failing = async () =>
    (await till.shop.must(200, "GET", "callback-endpoint")).failing_since;
  assertEquals(await failing(), since);
  app.clock.advance(10_000);
  await app.dispatcher.dispatch();
  assertEquals(receiver.requests.length, 2);
  assertEquals(await failing(), undefined);
});

Deno.test("what waits for an endpoint that was replaced goes to the next one, under its secret", async () => {
  await using app = await startCallbackApp();
  await using receiver = startHostileReceiver();
  const till = await openTill(app, `${receiver.url}/500`);
  await till.pay("order-1");
  await app.dispatcher.dispatch();
  await till.shop.must(204, "DELETE", "callback-endpoint");
  app.clock.advance(DAY_MS);
  await app.dispatcher.dispatch();
  assertEquals(receiver.requests.length, 1);
  const secret = await till.shop.register(`${receiver.url}/204`);
  await app.dispatcher.dispatch();
  const [first, second, ...more] = receiver.requests;
  assertEquals(more, []);
  assertEquals(second!.path, "/204");
  assertEquals(
    headerOf(second!, "webhook-id"),
    headerOf(first!, "webhook-id"),
  );
  assertEquals(isSignedBy(secret, second!, app.clock.ms), true);
  assertEquals(isSignedBy(till.secret, second!, app.clock.ms), false);
});
