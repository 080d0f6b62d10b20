/// <reference lib="dom" />
/**
 * One merchant: whether it takes payments, and its keys.
 *
 * @module
 */

import type { ComponentChild } from "preact";
import { useEffect, useState } from "preact/hooks";
import { html } from "../shared/view.ts";
import { type Answer, isDone } from "./api.ts";
import { oddsText } from "./format.ts";
import { type Key, Keys } from "./keys.ts";
import { Badge, type Ctx, Outcome, problemText, Sure } from "./parts.ts";
import { useSteps } from "./steps.ts";

/** A merchant in a list. */
export interface Merchant {
  readonly merchant_id: string;
  readonly name: string;
  readonly status: "active" | "suspended";
  readonly created_at: string;
}

/** A merchant with what belongs to it. */
interface MerchantWithKeys extends Merchant {
  readonly keys: readonly Key[];
  /** Absent while the customers cannot be counted. */
  readonly guess_odds?: { readonly per_day: number };
}

/** One merchant with its keys; `onChanged` is called after each step. */
function Sheet(
  { ctx, merchant, onChanged }: {
    ctx: Ctx;
    merchant: MerchantWithKeys;
    onChanged: () => void;
  },
): ComponentChild {
  const { t } = ctx;
  const { name } = merchant;
  const { step, shown } = useSteps(ctx);
  const path = `/v1/admin/merchants/${merchant.merchant_id}`;
  const isActive = merchant.status === "active";
  const change = async () => {
    const status = isActive ? "suspended" : "active";
    const text = t(isActive ? "wasSuspended" : "wasReactivated");
    await step("PATCH", path, { status }, () => ({ text, secrets: [] }));
    onChanged();
  };
  const add = async () => {
    await step("POST", `${path}/keys`, undefined, ({ key_id, api_key }) => ({
      text: t("keyMade", { id: key_id }),
      secrets: [{ name: t("key"), secret: api_key }],
    }));
    onChanged();
  };
  const end = async ({ key_id }: Key) => {
    await step("DELETE", `${path}/keys/${key_id}`, undefined, () => ({
      text: t("keyEnded", { id: key_id }),
      secrets: [],
    }));
    onChanged();
  };
  const perDay = merchant.guess_odds?.per_day;
  const odds = perDay === undefined ? "–" : oddsText(perDay, ctx.tag);
  return html`
    <article class="sheet" aria-labelledby="merchant">
      <h3 id="merchant">
        ${name}${" "}
        <${Badge} kind=${isActive ? "good" : "warn"}>${t(merchant.status)}<//>
      </h3>
      <p><code>${merchant.merchant_id}</code> · ${t("guessOdds", { odds })}</p>
      ${shown}
      <div class="row">
        <${Sure}
          key=${merchant.status}
          ctx=${ctx}
          label=${t(isActive ? "suspend" : "reactivate")}
          question=${t(isActive ? "suspendQuestion" : "reactivateQuestion", {
            name,
          })}
          onYes=${() => void change()}
        />
        <button type="button" onClick=${() => void add()}>
          ${t("addKey")}
        </button>
      </div>
      <${Keys}
        ...${{ ctx, keys: merchant.keys, onEnd: end }}
        caption=${t("keysOf", { name })}
      />
    </article>
  `;
}

/** The merchant with this id; `onChanged` is called when something of it has changed. */
export function MerchantDetail(
  { ctx, merchantId, onChanged }: {
    ctx: Ctx;
    merchantId: string;
    onChanged: () => void;
  },
): ComponentChild {
  const [answer, setAnswer] = useState<Answer | null>(null);
  const read = async () =>
    setAnswer(await ctx.call("GET", `/v1/admin/merchants/${merchantId}`));
  useEffect(() => void read(), [merchantId]);
  if (answer === null) return null;
  if (!isDone(answer)) {
    return html`<${Outcome} text=${problemText(ctx, answer)} isBad=${true} />`;
  }
  const changed = () => {
    void read();
    onChanged();
  };
  return html`
    <${Sheet} ctx=${ctx} merchant=${answer.body} onChanged=${changed} />
  `;
}
