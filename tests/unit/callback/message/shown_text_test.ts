import { assertEquals } from "@std/assert";
import { shownText } from "../../../../edge/callback/message/shown_text.ts";

const SECRET = `whsec_${btoa("the secret of an endpoint, kept")}`;
const shown = (text: string | Uint8Array) =>
  shownText(typeof text === "string" ? new TextEncoder().encode(text) : text, [
    SECRET,
  ]);

Deno.test("shownText() keeps what is harmless", () => {
  const text =
    '{"ok":true,"text":"thanks, Grüße, 谢谢 🥝","n":123456789012345}';
  assertEquals(shown(text), text);
  assertEquals(shown(""), "");
});

Deno.test("shownText() masks whatever could be a code, also in groups and across its end", () => {
  const code = "901004201234567890";
  for (
    const [text, masked] of [
      [code, "…"],
      [`a${code}b`, "a…b"],
      [`${"1".repeat(16)}`, "…"],
      [`${"1".repeat(15)}`, "1".repeat(15)],
      [`${"1".repeat(300)}`, "…"],
      ["9010 0420 1234 5678 90", "…"],
      ["9010-0420-1234-5678-90", "…"],
      [`${code},${code}`, "…,…"],
      // What is cut off at a kilobyte is half a code.
      ["x".repeat(1_010) + code, `${"x".repeat(1_010)}…`],
    ] as const
  ) {
    assertEquals(shown(text), masked);
  }
});

Deno.test("shownText() masks the endpoint's secret in both spellings", () => {
  assertEquals(shown(`key=${SECRET};`), "key=…;");
  assertEquals(shown(`key=${SECRET.slice("whsec_".length)};`), "key=…;");
});

Deno.test("shownText() escapes what cannot be seen and what moves the rest", () => {
  assertEquals(
    shown("a\u0000b\n\t\u001b[31m\u007f"),
    "a\\x00b\\x0a\\x09\\x1b[31m\\x7f",
  );
  assertEquals(
    shown("\u0085\u202e\u200b\u2028"),
    "\\x85\\u{202e}\\u{200b}\\u{2028}",
  );
  assertEquals(
    shown(new Uint8Array([0x61, 0xff, 0xc3, 0x28])),
    "a\ufffd\ufffd(",
  );
});

Deno.test("shownText() has a kilobyte at most, in whole characters", () => {
  const bytes = (text: string) => new TextEncoder().encode(text).length;
  assertEquals(bytes(shown("x".repeat(20_000))), 1_024);
  assertEquals(shown("🥝".repeat(300)), "🥝".repeat(256));
  assertEquals(shown(`x${"🥝".repeat(300)}`), `x${"🥝".repeat(255)}`);
  assertEquals(bytes(shown("\u0000".repeat(20_000))), 1_024);
});
