import { z } from "zod";
import { call, reply } from "../../kit/call.ts";

const CHECKS = { store: "ok", core: "ok", clock: "ok" } as const;

export const ready = call({
  id: "ready",
  method: "get",
  path: "/readyz",
  summary: "Whether this server can serve payments: its store, core and clock",
  answers: {
    200: {
      says: "Ready; `warnings`, if there are any, name what to change",
      schema: z.strictObject({
        status: z.literal("ready"),
        checks: z.record(z.string(), z.literal("ok")).meta({ example: CHECKS }),
        core: z.strictObject({
          release_id: z.string().nullable().meta({
            description: "`null`: the core that was built into the edge",
          }),
          version: z.int().meta({
            description: "0: the core that was built into the edge",
          }),
        }).meta({ description: "The core that serves" }),
        warnings: z.array(z.strictObject({
          code: z.enum([
            "store-evicts",
            "store-not-durable",
            "store-too-old",
            "store-settings-unknown",
            "core-release-unfit",
          ]),
          detail: z.string(),
        })).exactOptional().meta({
          description:
            "What should be changed; payments are served all the same",
        }),
      }).meta({ id: "Readiness" }),
      example: {
        ...{ status: "ready", checks: CHECKS },
        core: { release_id: null, version: 0 },
      },
    },
  },
  problems: ["store-unavailable", "clock-unsure"],
  handle: async ({ health }) =>
    reply(200, await health.ready(), ({ core, warnings }) => ({
      status: "ready" as const,
      checks: CHECKS,
      core,
      warnings: warnings.length > 0 ? warnings : undefined,
    })),
});
