/**
 * What a merchant calls about its callbacks: where they go, what became of
 * them, and send them again.
 *
 * A secret is in the answer that made it and in no other.
 *
 * @module
 */

import { Hono } from "hono";
import { readJson, readNothing, readQuery } from "./kit/body.ts";
import {
  callbacksQuery,
  putEndpointRequest,
  replayRangeRequest,
} from "./callback_schemas.ts";
import {
  answer,
  callerOf,
  type Env,
  isRefusal,
  refuse,
  type UseCases,
} from "./kit/context.ts";
import { jsonResponse, noContent, outcomeResponse } from "./kit/response.ts";
import { requireScope } from "./kit/scope.ts";

/** Routes about callbacks, below `/v1`. */
export function callbackRoutes(
  useCases: Pick<
    UseCases,
    "authenticator" | "callbackEndpoints" | "callbacks"
  >,
): Hono<Env> {
  const { callbackEndpoints, callbacks } = useCases;
  const app = new Hono<Env>();
  const merchant = requireScope(useCases.authenticator, "merchant");

  app.put("/callback-endpoint", merchant, async (c) => {
    const body = await readJson(c.req.raw, putEndpointRequest);
    if (!body.ok) return answer(c, body.problem);
    const caller = callerOf(c, "merchant");
    const put = await callbackEndpoints.put(caller, body.value.url);
    if (isRefusal(put)) return refuse(c, put);
    return put.created
      ? jsonResponse(c, 201, { ...put.endpoint, secret: put.secret })
      : jsonResponse(c, 200, put.endpoint);
  });

  app.get("/callback-endpoint", merchant, async (c) => {
    const found = await callbackEndpoints.get(callerOf(c, "merchant"));
    return outcomeResponse(c, 200, found);
  });

  app.delete("/callback-endpoint", merchant, async (c) => {
    const gone = await callbackEndpoints.remove(callerOf(c, "merchant"));
    return isRefusal(gone) ? refuse(c, gone) : noContent();
  });

  app.post("/callback-endpoint/rotations", merchant, async (c) => {
    const excess = await readNothing(c.req.raw);
    if (excess !== null) return answer(c, excess);
    const rotated = await callbackEndpoints.rotate(callerOf(c, "merchant"));
    if (isRefusal(rotated)) return refuse(c, rotated);
    const { endpoint_id, previous_secret_until } = rotated.endpoint;
    return jsonResponse(c, 201, {
      endpoint_id,
      secret: rotated.secret,
      previous_secret_until,
    });
  });

  app.post("/callback-endpoint/test", merchant, async (c) => {
    const excess = await readNothing(c.req.raw);
    if (excess !== null) return answer(c, excess);
    const test = await callbackEndpoints.test(callerOf(c, "merchant"));
    return outcomeResponse(c, 200, test);
  });

  app.get("/callbacks", merchant, async (c) => {
    const query = readQuery(c.req.url, callbacksQuery);
    if (!query.ok) return answer(c, query.problem);
    const { status, order_id, cursor } = query.value;
    const page = await callbacks.list(callerOf(c, "merchant"), {
      ...(status !== undefined && { status }),
      ...(order_id !== undefined && { orderId: order_id }),
      ...(cursor !== undefined && { cursor }),
    });
    return outcomeResponse(c, 200, page);
  });

  app.get("/callbacks/:id", merchant, async (c) => {
    const found = await callbacks.get(
      callerOf(c, "merchant"),
      c.req.param("id"),
    );
    return outcomeResponse(c, 200, found);
  });

  app.post("/callbacks/:id/replays", merchant, async (c) => {
    const excess = await readNothing(c.req.raw);
    if (excess !== null) return answer(c, excess);
    const queued = await callbacks.replay(
      callerOf(c, "merchant"),
      c.req.param("id"),
    );
    return outcomeResponse(c, 202, queued);
  });

  app.post("/callback-replays", merchant, async (c) => {
    const body = await readJson(c.req.raw, replayRangeRequest);
    if (!body.ok) return answer(c, body.problem);
    const { since, until, status } = body.value;
    const queued = await callbacks.replayRange(callerOf(c, "merchant"), {
      sinceMs: Date.parse(since),
      untilMs: Date.parse(until),
      status,
    });
    if (isRefusal(queued)) return refuse(c, queued);
    const { replayed, more, untilMs } = queued;
    return jsonResponse(c, 202, {
      replayed,
      more,
      ...(untilMs !== undefined && { until: new Date(untilMs).toISOString() }),
    });
  });

  return app;
}
