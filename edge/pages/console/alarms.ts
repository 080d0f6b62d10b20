/// <reference lib="dom" />
/**
 * The alarms, as judged by the edge that answers.
 *
 * @module
 */

import type { ComponentChild } from "preact";
import type { Language } from "../shared/language.ts";
import { html } from "../shared/view.ts";
import { ALARMS_ZH } from "./alarm_texts.ts";
import { durationText } from "./format.ts";
import { Badge, type Ctx, Table } from "./parts.ts";
import type { Alarm, Seen } from "./watch.ts";

/** The sentence of an alarm in a language, with the labels of a case inserted. */
function saying(
  { t }: Ctx,
  { name, summary, cases }: Alarm,
  language: Language,
): string {
  const text = language === "zh" ? ALARMS_ZH[name] ?? summary : summary;
  return text.replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, (_, label) => {
    const values = cases.flatMap((it) => it.labels[label] ?? []);
    if (values.length > 0) return values.join(", ");
    return label === "instance" ? t("thisEdge") : "…";
  });
}

const STATES = ["firing", "pending", "quiet", "unseen"];

/** Sorts the most serious alarms first. */
const rank = ({ state, severity }: Alarm) =>
  2 * STATES.indexOf(state) + (severity === "page" ? 0 : 1);

/**
 * The alarms that fire or are pending, the most serious first. A screen reader reads
 * them aloud.
 */
export function LoudAlarms(
  { ctx, seen, language }: { ctx: Ctx; seen: Seen; language: Language },
): ComponentChild {
  const { t, tag } = ctx;
  const loud = seen.alarms
    .filter(({ state }) => state === "firing" || state === "pending")
    .sort((a, b) => rank(a) - rank(b));
  const since = ({ cases }: Alarm) =>
    durationText(Math.max(...cases.map((it) => it.seconds)), tag);
  return html`
    <section aria-labelledby="loud" aria-live="polite">
      <h2 id="loud">${t("alarmsNow", { n: loud.length })}</h2>
      ${loud.length === 0 && seen.now !== null && html`
        <p class="note good">${t("allQuiet")}</p>
      `}
      ${loud.map((alarm) => {
        const isFiring = alarm.state === "firing";
        const kind = isFiring && alarm.severity === "page" ? "bad" : "warn";
        return html`
          <div class=${`note ${kind} alarm`}>
            <strong>${saying(ctx, alarm, language)}</strong>
            <p class="row">
              <${Badge} kind=${kind}>
                ${isFiring ? t("firing") : t("pending")}
              <//>
              <span>
                ${alarm.severity === "page" ? t("page") : t("ticket")}
              </span>
              <span>${t("since", { time: since(alarm) })}</span>
              <code>${alarm.name}</code>
            </p>
          </div>
        `;
      })}
    </section>
  `;
}

/** All rules and their states. */
export function AllAlarms(
  { ctx, seen, language }: { ctx: Ctx; seen: Seen; language: Language },
): ComponentChild {
  const { t, tag } = ctx;
  const kinds = {
    ...{ firing: "bad", pending: "warn", quiet: "good", unseen: "soft" },
  } as const;
  return html`
    <p>${t("alarmsNote", { time: durationText(seen.watchedSeconds, tag) })}</p>
    <${Table}
      caption=${t("alarms")}
      isTitled=${true}
      heads=${[t("alarm"), t("state"), t("severity"), t("says")]}
      rows=${seen.alarms.toSorted((a, b) => rank(a) - rank(b)).map((alarm) => [
        html`<code>${alarm.name}</code>`,
        html`<${Badge} kind=${kinds[alarm.state]}>${t(alarm.state)}<//>`,
        alarm.severity === "page" ? t("page") : t("ticket"),
        saying(ctx, alarm, language),
      ])}
      empty=${t("none")}
    />
  `;
}
