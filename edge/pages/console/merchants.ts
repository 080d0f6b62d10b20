/// <reference lib="dom" />
/**
 * Merchants and keys: list, add, suspend, end.
 *
 * @module
 */

import type { ComponentChild } from "preact";
import { useEffect, useState } from "preact/hooks";
import { html } from "../shared/view.ts";
import { isDone } from "./api.ts";
import { OperatorKeys } from "./keys.ts";
import { type Merchant, MerchantDetail } from "./merchant.ts";
import { Badge, type Ctx, Moment, Table } from "./parts.ts";
import { fieldOf, useSteps } from "./steps.ts";

/** The form that adds a merchant; `onAdded` is called when it was added. */
function AddMerchant(
  { ctx, onAdded }: { ctx: Ctx; onAdded: () => void },
): ComponentChild {
  const { t } = ctx;
  const { step, shown } = useSteps(ctx);
  const add = async (event: Event) => {
    event.preventDefault();
    const name = fieldOf(event, "name");
    const url = fieldOf(event, "url");
    const body = { name, ...(url !== "" && { callback_url: url }) };
    const isMade = await step("POST", "/v1/admin/merchants", body, (it) => ({
      text: t("merchantMade", { name, id: it.merchant_id }),
      secrets: [
        { name: t("key"), secret: it.api_key },
        ...it.callback_secret === undefined
          ? []
          : [{ name: t("callbackSecret"), secret: it.callback_secret }],
      ],
    }));
    if (!isMade) return;
    (event.target as HTMLFormElement).reset();
    onAdded();
  };
  return html`
    ${shown}
    <form class="row" onSubmit=${add}>
      <label for="name">${t("merchantName")}</label>
      <input id="name" name="name" required maxlength="100" autocomplete="off" />
      <label for="url">${t("callbackUrl")}</label>
      <input id="url" name="url" type="url" autocomplete="off" />
      <button>${t("addMerchant")}</button>
    </form>
  `;
}

/** The view of merchants and keys. */
export function Merchants({ ctx }: { ctx: Ctx }): ComponentChild {
  const { t } = ctx;
  const [merchants, setMerchants] = useState<readonly Merchant[]>([]);
  const [cursor, setCursor] = useState<string | undefined>();
  const [chosen, setChosen] = useState("");
  const read = async (after?: string) => {
    const query = after === undefined
      ? ""
      : `?${new URLSearchParams({ cursor: after })}`;
    const answer = await ctx.call("GET", `/v1/admin/merchants${query}`);
    if (!isDone(answer)) return;
    const { merchants: page, cursor } = answer.body;
    setMerchants((it) => after === undefined ? page : [...it, ...page]);
    setCursor(cursor);
  };
  useEffect(() => void read(), [ctx.call]);
  const again = () => void read();
  const row = (it: Merchant) => [
    it.name,
    html`
      <${Badge} kind=${it.status === "active" ? "good" : "warn"}>
        ${t(it.status)}
      <//>
    `,
    html`<${Moment} at=${it.created_at} />`,
    html`<code class="id">${it.merchant_id}</code>`,
    html`
      <button
        type="button"
        aria-pressed=${chosen === it.merchant_id}
        aria-label=${t("openOf", { name: it.name })}
        onClick=${() => setChosen(it.merchant_id)}
      >
        ${t("open_")}
      </button>
    `,
  ];
  return html`
    <h2>${t("merchants")}</h2>
    <${AddMerchant} ctx=${ctx} onAdded=${again} />
    <${Table}
      caption=${t("merchants")}
      isTitled=${true}
      heads=${[t("name"), t("status"), t("madeAt"), t("merchant"), t("step")]}
      rows=${merchants.map(row)}
      ids=${merchants.map((it) => it.merchant_id)}
      empty=${t("none")}
    />
    ${cursor !== undefined && html`
      <button type="button" onClick=${() => void read(cursor)}>
        ${t("moreMerchants")}
      </button>
    `}
    ${chosen !== "" && html`
      <${MerchantDetail}
        key=${chosen}
        ...${{ ctx, merchantId: chosen, onChanged: again }}
      />
    `}
    <${OperatorKeys} ctx=${ctx} />
  `;
}
