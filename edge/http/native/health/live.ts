import { z } from "zod";
import { call, reply } from "../../kit/call.ts";

export const live = call({
  id: "live",
  method: "get",
  path: "/healthz",
  summary: "Whether the process is alive",
  answers: {
    200: {
      says: "Alive",
      schema: z.strictObject({ status: z.literal("ok") }).meta({
        id: "Health",
      }),
      example: { status: "ok" },
    },
  },
  handle: () => Promise.resolve(reply(200, { status: "ok" as const })),
});
