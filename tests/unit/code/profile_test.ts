import { assertEquals, assertThrows } from "@std/assert";
import {
  assertProfile,
  codeDigits,
  DEFAULT_PROFILES,
  MACS,
  type Profile,
  PROFILE_1,
  PROFILE_2,
  profilesOf,
} from "../../../edge/code/profile.ts";

Deno.test("PROFILE_1 has the sizes of the spec and cannot be changed", () => {
  assertEquals(PROFILE_1, {
    digit: 1,
    mac: "HMAC-SHA-256",
    bucketDigits: 4,
    tagDigits: 11,
    timeStepSeconds: 30,
    windowSteps: 1,
  });
  assertThrows(() => Object.assign(PROFILE_1, { tagDigits: 8 }), TypeError);
});

Deno.test("PROFILE_2 is HMAC-SM3 with the sizes of profile 1, and cannot be changed", () => {
  assertEquals(PROFILE_2, { ...PROFILE_1, digit: 2, mac: "HMAC-SM3" });
  assertThrows(() => Object.assign(PROFILE_2, { tagDigits: 8 }), TypeError);
  assertEquals([...profilesOf([PROFILE_1, PROFILE_2]).keys()], [1, 2]);
});

Deno.test("DEFAULT_PROFILES serves profile 1 alone", () => {
  assertEquals([...DEFAULT_PROFILES], [[1, PROFILE_1]]);
});

Deno.test("codeDigits() counts prefix, profile, bucket and tag", () => {
  assertEquals(codeDigits(PROFILE_1), 18);
  assertEquals(
    codeDigits({ ...PROFILE_1, bucketDigits: 9, tagDigits: 12 }),
    24,
  );
});

Deno.test("assertProfile() takes every size at its bounds", () => {
  const atBounds: Partial<Profile>[] = [
    { digit: 1 },
    { digit: 9 },
    { bucketDigits: 1, tagDigits: 12 },
    { bucketDigits: 9, tagDigits: 12 },
    { bucketDigits: 5, tagDigits: 8 },
    { bucketDigits: 3, tagDigits: 18 },
    { timeStepSeconds: 1 },
    { timeStepSeconds: 600 },
    { windowSteps: 0 },
    { windowSteps: 3 },
  ];
  for (const change of atBounds) assertProfile({ ...PROFILE_1, ...change });
});

Deno.test("assertProfile() refuses every size past its bounds and names it", () => {
  const impossible: [string, Partial<Profile>][] = [
    ["digit", { digit: 0 }],
    ["digit", { digit: 10 }],
    ["digit", { digit: 1.5 }],
    ["bucketDigits", { bucketDigits: 0, tagDigits: 15 }],
    ["bucketDigits", { bucketDigits: 10 }],
    ["bucketDigits", { bucketDigits: NaN }],
    ["tagDigits", { bucketDigits: 9, tagDigits: 7 }],
    ["tagDigits", { bucketDigits: 1, tagDigits: 19 }],
    ["timeStepSeconds", { timeStepSeconds: 0 }],
    ["timeStepSeconds", { timeStepSeconds: 601 }],
    ["timeStepSeconds", { timeStepSeconds: 0.5 }],
    ["timeStepSeconds", { timeStepSeconds: Infinity }],
    ["windowSteps", { windowSteps: -1 }],
    ["windowSteps", { windowSteps: 4 }],
    ["code length", { bucketDigits: 4, tagDigits: 8 }],
    ["code length", { bucketDigits: 4, tagDigits: 18 }],
  ];
  for (const [name, change] of impossible) {
    assertThrows(
      () => assertProfile({ ...PROFILE_1, ...change }),
      RangeError,
      `The profile's ${name} must be`,
    );
  }
});

Deno.test("assertProfile() refuses a MAC that is not implemented", () => {
  for (const mac of ["HMAC-SHA-1", "hmac-sm3", "", undefined]) {
    const other = { ...PROFILE_1, mac } as unknown as Profile;
    assertThrows(() => assertProfile(other), TypeError, "not implemented");
  }
  for (const mac of MACS) assertProfile({ ...PROFILE_1, mac });
});

Deno.test("profilesOf() refuses a digit that is given twice", () => {
  assertThrows(
    () => profilesOf([PROFILE_1, { ...PROFILE_1, tagDigits: 12 }]),
    RangeError,
    "Profile 1 is given twice",
  );
});
