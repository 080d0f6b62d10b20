/**
 * A cash desk for tests of a payment's life: a shop, a customer with 100.00
 * EUR, a wallet's backend, a ledger at the end of a line, and the calls that
 * they make.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import type { z } from "zod";
import { problemDocument } from "../../../edge/http/docs/problem_document.ts";
import { payment } from "../../../edge/http/native/merchant/payment.ts";
import { refundSchema } from "../../../edge/http/native/merchant/refund.ts";
import { reverse } from "../../../edge/http/native/merchant/reverse.ts";
import { enrolment } from "../../../edge/http/native/wallet/enrolment.ts";
import { issueOnlineCode } from "../../../edge/http/native/wallet/issue_online_code.ts";
import { listConfirmations } from "../../../edge/http/native/wallet/list_confirmations.ts";
import {
  DEFAULT_SETTINGS,
  type Settings,
} from "../../../edge/boot/settings.ts";
import type { Ledger } from "../../../edge/ledger/ledger.ts";
import type { TierLimits } from "../../../edge/risk/limits.ts";
import type { Answer, Api, TestMerchant } from "./api.ts";
import { type TestApp, type TestAppOptions, UNLIMITED } from "./app.ts";
import type { HoldAt } from "./points/fail_points.ts";
import { openWorld, type WorldOptions } from "./world.ts";
import { peekOrder } from "./peek.ts";
import { type Scene, setScene } from "./scene.ts";
import { ScriptedLedger } from "../ledger/scripted_ledger.ts";

/** A time step of the phones under test. */
export const STEP_MS = 30_000;

/** How a shop is opened, and over which store. */
export type DeskOptions =
  & TestAppOptions
  & Pick<WorldOptions<Ledger>, "factory">;

/** A shop that is open. */
export type Desk = Awaited<ReturnType<typeof openDesk>>;

/** Calls whose answers must be as the API's document says. */
function checkedCalls(api: Api) {
  return async (
    schema: z.ZodType,
    ...args: Parameters<Api["call"]>
  ): Promise<Answer> => {
    const answer = await api.call(...args);
    (answer.status < 300 ? schema : problemDocument).parse(answer.body);
    saysWhatItWaitsFor(answer);
    return answer;
  };
}

function refundCalls(
  call: ReturnType<typeof checkedCalls>,
  merchant: TestMerchant,
) {
  return {
    refund: (
      order_id: string,
      refund_id: string,
      amount_minor: number,
      who: TestMerchant = merchant,
    ) =>
      call(refundSchema, "POST", "/v1/refunds", {
        key: who.key,
        body: { order_id, refund_id, amount_minor },
      }),
    getRefund: (refundId: string, who: TestMerchant = merchant) =>
      call(
        refundSchema,
        "GET",
        `/v1/refunds/${encodeURIComponent(refundId)}`,
        { key: who.key },
      ),
  };
}

function walletCalls(
  call: ReturnType<typeof checkedCalls>,
  walletKey: string,
  phone: Scene["phone"],
) {
  const wallet = { key: walletKey };
  return {
    confirm: (paymentId: string, approve: boolean) =>
      call(
        payment,
        "POST",
        `/v1/payments/${paymentId}/confirmation`,
        { ...wallet, body: { approve } },
      ),
    /** What waits for a customer. */
    async waiting(
      accountId = phone.accountId,
    ): Promise<Record<string, unknown>[]> {
      const path = `/v1/confirmations?account_id=${accountId}`;
      const answer = await call(
        listConfirmations.answers[200].schema,
        "GET",
        path,
        wallet,
      );
      return answer.body.confirmations;
    },
    async onlineCode(credential_id = phone.credentialId): Promise<string> {
      const answer = await call(
        issueOnlineCode.answers[201].schema,
        "POST",
        "/v1/online-codes",
        { ...wallet, body: { credential_id } },
      );
      return answer.body.code;
    },
    setRisk: (risk: string, credentialId = phone.credentialId) =>
      call(enrolment, "PATCH", `/v1/enrolments/${credentialId}`, {
        ...wallet,
        body: { risk },
      }),
  };
}

/** Opens a shop. */
export async function openDesk(options: DeskOptions = {}) {
  const world = await openWorld({
    ...options,
    ledger: (sandbox) => new ScriptedLedger(sandbox),
  });
  const { edge: app, clock, ledger } = world;
  const { api } = app;
  const { walletKey, merchant, phone } = await setScene(api);
  const call = checkedCalls(api);
  return {
    ...{ app, api, clock, walletKey, merchant, phone, ledger },
    /** The code that the phone shows now. */
    code: () => phone.code(clock.ms),
    /** Moves to the next step, whose code was not shown yet. */
    next() {
      clock.advance(STEP_MS);
      return phone.code(clock.ms);
    },
    pay: (
      order_id: string,
      code: string,
      fields: Record<string, unknown> = {},
      who: TestMerchant = merchant,
    ) =>
      call(payment, "POST", "/v1/payments", {
        key: who.key,
        body: {
          ...{ order_id, code, amount_minor: 1250, currency: "EUR" },
          ...fields,
        },
      }),
    reverse: (order_id: string, who: TestMerchant = merchant) =>
      call(reverse.answers[200].schema, "POST", "/v1/reversals", {
        key: who.key,
        body: { order_id },
      }),
    query: (orderId: string, who: TestMerchant = merchant) =>
      call(
        payment,
        "GET",
        `/v1/payments?order_id=${encodeURIComponent(orderId)}`,
        { key: who.key },
      ),
    ...refundCalls(call, merchant),
    ...walletCalls(call, walletKey, phone),
    balance: () => api.balance(phone.accountId),
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
}

/** What each status of a payment that has not ended waits for. */
const WAITS_FOR: Readonly<Record<string, string>> = {
  processing: "ledger",
  awaiting_confirmation: "customer",
  reversing: "ledger",
};

/** Whom it waits for and when to ask: of every payment that has not ended. */
function saysWhatItWaitsFor({ status, body }: Answer): void {
  // A refund says what it waits for by its status.
  if (body?.refund_id !== undefined) return;
  const problem = status >= 300;
  const state = problem ? body?.payment_status : body?.status;
  const waitsFor = WAITS_FOR[state];
  assertEquals(body?.waits_for, waitsFor);
  if (problem && body.code === "payment-pending") assert(waitsFor);
  if (waitsFor !== undefined) assertEquals(body.next_query_seconds, 2);
  if (!problem && waitsFor === undefined) {
    assertEquals(body?.next_query_seconds, undefined);
  }
}

/** Status of an order's payment, and how often the order has changed. */
export async function stateOf(
  desk: Desk,
  orderId = "order-1",
): Promise<unknown[]> {
  const { status, body } = await desk.query(orderId);
  assertEquals(status, 200);
  const order = await peekOrder(desk.app.store, desk.merchant.id, orderId);
  const { first_version } = order!;
  return [body.status, body.order_version - first_version + 1];
}

/** Settings in which only these limits hold. */
export function limited(
  normal: Partial<TierLimits>,
  more: {
    restricted?: Partial<TierLimits>;
    timeZone?: string;
  } = {},
): Pick<Settings, "limits"> {
  const { limits } = UNLIMITED;
  return {
    limits: {
      normal: { ...limits.normal, ...normal },
      restricted: { ...limits.restricted, ...more.restricted },
      timeZone: more.timeZone ?? "UTC",
    },
  };
}

/** The limits that hold where an operator chose nothing. */
export const STANDARD: Pick<Settings, "limits" | "doubleScanMs"> = {
  limits: DEFAULT_SETTINGS.limits,
  doubleScanMs: DEFAULT_SETTINGS.doubleScanMs,
};

/** What an answer says: the status of a success, the code of a problem. */
export function said({ status, body }: Answer): string {
  return status < 300 ? `${status}` : body.code;
}

/** Waits until `hold` holds a call; one that is answered instead is a fault. */
export async function crashed(
  hold: HoldAt,
  call: Promise<Answer>,
): Promise<void> {
  await Promise.race([
    hold.held,
    call.then((answer) => {
      throw new Error(`Not held: ${said(answer)} ${answer.body?.detail}`);
    }),
  ]);
}

/** What a till and a wallet send, short. */
export function calls(
  { merchant, walletKey }: Pick<Scene, "merchant" | "walletKey">,
  { api }: Pick<TestApp, "api">,
) {
  const wallet = { key: walletKey };
  const till = { key: merchant.key };
  return {
    pay: (order_id: string, code: string, amount_minor = 1250) =>
      api.pay(merchant, { order_id, code, amount_minor }),
    query: (orderId: string) =>
      api.call("GET", `/v1/payments?order_id=${orderId}`, till),
    reverse: (order_id: string) =>
      api.call("POST", "/v1/reversals", { ...till, body: { order_id } }),
    refund: (order_id: string, refund_id: string, amount_minor: number) =>
      api.call("POST", "/v1/refunds", {
        ...till,
        body: { order_id, refund_id, amount_minor },
      }),
    confirm: (paymentId: string, approve: boolean) =>
      api.call("POST", `/v1/payments/${paymentId}/confirmation`, {
        ...{ ...wallet, body: { approve } },
      }),
    waiting: (accountId: string) =>
      api.call("GET", `/v1/confirmations?account_id=${accountId}`, wallet),
  };
}

/** How often each answer was given. */
export function tally(answers: readonly Answer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const answer of answers) {
    const name = said(answer);
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

/** A value of the store with its expiry, past the port. */
export interface StoredValue {
  /** The name without the part that all have. */
  readonly name: string;
  readonly value: string;
  /** Unix ms; `null`: never. */
  readonly expiresAtMs: number | null;
}

/** Every value whose name is of one of `kinds`, such as `spent`. */
export function storedValues(path: string, ...kinds: string[]): StoredValue[] {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    return db.prepare(
      "SELECT name, value, expires_at_ms FROM value_record ORDER BY name",
    ).all().map((row) => ({
      name: (row.name as string).slice("oc:{0}:".length),
      value: row.value as string,
      expiresAtMs: row.expires_at_ms as number | null,
    })).filter(({ name }) => kinds.includes(name.split(":")[0]!));
  } finally {
    db.close();
  }
}
