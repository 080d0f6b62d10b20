/**
 * What a merchant calls: pay, ask what became of it, and undo it.
 *
 * 200 and 201 of `POST /v1/payments` mean, and only mean, that goods may be handed over.
 *
 * @module
 */

import { Hono } from "hono";
import type { Paid, PaidBefore } from "../payment/answers.ts";
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
import type { Text } from "./kit/problem.ts";
import { jsonResponse, outcomeResponse } from "./kit/response.ts";
import { paymentQuery, paymentRequest, reversalRequest } from "./schemas.ts";
import { requireScope } from "./kit/scope.ts";

/** What the cashier reads when the order had been paid before. */
function alreadyPaid({ time, timeZone }: PaidBefore): Text {
  return {
    en:
      `This order was already paid at ${time} (${timeZone}). Take no further payment.`,
    zh: `此订单已于 ${time}（${timeZone}）支付，请勿重复收款。`,
  };
}

function paidResponse(c: Ctx, { payment, before }: Paid): Response {
  return before === undefined
    ? jsonResponse(c, 201, payment)
    : jsonResponse(c, 200, { ...payment, cashier: alreadyPaid(before) });
}

/** Routes of a merchant, below `/v1`. */
export function merchantRoutes(useCases: UseCases): Hono<Env> {
  const { payments, reversals } = useCases;
  const app = new Hono<Env>();
  const merchant = requireScope(useCases.authenticator, "merchant");

  app.post("/payments", merchant, async (c) => {
    const body = await readJson(c.req.raw, paymentRequest);
    if (!body.ok) return answer(c, body.problem);
    const { code, order_id, amount_minor, currency } = body.value;
    const { description, terminal_id } = body.value;
    const outcome = await payments.pay(callerOf(c, "merchant"), {
      code,
      orderId: order_id,
      amountMinor: amount_minor,
      currency,
      ...(description !== undefined && { description }),
      ...(terminal_id && { terminalId: terminal_id }),
    }, c.get("isTooOld"));
    return isRefusal(outcome) ? refuse(c, outcome) : paidResponse(c, outcome);
  });

  app.get("/payments", merchant, async (c) => {
    const query = readQuery(c.req.url, paymentQuery);
    if (!query.ok) return answer(c, query.problem);
    const found = await payments.getByOrder(
      callerOf(c, "merchant"),
      query.value.order_id,
    );
    return outcomeResponse(c, 200, found);
  });

  app.get("/payments/:id", merchant, async (c) => {
    const found = await payments.get(
      callerOf(c, "merchant"),
      c.req.param("id"),
    );
    return outcomeResponse(c, 200, found);
  });

  app.post("/reversals", merchant, async (c) => {
    const body = await readJson(c.req.raw, reversalRequest);
    if (!body.ok) return answer(c, body.problem);
    const outcome = await reversals.reverse(
      callerOf(c, "merchant"),
      body.value.order_id,
    );
    if (isRefusal(outcome)) return refuse(c, outcome);
    return jsonResponse(c, 200, {
      order_id: outcome.orderId,
      status: "reversed",
      ...(outcome.paymentId !== undefined &&
        { payment_id: outcome.paymentId }),
    });
  });

  return app;
}
