import { z } from "zod";
import { call, reply } from "../../../kit/call.ts";
import { displayName, OBJECT } from "../../../kit/fields.ts";
import { CREATED_KEY } from "./key.ts";

export const addMetricsKey = call({
  id: "addMetricsKey",
  method: "post",
  path: "/v1/admin/metrics-keys",
  scope: "admin",
  summary: "Make a key for those who collect metrics",
  description:
    "A metrics key reads the edge's metrics and can make no other call. If the store does not answer, an edge still accepts a metrics key that it has read within the last day. Metrics keys are listed and ended together with the wallet's keys.",
  body: {
    schema: z.strictObject({ name: displayName }, OBJECT)
      .meta({ id: "CreateMetricsKeyRequest" }),
    example: { name: "Prometheus" },
  },
  answers: { 201: CREATED_KEY },
  handle: async ({ apiKeys }, { body }) =>
    reply(201, await apiKeys.addToMetrics(body.name)),
});
