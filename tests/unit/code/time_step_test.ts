import { assertEquals, assertThrows } from "@std/assert";
import { PROFILE_1 } from "../../../edge/code/profile.ts";
import {
  acceptedSteps,
  driftSteps,
  MAX_TIME_STEP,
  stepStillAccepted,
  timeStepAt,
  timeStepEndSeconds,
} from "../../../edge/code/time_step.ts";
import { timeVectors } from "../../support/code/vectors.ts";

const LAST_MS = (MAX_TIME_STEP + 1) * 30_000 - 1;
const NO_TIMES = [-1, -30_000, 0.5, NaN, Infinity, -Infinity, 2 ** 53];
const NO_STEPS = [-1, 0.5, NaN, Infinity, MAX_TIME_STEP + 1, 2 ** 53];

Deno.test("timeStepAt() and acceptedSteps() agree with the vectors", () => {
  for (const vector of timeVectors) {
    assertEquals(timeStepAt(vector.unix_ms, 30), vector.time_step);
    assertEquals(acceptedSteps(vector.unix_ms, PROFILE_1), {
      first: vector.first_accepted,
      count: vector.accepted,
    });
  }
});

Deno.test("timeStepAt() moves on at the boundary and not a millisecond off it", () => {
  for (const step of [1, 2, 59_000_000, 2 ** 31, MAX_TIME_STEP]) {
    const boundary = step * 30_000;
    assertEquals(timeStepAt(boundary - 1, 30), step - 1);
    assertEquals(timeStepAt(boundary, 30), step);
    assertEquals(timeStepAt(boundary + 1, 30), step);
  }
});

Deno.test("timeStepAt() passes 2^31 and 2^32 seconds unwrapped", () => {
  for (const seconds of [2 ** 31, 2 ** 32, 2 ** 36]) {
    const step = Number(BigInt(seconds) / 30n);
    assertEquals(timeStepAt(seconds * 1000, 30), step);
  }
});

Deno.test("timeStepAt() ends with the last step of 32 bits", () => {
  assertEquals(timeStepAt(LAST_MS, 30), MAX_TIME_STEP);
  assertThrows(() => timeStepAt(LAST_MS + 1, 30), RangeError, "32 bits");
  // Microseconds where milliseconds are wanted leave the field.
  assertThrows(() => timeStepAt(1_770_000_000_000_000, 30), RangeError);
});

Deno.test("timeStepAt() refuses what is not a time", () => {
  for (const time of NO_TIMES) {
    assertThrows(() => timeStepAt(time, 30), RangeError);
    assertThrows(() => acceptedSteps(time, PROFILE_1), RangeError);
    assertThrows(() => stepStillAccepted(0, time, PROFILE_1), RangeError);
    assertThrows(() => driftSteps(0, time, PROFILE_1), RangeError);
  }
});

Deno.test("acceptedSteps() is the window to both sides, whatever its width", () => {
  for (const windowSteps of [0, 1, 2, 3]) {
    const profile = { ...PROFILE_1, windowSteps };
    assertEquals(acceptedSteps(1_770_000_000_000, profile), {
      first: 59_000_000 - windowSteps,
      count: 2 * windowSteps + 1,
    });
    assertEquals(acceptedSteps(0, profile), {
      first: 0,
      count: windowSteps + 1,
    });
    assertEquals(acceptedSteps(LAST_MS, profile), {
      first: MAX_TIME_STEP - windowSteps,
      count: windowSteps + 1,
    });
  }
});

Deno.test("stepStillAccepted() accepts the steps −1, 0, +1 and no others", () => {
  const moments = [1_770_000_000_000, 1_770_000_000_001, 1_770_000_029_999];
  for (const moment of moments) {
    const accepted = [-3, -2, -1, 0, 1, 2, 3].filter((drift) =>
      stepStillAccepted(59_000_000 + drift, moment, PROFILE_1)
    );
    assertEquals(accepted, [-1, 0, 1]);
  }
});

Deno.test("stepStillAccepted() agrees with acceptedSteps() at every edge of the field", () => {
  const moments = [
    0,
    29_999,
    30_000,
    59_999,
    60_000,
    LAST_MS - 30_000,
    LAST_MS,
  ];
  for (const windowSteps of [0, 1, 3]) {
    const profile = { ...PROFILE_1, windowSteps };
    for (const moment of moments) {
      const { first, count } = acceptedSteps(moment, profile);
      const now = timeStepAt(moment, 30);
      for (let step = now - 12; step <= now + 12; step++) {
        if (step < 0 || step > MAX_TIME_STEP) continue;
        assertEquals(
          stepStillAccepted(step, moment, profile),
          step >= first && step < first + count,
        );
      }
    }
  }
});

Deno.test("stepStillAccepted() ends 30 s after the step's end, to the millisecond", () => {
  const end = timeStepEndSeconds(59_000_000, PROFILE_1) * 1000;
  assertEquals(stepStillAccepted(59_000_000, end + 29_999, PROFILE_1), true);
  assertEquals(stepStillAccepted(59_000_000, end + 30_000, PROFILE_1), false);
  assertEquals(stepStillAccepted(59_000_000, end - 60_000, PROFILE_1), true);
  assertEquals(stepStillAccepted(59_000_000, end - 60_001, PROFILE_1), false);
});

Deno.test("timeStepEndSeconds() is where the next step begins", () => {
  for (const step of [0, 1, 59_000_000, 2 ** 31, MAX_TIME_STEP]) {
    const end = timeStepEndSeconds(step, PROFILE_1);
    assertEquals(end, (step + 1) * 30);
    assertEquals(timeStepAt(end * 1000 - 1, 30), step);
  }
});

Deno.test("timeStepEndSeconds() compares across profiles of other step sizes", () => {
  const minute = { ...PROFILE_1, digit: 7, timeStepSeconds: 60 };
  const moment = 1_770_000_000_000;
  const spent = timeStepEndSeconds(timeStepAt(moment, 30), PROFILE_1);
  // Five minutes earlier in the coarser profile: a smaller step number and an
  // earlier end. The other way round a larger step number has an earlier end.
  const before = timeStepAt(moment - 300_000, 60);
  assertEquals(timeStepEndSeconds(before, minute) < spent, true);
  const coarse = timeStepEndSeconds(timeStepAt(moment, 60), minute);
  const older = timeStepAt(moment - 300_000, 30);
  assertEquals(older > timeStepAt(moment, 60), true);
  assertEquals(timeStepEndSeconds(older, PROFILE_1) < coarse, true);
});

Deno.test("driftSteps() is positive where the phone is ahead", () => {
  const moment = 1_770_000_015_000;
  for (const drift of [-10, -1, 0, 1, 10]) {
    assertEquals(driftSteps(59_000_000 + drift, moment, PROFILE_1), drift);
  }
});

Deno.test("every function refuses a step that does not fit 32 bits", () => {
  for (const step of NO_STEPS) {
    assertThrows(() => timeStepEndSeconds(step, PROFILE_1), RangeError);
    assertThrows(() => stepStillAccepted(step, 0, PROFILE_1), RangeError);
    assertThrows(() => driftSteps(step, 0, PROFILE_1), RangeError);
  }
});
