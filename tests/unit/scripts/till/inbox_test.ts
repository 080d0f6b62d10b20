import { assertEquals, assertThrows } from "@std/assert";
import { encodeBase64 } from "@std/encoding/base64";
import { Webhook } from "standardwebhooks";
import { Inbox } from "../../../../scripts/till/inbox.ts";

const secretOf = (byte: number) =>
  `whsec_${encodeBase64(new Uint8Array(32).fill(byte))}`;
const SECRET = secretOf(1);

const payment = (order_version = 2, order_id = "order-1") => ({
  payment_id: "pay_1",
  order_id,
  order_version,
  status: "succeeded",
  amount_minor: 1250,
  currency: "EUR",
});

const bodyOf = (data: unknown, type = "payment.succeeded") =>
  JSON.stringify({ type, timestamp: "2026-01-15T12:00:00.000Z", data });

/** Headers that the published signer makes, `ageSeconds` ago. */
function signed(
  id: string,
  body: string,
  { secrets = [SECRET], ageSeconds = 0 } = {},
): Headers {
  // The library that verifies reads the machine's clock.
  const at = new Date(Date.now() - ageSeconds * 1000);
  return new Headers({
    "webhook-id": id,
    "webhook-timestamp": `${Math.floor(at.getTime() / 1000)}`,
    "webhook-signature": secrets.map((it) => new Webhook(it).sign(id, at, body))
      .join(" "),
  });
}

/** What an inbox makes of a callback that is signed well. */
const take = (inbox: Inbox, id: string, body: string) =>
  inbox.take(body, signed(id, body)).kind;

Deno.test("Inbox.take() gives out what an event says of its payment", () => {
  const body = bodyOf({
    ...payment(),
    status: "declined",
    decline_reason: "insufficient_funds",
    field_of_a_later_version: [1],
  }, "payment.declined");
  assertEquals(new Inbox(SECRET).take(body, signed("cb_1", body)), {
    kind: "new",
    event: {
      id: "cb_1",
      type: "payment.declined",
      timestamp: "2026-01-15T12:00:00.000Z",
      payment: {
        ...payment(),
        status: "declined",
        decline_reason: "insufficient_funds",
      },
    },
  });
});

Deno.test("Inbox.take() refuses what another secret signed, and takes it beside the right one", () => {
  const body = bodyOf(payment());
  const kind = (...secrets: string[]) =>
    new Inbox(SECRET).take(body, signed("cb_1", body, { secrets })).kind;
  assertEquals(kind(secretOf(2)), "refused");
  assertEquals(kind(secretOf(2), SECRET), "new");
  assertEquals(kind(SECRET, secretOf(2)), "new");
});

Deno.test("Inbox.take() refuses every change of body, id, time and signature", () => {
  const body = bodyOf(payment());
  const good = signed("cb_1", body);
  const signature = good.get("webhook-signature")!;
  const changed: [string, Record<string, string | null>][] = [
    [body.replace("1250", "1"), {}],
    [`${body} `, {}],
    [`\ufeff${body}`, {}],
    [JSON.stringify(JSON.parse(body), null, 1), {}],
    ["", {}],
    [body, { "webhook-id": "cb_2" }],
    [body, { "webhook-timestamp": `${Math.floor(Date.now() / 1000) + 7}` }],
    [body, { "webhook-timestamp": "now" }],
    [body, { "webhook-signature": "v1," }],
    [body, { "webhook-signature": "v1" }],
    [body, { "webhook-signature": "" }],
    [body, { "webhook-signature": signature.replace("v1,", "v1a,") }],
    [body, { "webhook-signature": signature.replace("v1,", "") }],
    [body, { "webhook-signature": signature.slice(0, -2) }],
    [body, { "webhook-id": null }],
    [body, { "webhook-timestamp": null }],
    [body, { "webhook-signature": null }],
  ];
  const inbox = new Inbox(SECRET);
  for (const [text, headers] of changed) {
    const all = new Headers(good);
    for (const [name, value] of Object.entries(headers)) {
      if (value === null) all.delete(name);
      else all.set(name, value);
    }
    assertEquals(
      inbox.take(text, all).kind,
      "refused",
      JSON.stringify([text, headers]),
    );
  }
  // Nothing of it was remembered.
  assertEquals(inbox.take(body, good).kind, "new");
});

Deno.test("Inbox.take() refuses a signature of more than five minutes ago or ahead", () => {
  const body = bodyOf(payment());
  const kind = (ageSeconds: number) =>
    new Inbox(SECRET).take(body, signed("cb_1", body, { ageSeconds })).kind;
  assertEquals(kind(360), "refused");
  assertEquals(kind(-360), "refused");
  assertEquals(kind(240), "new");
  assertEquals(kind(-240), "new");
});

Deno.test("Inbox.take() knows an event again by its id, also signed anew", () => {
  const inbox = new Inbox(SECRET);
  const body = bodyOf(payment());
  assertEquals(take(inbox, "cb_1", body), "new");
  assertEquals(take(inbox, "cb_1", body), "repeat");
  const later = signed("cb_1", body, { ageSeconds: -60 });
  assertEquals(inbox.take(body, later).kind, "repeat");
});

Deno.test("Inbox.take() lays an event aside that a later one of its order overtook", () => {
  const inbox = new Inbox(SECRET);
  const reversed = bodyOf(payment(4), "payment.reversed");
  assertEquals(take(inbox, "cb_4", reversed), "new");
  assertEquals(take(inbox, "cb_2", bodyOf(payment(2))), "outdated");
  // It was taken, too, and is a repeat from now on.
  assertEquals(take(inbox, "cb_2", bodyOf(payment(2))), "repeat");
  assertEquals(take(inbox, "cb_6", bodyOf(payment(6))), "new");
  assertEquals(take(inbox, "cb_9", bodyOf(payment(2, "order-2"))), "new");
});

Deno.test("Inbox.take() takes kinds of events that it does not know", () => {
  const inbox = new Inbox(SECRET);
  for (const type of ["endpoint.test", "payment.forgiven", "x"]) {
    const body = bodyOf({ anything: 1 }, type);
    const taken = inbox.take(body, signed(`cb_${type}`, body));
    assertEquals(taken.kind, "new");
    assertEquals(taken.kind === "new" && taken.event.payment, undefined);
  }
  const noEvent = "[1]";
  assertEquals(inbox.take(noEvent, signed("cb_0", noEvent)).kind, "refused");
});

Deno.test("Inbox remembers the latest ten thousand", () => {
  const inbox = new Inbox(SECRET);
  const body = bodyOf({}, "endpoint.test");
  for (let i = 0; i <= 10_000; i++) take(inbox, `cb_${i}`, body);
  assertEquals(take(inbox, "cb_1", body), "repeat");
  assertEquals(take(inbox, "cb_0", body), "new");
});

Deno.test("Inbox wants a secret that is base64 and not empty", () => {
  for (const secret of ["", "whsec_", "whsec_?"]) {
    assertThrows(() => new Inbox(secret), Error);
  }
});
