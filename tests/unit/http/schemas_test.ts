import { assert, assertEquals } from "@std/assert";
import type { z } from "zod";
import { checkInput } from "../../../edge/http/body.ts";
import {
  callbacksQuery,
  putEndpointRequest,
  replayRangeRequest,
} from "../../../edge/http/callback_schemas.ts";
import { CURRENCIES } from "../../../edge/http/currencies.ts";
import { problem, PROBLEM_CODES } from "../../../edge/http/problem.ts";
import {
  changeMerchantRequest,
  createMerchantRequest,
  createWalletKeyRequest,
  setBalanceRequest,
} from "../../../edge/http/admin_schemas.ts";
import {
  paymentQuery,
  paymentRequest,
  problemDocument,
  reversalRequest,
} from "../../../edge/http/schemas.ts";
import {
  changeEnrolmentRequest,
  confirmationRequest,
  confirmationsQuery,
  enrolmentRequest,
  onlineCodeRequest,
  verificationRequest,
} from "../../../edge/http/wallet_schemas.ts";

const deviceKey = {
  kty: "EC",
  crv: "P-256",
  x: "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
  y: "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
};
const payment = {
  code: "901004201234567890",
  order_id: "order-17",
  amount_minor: 1250,
  currency: "EUR",
};
const enrolment = {
  account_id: "acct-1",
  device_id: "phone-1",
  device_key: deviceKey,
};

const range = {
  since: "2026-01-31T00:00:00Z",
  until: "2026-01-31T12:00:00Z",
  status: "dead",
};

/** `base` with one field set, or left out where `value` is undefined. */
function withField(base: object, field: string, value: unknown): object {
  const { [field]: _, ...rest } = base as Record<string, unknown>;
  return value === undefined ? rest : { ...rest, [field]: value };
}

/** Every good value passes; every bad one is refused, naming the field. */
function assertField(
  schema: z.ZodType,
  base: object,
  field: string,
  good: readonly unknown[],
  bad: readonly unknown[],
) {
  for (const value of good) {
    const parsed = checkInput(withField(base, field, value), schema);
    assert(parsed.ok, `${field} refused ${JSON.stringify(value)}`);
  }
  for (const value of bad) {
    const parsed = checkInput(withField(base, field, value), schema);
    assert(!parsed.ok, `${field} accepted ${JSON.stringify(value)}`);
    const { detail } = parsed.problem.document;
    assert(
      detail.startsWith(`${field} must `) || detail === `${field} is missing`,
      detail,
    );
  }
}

const NO_STRINGS = [1, true, null, [], {}, ["x"]];
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
    [paymentQuery, { order_id: "x" }, "order_id"],
    [reversalRequest, { order_id: "x" }, "order_id"],
    [confirmationsQuery, { account_id: "x" }, "account_id"],
    [verificationRequest, { code: "1", reference: "x" }, "reference"],
    [enrolmentRequest, enrolment, "account_id"],
    [enrolmentRequest, enrolment, "device_id"],
  ];
  for (const [schema, base, field] of required) {
    assertField(schema, base, field, ID_GOOD, [...ID_BAD, undefined]);
  }
  const till = "terminal_id";
  assertField(paymentRequest, payment, till, [...ID_GOOD, undefined], ID_BAD);
  assertField(callbacksQuery, {}, "order_id", [...ID_GOOD, undefined], ID_BAD);
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

Deno.test("a description is at most 200 code points on one line", () => {
  const good = ["", " ", "两杯咖啡", "😀".repeat(200), undefined];
  const bad = [...LINE_BAD, "x".repeat(201)];
  assertField(paymentRequest, payment, "description", good, bad);
});

Deno.test("a callback URL is absolute, of http or https, at most 2048 characters, without user, fragment or odd spelling", () => {
  const good = [
    "https://shop.example",
    // Whether this may be is a setting's to say.
    "http://shop.example",
    "HTTPS://shop.example/a?b=c%20d",
    "https://shop.example:8443/x@y",
    "https://xn--bcher-kva.example/",
    "https://[2001:db8::1]/",
    `https://shop.example/${"x".repeat(2027)}`,
  ];
  const bad = [
    ...NO_STRINGS,
    "",
    "ftp://shop.example",
    "//shop.example",
    "/callback",
    "shop.example",
    "javascript:alert(1)",
    "https:shop.example",
    "https:/shop.example",
    "https:///shop.example",
    "https://",
    "https://?x",
    "https://user@shop.example",
    "https://user:pw@shop.example",
    "https://@shop.example",
    "https://:@shop.example",
    "https://shop.example#x",
    "https://shop.example/#",
    "https:\\\\shop.example",
    "https://good.example\\@shop.example",
    "https://shop.example\\x",
    "https://shop.example/a b",
    "https://shop.example/\n",
    " https://shop.example",
    "https://bücher.example",
    "https://shop.example:99999",
    "https://[::1",
    `https://shop.example/${"x".repeat(2028)}`,
  ];
  assertField(createMerchantRequest, { name: "x" }, "callback_url", [
    ...good,
    undefined,
  ], bad);
  const url = "https://shop.example";
  assertField(putEndpointRequest, { url }, "url", good, [...bad, undefined]);
});

Deno.test("a status and a risk are words of their lists", () => {
  const bad = ["Active", "", 1, null, ["active"], "toString"];
  const active = { status: "active" };
  const good = ["active", "suspended"];
  assertField(changeMerchantRequest, active, "status", good, [
    ...bad,
    undefined,
  ]);
  const risks = ["normal", "restricted", "blocked", undefined];
  assertField(enrolmentRequest, enrolment, "risk", risks, bad);
});

/** What is said about a device key with `changes`, or the key that comes out. */
function judge(changes: Record<string, unknown>): unknown {
  const parsed = checkInput(
    { ...enrolment, device_key: { ...deviceKey, ...changes } },
    enrolmentRequest,
  );
  return parsed.ok ? parsed.value.device_key : parsed.problem.document.detail;
}

Deno.test("a device key is a public P-256 JWK; what exportKey() adds is dropped", () => {
  const exported = {
    key_ops: [],
    ext: true,
    alg: "ECDH",
    use: "enc",
    kid: "1",
  };
  assertEquals(judge({}), deviceKey);
  assertEquals(judge(exported), deviceKey);
  assertEquals(judge({ alg: "ECDH-ES" }), deviceKey);
});

Deno.test("a device key that is private, of another kind or spelled otherwise is refused", () => {
  const point = "must be 32 bytes in canonical base64url";
  const bad: [Record<string, unknown>, string][] = [
    [{ d: "x" }, "device_key.d is not known"],
    [{ k: "x" }, "device_key.k is not known"],
    [{ kty: "RSA" }, "device_key.kty must be EC"],
    [{ kty: undefined }, "device_key.kty is missing"],
    [{ crv: "P-384" }, "device_key.crv must be P-256"],
    [{ crv: "p-256" }, "device_key.crv must be P-256"],
    [{ use: "sig" }, "device_key.use must be enc"],
    [{ alg: "ES256" }, "device_key.alg must be ECDH-ES"],
    [{ x: "" }, `device_key.x ${point}`],
    [{ x: 1 }, `device_key.x ${point}`],
    [{ x: deviceKey.x + "A" }, `device_key.x ${point}`],
    [{ x: deviceKey.x + "=" }, `device_key.x ${point}`],
    [{ x: deviceKey.x.slice(1) }, `device_key.x ${point}`],
    // The last character has bits that no byte holds.
    [{ x: deviceKey.x.slice(0, -1) + "5" }, `device_key.x ${point}`],
    [{ y: deviceKey.y.replace("l", "+") }, `device_key.y ${point}`],
    [{ y: deviceKey.y.replace("l", "\n") }, `device_key.y ${point}`],
    [{ key_ops: new Array(9).fill("x") }, "device_key.key_ops must be short"],
  ];
  for (const [changes, detail] of bad) assertEquals(judge(changes), detail);
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

Deno.test("a customer's word is true or false, a tier one of three", () => {
  const word = { approve: true };
  const notBoolean = ["true", 1, 0, null, undefined, [], {}];
  assertField(confirmationRequest, word, "approve", [true, false], notBoolean);
  const tier = { risk: "normal" };
  const tiers = ["normal", "restricted", "blocked"];
  const noTiers = ["", "Normal", "high", ...NO_STRINGS, undefined];
  assertField(changeEnrolmentRequest, tier, "risk", tiers, noTiers);
});

Deno.test("an online code is asked for by any text of at most 64 characters", () => {
  const request = { credential_id: "cred_1" };
  const good = ["cred_1", "", "x".repeat(64)];
  const bad = [...NO_STRINGS, undefined, "x".repeat(65)];
  assertField(onlineCodeRequest, request, "credential_id", good, bad);
});

Deno.test("callbacks are asked for by status and cursor, each of them of its form", () => {
  assertField(callbacksQuery, {}, "status", [
    "pending",
    "delivered",
    "dead",
    undefined,
  ], [...NO_STRINGS, "", "Dead", "all", "toString"]);
  assertField(callbacksQuery, {}, "cursor", [
    "a",
    "A-_9",
    "x".repeat(512),
    undefined,
  ], [...NO_STRINGS, "", "a=", "a+b", "a b", "a\n", "é", "x".repeat(513)]);
});

Deno.test("a range to replay has two RFC 3339 times in order and the status it is about", () => {
  const times = [
    "2026-01-31T00:00:00.000Z",
    "2026-01-31T00:00:00.123456789Z",
    "2026-01-31T02:00:00+02:00",
    "2025-12-31T23:59:59-11:30",
  ];
  const noTimes = [
    ...NO_STRINGS,
    "",
    "2026-01-31",
    "2026-01-31T00:00:00",
    "2026-01-31 00:00:00Z",
    "2026-02-30T00:00:00Z",
    "2026-01-31T24:00:00Z",
    "2026-01-31T00:00:00+0200",
    "Sat, 31 Jan 2026 00:00:00 GMT",
    "1769817600",
    1769817600,
    undefined,
  ];
  assertField(replayRangeRequest, range, "since", times, noTimes);
  assertField(replayRangeRequest, range, "until", [
    "2026-01-31T00:00:00Z",
    "2026-02-01T00:00:00Z",
  ], [...noTimes, "2026-01-30T23:59:59.999Z", "2026-01-31T00:00:00+02:00"]);
  const statuses = ["pending", "Dead", "", 1, undefined];
  assertField(
    replayRangeRequest,
    range,
    "status",
    ["delivered", "dead"],
    statuses,
  );
});
