import { z } from "zod";
import { call, reply } from "../../kit/call.ts";
import { OBJECT, time } from "../../kit/fields.ts";

const RANGE_TIME = "must be an RFC 3339 time such as 2026-01-31T12:00:00Z";
const rangeTime = (description: string) =>
  z.iso.datetime({ offset: true, error: RANGE_TIME }).meta({
    description: `${description}, RFC 3339`,
    example: "2026-01-31T12:00:00Z",
  });

export const replayCallbacks = call({
  id: "replayCallbacks",
  method: "post",
  path: "/v1/callback-replays",
  scope: "merchant",
  summary: "Send all of a range again",
  description:
    "Behind everything else that is due. Where `more` is true, call again with the `until` that came back.",
  body: {
    schema: z.strictObject({
      since: rangeTime("Callbacks made at or after this time"),
      until: rangeTime(
        "Callbacks made at or before this time; not before `since`",
      ),
      status: z.enum(["delivered", "dead"], "must be delivered or dead").meta({
        description: "Those that ended like this",
      }),
    }, OBJECT).refine(
      // Of what is no time, nothing is said but that.
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
      says: "They will be sent",
      schema: z.strictObject({
        replayed: z.int().min(0).meta({
          description: "How many are sent again, behind what else is due",
          example: 12,
        }),
        more: z.boolean().meta({
          description: "Whether the range holds more than one call takes",
        }),
        until: time(
          "Where it holds more: the `until` of the call for the rest",
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
