/// <reference lib="dom" />
/**
 * The parts of which the views of the console are made. Every text from the store is
 * put in by `html`, so it is always text and never markup.
 *
 * @module
 */

import type { ComponentChild, ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Translate } from "../shared/language.ts";
import { html } from "../shared/view.ts";
import type { Answer, Call } from "./api.ts";
import { timeText } from "./format.ts";
import type { ConsoleKey } from "./texts.ts";

/** What every view needs. */
export interface Ctx {
  /** The name of a merchant, if it is known. */
  readonly nameOf: (merchantId: string) => string | undefined;
  readonly t: Translate<ConsoleKey>;
  /** The tag of the language (BCP 47). */
  readonly tag: string;
  readonly call: Call;
}

/** Why a call was refused, as a sentence. */
export function problemText(
  { t }: Pick<Ctx, "t">,
  { status, body }: Answer,
): string {
  if (status === 0) return t("noAnswer");
  if (status === 401) return t("keyUnknown");
  if (status === 403) return t("keyRefused");
  if (status === 404) return t("notFound");
  if (status === 503) return t("unavailable", { code: body?.code ?? "" });
  const why = body?.reason ?? body?.detail ?? body?.title ?? "";
  return t("refusedBecause", { code: body?.code ?? status, why });
}

/** A time, with its machine-readable form. */
export function Moment({ at }: { at: string }): ComponentChild {
  return html`<time datetime=${at} title=${at}>${timeText(at)}</time>`;
}

/** A merchant by its name, where that is known, and its id. */
export function MerchantName(
  { ctx, id }: { ctx: Ctx; id: string },
): ComponentChild {
  return html`${ctx.nameOf(id)} <code class="soft id">${id}</code>`;
}

/** A state as a word with a colour and a sign. The word alone is sufficient. */
export function Badge(
  { kind, children }: {
    kind: "good" | "warn" | "bad" | "soft";
    children?: ComponentChildren;
  },
): ComponentChild {
  return html`<span class=${`badge ${kind}`}>${children}</span>`;
}

/** A number with its name and its unit. */
export function Tile(
  { name, value, warn = false, title }: {
    name: string;
    value: string;
    warn?: boolean;
    title?: string;
  },
): ComponentChild {
  return html`
    <div class=${warn ? "tile warn" : "tile"} title=${title}>
      <dt>${name}</dt>
      <dd>${value}</dd>
    </div>
  `;
}

/** A table that can be scrolled by the keyboard where it is wider than the page. */
export function Table(
  { caption, isTitled = false, heads, rows, ids = [], empty }: {
    caption: string;
    /**
     * Whether a heading above already says what the caption says. The caption is then
     * only for screen readers.
     */
    isTitled?: boolean;
    heads: readonly string[];
    rows: readonly (readonly ComponentChild[])[];
    /**
     * The id of each row. Rows with buttons need it, so that a button stays with its
     * row when the table changes.
     */
    ids?: readonly string[];
    /** Shown if there are no rows. */
    empty: string;
  },
): ComponentChild {
  const cells = (row: readonly ComponentChild[]) =>
    row.map((cell, i) =>
      i === 0 ? html`<th scope="row">${cell}</th>` : html`<td>${cell}</td>`
    );
  return html`
    <div class="scroll" role="region" aria-label=${caption} tabindex="0">
      <table>
        <caption class=${isTitled ? "spoken" : ""}>${caption}</caption>
        <thead>
          <tr>${heads.map((it) => html`<th scope="col">${it}</th>`)}</tr>
        </thead>
        <tbody>
          ${rows.map((row, i) =>
            html`<tr key=${ids[i] ?? i}>${cells(row)}</tr>`
          )}
        </tbody>
      </table>
      ${rows.length === 0 && html`<p class="soft">${empty}</p>`}
    </div>
  `;
}

/** A button whose step is taken only after a second press, on another button. */
export function Sure(
  { ctx, label, question, onYes }: {
    ctx: Ctx;
    label: string;
    question: string;
    onYes: () => void;
  },
): ComponentChild {
  const [isAsked, setAsked] = useState(false);
  const no = useRef<HTMLButtonElement>(null);
  // The focus moves before the page is drawn, so that a second press of the same key
  // does not confirm the step.
  useLayoutEffect(() => {
    if (isAsked) no.current?.focus();
  }, [isAsked]);
  if (!isAsked) {
    return html`
      <button type="button" onClick=${() => setAsked(true)}>${label}</button>
    `;
  }
  const yes = () => {
    setAsked(false);
    onYes();
  };
  return html`
    <span class="row" role="group" aria-label=${question}>
      <span>${question}</span>
      <button type="button" class="danger" onClick=${yes}>
        ${ctx.t("yes", { step: label })}
      </button>
      <button type="button" ref=${no} onClick=${() => setAsked(false)}>
        ${ctx.t("no")}
      </button>
    </span>
  `;
}

/** The result of a step. A screen reader reads it aloud. */
export function Outcome(
  { text, isBad }: { text: string; isBad: boolean },
): ComponentChild {
  return html`
    <p role="status" class=${text === ""
      ? ""
      : `note ${isBad ? "bad" : "good"}`}>
      ${text}
    </p>
  `;
}

/** A secret, which is shown only once. */
export function Secret(
  { ctx, name, secret }: { ctx: Ctx; name: string; secret: string },
): ComponentChild {
  return html`
    <div class="note warn">
      <p>${ctx.t("shownOnce", { name })}</p>
      <code class="secret">${secret}</code>
      <button
        type="button"
        onClick=${() => void navigator.clipboard?.writeText(secret)}
      >
        ${ctx.t("copy")}
      </button>
    </div>
  `;
}
