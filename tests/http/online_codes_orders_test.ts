import { assertEquals } from "@std/assert";
import { startApp } from "../support/world/app.ts";
import { openDesk, said, tally } from "../support/world/desk.ts";
import { enrolBob } from "../support/world/guesses/online_codes.ts";

const DAY_MS = 86_400_000;

Deno.test("an online code pays once; again it is replayed, then unknown", async () => {
  await using desk = await openDesk();
  const other = await desk.api.merchant("Another Shop");
  const code = await desk.onlineCode();
  assertEquals(said(await desk.pay("order-1", code)), "201");
  desk.clock.advance(59_999);
  for (const who of [desk.merchant, other]) {
    const { status, body } = await desk.pay("order-2", code, {}, who);
    assertEquals([status, body.code, body.retry], [
      409,
      "code-replayed",
      "new-code",
    ]);
  }
  const verified = await desk.api.verify(desk.walletKey, code, "ref-1");
  assertEquals([verified.status, said(verified)], [409, "code-replayed"]);
  desk.clock.advance(1);
  assertEquals(said(await desk.pay("order-2", code)), "code-not-accepted");
  assertEquals(await desk.balance(), 8_750);
});

Deno.test("200 orders at once by one online code are one", async () => {
  await using desk = await openDesk();
  await using second = await startApp({
    path: desk.app.path,
    clock: desk.clock,
  });
  const code = await desk.onlineCode();
  const answers = await Promise.all(
    Array.from(
      { length: 200 },
      (_, i) =>
        i % 3 === 2
          ? desk.api.verify(desk.walletKey, code, `ref-${i}`)
          : (i % 3 === 0 ? desk : second).api.pay(desk.merchant, {
            code,
            order_id: `order-${i}`,
          }),
    ),
  );
  const { "200": verified = 0, "201": paid = 0, "code-replayed": replayed } =
    tally(answers);
  assertEquals([verified + paid, replayed], [1, 199]);
  assertEquals(await desk.balance(), paid === 1 ? 8_750 : 10_000);
});

Deno.test("an order is paid once, by online and offline codes alike", async () => {
  await using desk = await openDesk();
  const bob = await enrolBob(desk);
  const code = await desk.onlineCode();
  const first = await desk.pay("order-1", code);
  assertEquals(said(first), "201");
  const codes = [
    code,
    desk.code(),
    await desk.onlineCode(),
    await desk.onlineCode(bob.credentialId),
  ];
  for (const again of codes) {
    const { status, body } = await desk.pay("order-1", again);
    assertEquals(
      [status, body.repeat, body.payment_id],
      [200, true, first.body.payment_id],
    );
  }
  const other = await desk.pay("order-1", codes[2]!, { amount_minor: 1 });
  assertEquals(said(other), "order-conflict");
  desk.clock.advance(60_000);
  assertEquals(said(await desk.pay("order-1", code)), "200");
  desk.clock.advance(DAY_MS);
  assertEquals(said(await desk.pay("order-1", code)), "order-paid-earlier");
  assertEquals(await desk.balance(), 8_750);
  assertEquals(await desk.api.balance("bob"), 10_000);
});

Deno.test("a code that a known order refused is still good", async () => {
  await using desk = await openDesk();
  await desk.pay("order-1", desk.code());
  const code = await desk.onlineCode();
  assertEquals(said(await desk.pay("order-1", code)), "200");
  assertEquals(
    said(await desk.pay("order-1", code, { amount_minor: 1 })),
    "order-conflict",
  );
  assertEquals(said(await desk.pay("order-2", code)), "201");
});

Deno.test("a declined order takes another online code, and no used one", async () => {
  await using desk = await openDesk();
  await desk.api.setBalance("alice", 0);
  const first = await desk.onlineCode();
  const declined = await desk.pay("order-1", first);
  assertEquals(said(declined), "payment-declined");
  await desk.api.setBalance("alice", 10_000);
  for (const afterMs of [0, 59_999, 1]) {
    desk.clock.advance(afterMs);
    const again = await desk.pay("order-1", first);
    assertEquals(said(again), "payment-declined");
    assertEquals(again.body.payment_id, declined.body.payment_id);
  }
  const second = await desk.onlineCode();
  assertEquals(said(await desk.pay("order-2", second)), "201");
  assertEquals(said(await desk.pay("order-1", second)), "code-replayed");
  assertEquals(said(await desk.pay("order-1", await desk.onlineCode())), "201");
  assertEquals(await desk.balance(), 7_500);
});
