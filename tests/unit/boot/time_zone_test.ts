import { assert, assertEquals } from "@std/assert";
import {
  readTimeZone,
  timeZonesMeantBy,
} from "../../../edge/base/time_zone.ts";

/** What ICU takes and the IANA database does not have. */
const ICU_ONLY =
  ("ACT AET AGT ART AST BET BST CAT CNT CST CTT EAT ECT IET IST JST MIT NET " +
    "NST PLT PNT PRT PST SST VST").split(" ");

Deno.test("readTimeZone() refuses each short name that is only ICU's, and its meanings are known", () => {
  for (const name of ICU_ONLY) {
    for (const spelling of [name, name.toLowerCase()]) {
      assertEquals(readTimeZone(spelling), null, spelling);
      const meant = timeZonesMeantBy(spelling);
      assert(meant.length > 0, spelling);
      // What is advised is taken, so that the next start is the last.
      for (const zone of meant) assert(readTimeZone(zone) !== null, zone);
    }
  }
  for (
    const name of ["SystemV/EST5EDT", "systemv/pst8", "US/Pacific-New"]
      .concat(["Etc/Unknown", "Factory", "+01:00", "-08", "UTC+1", "GMT+5"])
      .concat(["EDT", "CEST", "", "/", "Europe/", " UTC", "UTC\n"])
  ) assertEquals(readTimeZone(name), null, name);
});

Deno.test("readTimeZone() of all words of three letters takes those of the IANA database", () => {
  const letters = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
  const words = letters.flatMap((a) =>
    letters.flatMap((b) => letters.map((c) => a + b + c))
  );
  assertEquals(
    words.filter((word) => readTimeZone(word) !== null),
    "CET EET EST GMT HST MET MST PRC ROC ROK UCT UTC WET".split(" "),
  );
});

Deno.test("readTimeZone() takes every zone that the runtime lists, in any case", () => {
  const zones = Intl.supportedValuesOf("timeZone");
  assert(zones.length > 400);
  for (const zone of zones) {
    assertEquals(readTimeZone(zone), zone);
    assertEquals(readTimeZone(zone.toUpperCase()), zone);
  }
  for (
    const link of ["Asia/Kolkata", "US/Pacific", "GB-Eire", "W-SU", "GMT0"]
  ) {
    assert(readTimeZone(link) !== null, link);
  }
});

Deno.test("readTimeZone() takes EST, MST and HST as the fixed offsets that they are", () => {
  const JULY = Date.UTC(2026, 6, 1, 12);
  const hours = { EST: "07", MST: "05", HST: "02" };
  for (const [name, hour] of Object.entries(hours)) {
    const format = new Intl.DateTimeFormat("en", {
      timeZone: readTimeZone(name)!,
      hour: "2-digit",
      hourCycle: "h23",
    });
    assertEquals(format.format(JULY), hour, name);
  }
});

Deno.test("timeZonesMeantBy() finds misspelled names and turns offsets round", () => {
  assertEquals(timeZonesMeantBy("Europe/Zurch"), ["Europe/Zurich"]);
  assertEquals(timeZonesMeantBy("asia/shangai"), ["Asia/Shanghai"]);
  assertEquals(timeZonesMeantBy("UTC+8"), ["Etc/GMT-8"]);
  assertEquals(timeZonesMeantBy("+08:00"), ["Etc/GMT-8"]);
  assertEquals(timeZonesMeantBy("GMT-05"), ["Etc/GMT+5"]);
  assertEquals(timeZonesMeantBy("+05:30"), []);
  assertEquals(timeZonesMeantBy("UTC+15"), []);
  assertEquals(timeZonesMeantBy("Mars/Olympus"), []);
});
