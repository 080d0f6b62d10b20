import { z } from "zod";
import { call } from "../../kit/call.ts";
import { isRefusal } from "../../../base/outcome.ts";

export const getMetrics = call({
  id: "getMetrics",
  method: "get",
  path: "/metrics",
  scope: "metrics",
  needs: "metrics",
  summary: "The metrics of this server, for Prometheus",
  description:
    "All threads of the process are added up. No label holds a code, a key, an account, an order or a merchant. If the store does not answer, the metrics that are read from it are left out.",
  answers: {
    200: {
      says: "Every metric, in the text format of Prometheus",
      type: "text/plain; version=0.0.4; charset=utf-8",
      schema: z.string(),
      example:
        '# TYPE offcode_http_answers_total counter\noffcode_http_answers_total{code="ok"} 1\n',
    },
  },
  problems: ["not-found"],
  async handle({ metrics }) {
    const text = await metrics!.text();
    return isRefusal(text) ? text : { status: 200 as const, body: text };
  },
});
