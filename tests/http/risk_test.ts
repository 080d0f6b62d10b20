import { assert, assertEquals } from "@std/assert";
import { startApp } from "../support/world/app.ts";
import {
  type Desk,
  limited,
  openDesk,
  said,
  STEP_MS,
} from "../support/world/desk.ts";

/** What was logged of codes that came up at a second merchant. */
const seenElsewhere = ({ app }: Desk) =>
  app.logged.map((line) => JSON.parse(line))
    .filter(({ message }) => message === "code shown at two merchants")
    .map(({ level, credentialId, usedAt, shownAt }) => ({
      level,
      credentialId,
      usedAt,
      shownAt,
    }));

Deno.test("a blocked account pays nothing, at once and on every edge", async () => {
  await using desk = await openDesk();
  await using second = await startApp({
    path: desk.app.path,
    clock: desk.clock,
  });
  const { merchant } = desk;
  // Both edges have the customer in a bucket that they trust.
  assertEquals(said(await desk.pay("order-1", desk.code())), "201");
  const warm = await second.api.pay(merchant, {
    code: desk.next(),
    order_id: "order-2",
  });
  assertEquals(said(warm), "201");
  const changed = await desk.setRisk("blocked");
  assertEquals([changed.status, changed.body.risk], [200, "blocked"]);
  const code = desk.next();
  for (const api of [desk.api, second.api]) {
    const { status, body } = await api.pay(merchant, {
      code,
      order_id: "order-3",
    });
    assertEquals([status, body.code, body.retry], [
      422,
      "payer-blocked",
      "new-code",
    ]);
    const verified = await api.verify(desk.walletKey, code, "ref-1");
    assertEquals([verified.status, said(verified)], [422, "payer-blocked"]);
  }
  assertEquals(said(await desk.query("order-3")), "not-found");
  assertEquals(await desk.balance(), 7_500);
  // Unblocked, the very code is still good: nothing had used it.
  await desk.setRisk("normal");
  assertEquals(said(await desk.pay("order-3", code)), "201");
});

Deno.test("an account blocked between search and claim is not debited", async () => {
  let block: (() => Promise<unknown>) | null = null;
  await using desk = await openDesk({
    wrapStore: (store) => ({
      read: (request) => store.read(request),
      range: (query) => store.range(query),
      async txn(transaction) {
        const claims = transaction.writes.some((write) =>
          "key" in write && `${write.key}`.includes(":order:")
        );
        if (claims && block !== null) {
          const call = block;
          block = null;
          await call();
        }
        return await store.txn(transaction);
      },
      timeMs: () => store.timeMs(),
      close: () => store.close(),
    }),
  });
  block = () => desk.setRisk("blocked");
  assertEquals(said(await desk.pay("order-1", desk.code())), "payer-blocked");
  assertEquals(desk.ledger.calls, []);
});

Deno.test("a blocked account enrolled again is still blocked", async () => {
  await using desk = await openDesk();
  const { api, walletKey } = desk;
  await desk.setRisk("blocked");
  const phone = await api.enrol(walletKey, "alice", "phone-2");
  const paid = await desk.pay("order-1", phone.code(desk.clock.ms));
  assertEquals(said(paid), "payer-blocked");
  const free = await api.enrol(walletKey, "alice", "phone-2", "normal");
  const now = await desk.pay("order-1", free.code(desk.clock.ms));
  assertEquals(said(now), "201");
  const restricted = await api.enrol(
    walletKey,
    "alice",
    "phone-2",
    "restricted",
  );
  const found = await api.must(
    200,
    "GET",
    `/v1/enrolments/${restricted.credentialId}`,
    { key: walletKey },
  );
  assertEquals(found.risk, "restricted");
});

Deno.test("an account enrolled as restricted has that tier's limits from its first code", async () => {
  await using desk = await openDesk({
    settings: limited({}, { restricted: { perPaymentMinor: 1_000 } }),
  });
  const { api, walletKey } = desk;
  await api.setBalance("rita", 10_000);
  const rita = await api.enrol(walletKey, "rita", "rooted", "restricted");
  const code = rita.code(desk.clock.ms);
  assertEquals(said(await desk.pay("order-1", code)), "limit-exceeded");
  assertEquals(
    said(await desk.pay("order-1", code, { amount_minor: 1_000 })),
    "201",
  );
  assertEquals(said(await desk.pay("order-2", desk.code())), "201");
});

Deno.test("PATCH /v1/enrolments/:id takes a tier and nothing else, from the wallet", async () => {
  await using desk = await openDesk();
  const path = `/v1/enrolments/${desk.phone.credentialId}`;
  const patch = (body: unknown, key = desk.walletKey) =>
    desk.api.call("PATCH", path, { key, body });
  for (
    const body of [
      {},
      { risk: "high" },
      { risk: null },
      { risk: "blocked", note: "x" },
      [],
      null,
      "blocked",
    ]
  ) {
    assertEquals(said(await patch(body)), "malformed-request");
  }
  for (const key of [desk.merchant.key, desk.api.adminKey]) {
    assertEquals(said(await patch({ risk: "blocked" }, key)), "forbidden");
  }
  for (const id of [`cred_${"0".repeat(32)}`, "cred_1", "%00"]) {
    const answer = await desk.setRisk("blocked", id);
    assertEquals([answer.status, said(answer)], [404, "not-found"]);
  }
  assertEquals(said(await desk.pay("order-1", desk.code())), "201");
});

Deno.test("a code shown at two merchants is logged, without the code", async () => {
  await using desk = await openDesk();
  const other = await desk.api.merchant("Another Shop");
  const codes = [desk.code(), await desk.onlineCode()];
  for (const [i, code] of codes.entries()) {
    desk.app.logged.length = 0;
    assertEquals(said(await desk.pay(`order-${i}`, code)), "201");
    // Twice at one merchant is a till that scanned twice.
    assertEquals(said(await desk.pay(`again-${i}`, code)), "code-replayed");
    assertEquals(seenElsewhere(desk), []);
    const { body } = await desk.pay(`order-${i}`, code, {}, other);
    assertEquals(body.code, "code-replayed");
    assertEquals(seenElsewhere(desk), [{
      level: "warn",
      credentialId: desk.phone.credentialId,
      usedAt: desk.merchant.id,
      shownAt: other.id,
    }]);
    const told = [...desk.app.logged, JSON.stringify(body)].join("\n");
    assert(!told.includes(code) && !told.includes(code.slice(7)));
    assert(!JSON.stringify(body).includes(desk.merchant.id));
  }
});

Deno.test("a code shown at two merchants is logged for as long as it is found", async () => {
  await using desk = await openDesk();
  const other = await desk.api.merchant("Another Shop");
  // Of the step to come, so it is found for three steps.
  const code = desk.phone.code(desk.clock.ms + STEP_MS);
  assertEquals(said(await desk.pay("order-1", code)), "201");
  desk.clock.advance(3 * STEP_MS - 1);
  assertEquals(
    said(await desk.pay("order-1", code, {}, other)),
    "code-replayed",
  );
  assertEquals(seenElsewhere(desk).length, 1);
  desk.clock.advance(1);
  assertEquals(
    said(await desk.pay("order-1", code, {}, other)),
    "code-not-accepted",
  );
});

Deno.test("an earlier code of a customer at another merchant is no such event", async () => {
  await using desk = await openDesk();
  const other = await desk.api.merchant("Another Shop");
  const early = desk.code();
  const now = desk.phone.code(desk.clock.ms + STEP_MS);
  assertEquals(said(await desk.pay("order-1", now)), "201");
  assertEquals(
    said(await desk.pay("order-1", early, {}, other)),
    "code-replayed",
  );
  assertEquals(seenElsewhere(desk), []);
  assertEquals(
    said(await desk.pay("order-2", now, {}, other)),
    "code-replayed",
  );
  assertEquals(seenElsewhere(desk).length, 1);
});

Deno.test("a code at a second merchant on another edge is logged there", async () => {
  await using desk = await openDesk();
  await using second = await startApp({
    path: desk.app.path,
    clock: desk.clock,
  });
  const other = await desk.api.merchant("Another Shop");
  const code = desk.code();
  assertEquals(said(await desk.pay("order-1", code)), "201");
  const shown = await second.api.pay(other, { code, order_id: "order-1" });
  assertEquals(said(shown), "code-replayed");
  assertEquals(seenElsewhere(desk), []);
  assertEquals(seenElsewhere({ ...desk, app: second }).length, 1);
});
