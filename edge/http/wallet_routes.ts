/**
 * What the wallet's backend calls: enrolments, online codes, verifications and
 * the confirmations of its customers.
 *
 * @module
 */

import { Hono } from "hono";
import type { Enrolment } from "../enrolment/enrolments.ts";
import { readJson, readQuery } from "./kit/body.ts";
import {
  answer,
  callerOf,
  type Ctx,
  type Env,
  isRefusal,
  refuse,
  type UseCases,
} from "./kit/context.ts";
import {
  jsonResponse,
  jsonTextResponse,
  noContent,
  outcomeResponse,
} from "./kit/response.ts";
import {
  changeEnrolmentRequest,
  confirmationRequest,
  confirmationsQuery,
  enrolmentRequest,
  onlineCodeRequest,
  verificationRequest,
} from "./wallet_schemas.ts";
import { requireScope } from "./kit/scope.ts";

function viewEnrolment(found: Enrolment) {
  return {
    credential_id: found.credentialId,
    account_id: found.accountId,
    device_id: found.deviceId,
    profile: found.profile,
    risk: found.risk,
    status: found.status,
    created_at: found.createdAt,
    expires_at: found.expiresAt,
  };
}

/** The wallet system whose customers alone the caller sees. */
const systemOf = (c: Ctx) => callerOf(c, "wallet").walletSystem;

/** Routes of the wallet's backend, below `/v1`. */
export function walletRoutes(useCases: UseCases): Hono<Env> {
  const { enrolments, verifications, onlineCodes, confirmations } = useCases;
  const app = new Hono<Env>();
  const wallet = requireScope(useCases.authenticator, "wallet");

  app.post("/enrolments", wallet, async (c) => {
    const body = await readJson(c.req.raw, enrolmentRequest);
    if (!body.ok) return answer(c, body.problem);
    const { account_id, device_id, device_key, risk } = body.value;
    const made = await enrolments.enrol({
      accountId: account_id,
      deviceId: device_id,
      deviceKey: device_key,
      ...(risk !== undefined && { risk }),
      by: systemOf(c),
    });
    if (isRefusal(made)) return refuse(c, made);
    return jsonResponse(c, 201, {
      credential_id: made.credentialId,
      account_id: made.accountId,
      device_id: made.deviceId,
      expires_at: made.expiresAt,
      seed_jwe: made.seedJwe,
    });
  });

  app.get("/enrolments/:id", wallet, async (c) => {
    const found = await enrolments.get(c.req.param("id"), systemOf(c));
    if (isRefusal(found)) return refuse(c, found);
    return jsonResponse(c, 200, viewEnrolment(found));
  });

  app.patch("/enrolments/:id", wallet, async (c) => {
    const body = await readJson(c.req.raw, changeEnrolmentRequest);
    if (!body.ok) return answer(c, body.problem);
    const { risk } = body.value;
    const changed = await enrolments.setRisk(
      c.req.param("id"),
      risk,
      systemOf(c),
    );
    if (isRefusal(changed)) return refuse(c, changed);
    return jsonResponse(c, 200, viewEnrolment(changed));
  });

  app.delete("/enrolments/:id", wallet, async (c) => {
    const outcome = await enrolments.revoke(c.req.param("id"), systemOf(c));
    return isRefusal(outcome) ? refuse(c, outcome) : noContent();
  });

  app.post("/verifications", wallet, async (c) => {
    const body = await readJson(c.req.raw, verificationRequest);
    if (!body.ok) return answer(c, body.problem);
    const outcome = await verifications.verify({
      caller: callerOf(c, "wallet"),
      ...body.value,
      isTooOld: c.get("isTooOld"),
    });
    return isRefusal(outcome)
      ? refuse(c, outcome)
      : jsonTextResponse(c, 200, outcome.json);
  });

  app.post("/online-codes", wallet, async (c) => {
    const body = await readJson(c.req.raw, onlineCodeRequest);
    if (!body.ok) return answer(c, body.problem);
    const issued = await onlineCodes.issue(
      body.value.credential_id,
      systemOf(c),
    );
    if (isRefusal(issued)) return refuse(c, issued);
    return jsonResponse(c, 201, {
      code: issued.code,
      expires_at: issued.expiresAt,
    });
  });

  app.get("/confirmations", wallet, async (c) => {
    const query = readQuery(c.req.url, confirmationsQuery);
    if (!query.ok) return answer(c, query.problem);
    const waiting = await confirmations.list(
      query.value.account_id,
      systemOf(c),
    );
    return jsonResponse(c, 200, {
      confirmations: waiting.map((payment) => ({
        payment_id: payment.paymentId,
        account_id: payment.accountId,
        merchant_name: payment.merchantName,
        amount_minor: payment.amountMinor,
        currency: payment.currency,
        expires_at: payment.expiresAt,
      })),
    });
  });

  app.post("/payments/:id/confirmation", wallet, async (c) => {
    const body = await readJson(c.req.raw, confirmationRequest);
    if (!body.ok) return answer(c, body.problem);
    const outcome = await confirmations.answer(
      c.req.param("id"),
      body.value.approve,
      systemOf(c),
    );
    return outcomeResponse(c, 200, outcome);
  });

  return app;
}
