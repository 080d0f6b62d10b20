/// <reference lib="dom" />
/**
 * Core releases: the list, and the steps into shadow, into use and back. They need a
 * key of the scope `release`. This view asks for it and keeps it only in its own
 * memory.
 *
 * @module
 */

import type { ComponentChild } from "preact";
import { useEffect, useState } from "preact/hooks";
import { html } from "../shared/view.ts";
import { type Answer, type Call, callWith, isDone, isKey } from "./api.ts";
import { countText, roughText } from "./format.ts";
import { KeyForm } from "./key_form.ts";
import {
  Badge,
  type Ctx,
  Moment,
  Outcome,
  problemText,
  Sure,
  Table,
} from "./parts.ts";

/** A release as the API returns it. */
interface Release {
  readonly release_id: string;
  readonly version: number;
  readonly sha256: string;
  readonly state: "uploaded" | "shadow" | "active" | "retired";
  readonly uploaded_at: string;
  readonly retired_because?: string;
  readonly searches: number;
  readonly differences: number;
  readonly slowest_ratio?: number;
}

/** An entry of the history of releases. */
interface Happened {
  readonly action: "upload" | "shadow" | "activate" | "retire" | "rollback";
  readonly release_id: string | null;
  readonly at: string;
  readonly by: string;
}

/** A step for a release. */
type Step = "shadow" | "activate" | "retire" | "rollback";

const KINDS = {
  ...{ uploaded: "soft", shadow: "warn", active: "good", retired: "soft" },
} as const;

/**
 * The steps that are offered in each state. The edge decides whether a step is allowed.
 */
const STEPS: Readonly<Record<Release["state"], readonly Step[]>> = {
  uploaded: ["shadow", "retire"],
  shadow: ["activate", "retire"],
  active: ["rollback"],
  retired: ["activate"],
};

/** The releases in a table, the latest first, each with its steps. */
function List(
  { ctx, releases, onStep }: {
    ctx: Ctx;
    releases: readonly Release[];
    onStep: (step: Step, release: Release) => void;
  },
): ComponentChild {
  const { t, tag } = ctx;
  const steps = (it: Release) =>
    STEPS[it.state].map((step) =>
      html`
        <${Sure}
          key=${`${it.state} ${step}`}
          ctx=${ctx}
          label=${t(`step_${step}`)}
          question=${t(`sure_${step}`, { version: it.version })}
          onYes=${() => onStep(step, it)}
        />
      `
    );
  return html`
    <${Table}
      caption=${t("releases")}
      heads=${[
        ...[t("version"), t("state"), t("step"), t("shadowSearches")],
        ...[t("differences"), t("slowest"), t("uploadedAt"), t("digest")],
      ]}
      rows=${releases.toReversed().map((it) => [
        it.version,
        html`
          <${Badge} kind=${KINDS[it.state]}>${t(
            `release_${it.state}`,
          )}<//>${" "}
          ${it.retired_because ?? ""}
        `,
        html`<div class="row steps">${steps(it)}</div>`,
        countText(it.searches, tag),
        html`
          <span class=${it.differences > 0 ? "bad" : ""}>
            ${countText(it.differences, tag)}
          </span>
        `,
        it.slowest_ratio === undefined
          ? "–"
          : `× ${roughText(it.slowest_ratio, tag)}`,
        html`<${Moment} at=${it.uploaded_at} />`,
        html`<code class="id">${it.sha256}</code>`,
      ])}
      ids=${releases.toReversed().map((it) => it.release_id)}
      empty=${t("noReleases")}
    />
  `;
}

/** The releases and their history, read with the release key. */
function Releases(
  { ctx, release }: { ctx: Ctx; release: Call },
): ComponentChild {
  const { t } = ctx;
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [outcome, setOutcome] = useState({ text: "", isBad: false });
  const read = async () => setAnswer(await release("GET", "/v1/core-releases"));
  const take = async (step: Step, { release_id, version }: Release) => {
    const answer = step === "rollback"
      ? await release("POST", "/v1/core-releases/rollback", { release_id })
      : await release("POST", `/v1/core-releases/${release_id}/${step}`);
    setOutcome(
      isDone(answer)
        ? { text: t(`did_${step}`, { version }), isBad: false }
        : { text: problemText(ctx, answer), isBad: true },
    );
    await read();
  };
  useEffect(() => void read(), [release]);
  if (answer === null) return null;
  if (!isDone(answer)) {
    return html`<${Outcome} text=${problemText(ctx, answer)} isBad=${true} />`;
  }
  const { releases, history }: {
    releases: readonly Release[];
    history: readonly Happened[];
  } = answer.body;
  return html`
    <${Outcome} ...${outcome} />
    <${List} ...${{ ctx, releases }} onStep=${take} />
    <${Table}
      caption=${t("releaseHistory")}
      heads=${[t("when"), t("step"), t("release"), t("by")]}
      rows=${history.toReversed().map((it) => [
        html`<${Moment} at=${it.at} />`,
        t(`step_${it.action}`),
        html`<code class="id">${it.release_id ?? t("builtIn")}</code>`,
        html`<code class="id">${it.by}</code>`,
      ])}
      empty=${t("none")}
    />
  `;
}

/** The view of core releases. */
export function CoreReleases(
  { ctx, served }: {
    ctx: Ctx;
    /** The core that serves, as `/readyz` says it. */
    served: { release_id: string | null; version: number } | undefined;
  },
): ComponentChild {
  const { t } = ctx;
  const [release, setRelease] = useState<Call | null>(null);
  return html`
    <h2>${t("core")}</h2>
    ${served !== undefined && html`
      <p>
        ${t("coreServes", { version: served.version })}${" "}
        <code>${served.release_id ?? t("builtIn")}</code>
      </p>
    `}
    ${release === null
      ? html`
        <p>${t("releaseKeyNote")}</p>
        <${KeyForm}
          ctx=${ctx}
          id="release-key"
          label=${t("releaseKey")}
          button=${t("showReleases")}
          onKey=${(key: string) => {
            if (isKey(key)) setRelease(() => callWith(key));
          }}
        />
      `
      : html`
        <${Releases} ctx=${ctx} release=${release} />
        <button type="button" onClick=${() => setRelease(null)}>
          ${t("forgetReleaseKey")}
        </button>
      `}
  `;
}
