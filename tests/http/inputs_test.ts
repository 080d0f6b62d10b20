import { assertEquals, assertMatch } from "@std/assert";
import { NOON_MS, startApp } from "../support/world/app.ts";
import { setScene } from "../support/world/scene.ts";
import { dumpStore } from "../support/store/dump.ts";

/** What scanners add, and how it is told. */
const ADDED: [(code: string) => string, string][] = [
  [(code) => `]C1${code}`, "an AIM symbology identifier such as ]C1"],
  [(code) => `]cm${code}`, "an AIM symbology identifier such as ]C1"],
  [(code) => `]Q3${code}`, "an AIM symbology identifier such as ]C1"],
  [(code) => `${code}\t`, "TAB"],
  [(code) => `${code}\r`, "CR"],
  [(code) => `${code}\n`, "LF"],
  [(code) => `${code}\r\n`, "CR, LF"],
  [(code) => `\x1d${code}`, "GS (FNC1)"],
  [(code) => `${code.slice(0, 4)}\x1d${code.slice(4)}`, "GS (FNC1)"],
  [(code) => ` ${code} `, "spaces"],
  [(code) => `${code}\u00a0`, "spaces"],
  [(code) => `\x02${code}\x03`, "other control characters"],
  [(code) => `${code}\x85`, "other control characters"],
  // A byte order mark, and what keyboards of other scripts and web pages add.
  ...["\ufeff", "\u200b", "\u200e", "\u2060", "\u00ad", "\u2028"].map((
    invisible,
  ): [(code: string) => string, string] => [
    (code) => invisible + code,
    "invisible characters such as U+FEFF or U+200B",
  ]),
  [
    (code) => `\x1d]C1${code}\r`,
    "CR, GS (FNC1), an AIM symbology identifier such as ]C1",
  ],
];

Deno.test("a code with what a scanner adds is refused, and the detail says what it is but not the code", async () => {
  await using app = await startApp();
  const { api } = app;
  const { merchant, phone, walletKey } = await setScene(api);
  const code = phone.code(NOON_MS);
  for (const [add, kind] of ADDED) {
    const scanned = add(code);
    for (
      const { status, body } of [
        await api.pay(merchant, { code: scanned, order_id: "order-1" }),
        await api.verify(walletKey, scanned, "ref-1"),
      ]
    ) {
      assertEquals([status, body.code], [422, "code-malformed"], kind);
      assertEquals(
        body.detail,
        `The scanner adds characters to the code: ${kind}. ` +
          "Set it up to send the digits alone.",
      );
      assertEquals(JSON.stringify(body).includes(code.slice(4)), false);
    }
  }
  // What would be no code without it either is not the scanner's doing.
  for (const other of ["hello\r\n", "]C1", `x${code}\r`, "12345\r", "\t"]) {
    const { status, body } = await api.pay(merchant, {
      code: other,
      order_id: "order-1",
    });
    assertEquals([status, body.code], [422, "code-malformed"]);
    assertEquals(body.detail, "The code is not one that is served here.");
  }
  assertEquals(app.logged.some((line) => line.includes(code)), false);
  const paid = await api.pay(merchant, { code, order_id: "order-1" });
  assertEquals(paid.status, 201);
});

Deno.test("text that money does not depend on stops no sale", async () => {
  await using app = await startApp();
  const { api } = app;
  const { merchant, phone } = await setScene(api);
  const order = { code: phone.code(NOON_MS), order_id: "order-1" };
  const paid = await api.pay(merchant, {
    ...order,
    description: "Two coffees\r\nOne cake\t\u2028\x1d \ud83d",
    store_id: "",
    terminal_id: "",
  });
  assertEquals(paid.status, 201);
  assertEquals(
    paid.body.description,
    "Two coffees One cake    \ufffd",
  );
  assertEquals("store_id" in paid.body || "terminal_id" in paid.body, false);
  const found = await api.call("GET", "/v1/payments?order_id=order-1", {
    key: merchant.key,
  });
  assertEquals(found.body.description, paid.body.description);
});

Deno.test("an amount with a decimal point is refused with a sentence that says so", async () => {
  await using app = await startApp();
  const { api } = app;
  const { merchant, phone } = await setScene(api);
  const order = JSON.stringify({
    code: phone.code(NOON_MS),
    order_id: "order-1",
    amount_minor: 1250,
    currency: "EUR",
  });
  for (const amount of ["1250.0", "12.50", "1.25e3"]) {
    const { status, body } = await api.call("POST", "/v1/payments", {
      key: merchant.key,
      body: order.replace("1250", amount),
    });
    assertEquals([status, body.code], [400, "malformed-request"]);
    assertEquals(
      body.detail,
      "amount_minor must be an integer from 1 to 999999999999, " +
        "written as plain digits without a decimal point or an exponent",
    );
  }
});

Deno.test("half a character is refused wherever a text becomes a name", async () => {
  await using app = await startApp();
  const { api } = app;
  const { merchant, phone, walletKey } = await setScene(api);
  const before = dumpStore(app.path);
  const code = phone.code(NOON_MS);
  const enrolment = {
    account_id: "bob",
    device_id: "phone-b",
    device_key: phone.device.publicJwk,
  };
  const payment = {
    code,
    order_id: "order-1",
    amount_minor: 1,
    currency: "EUR",
  };
  const admin = api.adminKey;
  const posts: [string, string, Record<string, unknown>, string][] = [
    ["/v1/online-codes", walletKey, { credential_id: "x" }, "credential_id"],
    ["/v1/enrolments", walletKey, enrolment, "account_id"],
    ["/v1/enrolments", walletKey, enrolment, "device_id"],
    ["/v1/verifications", walletKey, { code, reference: "x" }, "reference"],
    ["/v1/payments", merchant.key, payment, "order_id"],
    ["/v1/payments", merchant.key, payment, "store_id"],
    ["/v1/payments", merchant.key, payment, "terminal_id"],
    ["/v1/payments", merchant.key, payment, "currency"],
    ["/v1/reversals", merchant.key, { order_id: "x" }, "order_id"],
    ["/v1/admin/merchants", admin, { name: "x" }, "name"],
    ["/v1/admin/wallet-keys", admin, { name: "x" }, "name"],
  ];
  for (const [path, key, right, field] of posts) {
    for (const half of ["\ud800", "a\udc00", "\udc00\ud800"]) {
      const { status, body } = await api.call("POST", path, {
        key,
        body: { ...right, [field]: half },
      });
      assertEquals([status, body.code], [400, "malformed-request"], path);
      assertMatch(body.detail, new RegExp(`^${field} must `));
    }
  }
  // Of a code it is the form that is judged; no name is made of it.
  const scanned = await api.pay(merchant, { ...payment, code: "\ud800" });
  assertEquals([scanned.status, scanned.body.code], [422, "code-malformed"]);
  // A URL cannot hold one: it comes as bytes that are no UTF-8.
  for (
    const [path, key, status] of [
      ["/v1/payments?order_id=%ED%A0%80", merchant.key, 400],
      ["/v1/confirmations?account_id=%ED%A0%80", walletKey, 400],
      ["/v1/callbacks?cursor=%ED%A0%80", merchant.key, 400],
      ["/v1/callbacks?order_id=%ED%A0%80", merchant.key, 400],
      ["/v1/payments/%ED%A0%80", merchant.key, 404],
      ["/v1/enrolments/%ED%A0%80", walletKey, 404],
      ["/v1/admin/sandbox/accounts/%ED%A0%80", admin, 404],
    ] as const
  ) {
    const answer = await api.call("GET", path, { key });
    assertEquals(answer.status, status, path);
  }
  assertEquals(dumpStore(app.path), before);
  assertEquals(app.logged.some((line) => line.includes("unexpected")), false);
});

Deno.test("Bearer and the key may stand any number of spaces apart", async () => {
  await using app = await startApp();
  const { api } = app;
  const wallet = await api.walletKey();
  const ask = async (authorization: string) =>
    (await api.call("GET", "/v1/enrolments/cred_1", {
      headers: { authorization },
    })).status;
  for (const spaces of [" ", "  ", "      "]) {
    assertEquals(await ask(`Bearer${spaces}${wallet}`), 404);
    assertEquals(await ask(`bEARER${spaces}${wallet} `), 404);
  }
  for (
    const wrong of [
      `Bearer${wallet}`,
      `Bearer\t${wallet}`,
      `Bearer ${wallet} x`,
      `Basic  ${wallet}`,
      "Bearer  ",
    ]
  ) assertEquals(await ask(wrong), 401);
});
