import { createMerchant } from "../../../edge/http/native/admin/merchants/create.ts";
import { putCallbackEndpoint } from "../../../edge/http/native/callback/endpoint/put.ts";
import { listCallbacks } from "../../../edge/http/native/callback/list.ts";
import { replayCallbacks } from "../../../edge/http/native/callback/replay_range.ts";
import { bodyOf, queryOf } from "../../support/http/calls.ts";
import {
  assertField,
  NO_STRINGS,
  range,
} from "../../support/http/schema_fields.ts";

const callbacksQuery = queryOf(listCallbacks);
const putEndpointRequest = bodyOf(putCallbackEndpoint);
const replayRangeRequest = bodyOf(replayCallbacks);
const createMerchantRequest = bodyOf(createMerchant);

Deno.test("a callback URL is absolute, of http or https, at most 2048 characters, without user, fragment or odd spelling", () => {
  const good = [
    "https://shop.example",
    // Whether this may be is a setting's to say.
    "http://shop.example",
    "HTTPS://shop.example/a?b=c%20d",
    "https://shop.example:8443/x@y",
    "https://xn--bcher-kva.example/",
    "https://b\u00fccher.example/\u00fc",
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
    "https://b\u00fccher\uff0f@shop.example",
    "https://b\u00fccher.example/\ud800",
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
