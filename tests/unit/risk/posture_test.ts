import { assertEquals } from "@std/assert";
import { readPosture } from "../../../edge/boot/posture_config.ts";
import {
  judgePosture,
  type Posture,
  POSTURE_RULES,
} from "../../../edge/risk/posture.ts";

const GOOD: Posture = { rooted: false, attestation: "passed" };

Deno.test("by the usual rules a rooted phone and a failed attestation are restricted", () => {
  const reason = (posture: Partial<Posture>) => {
    const judged = judgePosture(POSTURE_RULES, { ...GOOD, ...posture });
    return judged && `${judged.risk} ${judged.reason}`;
  };
  assertEquals(reason({}), undefined);
  assertEquals(reason({ attestation: "absent" }), undefined);
  assertEquals(reason({ rooted: true }), "restricted rooted");
  const failed = { attestation: "failed" } as const;
  assertEquals(reason(failed), "restricted attestation-failed");
  assertEquals(reason({ ...failed, rooted: true }), "restricted rooted");
});

Deno.test("OFFCODE_POSTURE is a table whose first rule that is met decides", () => {
  const faults: string[] = [];
  const rules = readPosture(
    JSON.stringify([
      { rooted: true, attestation: "failed", risk: "blocked", reason: "both" },
      { os: "Android 8", risk: "restricted", reason: "old-os" },
      { app_version: "1.", risk: "normal", reason: "first-app" },
      { rooted: true, risk: "restricted", reason: "rooted" },
    ]),
    faults,
  );
  assertEquals(faults, []);
  const reason = (posture: Partial<Posture>) =>
    judgePosture(rules, { ...GOOD, ...posture })?.reason;
  assertEquals(reason({ rooted: true, attestation: "failed" }), "both");
  assertEquals(reason({ os: "Android 8.1", rooted: true }), "old-os");
  assertEquals(reason({ os: "Android 10" }), undefined);
  assertEquals(reason({ appVersion: "1.2", rooted: true }), "first-app");
  assertEquals(reason({ appVersion: "2.1", rooted: true }), "rooted");
  assertEquals(reason({}), undefined);
  assertEquals(readPosture("[]", faults), []);
  assertEquals(readPosture(null, faults), POSTURE_RULES);
  assertEquals(faults, []);
});

Deno.test("a table that is none is a fault that says what one looks like", () => {
  const rule = { risk: "restricted", reason: "x" };
  for (
    const text of [
      "",
      "{}",
      "[1]",
      JSON.stringify([{ ...rule, risk: "bad" }]),
      JSON.stringify([{ ...rule, reason: "" }]),
      JSON.stringify([{ ...rule, reason: "x".repeat(21) }]),
      JSON.stringify([{ ...rule, reason: "A b" }]),
      JSON.stringify([{ ...rule, root: true }]),
      JSON.stringify([{ reason: "x" }]),
    ]
  ) {
    const faults: string[] = [];
    readPosture(text, faults);
    assertEquals(faults.length, 1, text);
    assertEquals(faults[0]!.startsWith("OFFCODE_POSTURE must be JSON"), true);
  }
});
