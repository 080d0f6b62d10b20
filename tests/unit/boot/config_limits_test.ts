import { assert, assertEquals, assertThrows } from "@std/assert";
import { ConfigError, readConfig } from "../../../edge/boot/config.ts";
import { DEFAULT_SETTINGS } from "../../../edge/boot/settings.ts";
import { POSTURE_RULES } from "../../../edge/risk/posture.ts";
import { faults } from "../../support/world/config.ts";

const { limits } = DEFAULT_SETTINGS;

Deno.test("readConfig() takes limits by tier and leaves the others as they are", () => {
  const read = (limits: unknown) =>
    readConfig({ OFFCODE_LIMITS: JSON.stringify(limits) }).settings.limits;
  assertEquals(read({}), limits);
  assertEquals(read({ normal: {}, restricted: {} }), limits);
  assertEquals(read({ normal: { per_payment_minor: 1 } }), {
    ...limits,
    normal: { ...limits.normal, perPaymentMinor: 1 },
  });
  assertEquals(
    read({
      normal: {
        per_payment_minor: 1,
        per_day_minor: 2,
        count_per_day: 3,
        offline_uses: 4,
        step_up_above_minor: 5,
      },
      restricted: {
        per_payment_minor: 0,
        per_day_minor: 0,
        count_per_day: 0,
        offline_uses: 0,
        step_up_above_minor: 1e15,
      },
    }),
    {
      normal: {
        perPaymentMinor: 1,
        perDayMinor: 2,
        countPerDay: 3,
        offlineUses: 4,
        stepUpAboveMinor: 5,
      },
      restricted: {
        perPaymentMinor: 0,
        perDayMinor: 0,
        countPerDay: 0,
        offlineUses: 0,
        stepUpAboveMinor: 1e15,
      },
      timeZone: "UTC",
      offlineDays: 14,
    },
  );
});

Deno.test("readConfig() takes days without being online, 0 for no end, and a table of postures", () => {
  const days = (OFFCODE_OFFLINE_DAYS: string) =>
    readConfig({ OFFCODE_OFFLINE_DAYS }).settings.limits.offlineDays;
  assertEquals([days("0"), days("3650"), days("")], [0, 3_650, 14]);
  for (const text of ["-1", "3651", "1.5"]) {
    assertThrows(() => days(text), ConfigError, "OFFCODE_OFFLINE_DAYS");
  }
  const rules = (OFFCODE_POSTURE: string) =>
    readConfig({ OFFCODE_POSTURE }).settings.postureRules;
  assertEquals(rules(""), POSTURE_RULES);
  assertEquals(rules("[]"), []);
  assertThrows(() => rules("{}"), ConfigError, "OFFCODE_POSTURE");
});

Deno.test("readConfig() takes amounts by currency, by rate or as they are, in its own minor units", () => {
  const read = (currencies: unknown, more = {}) =>
    readConfig({ OFFCODE_LIMITS: JSON.stringify({ ...more, currencies }) })
      .settings.limits.currencies;
  const amounts = (payment: number, day: number, stepUp: number) => ({
    perPaymentMinor: payment,
    perDayMinor: day,
    stepUpAboveMinor: stepUp,
  });
  assertEquals(
    read({
      USD: { rate: 1.1 },
      JPY: { rate: 160 },
      KWD: { rate: 0.33 },
      IDR: { rate: 17_000, restricted: { per_payment_minor: 1 } },
    }),
    new Map([
      ["USD", {
        normal: amounts(550_000, 550_000, 110_000),
        restricted: amounts(55_000, 110_000, 5_500),
      }],
      // No decimal digit: 800 000 JPY; three: 1 650.000 KWD.
      ["JPY", {
        normal: amounts(800_000, 800_000, 160_000),
        restricted: amounts(80_000, 160_000, 8_000),
      }],
      ["KWD", {
        normal: amounts(1_650_000, 1_650_000, 330_000),
        restricted: amounts(165_000, 330_000, 16_500),
      }],
      ["IDR", {
        normal: amounts(8_500_000_000, 8_500_000_000, 1_700_000_000),
        restricted: amounts(1, 1_700_000_000, 85_000_000),
      }],
    ]),
  );
  const own = {
    per_payment_minor: 1,
    per_day_minor: 2,
    step_up_above_minor: 3,
  };
  assertEquals(
    read({ JPY: { normal: own, restricted: { ...own, per_day_minor: 0 } } }),
    new Map([
      ["JPY", { normal: amounts(1, 2, 3), restricted: amounts(1, 0, 3) }],
    ]),
  );
  // Over the standard, and a rate is of the figures that are set.
  assertEquals(
    read(
      { CNY: { normal: { per_day_minor: 9 } }, USD: { rate: 2 } },
      { normal: { per_payment_minor: 7 } },
    ),
    new Map([
      ["CNY", {
        normal: amounts(7, 9, 100_000),
        restricted: amounts(50_000, 100_000, 5_000),
      }],
      ["USD", {
        normal: amounts(14, 1_000_000, 200_000),
        restricted: amounts(100_000, 200_000, 10_000),
      }],
    ]),
  );
});

Deno.test("readConfig() refuses a currency without all its amounts, and one that is none", () => {
  const fault = (currencies: unknown) =>
    faults({ OFFCODE_LIMITS: JSON.stringify({ currencies }) });
  const part = { per_payment_minor: 1 };
  for (
    const own of [{}, { normal: part }, { normal: part, restricted: part }]
  ) {
    assertEquals(fault({ JPY: own }), [
      "OFFCODE_LIMITS must give JPY a rate, or per_payment_minor, " +
      "per_day_minor and step_up_above_minor for normal and restricted",
    ]);
  }
  for (
    const currencies of [
      { YEN: { rate: 1 } },
      { jpy: { rate: 1 } },
      { XXX: { rate: 1 } },
      { JPY: { rate: 0 } },
      { JPY: { rate: -1 } },
      { JPY: { rate: "160" } },
      { JPY: { rates: 160 } },
      { JPY: { rate: 160, normal: { count_per_day: 1 } } },
      { JPY: { rate: 160, blocked: {} } },
      { JPY: null },
      [],
    ]
  ) {
    const [first, ...others] = fault(currencies);
    assertEquals(others, [], JSON.stringify(currencies));
    assert(first?.startsWith("OFFCODE_LIMITS must be JSON like "));
  }
});

Deno.test("readConfig() takes limits that are whole numbers of known names", () => {
  const wrong = [
    "{",
    "null",
    "[]",
    "1",
    '"x"',
    '{"blocked":{}}',
    '{"normal":null}',
    '{"normal":[]}',
    '{"normal":{"per_payment":1}}',
    '{"normal":{"perPaymentMinor":1}}',
    '{"__proto__":{"per_payment_minor":1}}',
    ...["-1", "1.5", '"1"', "null", "true", "1e16", "1e400", "[1]"].map(
      (value) => `{"restricted":{"per_day_minor":${value}}}`,
    ),
  ];
  for (const text of wrong) {
    const [fault, ...others] = faults({ OFFCODE_LIMITS: text });
    assertEquals(others, [], text);
    assert(fault?.startsWith("OFFCODE_LIMITS must be JSON like "), text);
  }
});

Deno.test("readConfig() takes a time zone by its IANA name", () => {
  const read = (zone: string) =>
    readConfig({ OFFCODE_TIME_ZONE: zone }).settings.limits.timeZone;
  assertEquals(read("Asia/Shanghai"), "Asia/Shanghai");
  assertEquals(read("europe/berlin"), "Europe/Berlin");
  assertEquals(read("UTC"), "UTC");
  for (const zone of ["Mars/Olympus", "here", " UTC", "8", "Factory"]) {
    assertEquals(faults({ OFFCODE_TIME_ZONE: zone }), [
      "OFFCODE_TIME_ZONE must be an IANA time zone name such as Asia/Shanghai",
    ]);
  }
  assertEquals(faults({ OFFCODE_TIME_ZONE: "CST" }), [
    "OFFCODE_TIME_ZONE must be an IANA time zone name: America/Chicago or " +
    "Asia/Shanghai or Asia/Taipei or America/Havana, for what was probably meant",
  ]);
});

Deno.test("readConfig() takes a limit of bad codes: of a till, five times it of a merchant, fifty times it of a day", () => {
  const read = (limit: string) => {
    const { settings } = readConfig({ OFFCODE_BAD_CODE_LIMIT: limit });
    return [settings.badCodes, settings.walletBadCodes];
  };
  const { badCodes, walletBadCodes } = DEFAULT_SETTINGS;
  assertEquals(read("20"), [badCodes, walletBadCodes]);
  assertEquals(read("1"), [
    { perTerminalMinute: 1, perMinute: 5, perDay: 50 },
    { perMinute: 1, perDay: 50 },
  ]);
  assertEquals(read("1000000"), [
    { perTerminalMinute: 1_000_000, perMinute: 5_000_000, perDay: 50_000_000 },
    { perMinute: 1_000_000, perDay: 50_000_000 },
  ]);
  const bad = ["0", "-1", "1000001", "1.5", "1e3", " 20", "20\n", "٢٠", "x"];
  for (const limit of bad) {
    assertEquals(faults({ OFFCODE_BAD_CODE_LIMIT: limit }), [
      "OFFCODE_BAD_CODE_LIMIT must be a whole number from 1 to 1000000",
    ]);
  }
});

Deno.test("readConfig() takes seconds that a stopping server waits, 0 for none", () => {
  const read = (seconds: string) =>
    readConfig({ OFFCODE_STOP_SECONDS: seconds }).stopMs;
  assertEquals([read("0"), read("25"), read("3600")], [0, 25_000, 3_600_000]);
  for (const seconds of ["-1", "3601", "0.5", "1m", " 1"]) {
    assertEquals(faults({ OFFCODE_STOP_SECONDS: seconds }), [
      "OFFCODE_STOP_SECONDS must be a whole number from 0 to 3600",
    ]);
  }
});

Deno.test("readConfig() takes who is asked about what looks like a double scan", () => {
  const read = (asks: string) => {
    const { doubleScanMs, doubleScanAsks } = readConfig({
      OFFCODE_DUPLICATE_GUARD: asks,
    }).settings;
    return [doubleScanMs, doubleScanAsks];
  };
  assertEquals(read(""), [60_000, "cashier"]);
  assertEquals(read("cashier"), [60_000, "cashier"]);
  assertEquals(read("customer"), [60_000, "customer"]);
  assertEquals(read("off")[0], 0);
  // Seconds, as it took them once.
  for (const asks of ["60", "0", "Cashier", "none", " off"]) {
    assertEquals(faults({ OFFCODE_DUPLICATE_GUARD: asks }), [
      "OFFCODE_DUPLICATE_GUARD must be cashier, customer or off",
    ]);
  }
});
