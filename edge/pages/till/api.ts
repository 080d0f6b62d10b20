/// <reference lib="dom" />
/**
 * The calls of the till, with the merchant's key. The result is `null` if there is no
 * readable answer of the API. Then it is not known whether the request had an effect.
 *
 * @module
 */

import { send } from "../shared/request.ts";
import type { Order, TillCall } from "./sale.ts";
import type { Answer, AnswerBody } from "./verdict.ts";

/** Makes one request. The result is `null` if no answer of the API came. */
export async function request(
  key: string,
  method: "GET" | "POST",
  path: string,
  body?: unknown,
): Promise<Answer | null> {
  try {
    const response = await send(key, method, path, body);
    const json: unknown = await response.json();
    if (typeof json !== "object" || json === null) return null;
    const retryAfter = Number(response.headers.get("retry-after") ?? NaN);
    return {
      status: response.status,
      body: json as AnswerBody,
      ...(Number.isInteger(retryAfter) && { retryAfterSeconds: retryAfter }),
    };
  } catch {
    return null;
  }
}

const byOrder = ({ orderId }: Order) =>
  `/v1/payments?order_id=${encodeURIComponent(orderId)}`;

/** Makes the call about an order that the till decided on. */
export function makeCall(key: string, call: TillCall): Promise<Answer | null> {
  const { asked, order, code } = call;
  switch (asked) {
    case "pay":
      return request(key, "POST", "/v1/payments", {
        code,
        order_id: order.orderId,
        amount_minor: order.amountMinor,
        currency: order.currency,
        ...(order.terminalId !== "" && { terminal_id: order.terminalId }),
        ...(order.isSecondPurchase && { second_purchase: true }),
      });
    case "ask":
      return request(key, "GET", byOrder(order));
    case "reverse":
      return request(key, "POST", "/v1/reversals", {
        order_id: order.orderId,
      });
  }
}

/** The fields of a payment in the server's list that the till shows. */
export interface ListedPayment {
  readonly order_id: string;
  readonly status: string;
  readonly amount_minor: number;
  readonly currency: string;
  readonly description?: string;
  readonly created_at: string;
}

/** The most pages of a list that are read, with 100 payments each. */
const MOST_PAGES = 10;

/** The payments of a till since a time; `null` if the server did not return a list. */
export async function listPayments(
  key: string,
  terminalId: string,
  fromMs: number,
): Promise<readonly ListedPayment[] | null> {
  const found: ListedPayment[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    const query = new URLSearchParams({
      from: new Date(fromMs).toISOString(),
      limit: "100",
      ...(terminalId !== "" && { terminal_id: terminalId }),
      ...(cursor !== undefined && { cursor }),
    });
    const answer = await request(key, "GET", `/v1/payments?${query}`);
    if (answer?.status !== 200) return null;
    const { payments, cursor: next } = answer.body as {
      payments?: ListedPayment[];
      cursor?: string;
    };
    if (!Array.isArray(payments)) return null;
    found.push(...payments);
    if (next === undefined) break;
    cursor = next;
  }
  return found;
}
