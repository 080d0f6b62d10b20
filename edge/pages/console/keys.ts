/// <reference lib="dom" />
/**
 * API keys: a list with the button that ends each, and the keys that belong to no
 * merchant.
 *
 * @module
 */

import type { ComponentChild } from "preact";
import { useEffect, useState } from "preact/hooks";
import { systemClock } from "../../base/clock.ts";
import { html } from "../shared/view.ts";
import { isDone } from "./api.ts";
import { Badge, type Ctx, Moment, Sure, Table } from "./parts.ts";
import { fieldOf, useSteps } from "./steps.ts";

/** A key, by its public id. */
export interface Key {
  readonly key_id: string;
  readonly name?: string;
  readonly scope?: string;
  readonly created_at: string;
  readonly ends_at?: string;
}

const isOver = ({ ends_at }: Key, nowMs: number) =>
  ends_at !== undefined && Date.parse(ends_at) <= nowMs;

/** Keys in a table, each with the button that ends it. */
export function Keys(
  { ctx, caption, isTitled = false, keys, onEnd }: {
    ctx: Ctx;
    caption: string;
    isTitled?: boolean;
    keys: readonly Key[];
    onEnd: (key: Key) => void;
  },
): ComponentChild {
  const { t } = ctx;
  const nowMs = systemClock.nowMs();
  const state = (key: Key) =>
    isOver(key, nowMs)
      ? html`<${Badge} kind="soft">${t("ended")}<//>`
      : key.ends_at === undefined
      ? html`<${Badge} kind="good">${t("works")}<//>`
      : html`<${Badge} kind="warn">${t("endsLater")}<//>`;
  return html`
    <${Table}
      caption=${caption}
      isTitled=${isTitled}
      heads=${[
        ...[t("key"), t("name"), t("state"), t("madeAt"), t("endsAt")],
        t("step"),
      ]}
      rows=${keys.map((key) => [
        html`<code class="id">${key.key_id}</code>`,
        [key.name, key.scope].filter(Boolean).join(" · "),
        state(key),
        html`<${Moment} at=${key.created_at} />`,
        key.ends_at === undefined ? "–" : html`<${Moment} at=${key.ends_at} />`,
        isOver(key, nowMs) ? "" : html`
          <${Sure}
            ctx=${ctx}
            label=${t("endKey")}
            question=${t("endKeyQuestion")}
            onYes=${() => onEnd(key)}
          />
        `,
      ])}
      ids=${keys.map((it) => it.key_id)}
      empty=${t("none")}
    />
  `;
}

/** The keys that belong to no merchant. */
export function OperatorKeys({ ctx }: { ctx: Ctx }): ComponentChild {
  const { t } = ctx;
  const [keys, setKeys] = useState<readonly Key[]>([]);
  const { step, shown } = useSteps(ctx);
  const read = async () => {
    const answer = await ctx.call("GET", "/v1/admin/wallet-keys");
    if (isDone(answer)) setKeys(answer.body.keys);
  };
  useEffect(() => void read(), [ctx.call]);
  const add = async (event: Event) => {
    event.preventDefault();
    const name = fieldOf(event, "key-name");
    const path = `/v1/admin/${fieldOf(event, "key-scope")}-keys`;
    const isMade = await step("POST", path, { name }, (it) => ({
      text: t("keyMade", { id: it.key_id }),
      secrets: [{ name, secret: it.api_key }],
    }));
    if (isMade) (event.target as HTMLFormElement).reset();
    await read();
  };
  const end = async ({ key_id }: Key) => {
    await step("DELETE", `/v1/admin/wallet-keys/${key_id}`, undefined, () => ({
      text: t("keyEnded", { id: key_id }),
      secrets: [],
    }));
    await read();
  };
  return html`
    <h2>${t("operatorKeys")}</h2>
    ${shown}
    <form class="row" onSubmit=${add}>
      <label for="key-name">${t("keyName")}</label>
      <input id="key-name" name="key-name" required maxlength="100"
        autocomplete="off" />
      <label for="key-scope">${t("keyScope")}</label>
      <select id="key-scope" name="key-scope">
        <option value="wallet">${t("scopeWallet")}</option>
        <option value="release">${t("scopeRelease")}</option>
        <option value="metrics">${t("scopeMetrics")}</option>
      </select>
      <button>${t("addKey")}</button>
    </form>
    <${Keys}
      ...${{ ctx, keys, onEnd: end, isTitled: true }}
      caption=${t("operatorKeys")}
    />
  `;
}
