/// <reference lib="dom" />
/**
 * Searches for orders and payments and shows their steps, and lists the payments under
 * way.
 *
 * @module
 */

import type { ComponentChild } from "preact";
import { useEffect, useState } from "preact/hooks";
import { moneyText } from "../shared/money.ts";
import { html } from "../shared/view.ts";
import { type Answer, isDone } from "./api.ts";
import { durationText } from "./format.ts";
import {
  Badge,
  type Ctx,
  MerchantName,
  Moment,
  Outcome,
  problemText,
  Table,
} from "./parts.ts";
import { CONSOLE_TEXTS, type ConsoleKey } from "./texts.ts";

/** A step as the API returns it. */
interface Step {
  readonly at: string;
  readonly step: string;
  readonly payment_id?: string;
  readonly refund_id?: string;
  readonly callback_id?: string;
  readonly amount_minor?: number;
  readonly reason?: string;
  readonly type?: string;
  readonly http_status?: number;
  readonly error?: string;
  readonly response?: string;
  readonly duration_ms?: number;
}

/** A payment as the API returns it. */
interface Payment {
  readonly payment_id: string;
  readonly status: string;
  readonly amount_minor: number;
  readonly currency: string;
  readonly account_id: string;
  readonly cell?: number;
  readonly confirmed: boolean;
  readonly description?: string;
  readonly store_id?: string;
  readonly terminal_id?: string;
  readonly decline_reason?: string;
  readonly waits_for?: string;
  readonly deadline_at?: string;
}

/** An order as the API returns it. */
interface Order {
  readonly merchant_id: string;
  readonly order_id: string;
  readonly cell?: number;
  readonly state: string;
  readonly payments: readonly Payment[];
  readonly steps: readonly Step[];
}

const IS_GOOD = ["succeeded", "paid", "callback_delivered", "refund_succeeded"];
const IS_BAD = ["declined", "callback_dead", "refund_declined"];

/** The colour of a status or a step. */
const kindOf = (status: string) =>
  IS_GOOD.includes(status) ? "good" : IS_BAD.includes(status) ? "bad" : "soft";

/** The colour of a step: that of an attempt depends on its answer. */
const kindOfStep = ({ step, http_status = 0 }: Step) =>
  step !== "callback_attempt"
    ? kindOf(step)
    : http_status >= 200 && http_status < 300
    ? "good"
    : "warn";

/** A status or a step in words; one that the page does not know stays as it is. */
const word = ({ t }: Ctx, status: string) => {
  const key = `is_${status}`;
  return Object.hasOwn(CONSOLE_TEXTS.en, key) ? t(key as ConsoleKey) : status;
};

/** The details of a step. */
function detailsOf(
  ctx: Ctx,
  it: Step,
  currency: string | undefined,
): ComponentChild {
  const parts = [
    it.amount_minor !== undefined && currency !== undefined &&
    moneyText(it.amount_minor, currency, ctx.tag),
    it.reason,
    it.refund_id,
    it.type,
    it.http_status !== undefined && `HTTP ${it.http_status}`,
    it.error,
    it.duration_ms !== undefined &&
    durationText(it.duration_ms / 1_000, ctx.tag),
  ].filter((part) => part !== undefined && part !== false);
  return html`
    ${parts.join(" · ")}
    ${it.response !== undefined && it.response !== "" && html`
      <pre class="response">${it.response}</pre>
    `}
    <code class="soft id below">${it.callback_id ?? it.payment_id ?? ""}</code>
  `;
}

/** An order with its payments and its steps. */
function OrderLife({ ctx, order }: { ctx: Ctx; order: Order }): ComponentChild {
  const { t, tag } = ctx;
  const currency = order.payments.at(-1)?.currency;
  return html`
    <article class="sheet">
      <h3>
        ${t("order")} <code>${order.order_id}</code>${" "}
        <${Badge} kind=${kindOf(order.state)}>${word(ctx, order.state)}<//>
      </h3>
      <p>
        ${t("merchant")}: <${MerchantName} ctx=${ctx} id=${order.merchant_id} />
        ${order.cell !== undefined && ` · ${t("cell", { cell: order.cell })}`}
      </p>
      <${Table}
        caption=${t("paymentsOfOrder")}
        heads=${[
          ...[t("payment"), t("status"), t("amount"), t("account")],
          ...[t("till"), t("more")],
        ]}
        rows=${order.payments.map((it) => [
          html`<code class="id">${it.payment_id}</code>`,
          html`<${Badge} kind=${kindOf(it.status)}>${word(ctx, it.status)}<//>`,
          moneyText(it.amount_minor, it.currency, tag),
          html`<code>${it.account_id}</code>`,
          [it.store_id, it.terminal_id].filter(Boolean).join(" "),
          [
            it.cell !== undefined && t("cell", { cell: it.cell }),
            it.description,
            it.decline_reason,
            it.confirmed && t("confirmed"),
            it.waits_for === "ledger" && t("waitsForLedger"),
            it.waits_for === "customer" && t("waitsForCustomer"),
          ].filter(Boolean).join(" · "),
        ])}
        empty=${t("closedUnseen")}
      />
      <${Table}
        caption=${t("steps")}
        heads=${[t("when"), t("step"), t("more")]}
        rows=${order.steps.map((it) => [
          html`<${Moment} at=${it.at} />`,
          html`<${Badge} kind=${kindOfStep(it)}>${word(ctx, it.step)}<//>`,
          detailsOf(ctx, it, currency),
        ])}
        empty=${t("none")}
      />
    </article>
  `;
}

/** The search for orders and payments. */
function Search(
  { ctx, wanted }: { ctx: Ctx; wanted: string },
): ComponentChild {
  const { t } = ctx;
  const [text, setText] = useState(wanted);
  const [answer, setAnswer] = useState<Answer | null>(null);
  const find = async (text: string) => {
    const name = text.startsWith("pay_") ? "payment_id" : "order_id";
    const query = new URLSearchParams({ [name]: text.trim() });
    setAnswer(await ctx.call("GET", `/v1/admin/orders?${query}`));
  };
  useEffect(() => {
    if (wanted === "") return;
    setText(wanted);
    void find(wanted);
  }, [wanted]);
  const orders: readonly Order[] = answer !== null && isDone(answer)
    ? answer.body.orders
    : [];
  return html`
    <form
      class="row"
      role="search"
      onSubmit=${(event: Event) => {
        event.preventDefault();
        if (text.trim() !== "") void find(text);
      }}
    >
      <label for="search">${t("searchLabel")}</label>
      <input
        id="search"
        type="search"
        spellcheck=${false}
        autocomplete="off"
        value=${text}
        onInput=${(event: Event) =>
          setText((event.target as HTMLInputElement).value)}
      />
      <button class="main">${t("find")}</button>
    </form>
    <${Outcome}
      text=${answer === null
        ? ""
        : !isDone(answer)
        ? problemText(ctx, answer)
        : orders.length === 0
        ? t("nothingFound")
        : t("found", { n: orders.length })}
      isBad=${answer !== null && (!isDone(answer) || orders.length === 0)}
    />
    ${orders.map((order) => html`<${OrderLife} ctx=${ctx} order=${order} />`)}
  `;
}

/** The view of payments. It reads the payments under way again when `tick` changes. */
export function Payments(
  { ctx, tick }: { ctx: Ctx; tick: unknown },
): ComponentChild {
  const { t, tag } = ctx;
  const [wanted, setWanted] = useState("");
  const [answer, setAnswer] = useState<Answer | null>(null);
  useEffect(() => {
    void ctx.call("GET", "/v1/admin/due-payments").then(setAnswer);
  }, [tick, ctx.call]);
  const due: readonly (Payment & {
    order_id: string;
    merchant_id: string;
    due_at: string;
    created_at: string;
  })[] = answer !== null && isDone(answer) ? answer.body.payments : [];
  return html`
    <h2>${t("searchTitle")}</h2>
    <${Search} ctx=${ctx} wanted=${wanted} />
    <h2>${t("duePayments")}</h2>
    ${answer !== null && !isDone(answer) && html`
      <${Outcome} text=${problemText(ctx, answer)} isBad=${true} />
    `}
    <${Table}
      caption=${t("duePayments")}
      isTitled=${true}
      heads=${[
        ...[t("order"), t("merchant"), t("status"), t("amount")],
        ...[t("dueAt"), t("startedAt"), t("step")],
      ]}
      rows=${due.map((it) => [
        html`<code>${it.order_id}</code>`,
        html`<${MerchantName} ctx=${ctx} id=${it.merchant_id} />`,
        html`<${Badge} kind=${kindOf(it.status)}>${word(ctx, it.status)}<//>`,
        moneyText(it.amount_minor, it.currency, tag),
        html`<${Moment} at=${it.due_at} />`,
        html`<${Moment} at=${it.created_at} />`,
        html`
          <button type="button" onClick=${() => setWanted(it.payment_id)}>
            ${t("showLife")}
          </button>
        `,
      ])}
      empty=${t("nothingDue")}
    />
  `;
}
