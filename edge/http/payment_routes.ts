/**
 * What a merchant calls: pay, and ask what became of it.
 *
 * 200 and 201 of `POST /` mean, and only mean, that goods may be handed over.
 *
 * @module
 */

import { Hono } from "hono";
import type { Paid } from "../payment/payments.ts";
import { readJson, readQuery } from "./body.ts";
import {
  answer,
  callerOf,
  type Env,
  isRefusal,
  refuse,
  type UseCases,
} from "./context.ts";
import type { Text } from "./problem.ts";
import { jsonResponse } from "./response.ts";
import { paymentQuery, paymentRequest } from "./schemas.ts";

/** What the cashier reads when the order had been paid before. */
function alreadyPaid(atMs: number): Text {
  const time = new Date(atMs).toISOString().slice(11, 16);
  return {
    en: `This order was already paid at ${time} UTC. Take no further payment.`,
    zh: `此订单已于 ${time}（UTC）支付，请勿重复收款。`,
  };
}

function paidResponse({ payment, repeatOfMs }: Paid): Response {
  return repeatOfMs === undefined
    ? jsonResponse(201, payment)
    : jsonResponse(200, { ...payment, cashier: alreadyPaid(repeatOfMs) });
}

/** Routes below `/v1/payments`. */
export function paymentRoutes({ payments }: UseCases): Hono<Env> {
  const app = new Hono<Env>();

  app.post("/", async (c) => {
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
      ...(terminal_id !== undefined && { terminalId: terminal_id }),
    });
    return isRefusal(outcome) ? refuse(c, outcome) : paidResponse(outcome);
  });

  app.get("/", async (c) => {
    const query = readQuery(c.req.url, paymentQuery);
    if (!query.ok) return answer(c, query.problem);
    const { merchant_id } = callerOf(c, "merchant").merchant.record;
    const found = await payments.getByOrder(merchant_id, query.value.order_id);
    return isRefusal(found) ? refuse(c, found) : jsonResponse(200, found);
  });

  app.get("/:id", async (c) => {
    const { merchant_id } = callerOf(c, "merchant").merchant.record;
    const found = await payments.get(merchant_id, c.req.param("id"));
    return isRefusal(found) ? refuse(c, found) : jsonResponse(200, found);
  });

  return app;
}
