import { assert, assertEquals } from "@std/assert";
import { z } from "zod";
import {
  checkInput,
  MAX_BODY_BYTES,
  readBody,
  readQuery,
} from "../../../edge/http/kit/body.ts";
import {
  MUST,
  refusal,
  refused,
  schema,
  utf8,
} from "../../support/http/json_bodies.ts";

function request(
  body: BodyInit | null,
  headers: HeadersInit = { "content-type": "application/json" },
): Request {
  return new Request("http://till.test/v1/payments", {
    method: "POST",
    body,
    headers,
  });
}

Deno.test("readBody() gives back a body that the schema vouches for", async () => {
  const parsed = await readBody(
    request('{"name": "é", "amount": 12, "inner": {"x": ""}}'),
    { schema },
  );
  assertEquals<unknown>(parsed, {
    ok: true,
    value: { name: "é", amount: 12, inner: { x: "" } },
  });
});

Deno.test("readBody() makes no stream of a body whose length is told", async () => {
  const text = '{"name": "é", "amount": 12}';
  const length = `${utf8.encode(text).length}`;
  const told = request(text, {
    "content-type": "application/json",
    "content-length": length,
  });
  Object.defineProperty(told, "body", {
    get: () => assert(false, "A stream was made"),
  });
  const parsed = await readBody(told, { schema });
  assertEquals<unknown>(parsed, {
    ok: true,
    value: { name: "é", amount: 12 },
  });
});

Deno.test("readBody() accepts application/json of no charset but utf-8, and nothing else", async () => {
  const good = [
    "application/json",
    "Application/JSON",
    "application/json;charset=utf-8",
    'application/json ; Charset="UTF-8" ',
    "application/json;",
    "application/json; ; charset=utf-8;",
    "application/json;charset=utf8",
    'application/json; CHARSET="UTF8"',
    // RFC 2045 §1: parameters that are not known are ignored.
    "application/json; boundary=x",
    'application/json; profile="https://a.example; charset=latin1, \\" b"',
    "application/json; odata.metadata=minimal; charset=utf-8",
  ];
  for (const type of good) {
    const parsed = await readBody(
      request("{}", { "content-type": type }),
      { schema },
    );
    assert(parsed.ok, type);
  }
  const bad = [
    "text/plain",
    "application/jsonp",
    "application/problem+json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/json, text/plain",
    "application/json; charset=utf-16",
    "application/json; charset=iso-8859-1",
    'application/json; charset="utf-8',
    "application/json; charset=utf-8; charset=gbk",
    "application/json; charset=utf-8, text/plain",
    "application/json; charset",
    "application/json; charset =utf-8",
    "application/json; x=y; charset=latin1",
    "application/json charset=utf-8",
    'application/json; charset="utf-8" x',
    "",
  ];
  for (const type of bad) {
    const detail = refusal(
      await readBody(request("{}", { "content-type": type }), { schema }),
      415,
    );
    assert(detail.startsWith("The content type m"), type);
  }
  assertEquals(
    refusal(await readBody(request(utf8.encode("{}"), {}), { schema }), 415),
    "The content type must be application/json.",
  );
});

Deno.test("readBody() refuses a content encoding", async () => {
  const headers = { "content-type": "application/json" };
  const encoded = request("{}", { ...headers, "content-encoding": "gzip" });
  assertEquals(
    refusal(await readBody(encoded, { schema }), 415),
    "The body must be sent without a content encoding.",
  );
  const identity = request("{}", {
    ...headers,
    "content-encoding": "identity",
  });
  assert((await readBody(identity, { schema })).ok);
});

Deno.test("readBody() takes 16384 bytes and not one more", async () => {
  const padded = (length: number) => `{}${" ".repeat(length - 2)}`;
  assert((await readBody(request(padded(MAX_BODY_BYTES)), { schema })).ok);
  const long = await readBody(request(padded(MAX_BODY_BYTES + 1)), { schema });
  assertEquals(refusal(long, 413), "The body is longer than 16384 bytes.");
  assertEquals(
    refused(padded(MAX_BODY_BYTES + 1), 413),
    "The body is longer than 16384 bytes.",
  );
  const megabyte = await readBody(request(padded(1_000_000)), { schema });
  assertEquals(refusal(megabyte, 413), "The body is longer than 16384 bytes.");
});

/** A body of `chunks` chunks of 1024 spaces that counts what is taken. */
function counted(chunks: number) {
  const seen = { pulls: 0, cancelled: false };
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (seen.pulls === chunks) return controller.close();
      seen.pulls++;
      controller.enqueue(new Uint8Array(1024).fill(0x20));
    },
    cancel() {
      seen.cancelled = true;
    },
  }, { highWaterMark: 0 });
  return { seen, stream };
}

Deno.test("readBody() counts the bytes that come, stops at the limit and lets go of the body", async () => {
  const { seen, stream } = counted(Infinity);
  const endless = request(stream);
  assertEquals(
    refusal(await readBody(endless, { schema }), 413),
    "The body is longer than 16384 bytes.",
  );
  assertEquals(seen, { pulls: 17, cancelled: true });
});

Deno.test("readBody() does not start on a body that says it is too long, nor believes one that says it is short", async () => {
  const type = { "content-type": "application/json" };
  const announced = counted(1);
  const long = request(announced.stream, {
    ...type,
    "content-length": "16385",
  });
  assertEquals(
    refusal(await readBody(long, { schema }), 413),
    "The body is longer than 16384 bytes.",
  );
  assertEquals(announced.seen.pulls, 0);
  const lying = counted(100);
  const short = request(lying.stream, { ...type, "content-length": "2" });
  assertEquals(
    refusal(await readBody(short, { schema }), 413),
    "The body is longer than 16384 bytes.",
  );
});

Deno.test("readBody() joins a body that comes in pieces, also inside a character", async () => {
  const bytes = utf8.encode('{"name":"€"}');
  const stream = new ReadableStream({
    start(controller) {
      for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
      controller.close();
    },
  });
  const parsed = await readBody(request(stream), { schema });
  assertEquals<unknown>(parsed, { ok: true, value: { name: "€" } });
});

Deno.test("readBody() refuses a body that breaks off", async () => {
  const stream = new ReadableStream({
    start(controller) {
      controller.enqueue(utf8.encode('{"name":'));
    },
    pull(controller) {
      controller.error(new Error("connection reset"));
    },
  });
  assertEquals(
    refusal(await readBody(request(stream), { schema })),
    "The body ended before it was complete.",
  );
});

Deno.test("readBody() refuses no body and an empty body", async () => {
  for (const body of [null, "", new Uint8Array()]) {
    assertEquals(
      refusal(await readBody(request(body), { schema })),
      "The body is empty.",
    );
  }
});

Deno.test("a detail names the field and never what was in it", () => {
  const secret = "901004201234567890";
  const bad: Record<string, string> = {
    [`{"name":${secret}}`]: "name must be a string",
    [`{"amount":"${secret}"}`]: `amount ${MUST}`,
    [`{"inner":"${secret}"}`]: "inner must be an object",
    [`{"inner":{}}`]: "inner.x is missing",
    [`{"inner":{"x":${secret}}}`]: "inner.x must be a string",
    [`{"${secret}":1}`]: "a field is not known",
    [`{"a\\r\\nset-cookie: x":1}`]: "a field is not known",
    [`{"nmae":"${secret}"}`]: "nmae is not known",
    [`{"${"x".repeat(41)}":1}`]: "a field is not known",
    [`{"name":"${secret}`]: "The body is not JSON.",
    [`{"name":${secret}x}`]: "The body is not JSON.",
    [`{"name":"a","name":"${secret}"}`]: "A field occurs twice.",
  };
  for (const [body, detail] of Object.entries(bad)) {
    assertEquals(refused(body), detail);
  }
});

Deno.test("a detail names several faults, and at most five", () => {
  assertEquals(
    refused('{"name":1,"amount":0,"inner":{},"b":1}'),
    `name must be a string; amount ${MUST}; inner.x is missing; b is not known`,
  );
  const many = Array.from("abcdefgh", (c) => `"${c}":1`).join();
  assertEquals(
    refused(`{${many}}`),
    Array.from("abcde", (c) => `${c} is not known; `).join("") + "…",
  );
});

Deno.test("a detail says once what several rules of a field say", () => {
  const must = "must be a short word";
  const rules = z.string(must).max(3, must).regex(/^a/, must);
  const parsed = checkInput(
    { a: "long", b: "x" },
    z.strictObject({
      a: rules.regex(/^b/, must),
      b: rules,
    }),
  );
  assertEquals(refusal(parsed), `a ${must}; b ${must}`);
});

Deno.test("a detail passes on no message of the schema library", () => {
  const loose = z.strictObject({
    url: z.url(),
    kind: z.enum(["a", "b"]),
    size: z.string().max(1),
  });
  const parsed = checkInput(
    { url: "x", kind: "secret", size: "secret" },
    loose,
  );
  assertEquals(
    refusal(parsed),
    "url is not as documented; kind is not as documented; size is not as documented",
  );
});

Deno.test("readQuery() takes each documented parameter once", () => {
  const query = z.strictObject({
    order_id: z.string().regex(/^\w+$/, "must be \\w"),
  });
  const at = (search: string) =>
    readQuery(`http://t/v1/payments${search}`, query);
  assertEquals<unknown>(at("?order_id=a_1"), {
    ok: true,
    value: { order_id: "a_1" },
  });
  const bad: Record<string, string> = {
    "": "order_id is missing",
    "?": "order_id is missing",
    "?order_id=": "order_id must be \\w",
    "?order_id=a&order_id=a": "A query parameter occurs twice.",
    "?order_id=a&order%5Fid=b": "A query parameter occurs twice.",
    "?order_id=%ff": "order_id must be \\w",
    "?order_id=a&x=1": "x is not known",
    "?order_id=a&__proto__=1": "__proto__ is not known",
  };
  for (const [search, detail] of Object.entries(bad)) {
    assertEquals(refusal(at(search)), detail, search);
  }
});
