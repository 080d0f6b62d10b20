import { z } from "zod";
import { call, reply } from "../../../kit/call.ts";

const seconds = z.int().min(0).meta({
  description: "For how long, in seconds",
});

export const listAlarms = call({
  id: "listAlarms",
  method: "get",
  path: "/v1/admin/alarms",
  scope: "admin",
  needs: "alarms",
  summary: "The state of each alarm, as this edge sees it",
  description:
    "The rules of `alerts.yml`, judged over what this edge remembers of its own metrics: a day at most, and nothing from before its start. Prometheus sees all edges, and only Prometheus can see that an edge does not answer.",
  answers: {
    200: {
      says: "The alarms in the order of the file",
      schema: z.strictObject({
        watched_seconds: z.int().min(0).meta({
          description: "For how long this edge has watched",
        }),
        alarms: z.array(z.strictObject({
          name: z.string().meta({ example: "OffcodeStoreAway" }),
          severity: z.string().meta({
            description:
              "`page`: customers cannot pay, or somebody attacks; `ticket`: within a day",
            example: "page",
          }),
          summary: z.string().meta({
            description:
              "One sentence; `{{ $labels.x }}` is replaced by a label of a case",
          }),
          state: z.enum(["quiet", "pending", "firing", "unseen"]).meta({
            description:
              "`pending`: the condition has not held for as long yet as the rule wants. `unseen`: the metrics of one edge do not suffice to judge this rule",
          }),
          cases: z.array(z.strictObject({
            state: z.enum(["pending", "firing"]),
            labels: z.record(z.string(), z.string()),
            seconds,
          })).meta({
            description:
              "The cases of the alarm: one for each set of labels by which the rule distinguishes them",
          }),
        })),
      }).meta({ id: "Alarms" }),
      example: {
        watched_seconds: 3_600,
        alarms: [{
          name: "OffcodeSeedSealed",
          severity: "page",
          summary: "A sealed seed does not open ({{ $labels.reason }}).",
          state: "firing",
          cases: [{
            state: "firing",
            labels: { reason: "unknown-key" },
            seconds: 42,
          }],
        }],
      },
    },
  },
  problems: ["not-found"],
  handle: async ({ alarms }) => reply(200, await alarms!.look()),
});
