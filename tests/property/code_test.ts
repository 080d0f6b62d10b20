import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  formatCode,
  isCodeShaped,
  parseCode,
  type PaymentCode,
} from "../../edge/code/format.ts";
import { macMessage } from "../../edge/code/message.ts";
import {
  assertProfile,
  codeDigits,
  DEFAULT_PROFILES,
  MACS,
  type Profile,
  profilesOf,
} from "../../edge/code/profile.ts";
import {
  acceptedSteps,
  driftSteps,
  MAX_TIME_STEP,
  stepStillAccepted,
  timeStepAt,
  timeStepEndSeconds,
} from "../../edge/code/time_step.ts";
import { generate, generatorStep } from "../support/code/generator.ts";

const SEED = 20_260_202;

const digits = (length: number) =>
  fc.string({
    unit: fc.constantFrom(..."0123456789"),
    minLength: length,
    maxLength: length,
  });

const profile: fc.Arbitrary<Profile> = fc.record({
  digit: fc.integer({ min: 1, max: 9 }),
  mac: fc.constantFrom(...MACS),
  bucketDigits: fc.integer({ min: 1, max: 9 }),
  tagDigits: fc.integer({ min: 8, max: 18 }),
  timeStepSeconds: fc.integer({ min: 1, max: 600 }),
  windowSteps: fc.integer({ min: 0, max: 3 }),
}).filter((it) => codeDigits(it) >= 16 && codeDigits(it) <= 24);

const code: fc.Arbitrary<PaymentCode> = profile.chain((it) =>
  fc.record({
    prefix: digits(2),
    profile: fc.constant(it),
    bucket: fc.integer({ min: 0, max: 10 ** it.bucketDigits - 1 }),
    tag: fc.bigInt({ min: 0n, max: 10n ** BigInt(it.tagDigits) - 1n }),
  })
);

const step = fc.integer({ min: 0, max: MAX_TIME_STEP });

function check<T>(property: fc.IProperty<T>) {
  fc.assert(property, { seed: SEED, numRuns: 1000 });
}

Deno.test("parseCode() undoes formatCode() for every profile, bucket and tag", () => {
  check(fc.property(code, (it) => {
    assertProfile(it.profile);
    const text = formatCode(it);
    assert(isCodeShaped(text));
    assertEquals(text.length, codeDigits(it.profile));
    assertEquals(parseCode(text, it.prefix, profilesOf([it.profile])), {
      kind: "code",
      code: it,
    });
  }));
});

Deno.test("formatCode() undoes parseCode(): no two texts are one code", () => {
  check(fc.property(digits(15), (tail) => {
    const text = "901" + tail;
    const parsed = parseCode(text, "90", DEFAULT_PROFILES);
    assert(parsed.kind === "code");
    assertEquals(formatCode(parsed.code), text);
  }));
});

Deno.test("parseCode() takes no text that is not its own canonical spelling", () => {
  // Texts near a code: one unit of any kind put in, put instead, or put on.
  const near = fc.record({
    code: digits(15).map((tail) => "901" + tail),
    at: fc.integer({ min: 0, max: 18 }),
    remove: fc.integer({ min: 0, max: 1 }),
    put: fc.string({ unit: "binary", maxLength: 2 }),
  }).map(({ code, at, remove, put }) =>
    code.slice(0, at) + put + code.slice(at + remove)
  );
  check(fc.property(fc.oneof(near, fc.string({ unit: "binary" })), (text) => {
    const parsed = parseCode(text, "90", DEFAULT_PROFILES);
    if (parsed.kind === "code") assertEquals(formatCode(parsed.code), text);
    else assert(!/^901[0-9]{15}$(?!\n)/.test(text));
  }));
});

Deno.test("timeStepAt() equals the division of big integers at every time", () => {
  const time = fc.record({
    stepSeconds: fc.integer({ min: 1, max: 600 }),
    step,
    offset: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  });
  check(fc.property(time, ({ stepSeconds, step, offset }) => {
    const unixMs = step * stepSeconds * 1000 +
      Math.floor(offset * stepSeconds * 1000);
    const wanted = generatorStep(BigInt(unixMs), BigInt(stepSeconds) * 1000n);
    assertEquals(BigInt(timeStepAt(unixMs, stepSeconds)), wanted);
    assertEquals(timeStepAt(unixMs, stepSeconds), step);
  }));
});

Deno.test("a step is accepted exactly when its drift is within the window", () => {
  const any = fc.record({
    profile,
    now: step,
    drift: fc.integer({ min: -12, max: 12 }),
  });
  check(fc.property(any, ({ profile, now, drift }) => {
    const other = now + drift;
    if (other < 0 || other > MAX_TIME_STEP) return;
    const unixMs = now * profile.timeStepSeconds * 1000;
    const { first, count } = acceptedSteps(unixMs, profile);
    const accepted = Math.abs(drift) <= profile.windowSteps;
    assertEquals(other >= first && other < first + count, accepted);
    assertEquals(stepStillAccepted(other, unixMs, profile), accepted);
    assertEquals(driftSteps(other, unixMs, profile), drift);
    assertEquals(
      timeStepEndSeconds(other, profile) * 1000 - unixMs,
      (drift + 1) * profile.timeStepSeconds * 1000,
    );
  }));
});

Deno.test("macMessage() is the generator's message for every code and step", () => {
  check(fc.property(code, step, (it, at) => {
    const { message } = generate({
      seed: new Uint8Array(32),
      prefix: it.prefix,
      profile: it.profile.digit,
      bucket: it.bucket,
      bucket_digits: it.profile.bucketDigits,
      tag_digits: it.profile.tagDigits,
    }, at);
    assertEquals(macMessage(it, at), new Uint8Array(message));
  }));
});
