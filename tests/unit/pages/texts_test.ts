/**
 * The texts of the pages are there in each language: the same keys, the same places
 * for values, and nothing left in the other language.
 */
import { assert, assertEquals } from "@std/assert";
import {
  LANGUAGES,
  type Texts,
  translator,
} from "../../../edge/pages/shared/language.ts";
import { CONSOLE_TEXTS } from "../../../edge/pages/console/texts.ts";
import { TILL_TEXTS } from "../../../edge/pages/till/texts.ts";
import { WALLET_TEXTS } from "../../../edge/pages/wallet/texts.ts";

/** The tables of all pages. */
const TABLES: Readonly<Record<string, Texts<string>>> = {
  console: CONSOLE_TEXTS,
  till: TILL_TEXTS,
  wallet: WALLET_TEXTS,
};

const places = (text: string) =>
  [...text.matchAll(/\{\w+\}/g)].map(([it]) => it).sort();

for (const [page, texts] of Object.entries(TABLES)) {
  Deno.test(`the texts of ${page} are complete in each language`, () => {
    const keys = Object.keys(texts.en).sort();
    assert(keys.length > 0);
    for (const language of LANGUAGES) {
      assertEquals(Object.keys(texts[language]).sort(), keys);
      for (const key of keys) {
        const text = texts[language][key]!;
        assert(text.trim() !== "", `${language} ${key}`);
        assertEquals(places(text), places(texts.en[key]!), key);
        // What is only a name or a value has no characters of its own.
        const words = text.replace(/\{\w+\}|Offcode|QR|PIN|ID/g, "");
        const isChinese = /\p{Script=Han}/u.test(words);
        assertEquals(
          isChinese,
          language === "zh" && /\p{L}/u.test(words),
          `${language} ${key}`,
        );
      }
    }
  });
}

Deno.test("translator() puts values in their places and leaves text as it is", () => {
  const texts = { en: { a: "{n} of {m} {n}" }, zh: { a: "{m}：{n}" } };
  assertEquals(
    translator(texts, "en")("a", { n: 1, m: "<b>{n}" }),
    "1 of <b>{n} 1",
  );
  assertEquals(translator(texts, "zh")("a", { n: 1 }), "{m}：1");
});
