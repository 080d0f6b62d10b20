import { z } from "zod";
import { call, reply } from "../../kit/call.ts";
import { OBJECT, time } from "../../kit/fields.ts";
import { moment } from "../fields.ts";

export const replayCallbacks = call({
  id: "replayCallbacks",
  method: "post",
  path: "/v1/callback-replays",
  scope: "merchant",
  summary: "Send all callbacks of a range again",
  description:
    "The callbacks are sent after everything else that is due. If `more` is true, call again with the `until` of the answer.",
  body: {
    schema: z.strictObject({
      since: moment("Callbacks made at or after this time"),
      until: moment(
        "Callbacks made at or before this time; not before `since`",
      ),
      status: z.enum(["delivered", "dead"], "must be delivered or dead").meta({
        description: "Only callbacks with this status are sent again",
      }),
    }, OBJECT).refine(
      // If one of the two is not a time, only that is reported.
      ({ since, until }) => !(Date.parse(since) > Date.parse(until)),
      { path: ["until"], error: "must not be before since" },
    ).meta({ id: "ReplayCallbacksRequest" }),
    example: {
      since: "2026-01-31T00:00:00Z",
      until: "2026-01-31T12:00:00Z",
      status: "dead",
    },
  },
  answers: {
    202: {
      says: "The callbacks are queued",
      schema: z.strictObject({
        replayed: z.int().min(0).meta({
          description: "How many callbacks were queued again",
          example: 12,
        }),
        more: z.boolean().meta({
          description: "Whether a part of the range is left for another call",
        }),
        until: time(
          "Only if `more` is true: the `until` of the next call",
        ).optional(),
      }).meta({ id: "ReplayedCallbacks" }),
      example: { replayed: 12, more: false },
    },
  },
  handle: async ({ callbacks }, { caller, body }) =>
    reply(
      202,
      await callbacks.replayRange(caller, {
        sinceMs: Date.parse(body.since),
        untilMs: Date.parse(body.until),
        status: body.status,
      }),
      ({ replayed, more, untilMs }) => ({
        replayed,
        more,
        until: untilMs === undefined
          ? undefined
          : new Date(untilMs).toISOString(),
      }),
    ),
});
