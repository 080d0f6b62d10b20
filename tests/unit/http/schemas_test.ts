import { assert, assertEquals } from "@std/assert";
import type { z } from "zod";
import { checkInput } from "../../../edge/http/kit/body.ts";
import { problemDocument } from "../../../edge/http/docs/problem_document.ts";
import { addWalletKey } from "../../../edge/http/native/admin/keys/add_wallet.ts";
import { changeMerchant } from "../../../edge/http/native/admin/merchants/change.ts";
import { createMerchant } from "../../../edge/http/native/admin/merchants/create.ts";
import { SANDBOX_ACCOUNT } from "../../../edge/http/native/admin/sandbox/account.ts";
import { setSandboxAccount } from "../../../edge/http/native/admin/sandbox/set.ts";
import { putCallbackEndpoint } from "../../../edge/http/native/callback/endpoint/put.ts";
import { listCallbacks } from "../../../edge/http/native/callback/list.ts";
import { replayCallbacks } from "../../../edge/http/native/callback/replay_range.ts";
import { findPayment } from "../../../edge/http/native/merchant/find_payment.ts";
import { pay } from "../../../edge/http/native/merchant/pay.ts";
import { refund } from "../../../edge/http/native/merchant/refund.ts";
import { reverse } from "../../../edge/http/native/merchant/reverse.ts";
import { enrol } from "../../../edge/http/native/wallet/enrol.ts";
import { listConfirmations } from "../../../edge/http/native/wallet/list_confirmations.ts";
import { verify } from "../../../edge/http/native/wallet/verify.ts";
import { bodyOf, queryOf } from "../../support/http/calls.ts";
import { CURRENCIES, formatAmount } from "../../../edge/base/currencies.ts";
import { problem, PROBLEM_CODES } from "../../../edge/http/kit/problem.ts";
import { isPathOfNames } from "../../../edge/http/kit/fields.ts";
import {
  assertField,
  enrolment,
  NO_STRINGS,
  range,
} from "../../support/http/schema_fields.ts";

const callbacksQuery = queryOf(listCallbacks);
const putEndpointRequest = bodyOf(putCallbackEndpoint);
const replayRangeRequest = bodyOf(replayCallbacks);
const changeMerchantRequest = bodyOf(changeMerchant);
const createMerchantRequest = bodyOf(createMerchant);
const createWalletKeyRequest = bodyOf(addWalletKey);
const sandboxAccount = SANDBOX_ACCOUNT.schema;
const setBalanceRequest = bodyOf(setSandboxAccount);
const paymentQuery = queryOf(findPayment);
const paymentRequest = bodyOf(pay);
const reversalRequest = bodyOf(reverse);
const confirmationsQuery = queryOf(listConfirmations);
const enrolmentRequest = bodyOf(enrol);
const verificationRequest = bodyOf(verify);

const payment = {
  code: "901004201234567890",
  order_id: "order-17",
  amount_minor: 1250,
  currency: "EUR",
};

const ID_GOOD = ["a", "0", "~!", "a:b*{c}%00/../", "x".repeat(64)];

const ID_BAD = [
  ...NO_STRINGS,
  "",
  "x".repeat(65),
  "a b",
  " a",
  "a\n",
  "a\r\nb",
  "a\0",
  "é",
  "１２",
  "a\u00a0b",
  "\u200b",
  "\ud800",
  "😀",
];

Deno.test("the ids that clients choose are 1 to 64 printable ASCII characters without space", () => {
  const required: [z.ZodType, object, string][] = [
    [paymentRequest, payment, "order_id"],
    [reversalRequest, { order_id: "x" }, "order_id"],
    [confirmationsQuery, { account_id: "x" }, "account_id"],
    [verificationRequest, { code: "1", reference: "x" }, "reference"],
    [enrolmentRequest, enrolment, "account_id"],
    [enrolmentRequest, enrolment, "device_id"],
  ];
  for (const [schema, base, field] of required) {
    assertField(schema, base, field, ID_GOOD, [...ID_BAD, undefined]);
  }
  const tillGood = [...ID_GOOD, undefined, ""];
  const tillBad = ID_BAD.filter((id) => id !== "");
  for (const place of ["store_id", "terminal_id"]) {
    assertField(paymentRequest, payment, place, tillGood, tillBad);
  }
  for (
    const [schema, field] of [
      [callbacksQuery, "order_id"],
      [paymentQuery, "order_id"],
      [paymentQuery, "store_id"],
      [paymentQuery, "terminal_id"],
    ] as const
  ) assertField(schema, {}, field, [...ID_GOOD, undefined], ID_BAD);
});

Deno.test("a code is any string of at most 64 characters, as its shape is judged later", () => {
  const good = ["901004201234567890", "", "1e5", "９０", "a\n", "x".repeat(64)];
  const bad = [...NO_STRINGS, 901004201234567, undefined, "1".repeat(65)];
  assertField(paymentRequest, payment, "code", good, bad);
  const request = { code: "1", reference: "r" };
  assertField(verificationRequest, request, "code", good, bad);
});

Deno.test("an amount is an integer from 1, a balance from 0, to 999999999999", () => {
  const bad = [-1, 1_000_000_000_000, 2 ** 53, 1.5, NaN, "1", null, undefined];
  const good = [1, 999_999_999_999];
  const field = "amount_minor";
  assertField(paymentRequest, payment, field, good, [0, -0, ...bad]);
  const balance = { balance_minor: 1, currency: "EUR" };
  assertField(setBalanceRequest, balance, "balance_minor", [0, ...good], bad);
});

Deno.test("a currency is one that people pay with, in capital letters", () => {
  const good = "EUR USD CNY JPY KWD CHF XAF XCD XOF XPF XCG VES".split(" ");
  const bad = [
    ..."XXX XTS XAU XAG XDR USN CHE CLF UYI ANG CUC BGN DEM".split(" "),
    ...["eur", "EURO", "EU", "978", "", " EUR", 978, null, undefined],
    ...["__proto__", "constructor", ["EUR"]],
  ];
  assertField(paymentRequest, payment, "currency", good, bad);
  const balance = { balance_minor: 1, currency: "EUR" };
  assertField(setBalanceRequest, balance, "currency", good, bad);
});

Deno.test("CURRENCIES holds 155 different alphabetic codes in order", () => {
  assertEquals(CURRENCIES.length, 155);
  assert(CURRENCIES.every((code) => /^[A-Z]{3}$/.test(code)));
  assertEquals([...new Set(CURRENCIES)].sort(), CURRENCIES);
});

const LINE_BAD = [
  ...NO_STRINGS,
  "a\nb",
  "a\r\nb",
  "a\tb",
  "\0",
  "\x7f",
  "\u0085",
  "\u2028",
  "\u202eevil",
  "\ud800",
  "a\udc00b",
];

Deno.test("a name is 1 to 100 code points on one line, not all of them spaces", () => {
  const good = ["a", "Café Σ 咖啡 😀", "👩‍👩‍👧", "😀".repeat(100), "a'\"<&>"];
  const bad = [...LINE_BAD, "", " ", "\u3000", "😀".repeat(101), undefined];
  for (const schema of [createMerchantRequest, createWalletKeyRequest]) {
    assertField(schema, { name: "x" }, "name", good, bad);
  }
});

Deno.test("a description is put on one line and cut after 200 code points, and never refused", () => {
  const good = ["", " ", "两杯咖啡", "😀".repeat(200), undefined];
  assertField(paymentRequest, payment, "description", good, [...NO_STRINGS]);
  const written = {
    "a\nb": "a b",
    "a\r\nb": "a b",
    "a\n\nb\r": "a  b ",
    "a\tb": "a b",
    "\0": " ",
    "\x7f\x1d": "  ",
    "\u0085": " ",
    "\u2028\u2029": "  ",
    "\u202eevil\u2066": " evil ",
    "\ud800": "\ufffd",
    "a\udc00b": "a\ufffdb",
    [`${"x".repeat(199)}\r\n`]: `${"x".repeat(199)} `,
    ["x".repeat(201)]: "x".repeat(200),
    ["😀".repeat(201)]: "😀".repeat(200),
    [`${"\r\n".repeat(201)}x`]: " ".repeat(200),
    "Café Σ 咖啡 😀 👩‍👩‍👧": "Café Σ 咖啡 😀 👩‍👩‍👧",
  };
  for (const [description, shown] of Object.entries(written)) {
    const parsed = checkInput({ ...payment, description }, paymentRequest);
    assert(parsed.ok && parsed.value.description === shown, shown);
  }
});

Deno.test("an account and a refund are not named . or .., which no URL can hold", () => {
  const good = ["...", ".a", "a.", "%2e", "./", "a/.."];
  for (
    const [schema, base] of [
      [enrolmentRequest, enrolment],
      [confirmationsQuery, { account_id: "x" }],
      [sandboxAccount, { account_id: "x", balance_minor: 0 }],
    ] as const
  ) {
    assertField(schema, base, "account_id", good, [".", ".."]);
  }
  const refunded = { order_id: "o", refund_id: "x", amount_minor: 1 };
  assertField(bodyOf(refund), refunded, "refund_id", good, [".", ".."]);
  // What stands in no path may be named like this.
  assertField(paymentRequest, payment, "order_id", [".", ".."], []);
});

Deno.test("a status and a risk are words of their lists", () => {
  const bad = ["Active", "", 1, null, ["active"], "toString"];
  const active = { status: "active" };
  const good = ["active", "suspended"];
  assertField(changeMerchantRequest, active, "status", good, bad);
  // One of both, at least.
  assert(!changeMerchantRequest.safeParse({}).success);
  const risks = ["normal", "restricted", "blocked", undefined];
  assertField(enrolmentRequest, enrolment, "risk", risks, bad);
});

Deno.test("every request refuses a field that is not documented", () => {
  const requests: [z.ZodType, object][] = [
    [paymentRequest, payment],
    [verificationRequest, { code: "1", reference: "r" }],
    [enrolmentRequest, enrolment],
    [createMerchantRequest, { name: "x" }],
    [createWalletKeyRequest, { name: "x" }],
    [changeMerchantRequest, { status: "active" }],
    [setBalanceRequest, { balance_minor: 1, currency: "EUR" }],
    [paymentQuery, { order_id: "x" }],
    [putEndpointRequest, { url: "https://shop.example" }],
    [callbacksQuery, {}],
    [replayRangeRequest, range],
  ];
  for (const [schema, base] of requests) {
    assert(checkInput(base, schema).ok);
    const parsed = checkInput({ ...base, amount: 1 }, schema);
    assertEquals(
      !parsed.ok && parsed.problem.document.detail,
      "amount is not known",
    );
  }
});

Deno.test("problemDocument describes every problem exactly", () => {
  for (const code of PROBLEM_CODES) {
    const { document } = problem(code, {
      detail: "d",
      instance: "/v1/payments",
      orderId: "o",
      paymentId: "p",
      declineReason: "insufficient_funds",
      nextQuerySeconds: 2,
    });
    assertEquals<unknown>(problemDocument.parse(document), document);
  }
});

Deno.test("formatAmount() writes an amount with the digits of its currency", () => {
  for (
    const [amountMinor, currency, text] of [
      [1250, "EUR", "12.50 EUR"],
      [5, "EUR", "0.05 EUR"],
      [1250, "JPY", "1250 JPY"],
      [1, "KWD", "0.001 KWD"],
      [500_000, "KWD", "500.000 KWD"],
      [600_000, "IDR", "6000.00 IDR"],
    ] as const
  ) {
    assertEquals(formatAmount(amountMinor, currency), text);
  }
});

Deno.test("isPathOfNames() takes segments that can be a part of a name, however they are spelled, and no others", () => {
  for (
    const path of ["/", "/a", "/a/", "//a", "/v1/%70ay_1", "/a%2Fb", "/~!"]
  ) {
    assert(isPathOfNames(path), path);
  }
  assert(isPathOfNames(`/v1/${"x".repeat(64)}`));
  const bad = [
    "%FF",
    "%",
    "%zz",
    "%20",
    "%E9%92%B1",
    "%00",
    "%ED%A0%80",
    "a b",
  ];
  for (const segment of [...bad, "x".repeat(65), "%3A".repeat(65)]) {
    assert(!isPathOfNames(`/v1/${segment}`), segment);
    assert(!isPathOfNames(`/v1/${segment}/keys`), segment);
  }
});
