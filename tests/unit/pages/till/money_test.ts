import { assertEquals } from "@std/assert";
import {
  CURRENCIES as OURS,
  exponentOf,
  formatAmount,
} from "../../../../edge/base/currencies.ts";
import { minorDigits, moneyText } from "../../../../edge/pages/shared/money.ts";
import {
  amountOf,
  CURRENCIES,
  formatMoney,
  typeDigits,
} from "../../../../edge/pages/till/money.ts";

Deno.test("the till offers the currencies of the API, and pages show their decimals", () => {
  assertEquals([...CURRENCIES].sort(), OURS);
  for (const code of OURS) {
    assertEquals(minorDigits(code), exponentOf(code), code);
    for (const minor of [1, 99, 100, 123_456]) {
      assertEquals(
        formatMoney(minor, code).replaceAll(",", ""),
        formatAmount(minor, code),
      );
      assertEquals(
        moneyText(minor, code, "en").replace(/[^\d.]/g, ""),
        formatAmount(minor, code).replace(/[^\d.]/g, ""),
      );
    }
  }
  assertEquals(formatMoney(123_456_789, "EUR"), "1,234,567.89 EUR");
  assertEquals(formatMoney(1_250, "JPY"), "1,250 JPY");
});

Deno.test("typeDigits() moves digits in from the right and keeps too many as too many", () => {
  const type = (keys: string) =>
    keys.split(" ").reduce((it, key) => typeDigits(it, key as "0"), "");
  assertEquals(type("0 00 1 2 5 0"), "1250");
  assertEquals(type("1 2 back 00"), "100");
  assertEquals(type("1 2 clear"), "");
  const code = type("9 0 1 0 0 4 2 0 1 2 3 4 5 6 7 8 9 0");
  assertEquals(amountOf(code), null);
  assertEquals(amountOf(typeDigits(code, "5")), null);
  assertEquals(amountOf(typeDigits(code, "back")), 90_100_420_123);
  assertEquals(amountOf(""), null);
});
