import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  assertPrefix,
  formatCode,
  isCodeShaped,
  parseCode,
} from "../../../edge/code/format.ts";
import {
  DEFAULT_PROFILES,
  PROFILE_1,
  profilesOf,
} from "../../../edge/code/profile.ts";

const CODE = "901004231177335183";
const MALFORMED = { kind: "malformed" } as const;

/** Every way in which somebody once spelled one code differently. */
const OTHER_SPELLINGS: Record<string, string> = {
  "nothing": "",
  "space before": " " + CODE,
  "space after": CODE + " ",
  "space inside": "90 1004231177335183",
  "space for a digit": "9010042 1177335183",
  "grouped": "90 1 0042 31177335183",
  "tab": CODE + "\t",
  "newline after": CODE + "\n",
  "newline for the last digit": CODE.slice(0, 17) + "\n",
  "carriage return": CODE + "\r\n",
  "no-break space": CODE + "\u00a0",
  "no-break space for a digit": "9010042\u00a01177335183",
  "zero-width space": CODE + "\u200b",
  "byte order mark": "\ufeff" + CODE,
  "right-to-left mark": "\u200f" + CODE,
  "full-width digits": "９０１００４２３１１７７３３５１８３",
  "one full-width digit": "90100423117733518３",
  "Arabic-Indic digits": "٩٠١٠٠٤٢٣١١٧٧٣٣٥١٨٣",
  "Devanagari digits": "९०१००४२३११७७३३५१८३",
  "superscript digit": "90100423117733518³",
  "circled digit": "90100423117733518③",
  "mathematical digits": "\u{1d7d7}01004231177335183".slice(0, 18),
  "combining mark": "90100423117733518\u0303",
  "NUL after": CODE + "\0",
  "NUL for a digit": "90100423117733518\0",
  "plus sign": "+" + CODE,
  "plus sign for a digit": "+" + CODE.slice(1),
  "minus sign": "-01004231177335183",
  "exponent": "901004231177335e18",
  "short exponent": "1e5",
  "decimal point": "90100423117733518.",
  "decimals": CODE + ".0",
  "underscore": "9010042_1177335183",
  "hexadecimal": "0x9010042311773351",
  "big integer literal": CODE + "n",
  "thousands": "901,004,231,177,335,183".slice(0, 18),
  "hyphen": "9010042-1177335183",
  "slash, the unit below 0": "90100423117733518/",
  "colon, the unit above 9": "90100423117733518:",
  "letter O": "9O1004231177335183",
  "leading zero more": "0" + CODE,
  "trailing zero more": CODE + "0",
  "one digit less": CODE.slice(0, 17),
  "twice": CODE + CODE,
};

Deno.test("parseCode() takes a code apart at the widths of its profile", () => {
  assertEquals(parseCode(CODE, "90", DEFAULT_PROFILES), {
    kind: "code",
    code: {
      prefix: "90",
      profile: PROFILE_1,
      bucket: 42,
      tag: 31177335183n,
    },
  });
});

Deno.test("parseCode() refuses every other spelling of a code", () => {
  for (const [name, text] of Object.entries(OTHER_SPELLINGS)) {
    assertEquals(parseCode(text, "90", DEFAULT_PROFILES), MALFORMED, name);
  }
});

Deno.test("parseCode() refuses all 65 536 code units but the ten digits, in every place", () => {
  let taken = 0;
  for (let unit = 0; unit <= 0xffff; unit++) {
    const character = String.fromCharCode(unit);
    // Places 7 and 17: first and last digit of the tag, any digit fits.
    const first = CODE.slice(0, 7) + character + CODE.slice(8);
    const last = CODE.slice(0, 17) + character;
    for (const text of [first, last]) {
      if (parseCode(text, "90", DEFAULT_PROFILES).kind === "code") taken++;
    }
  }
  assertEquals(taken, 20);
  for (let place = 0; place < CODE.length; place++) {
    for (const character of " \t\n\r\0+-./:eE\u00a0\u0663\u00b3\uff13") {
      const text = CODE.slice(0, place) + character + CODE.slice(place + 1);
      assertEquals(parseCode(text, "90", DEFAULT_PROFILES), MALFORMED);
      const longer = CODE.slice(0, place) + character + CODE.slice(place);
      assertEquals(parseCode(longer, "90", DEFAULT_PROFILES), MALFORMED);
    }
  }
});

Deno.test("parseCode() refuses what is not a string", () => {
  const values: unknown[] = [
    901004231177335183n,
    901004231177335200,
    null,
    undefined,
    [CODE],
    { length: 18 },
    Object(CODE),
    new TextEncoder().encode(CODE),
  ];
  for (const value of values) {
    assertEquals(
      parseCode(value as string, "90", DEFAULT_PROFILES),
      MALFORMED,
    );
  }
});

Deno.test("parseCode() refuses prefixes and profiles that are not served", () => {
  assertEquals(parseCode(CODE, "91", DEFAULT_PROFILES), MALFORMED);
  assertEquals(parseCode(CODE, "09", DEFAULT_PROFILES), MALFORMED);
  assertEquals(parseCode(CODE, "90", new Map()), MALFORMED);
  for (const digit of [0, 2, 3, 4, 5, 6, 7, 8, 9]) {
    const text = "90" + digit + CODE.slice(3);
    assertEquals(parseCode(text, "90", DEFAULT_PROFILES), MALFORMED);
  }
});

Deno.test("parseCode() takes exactly the length of the code's own profile", () => {
  const shortest = { ...PROFILE_1, digit: 7, bucketDigits: 5, tagDigits: 8 };
  const longest = { ...PROFILE_1, digit: 8, bucketDigits: 9, tagDigits: 12 };
  const profiles = profilesOf([PROFILE_1, shortest, longest]);
  for (const [digit, wanted] of [[1, 18], [7, 16], [8, 24]]) {
    for (let length = 0; length <= 40; length++) {
      const text = ("90" + digit).padEnd(length, "0").slice(0, length);
      const kind = length === wanted ? "code" : "malformed";
      assertEquals(parseCode(text, "90", profiles).kind, kind);
    }
  }
});

Deno.test("parseCode() refuses a text of a million digits", () => {
  assertEquals(
    parseCode("9".repeat(1_000_000), "99", DEFAULT_PROFILES),
    MALFORMED,
  );
});

Deno.test("parseCode() keeps leading zeros of every part", () => {
  const text = "001000000000000007";
  const parsed = parseCode(text, "00", DEFAULT_PROFILES);
  assert(parsed.kind === "code");
  assertEquals(parsed.code.bucket, 0);
  assertEquals(parsed.code.tag, 7n);
  assertEquals(formatCode(parsed.code), text);
});

Deno.test("isCodeShaped() takes 16 to 24 ASCII digits and nothing else", () => {
  for (let length = 0; length <= 40; length++) {
    assertEquals(
      isCodeShaped("7".repeat(length)),
      length >= 16 && length <= 24,
    );
  }
  const ofOtherLength = ["leading zero more", "trailing zero more"];
  for (const [name, text] of Object.entries(OTHER_SPELLINGS)) {
    if (ofOtherLength.includes(name) || name === "one digit less") {
      assert(isCodeShaped(text), name);
    } else {
      assert(!isCodeShaped(text), name);
    }
  }
});

Deno.test("formatCode() pads the bucket and the tag with zeros", () => {
  const profile = PROFILE_1;
  assertEquals(
    formatCode({ prefix: "90", profile, bucket: 0, tag: 0n }),
    "901000000000000000",
  );
  assertEquals(
    formatCode({ prefix: "01", profile, bucket: 9999, tag: 99999999999n }),
    "011999999999999999",
  );
});

Deno.test("formatCode() refuses what does not fit its digits, without showing it", () => {
  const good = { prefix: "90", profile: PROFILE_1, bucket: 42, tag: 7n };
  const bad = [
    { ...good, prefix: "9" },
    { ...good, prefix: "900" },
    { ...good, prefix: "９０" },
    { ...good, bucket: -1 },
    { ...good, bucket: 10_000 },
    { ...good, bucket: 4.2 },
    { ...good, bucket: NaN },
    { ...good, tag: -1n },
    { ...good, tag: 100_000_000_000n },
  ];
  for (const code of bad) {
    const error = assertThrows(() => formatCode(code), RangeError);
    assertEquals(/\d/.test(error.message), false);
  }
});

Deno.test("assertPrefix() takes two ASCII digits and nothing else", () => {
  for (const prefix of ["00", "01", "90", "99"]) assertPrefix(prefix);
  for (const prefix of ["", "9", "900", "9 ", "9\n", "-1", "٩٠", "0x"]) {
    assertThrows(() => assertPrefix(prefix), RangeError);
    assertThrows(() => parseCode(CODE, prefix, DEFAULT_PROFILES), RangeError);
  }
});
