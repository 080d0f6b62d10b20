/// <reference lib="dom" />
/**
 * The merchants' queues of callbacks: breakers, waiting callbacks, and dead letters
 * that can be sent again.
 *
 * @module
 */

import type { ComponentChild } from "preact";
import { useEffect, useState } from "preact/hooks";
import { html } from "../shared/view.ts";
import { type Answer, isDone, pagesOf } from "./api.ts";
import { countText } from "./format.ts";
import {
  Badge,
  type Ctx,
  MerchantName,
  Moment,
  Outcome,
  problemText,
  Table,
} from "./parts.ts";

/** A queue as the API returns it. */
interface Queue {
  readonly merchant_id: string;
  readonly endpoint?: "active" | "disabled";
  readonly url?: string;
  readonly breaker: "closed" | "open";
  readonly next_probe_at?: string;
  readonly failing_since?: string;
  readonly waiting: number;
  readonly due_at?: string;
  readonly dead: number;
}

/** A callback as the API returns it. */
interface Callback {
  readonly callback_id: string;
  readonly type: string;
  readonly order_id: string;
  readonly tries: number;
  readonly dead_reason?: string;
  readonly created_at: string;
}

/** The API counts no further than this. */
const MOST_COUNTED = 100;

/** The dead letters of a merchant. */
function DeadLetters(
  { ctx, merchantId, onReplayed }: {
    ctx: Ctx;
    merchantId: string;
    onReplayed: () => void;
  },
): ComponentChild {
  const { t } = ctx;
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [outcome, setOutcome] = useState({ text: "", isBad: false });
  const read = async () => {
    const query = new URLSearchParams({
      merchant_id: merchantId,
      status: "dead",
    });
    setAnswer(await ctx.call("GET", `/v1/admin/callbacks?${query}`));
  };
  useEffect(() => void read(), [merchantId]);
  const replay = async ({ callback_id, order_id }: Callback) => {
    const path = `/v1/admin/callbacks/${callback_id}/replays`;
    const answer = await ctx.call("POST", path);
    setOutcome(
      isDone(answer)
        ? { text: t("replayed", { order: order_id }), isBad: false }
        : { text: problemText(ctx, answer), isBad: true },
    );
    await read();
    onReplayed();
  };
  const dead: readonly Callback[] = answer !== null && isDone(answer)
    ? answer.body.callbacks
    : [];
  return html`
    <${Outcome} ...${outcome} />
    <${Table}
      caption=${t("deadLettersOf", {
        merchant: ctx.nameOf(merchantId) ?? merchantId,
      })}
      heads=${[
        ...[t("order"), t("type"), t("tries"), t("why"), t("when"), t("step")],
      ]}
      rows=${dead.map((it) => [
        html`<code>${it.order_id}</code>`,
        it.type,
        countText(it.tries, ctx.tag),
        it.dead_reason,
        html`<${Moment} at=${it.created_at} />`,
        html`
          <button type="button" onClick=${() => void replay(it)}>
            ${t("replay")}
          </button>
        `,
      ])}
      ids=${dead.map((it) => it.callback_id)}
      empty=${t("none")}
    />
  `;
}

/** The queues in a table; `chosen` is the merchant whose dead letters are shown. */
function Queues(
  { ctx, queues, chosen, onChoose }: {
    ctx: Ctx;
    queues: readonly Queue[];
    chosen: string;
    onChoose: (merchantId: string) => void;
  },
): ComponentChild {
  const { t } = ctx;
  const many = (count: number) =>
    countText(count, ctx.tag) + (count === MOST_COUNTED ? "+" : "");
  const moment = (at: string | undefined) =>
    at === undefined ? "–" : html`<${Moment} at=${at} />`;
  return html`
    <${Table}
      caption=${t("callbackQueues")}
      isTitled=${true}
      heads=${[
        ...[t("merchant"), t("endpoint"), t("breaker"), t("waiting")],
        ...[t("dueAt"), t("failingSince"), t("nextProbe"), t("dead")],
      ]}
      rows=${queues.map((it) => [
        html`<${MerchantName} ctx=${ctx} id=${it.merchant_id} />`,
        html`
          <${Badge} kind=${it.endpoint === "active" ? "good" : "warn"}>
            ${t(`endpoint_${it.endpoint ?? "none"}`)}
          <//> <span class="url">${it.url}</span>
        `,
        html`
          <${Badge} kind=${it.breaker === "open" ? "bad" : "good"}>
            ${t(`breaker_${it.breaker}`)}
          <//>
        `,
        many(it.waiting),
        moment(it.due_at),
        moment(it.failing_since),
        moment(it.next_probe_at),
        it.dead === 0 ? "0" : html`
          <button
            type="button"
            aria-pressed=${chosen === it.merchant_id}
            onClick=${() => onChoose(it.merchant_id)}
          >
            ${t("showDead", { n: many(it.dead) })}
          </button>
        `,
      ])}
      ids=${queues.map((it) => it.merchant_id)}
      empty=${t("noQueues")}
    />
  `;
}

/** Sorts the queues that need attention first. */
const rank = ({ breaker, dead, waiting }: Queue) =>
  breaker === "open" ? 0 : dead > 0 ? 1 : waiting > 0 ? 2 : 3;

/** The most pages of merchants that are read. */
const MOST_PAGES = 100;

/**
 * The view of callbacks. It reads the queues of all merchants, so it does this only
 * when it is opened and when `tick` changes.
 */
export function Callbacks(
  { ctx, tick }: { ctx: Ctx; tick: unknown },
): ComponentChild {
  const { t } = ctx;
  const [queues, setQueues] = useState<readonly Queue[]>([]);
  const [fault, setFault] = useState<Answer | null>(null);
  const [chosen, setChosen] = useState("");
  const read = async () => {
    const path = "/v1/admin/callback-queues";
    const found = await pagesOf<Queue>(ctx.call, path, "queues", MOST_PAGES);
    setFault("status" in found ? found : null);
    if ("status" in found) return;
    setQueues(found.toSorted((a, b) => rank(a) - rank(b)));
  };
  useEffect(() => void read(), [tick, ctx.call]);
  return html`
    <h2>${t("callbackQueues")}</h2>
    <p>${t("queuesNote")}</p>
    ${fault !== null && html`
      <${Outcome} text=${problemText(ctx, fault)} isBad=${true} />
    `}
    <${Queues} ...${{ ctx, queues, chosen }} onChoose=${setChosen} />
    ${chosen !== "" && html`
      <h2>${t("deadLetters")}</h2>
      <${DeadLetters}
        ctx=${ctx}
        merchantId=${chosen}
        onReplayed=${() => void read()}
      />
    `}
  `;
}
