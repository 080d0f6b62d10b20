import { assert, assertEquals } from "@std/assert";
import { Validator } from "@seriousme/openapi-schema-validator";
import { openApiDocument } from "../../../edge/http/docs/document.ts";
import { problemDocument } from "../../../edge/http/docs/problem_document.ts";
import {
  paymentEvent,
  refundEvent,
  testEvent,
} from "../../../edge/http/docs/webhooks.ts";
import { CALLS } from "../../../edge/http/native/calls.ts";
import { PROBLEM_CODES } from "../../../edge/http/kit/problem.ts";
import { PROBLEMS } from "../../../edge/http/kit/problem_texts.ts";

/** The document as a client gets it. */
// deno-lint-ignore no-explicit-any
function served(sandbox = true): any {
  const document = openApiDocument({
    version: "1.2.3",
    sandbox,
    testCodes: sandbox,
  });
  return JSON.parse(JSON.stringify(document));
}

const METHODS = ["get", "post", "put", "patch", "delete"];

/** `method path` of every operation, and the operation. */
// deno-lint-ignore no-explicit-any
function operations(document: any): [string, any][] {
  return Object.entries<Record<string, unknown>>(document.paths).flatMap((
    [path, item],
  ) =>
    Object.entries(item).map(([method, operation]): [string, unknown] => {
      assert(METHODS.includes(method), method);
      return [`${method} ${path}`, operation];
    })
  );
}

Deno.test("openApiDocument() is a valid OpenAPI 3.1 document, with and without sandbox", async () => {
  for (const sandbox of [true, false]) {
    const document = served(sandbox);
    assertEquals(document.openapi, "3.1.0");
    assertEquals(document.info.version, "1.2.3");
    const result = await new Validator().validate(document);
    assertEquals(result.errors, undefined);
    assertEquals(result.valid, true);
  }
});

Deno.test("openApiDocument() leaves out the sandbox where there is none", () => {
  const all = operations(served()).map(([name]) => name);
  const without = operations(served(false)).map(([name]) => name);
  assertEquals(
    all.filter((name) => !without.includes(name)),
    [
      "get /v1/admin/sandbox/accounts/{id}",
      "put /v1/admin/sandbox/accounts/{id}",
      "post /v1/sandbox/codes",
    ],
  );
});

Deno.test("openApiDocument() gives every call a name of its own, a key and a tag that exist", () => {
  const document = served();
  const tags = document.tags.map((tag: { name: string }) => tag.name);
  const ids = new Set<string>();
  // `scopes_test.ts` has the scope of each call once more, and tries it.
  const scopes = new Map<string, string | undefined>(
    CALLS.map(({ method, path, scope }) => [`${method} ${path}`, scope]),
  );
  for (const [name, operation] of operations(document)) {
    ids.add(operation.operationId);
    assert(tags.includes(operation.tags[0]), name);
    assertEquals(
      operation.security,
      scopes.get(name) === undefined ? [] : [{ [scopes.get(name)!]: [] }],
    );
  }
  assertEquals(ids.size, operations(document).length);
  assertEquals(Object.keys(document.components.securitySchemes), [
    "admin",
    "wallet",
    "release",
    "metrics",
    "merchant",
  ]);
});

Deno.test("every example is what its schema describes", () => {
  for (const { id, body, answers } of CALLS) {
    for (const content of [body, ...Object.values(answers)]) {
      if (content?.schema === undefined) continue;
      const parsed = content.schema.safeParse(content.example);
      assert(parsed.success, `${id}: ${parsed.error}`);
    }
  }
});

/** The answers of an operation; of those that are shared, what they refer to. */
// deno-lint-ignore no-explicit-any
function answersOf(operation: any, document: any): [string, any][] {
  // deno-lint-ignore no-explicit-any
  return Object.entries<any>(operation.responses).map(([status, answer]) => {
    const name = answer.$ref?.replace("#/components/responses/", "");
    return [
      status,
      name === undefined ? answer : document.components.responses[name],
    ];
  });
}

Deno.test("every problem of a call is there under its status, with an example as it would be sent", () => {
  const document = served();
  for (const [name, operation] of operations(document)) {
    for (const [status, response] of answersOf(operation, document)) {
      const { content, headers } = response;
      assert(headers["x-request-id"], name);
      const examples = content?.["application/problem+json"]?.examples;
      assertEquals(Number(status) >= 400, examples !== undefined);
      assertEquals(
        ["429", "503"].includes(status),
        headers["retry-after"] !== undefined,
      );
      assertEquals(status === "405", headers["allow"] !== undefined);
      for (
        const [code, { value }] of Object.entries<{ value: unknown }>(
          examples ?? {},
        )
      ) {
        const problem = problemDocument.parse(value);
        assertEquals(problem.code, code);
        assertEquals(`${problem.status}`, status);
        assert(!/[{}]/.test(problem.instance), problem.instance);
      }
    }
  }
});

Deno.test("every path says what it answers to another method, and every body to one that is too long or of another type", () => {
  for (const [name, { responses, requestBody }] of operations(served())) {
    const said = Object.fromEntries(
      Object.entries<{ $ref?: string }>(responses)
        .filter(([status]) => ["405", "413", "415"].includes(status))
        .map((
          [status, { $ref = "its own" }],
        ) => [status, $ref.split("/").at(-1)]),
    );
    const method = { 405: "MethodNotAllowed" };
    const long = { ...method, 413: "ContentTooLarge" };
    const own = { ...method, 413: "its own", 415: "its own" };
    assertEquals(
      said,
      name === "post /v1/enrolments/batch"
        ? own
        : name === "post /v1/core-releases"
        ? { ...own, 415: "UnsupportedMediaType" }
        : requestBody !== undefined
        ? { ...long, 415: "UnsupportedMediaType" }
        : name.startsWith("post ")
        ? long
        : method,
      name,
    );
  }
});

/** The codes that a call can answer beside what is shared by all. */
function codesOf(name: string): string[] {
  const [, operation] = operations(served()).find(([n]) => n === name)!;
  // deno-lint-ignore no-explicit-any
  const codes = Object.values<any>(operation.responses).flatMap(({ content }) =>
    Object.keys(content?.["application/problem+json"]?.examples ?? {})
  );
  return [...new Set(codes)].sort();
}

/** What calls can answer beside what follows from their key. */
const OTHERS = {
  "get /v1/payments": ["malformed-request", "not-found", "payment-reversed"],
  "post /v1/reversals": [
    ...["ledger-unavailable", "malformed-request", "order-refunded"],
    "reversal-too-late",
  ],
  "post /v1/payments/{id}/confirmation": [
    ...["clock-unsure", "malformed-request", "merchant-suspended", "not-found"],
    ...["order-conflict", "payer-blocked", "payment-declined"],
    "payment-reversed",
  ],
  "post /v1/enrolments/{id}/renewals": [
    "malformed-request",
    "not-found",
    "renewal-refused",
  ],
  "post /v1/online-codes": ["malformed-request", "not-found"],
  "get /v1/confirmations": ["malformed-request"],
  "put /v1/callback-endpoint": ["malformed-request"],
  "get /v1/callback-endpoint": ["not-found"],
  "delete /v1/callback-endpoint": [],
  "post /v1/callback-endpoint/rotations": [
    "malformed-request",
    "not-found",
    "too-many-attempts",
  ],
  "post /v1/callback-endpoint/test": [
    "malformed-request",
    "not-found",
    "too-many-attempts",
  ],
  "post /v1/refunds": [
    ...["clock-unsure", "ledger-unavailable", "malformed-request"],
    ...["not-found", "order-refunded", "payment-declined"],
    ...["payment-pending", "payment-reversed"],
    ...["refund-conflict", "refund-declined", "refund-refused"],
  ],
  "get /v1/refunds/{id}": ["not-found"],
  "get /v1/keys": [],
  "post /v1/keys": ["malformed-request"],
  "delete /v1/keys/{key_id}": ["malformed-request", "not-found"],
  "get /v1/callbacks": ["malformed-request"],
  "get /v1/callbacks/{id}": ["not-found"],
  "post /v1/callbacks/{id}/replays": ["malformed-request", "not-found"],
  "post /v1/callback-replays": ["malformed-request"],
  "post /v1/admin/merchants/{id}/keys": ["malformed-request", "not-found"],
};

Deno.test("the calls name the problems that they can answer", () => {
  const wallet = ["forbidden", "not-authenticated", "store-unavailable"];
  assertEquals(codesOf("post /v1/enrolments"), [
    "forbidden",
    "malformed-request",
    "not-authenticated",
    "store-unavailable",
  ]);
  assertEquals(
    codesOf("get /v1/enrolments/{id}"),
    [...wallet, "not-found"].sort(),
  );
  const codes = [
    "clock-unsure",
    "code-ambiguous",
    "code-malformed",
    "code-not-accepted",
    "code-replayed",
    "malformed-request",
    "offline-codes-off",
    "order-conflict",
    "payer-blocked",
    "too-many-attempts",
  ];
  assertEquals(
    codesOf("post /v1/verifications"),
    [...wallet, ...codes].sort(),
  );
  assertEquals(
    codesOf("post /v1/payments"),
    [
      ...wallet,
      ...codes,
      ...["limit-exceeded", "looks-like-double-scan"],
      "merchant-suspended",
      "order-paid-earlier",
      "order-refunded",
      "payment-declined",
      "payment-pending",
      "payment-reversed",
    ].sort(),
  );
  for (const [name, more] of Object.entries(OTHERS)) {
    assertEquals(codesOf(name), [...wallet, ...more].sort(), name);
  }
  assertEquals(codesOf("get /healthz"), []);
  assertEquals(codesOf("get /readyz"), ["clock-unsure", "store-unavailable"]);
});

Deno.test("the calls of core releases name the problems that they can answer", () => {
  const all = ["forbidden", "not-authenticated", "store-unavailable"];
  const refused = ["malformed-request", "release-rejected"];
  const step = [...refused, "not-found"];
  const path = "/v1/core-releases";
  for (
    const [name, more] of Object.entries({
      [`post ${path}`]: refused,
      [`get ${path}`]: [],
      [`get ${path}/{id}`]: ["not-found"],
      [`post ${path}/{id}/shadow`]: step,
      [`post ${path}/{id}/activate`]: step,
      [`post ${path}/{id}/retire`]: step,
      [`post ${path}/rollback`]: step,
    })
  ) assertEquals(codesOf(name), [...all, ...more].sort(), name);
});

Deno.test("every problem of the table is one that some call can answer", () => {
  const answered = new Set(
    operations(served()).flatMap(([name]) => codesOf(name)),
  );
  assertEquals(
    [...answered, "method-not-allowed"].sort(),
    [...PROBLEM_CODES].sort(),
  );
});

Deno.test("an order that is not found is to be asked for again, a payment is not", () => {
  const retry = (name: string) => {
    const [, operation] = operations(served()).find(([n]) => n === name)!;
    return operation.responses["404"].content["application/problem+json"]
      .examples["not-found"].value.retry;
  };
  assertEquals(retry("get /v1/payments"), "query");
  assertEquals(retry("get /v1/payments/{id}"), "never");
});

Deno.test("requests are closed and answers are open", () => {
  const { schemas } = served().components;
  for (
    const [name, schema] of Object.entries<Record<string, unknown>>(schemas)
  ) {
    if (schema.type !== "object") continue;
    assertEquals(
      schema.additionalProperties,
      name.endsWith("Request") ? false : undefined,
      name,
    );
  }
});

Deno.test("the schema of a problem lists every code", () => {
  const { code } = served().components.schemas.Problem.properties;
  assertEquals(code.enum, PROBLEM_CODES);
  assertEquals(code.enum, Object.keys(PROBLEMS));
});

Deno.test("the document shows every callback with its headers and a body as it is sent", () => {
  const document = served();
  assertEquals(Object.keys(document.webhooks), [
    "payment.succeeded",
    "payment.declined",
    "payment.reversed",
    "refund.succeeded",
    "refund.declined",
    "endpoint.test",
  ]);
  // deno-lint-ignore no-explicit-any
  for (const [type, { post }] of Object.entries<any>(document.webhooks)) {
    assertEquals(post.security, [], type);
    assertEquals(
      // deno-lint-ignore no-explicit-any
      post.parameters.map((it: any) => [it.in, it.name, it.required]),
      ["webhook-id", "webhook-timestamp", "webhook-signature"]
        .map((name) => ["header", name, true]),
    );
    assertEquals(Object.keys(post.responses), ["410", "2XX", "default"]);
    const { schema, example } = post.requestBody.content["application/json"];
    const kind = type.split(".")[0]!;
    const [name, event] = {
      payment: ["PaymentEvent", paymentEvent] as const,
      refund: ["RefundEvent", refundEvent] as const,
    }[kind] ?? ["EndpointTestEvent", testEvent];
    assertEquals(schema.$ref, `#/components/schemas/${name}`);
    assertEquals(example.type, type);
    event.parse(example);
    if (event !== testEvent) {
      assertEquals(`${kind}.${example.data.status}`, type);
    }
  }
  const { PaymentEvent, Payment } = document.components.schemas;
  assertEquals(
    PaymentEvent.properties.data.$ref,
    "#/components/schemas/Payment",
  );
  assert(Payment.required.includes("order_version"));
});
