/**
 * Core releases as the team that makes them sees them.
 *
 * @module
 */

import { z } from "zod";
import type { ReleaseView } from "../../../release/releases.ts";
import { madeId, time } from "../../kit/fields.ts";

/** The id of a release. */
export const releaseId = madeId("core", "The release");

const count = z.int().min(0).meta({ format: "int64" });

/** A release. */
export const release = z.strictObject({
  release_id: releaseId,
  version: z.int().min(1).meta({ description: "As the manifest says" }),
  sha256: z.string().meta({ description: "Of the binary, in hex" }),
  state: z.enum(["uploaded", "shadow", "active", "retired"]),
  uploaded_at: time("When it was uploaded"),
  shadow_at: time("When it was put into shadow; absent: it never was")
    .exactOptional(),
  retired_at: time("When it was retired").exactOptional(),
  retired_because: z.enum([
    "by-hand",
    "difference",
    "superseded",
    "rolled-back",
  ])
    .exactOptional().meta({
      description:
        "`difference`: in shadow it gave another answer than the active core",
    }),
  searches: count.meta({
    description: "Searches that it answered in shadow, on all edges",
  }),
  differences: count.meta({
    description:
      "How many of them it answered differently from the active core",
  }),
  slowest_ratio: z.number().min(0).exactOptional().meta({
    description:
      "The longest time that it took for a search, as a multiple of the active core's time",
  }),
}).meta({ id: "CoreRelease" });

/** An example of {@linkcode release}. */
export const releaseExample = {
  release_id: "core_9f2c4e6a8b0d1f3a5c7e9b1d3f5a7c9e",
  version: 2,
  sha256: "dc1ca9b587934a2e29febeeca71e21f5f80cb7f80d3d38b5083d426a7d7f372f",
  state: "shadow",
  uploaded_at: "2026-01-31T12:00:00.000Z",
  shadow_at: "2026-01-31T12:05:00.000Z",
  searches: 120_000,
  differences: 0,
  slowest_ratio: 1.04,
};

/** What the calls that make a step answer. */
export const RELEASE = {
  says: "The release as it is now",
  schema: release,
  example: releaseExample,
};

/** The reasons of a refused step, for a description. */
export const STEP_REASONS =
  "A refusal says why in `reason`: what an upload is refused for, or `not-in-shadow-long-enough`, `another-in-shadow`, `difference`, `retired`, `active`.";

export type { ReleaseView };
