/**
 * What the wallet's backend calls: enrolments and verifications.
 *
 * @module
 */

import { Hono } from "hono";
import { readJson } from "./body.ts";
import {
  answer,
  callerOf,
  type Env,
  isRefusal,
  refuse,
  type UseCases,
} from "./context.ts";
import { jsonResponse, noContent } from "./response.ts";
import { enrolmentRequest, verificationRequest } from "./schemas.ts";

/** Routes below `/v1/enrolments`. */
export function enrolmentRoutes({ enrolments }: UseCases): Hono<Env> {
  const app = new Hono<Env>();

  app.post("/", async (c) => {
    const body = await readJson(c.req.raw, enrolmentRequest);
    if (!body.ok) return answer(c, body.problem);
    const { account_id, device_id, device_key, risk } = body.value;
    const made = await enrolments.enrol({
      accountId: account_id,
      deviceId: device_id,
      deviceKey: device_key,
      ...(risk !== undefined && { risk }),
    });
    if (isRefusal(made)) return refuse(c, made);
    return jsonResponse(201, {
      credential_id: made.credentialId,
      account_id: made.accountId,
      device_id: made.deviceId,
      expires_at: made.expiresAt,
      seed_jwe: made.seedJwe,
    });
  });

  app.get("/:id", async (c) => {
    const found = await enrolments.get(c.req.param("id"));
    if (isRefusal(found)) return refuse(c, found);
    return jsonResponse(200, {
      credential_id: found.credentialId,
      account_id: found.accountId,
      device_id: found.deviceId,
      profile: found.profile,
      risk: found.risk,
      status: found.status,
      created_at: found.createdAt,
      expires_at: found.expiresAt,
    });
  });

  app.delete("/:id", async (c) => {
    const outcome = await enrolments.revoke(c.req.param("id"));
    return isRefusal(outcome) ? refuse(c, outcome) : noContent();
  });

  return app;
}

/** Routes below `/v1/verifications`. */
export function verificationRoutes({ verifications }: UseCases): Hono<Env> {
  const app = new Hono<Env>();

  app.post("/", async (c) => {
    const body = await readJson(c.req.raw, verificationRequest);
    if (!body.ok) return answer(c, body.problem);
    const { owner } = callerOf(c, "wallet");
    const outcome = await verifications.verify({ owner, ...body.value });
    return isRefusal(outcome) ? refuse(c, outcome) : jsonResponse(200, outcome);
  });

  return app;
}
