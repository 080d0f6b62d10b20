import { assertEquals } from "@std/assert";
import { z } from "zod";
import { MAX_BODY_BYTES, parseBody } from "../../../edge/http/kit/body.ts";
import {
  accepted,
  MUST,
  refusal,
  refused,
  utf8,
} from "../../support/http/json_bodies.ts";

Deno.test("parseBody() refuses what is not UTF-8", () => {
  const bad = [
    [0xff],
    [0xc3],
    [0xc0, 0x80],
    [0xed, 0xa0, 0x80],
    [0xf4, 0x90, 0x80, 0x80],
    [0xfe, 0xff, 0x00, 0x7b],
  ];
  for (const bytes of bad) {
    const body = Uint8Array.from([
      ...utf8.encode('{"name":"'),
      ...bytes,
      ...utf8.encode('"}'),
    ]);
    assertEquals(refused(body), "The body is not UTF-8.");
  }
  // UTF-16 without a byte order mark is valid UTF-8 with NULs.
  assertEquals(
    refused(Uint8Array.of(0x7b, 0x00, 0x7d, 0x00)),
    "The body is not JSON.",
  );
});

Deno.test("parseBody() refuses what is not JSON, to the letter of RFC 8259", () => {
  const bad = [
    "\ufeff",
    "\ufeff\ufeff{}",
    "{}\ufeff",
    " ",
    "{",
    "}",
    '{"name"',
    '{"name":',
    '{"name":"x"',
    '{"name":"x",}',
    '{"name":"x"}}',
    '{"name":"x"} {}',
    "{name:1}",
    "{'name':1}",
    '{"name":"a\nb"}',
    '{"name":"a\tb"}',
    '{"name":"\\x41"}',
    '{"name":"\\u12"}',
    '{"amount":01}',
    '{"amount":+1}',
    '{"amount":.5}',
    '{"amount":1.}',
    '{"amount":0x10}',
    '{"amount":1_000}',
    '{"amount":NaN}',
    '{"amount":Infinity}',
    '{"amount":١}',
    '{"name":undefined}',
    '{"name":True}',
    "{}/* comment */",
    "\u00a0{}",
    "\0",
    "<html>",
  ];
  for (const body of bad) assertEquals(refused(body), "The body is not JSON.");
});

Deno.test("parseBody() refuses a field that occurs twice, though both are equal", () => {
  const bad = [
    '{"name":"a","name":"b"}',
    '{"name":"a","name":"a"}',
    '{"name":"a","n\\u0061me":"a"}',
    '{"amount":1,"amount":1}',
    '{"amount":1,"amount":2}',
    '{"amount":1.0,"amount":1.0}',
    '{"inner":{"x":-1,"x":-1},"amount":true}',
    '{"inner":{"x":"1","x":"1"}}',
    '{"inner":{"x":"1"},"inner":{"x":"1"}}',
    '{"__proto__":{},"__proto__":{}}',
    '{"name":"a","unknown":[{"b":[],"b":[]}]}',
  ];
  for (const body of bad) assertEquals(refused(body), "A field occurs twice.");
  // Colons and braces inside strings are no fields.
  assertEquals(accepted('{"name":"a\\":{:[\\\\","amount":1}'), {
    name: 'a":{:[\\',
    amount: 1,
  });
});

Deno.test("parseBody() refuses deep nesting of any kind without a crash", () => {
  for (const open of ["[", '{"a":', '{"inner":', "[[[{"]) {
    const body = open.repeat(MAX_BODY_BYTES / open.length | 0);
    assertEquals(refused(body), "The body is nested too deep.");
    assertEquals(refused(open.repeat(9)), "The body is nested too deep.");
  }
  const closed = "[".repeat(8192) + "]".repeat(8192);
  assertEquals(refused(closed), "The body is nested too deep.");
  assertEquals(
    refused("[".repeat(8) + "]".repeat(8)),
    "The body must be a JSON object",
  );
});

Deno.test("parseBody() takes integers in plain digits and nothing that only looks like one", () => {
  assertEquals(accepted('{"amount":9007199254740991}'), {
    amount: Number.MAX_SAFE_INTEGER,
  });
  for (const literal of ["0", "-1", '"1"', "[1]", "{}", "true"]) {
    assertEquals(refused(`{"amount":${literal}}`), `amount ${MUST}`);
  }
  const spelledOtherwise = [
    "-0",
    "1.0",
    "1250.0",
    "1.5",
    "1e5",
    "1E0",
    "10e-1",
    "1e400",
    "-1e400",
    "9007199254740992",
    "9007199254740993",
    "1".repeat(400),
  ];
  for (const literal of spelledOtherwise) {
    assertEquals(
      refused(`{"amount":${literal}}`),
      `amount ${MUST}, written as plain digits without a decimal point or an exponent`,
    );
  }
  // Whatever the schema: no near value, but none at all.
  const parsed = parseBody(utf8.encode("[9007199254740993, 1.0]"), {
    schema: z.unknown(),
  });
  assertEquals<unknown>(parsed, { ok: true, value: [NaN, NaN] });
});

Deno.test("parseBody() takes null for a field that may be absent as its absence", () => {
  assertEquals<unknown>(
    accepted('{"name":null,"amount":null,"inner":null}'),
    {},
  );
  assertEquals<unknown>(accepted('{"name":"x","inner":null}'), { name: "x" });
  const bad = {
    '{"inner":{"x":null}}': "inner.x is missing",
    '{"nmae":null}': "nmae is not known",
    '{"name":null,"amount":0}': `amount ${MUST}`,
    '{"name":null,"nmae":null}': "nmae is not known",
  };
  for (const [body, detail] of Object.entries(bad)) {
    assertEquals(refused(body), detail, body);
  }
});

Deno.test("parseBody() drops a byte order mark in front", () => {
  assertEquals<unknown>(accepted('\ufeff{"name":"\ufeffx"}'), {
    name: "\ufeffx",
  });
});

Deno.test("parseBody() refuses every JSON value that is not the object asked for", () => {
  for (const body of ["[]", "null", "true", "1", '"{}"', "[{}]", "1.5"]) {
    assertEquals(refused(body), "The body must be a JSON object");
  }
});

Deno.test("parseBody() refuses prototype names and is not polluted by them", () => {
  const bad = {
    '{"__proto__":{"name":"x"}}': "__proto__ is not known",
    '{"__proto__":null}': "__proto__ is not known",
    '{"constructor":{"prototype":{"name":"x"}}}': "constructor is not known",
    '{"inner":{"__proto__":{"x":"1"}}}':
      "inner.x is missing; inner.__proto__ is not known",
    '{"hasOwnProperty":1}': "a field is not known",
  };
  for (const [body, detail] of Object.entries(bad)) {
    assertEquals(refused(body), detail);
  }
  assertEquals(({} as Record<string, unknown>).name, undefined);
  assertEquals(({} as Record<string, unknown>).x, undefined);
});

Deno.test("parseBody() gives values as they were written, whichever parser reads them", () => {
  const any = z.any();
  const read = (text: string): unknown => {
    const parsed = parseBody(utf8.encode(text), { schema: any });
    return parsed.ok ? parsed.value : refusal(parsed);
  };
  for (
    const text of [
      '{"code":"901234","n":[1,0,999999999999999],"o":{"":" a:b,{}[] "}}',
      ' {\t"escapes" :\r\n"\\"\\\\\\u0041\\ud83d\\ude00\\n" , "x":{ } } ',
      '{"n":9007199254740991,"t":true,"f":false,"z":null,"m":-7}',
      '{"__proto__":{"a":1},"constructor":2,"é":"\\ufffd"}',
      "[]",
      '"text"',
      "12",
    ]
  ) {
    const expected = JSON.parse(text);
    assertEquals(JSON.stringify(read(text)), JSON.stringify(expected), text);
  }
  // Read by JSON.parse these would be near, or of another spelling.
  for (
    const text of ["9007199254740993", "1e3", "1.0", "-0", "1E400", "12.5"]
  ) {
    assertEquals(read(`{"n":${text}}`), { n: NaN }, text);
  }
  const twice = "A field occurs twice.";
  assertEquals(read('{"a":1,"\\u0061":1}'), twice);
  assertEquals(read('{"a":{"b":1,"b":2}}'), twice);
  assertEquals(read('[{"a":1},{"a":1,"a":1}]'), twice);
});
