/**
 * The contract of texts: every well-formed string up to its bound goes in and
 * comes out as it is, and no two are taken for the same.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import {
  absent,
  add,
  del,
  entry,
  equals,
  field,
  index,
  page,
  set,
  unindex,
} from "../support/store/ops.ts";
import type { Register } from "./store_contract.ts";

const ODD = [
  " ",
  "  ",
  "a",
  "A",
  "a ",
  " a",
  "a\0",
  "a\0b",
  "a\0c",
  "\0",
  "\0\0",
  "\x01",
  "\x01\x01",
  "\x01\x02",
  "\0\x01",
  "\x01\0",
  "\x02",
  "'",
  "''",
  '"',
  "`",
  "\\",
  "\\0",
  "a:b",
  "a:*",
  "*",
  "?",
  "[a]",
  "{0}",
  "{}",
  "oc:{0}:x",
  "%",
  "%00",
  "_",
  "$1",
  "?1",
  ":name",
  "\n",
  "\r\n",
  "\t",
  "\x7f",
  "é",
  "e\u0301",
  "ß",
  "İ",
  "ı",
  "０",
  "١",
  "\u200b",
  "\u2028",
  "\ufeff",
  "\ufeffa",
  "\uFFFD",
  "\uFFFE",
  "😀",
  "👩‍👩‍👧",
  "\u{10FFFF}",
  "__proto__",
  "constructor",
  "null",
  "undefined",
  "true",
  "0",
  "00",
  "-0",
  "1e5",
  "1.0",
  "'; DROP TABLE value_record; --",
  "return redis.call('FLUSHALL')",
  '{"a":1}',
];

/** The tests by their sentences. */
const TESTS: Readonly<Record<string, Parameters<Register>[1]>> = {
  "txn() keeps odd names apart": async ({ store }) => {
    await store.txn({
      checks: ODD.map(absent),
      writes: ODD.map((name, i) => set(name, `value ${i}`)),
    });
    const { values } = await store.read({ keys: ODD });
    assertEquals(values, ODD.map((_, i) => `value ${i}`));
  },
  "txn() keeps odd counters and indexes apart": async ({ store }) => {
    const names = ODD.map((name) => `i ${name}`);
    await store.txn({
      checks: [],
      writes: names.flatMap((name, i) => [
        index(name, `member ${i}`, i),
        add(`c ${name}`, i),
      ]),
    });
    const { values, ranges } = await store.read({
      keys: names.map((name) => `c ${name}`),
      ranges: names.map((name) => page(name)),
    });
    assertEquals(values, names.map((_, i) => `0:${i}`));
    assertEquals(ranges, names.map((_, i) => [entry(i, `member ${i}`)]));
  },
  "txn() gives odd values and members back as they were": async ({ store }) => {
    const odd = ["", ...ODD];
    await store.txn({
      checks: [],
      writes: odd.flatMap((
        text,
        i,
      ) => [set(`k${i}`, text), index("i", text, i)]),
    });
    const keys = odd.map((_, i) => `k${i}`);
    const result = await store.txn({
      checks: odd.map((text, i) => equals(`k${i}`, text)),
      writes: [],
      reads: keys,
    });
    assertEquals(result, { committed: true, values: odd });
    assertEquals((await store.read({ keys })).values, odd);
    const entries = odd.map((text, i) => entry(i, text));
    assertEquals(await store.range(page("i")), entries);
    await store.txn({
      checks: [],
      writes: odd.filter((_, i) => i % 2 === 0)
        .map((text) => unindex("i", text)),
    });
    assertEquals(
      await store.range(page("i")),
      entries.filter((_, i) => i % 2 === 1),
    );
  },
  "txn() keeps odd maps and fields apart, and their values as they were":
    async ({ store }) => {
      const fields = ODD.flatMap((text, i) => [
        field(`m ${text}`, ODD[(i + 1) % ODD.length]!),
        field("one", text),
      ]);
      await store.txn({
        checks: fields.map(absent),
        writes: fields.map((ref, i) => set(ref, ODD[i % ODD.length]!)),
      });
      const expected = fields.map((_, i) => ODD[i % ODD.length]!);
      assertEquals((await store.read({ keys: fields })).values, expected);
      const writes = fields.filter((_, i) => i % 4 < 2).map(del);
      const result = await store.txn({
        checks: fields.map((ref, i) => equals(ref, expected[i]!)),
        writes,
        reads: fields,
      });
      const left = expected.map((value, i) => i % 4 < 2 ? null : value);
      assertEquals(result, { committed: true, values: left });
      assertEquals((await store.read({ keys: fields })).values, left);
    },
  "txn() takes the longest names, values and members": async ({ store }) => {
    for (const letter of ["x", "\0", "é", "€", "😀"]) {
      const size = new TextEncoder().encode(letter).length;
      const fill = (bytes: number) =>
        letter.repeat(Math.floor(bytes / size)).padEnd(bytes % size, "-");
      const [name, value, member] = [fill(512), fill(262_144), fill(4_096)];
      const result = await store.txn({
        checks: [absent(name)],
        writes: [
          set(name, value),
          set(field(`m ${name}`.slice(0, 120), name), value),
          index(`i ${name}`.slice(0, 120), member, 1),
          set(name.slice(2), "other"),
        ],
        reads: [name, field(`m ${name}`.slice(0, 120), name)],
      });
      assertEquals(result, { committed: true, values: [value, value] });
      assertEquals(
        await store.range(page(`i ${name}`.slice(0, 120))),
        [entry(1, member)],
      );
    }
  },
};

/** Registers the contract of texts. */
export function textContract(register: Register): void {
  for (const [sentence, body] of Object.entries(TESTS)) {
    register(sentence, body);
  }
}
