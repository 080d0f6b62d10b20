import { assertEquals } from "@std/assert";
import { Hono } from "hono";
import { RegExpRouter } from "hono/router/reg-exp-router";
import { z } from "zod";
import { refused } from "../../../edge/base/outcome.ts";
import type { Env } from "../../../edge/http/kit/answer.ts";
import { type Call, call, reply } from "../../../edge/http/kit/call.ts";
import { serve } from "../../../edge/http/kit/router.ts";
import type { UseCases } from "../../../edge/http/kit/use_cases.ts";

/** A server of `calls` whose only keys are `wallet` and `merchant`. */
function serverOf(...calls: readonly Call[]) {
  const app = new Hono<Env>({ router: new RegExpRouter() });
  app.use(async (c, next) => {
    c.set("requestId", "req_1");
    await next();
  });
  const authenticator = {
    authenticate: (key: string, scope: string) =>
      Promise.resolve(
        key === scope ? { scope, keyId: "key_1" } : refused(
          ["wallet", "merchant"].includes(key)
            ? "forbidden"
            : "not-authenticated",
        ),
      ),
  };
  serve(app, calls, { authenticator } as unknown as UseCases);
  return async (method: string, path: string, init: RequestInit = {}) => {
    const response = await app.request(path, { method, ...init });
    const text = await response.text();
    return {
      status: response.status,
      type: response.headers.get("content-type"),
      text,
      problem: response.status < 400
        ? undefined
        : `${JSON.parse(text).code}: ${JSON.parse(text).detail}`,
    };
  };
}

/** A file of lines in, a file of lines out, bigger than other bodies. */
const importLines = call({
  id: "importLines",
  method: "put",
  path: "/v1/files/{name}",
  scope: "wallet",
  summary: "Count lines",
  params: { name: z.string().max(4) },
  query: z.strictObject({ mode: z.literal("dry").exactOptional() }),
  headers: {
    "idempotency-key": z.string("must be text").regex(/^\w+$/, "must be words"),
  },
  body: {
    schema: z.string().transform((text) => text.trimEnd().split("\n")),
    example: "1\n2\n",
    type: "application/x-ndjson",
    maxBytes: 20_000,
  },
  answers: {
    200: { says: "Lines", type: "text/csv", schema: z.string(), example: "1" },
    204: { says: "None" },
  },
  handle: (_, { params, query, headers, body }) => {
    if (query.mode === "dry") return Promise.resolve(reply(204, null));
    const lines = [params.name, headers["idempotency-key"], ...body];
    const stream = ReadableStream.from(lines.map((it) => `${it}\r\n`));
    return Promise.resolve(
      reply(200, stream.pipeThrough(new TextEncoderStream())),
    );
  },
});

const headers = {
  authorization: "Bearer wallet",
  "content-type": "application/x-ndjson",
  "idempotency-key": "k1",
};

Deno.test("serve() gives a handler what its call takes, and streams what it answers", async () => {
  const send = serverOf(importLines);
  assertEquals(
    await send("PUT", "/v1/files/a", { headers, body: '{"a":1}\n{}\n' }),
    {
      status: 200,
      type: "text/csv",
      text: 'a\r\nk1\r\n{"a":1}\r\n{}\r\n',
      problem: undefined,
    },
  );
  const dry = await send("PUT", "/v1/files/a?mode=dry", { headers, body: "1" });
  assertEquals([dry.status, dry.type, dry.text], [204, null, ""]);
});

Deno.test("serve() asks for a key of the scope, then for the path, and then for everything else", async () => {
  const send = serverOf(importLines);
  const put = async (path: string, more: Record<string, string>) =>
    (await send("PUT", path, { headers: { ...headers, ...more }, body: "1" }))
      .problem;
  const bad = "/v1/files/aaaaa?x=1";
  assertEquals(
    await put(bad, { authorization: "Bearer nobody" }),
    "not-authenticated: The bearer key is missing, unknown or withdrawn.",
  );
  assertEquals(
    await put(bad, { authorization: "Bearer merchant" }),
    "forbidden: The key is of another scope.",
  );
  assertEquals(
    await put(bad, {}),
    "not-found: There is nothing under this name for this key.",
  );
  assertEquals(
    await put("/v1/files/a?x=1", {}),
    "malformed-request: x is not known",
  );
  assertEquals(
    await put("/v1/files/a", { "idempotency-key": "a b" }),
    "malformed-request: The header idempotency-key must be words",
  );
  const { "idempotency-key": _, ...without } = headers;
  const { problem } = await send("PUT", "/v1/files/a", {
    headers: without,
    body: "1",
  });
  assertEquals(
    problem,
    "malformed-request: The header idempotency-key must be text",
  );
  assertEquals(
    await put("/v1/files/a", { "content-type": "application/json" }),
    "malformed-request: The content type must be application/x-ndjson.",
  );
});

Deno.test("serve() takes as many bytes as the call says and not one more", async () => {
  const send = serverOf(importLines);
  const put = (body: BodyInit) => send("PUT", "/v1/files/a", { headers, body });
  assertEquals((await put("1".repeat(20_000))).status, 200);
  const long = "1".repeat(20_001);
  for (const body of [long, new Blob([long]).stream()]) {
    const { status, problem } = await put(body);
    assertEquals(
      [status, problem],
      [413, "malformed-request: The body is longer than 20000 bytes."],
    );
  }
});

Deno.test("serve() refuses a call that the deployment does not have, before it reads a body", async () => {
  const send = serverOf({ ...importLines, needs: "sandbox" } as Call);
  const { problem } = await send("PUT", "/v1/files/a", { headers, body: "" });
  assertEquals(
    problem,
    "not-found: There is nothing under this name for this key.",
  );
});

Deno.test("serve() reads what comes to a POST without a body only to see that it is short", async () => {
  const send = serverOf(call({
    id: "poke",
    method: "post",
    path: "/v1/pokes",
    summary: "Poke",
    answers: { 202: { says: "Poked", schema: z.literal(1), example: 1 } },
    handle: () => Promise.resolve(reply(202, 1 as const)),
  }));
  for (const body of [null, "", "no JSON", " ".repeat(16_384)]) {
    assertEquals((await send("POST", "/v1/pokes", { body })).text, "1");
  }
  const { status } = await send("POST", "/v1/pokes", {
    body: " ".repeat(16_385),
  });
  assertEquals(status, 413);
});

Deno.test("serve() gives members in camelCase, and answers those of the schema in snake_case and no others", async () => {
  const name = z.string();
  const send = serverOf(call({
    id: "rename",
    method: "post",
    path: "/v1/shops/{shop_id}",
    summary: "Rename",
    params: { shop_id: name },
    query: z.strictObject({ dry_run: name }),
    body: {
      schema: z.strictObject({
        new_name: name,
        old_names: z.array(z.strictObject({ given_at: name })),
      }),
      example: {},
    },
    answers: {
      200: {
        says: "Renamed",
        schema: z.strictObject({
          shop_id: name,
          dry_run: name,
          new_name: name.exactOptional(),
          old_names: z.array(z.strictObject({ given_at: name })).optional(),
          checks: z.record(name, z.int()),
          ends_at: name.exactOptional(),
        }),
        example: {},
      },
    },
    handle: (_, { params, query, body }) =>
      Promise.resolve(reply(200, {
        payerKey: "secret",
        ...body,
        ...query,
        ...params,
        oldNames: body.oldNames.map((it) => ({ ...it, isSecret: true })),
        checks: { newId: 1 },
        endsAt: undefined,
      })),
  }));
  const { text } = await send("POST", "/v1/shops/s?dry_run=x", {
    headers: { "content-type": "application/json" },
    body: '{"new_name":"b","old_names":[{"given_at":"a"}]}',
  });
  assertEquals(
    text,
    '{"shop_id":"s","dry_run":"x","new_name":"b","old_names":[{"given_at":"a"}],"checks":{"newId":1}}',
  );
});

Deno.test("serve() takes a word where another path of the method has a parameter", async () => {
  const named = (path: string, params?: { id: z.ZodString }) =>
    call({
      ...{ id: path, method: "post", path, summary: "Names itself" },
      ...(params && { params }),
      answers: { 200: { says: "Its path", type: "text/plain" } },
      handle: () => Promise.resolve({ status: 200 as const, body: path }),
    });
  const send = serverOf(
    named("/v1/things/batch"),
    named("/v1/things/{id}/parts", { id: z.string() }),
    named("/v1/things"),
  );
  const said = async (path: string) => {
    const { status, text } = await send("POST", path);
    return status === 200 ? text : status;
  };
  assertEquals(await said("/v1/things/batch"), "/v1/things/batch");
  assertEquals(await said("/v1/things/batch/parts"), "/v1/things/{id}/parts");
  assertEquals(await said("/v1/things"), "/v1/things");
  for (const path of ["/v1/things/other", "/v1/things/batches"]) {
    const response = await send("POST", path).catch(() => null);
    assertEquals(response?.status ?? 404, 404, path);
  }
});
