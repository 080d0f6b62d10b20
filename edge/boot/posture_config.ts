/**
 * Reads the operator's posture rules, which map the state of a phone to a tier.
 *
 * @module
 */

import { z } from "zod";
import { REASON, TIERS } from "../risk/policy.ts";
import { POSTURE_RULES, type PostureRule } from "../risk/posture.ts";

const rules = z.array(
  z.strictObject({
    rooted: z.boolean().exactOptional(),
    attestation: z.enum(["passed", "failed", "absent"]).exactOptional(),
    os: z.string().exactOptional(),
    app_version: z.string().exactOptional(),
    risk: z.enum(TIERS),
    reason: z.string().regex(REASON),
  }),
);

/** Reads `OFFCODE_POSTURE`; the default rules if it is not set. */
export function readPosture(
  text: string | null,
  faults: string[],
): readonly PostureRule[] {
  if (text === null) return POSTURE_RULES;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // `json` stays undefined, which the schema refuses like any other wrong value.
  }
  const { success, data } = rules.safeParse(json);
  if (!success) {
    faults.push(
      'OFFCODE_POSTURE must be JSON like [{"rooted":true,"risk":"restricted",' +
        '"reason":"rooted"}]: rules with risk normal, restricted or blocked, a ' +
        "reason of 1 to 20 small letters, digits and hyphens, and what must be " +
        "so of rooted, attestation, os and app_version",
    );
    return POSTURE_RULES;
  }
  return data.map(({ app_version, ...rule }) => ({
    ...rule,
    ...(app_version !== undefined && { appVersion: app_version }),
  }));
}
