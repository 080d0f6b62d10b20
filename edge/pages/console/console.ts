/// <reference lib="dom" />
/**
 * The console: the state of the edge for an operator, and the steps of an
 * administrator. Without an admin key it shows only a field for one.
 *
 * @module
 */

import { type ComponentChild, render } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import {
  chooseLanguage,
  currentLanguage,
  type Language,
  LANGUAGE_NAMES,
  LANGUAGE_TAGS,
  LANGUAGES,
  showLanguage,
  translator,
} from "../shared/language.ts";
import { html } from "../shared/view.ts";
import { AllAlarms, LoudAlarms } from "./alarms.ts";
import { type Call, callWith, isDone, pagesOf } from "./api.ts";
import { Callbacks } from "./callbacks.ts";
import { CoreReleases } from "./core.ts";
import { zoneText } from "./format.ts";
import { KeyForm } from "./key_form.ts";
import type { Merchant } from "./merchant.ts";
import { Merchants } from "./merchants.ts";
import { Charts, Counts, Figures, Readiness, Times } from "./overview.ts";
import { type Ctx, problemText } from "./parts.ts";
import { Payments } from "./payments.ts";
import { CONSOLE_TEXTS } from "./texts.ts";
import { Vault } from "./vault.ts";
import { gauge, type Seen, useSeen } from "./watch.ts";

const VIEWS = [
  ...["overview", "alarms", "payments", "callbacks"] as const,
  ...["merchants", "core", "vault"] as const,
];

/** A view of the console. */
type View = typeof VIEWS[number];

/** The content of a view. */
function ViewOf(
  { ctx, view, seen, pressed, language }: {
    ctx: Ctx;
    view: View;
    seen: Seen;
    /** How often the button for a new look was pressed. */
    pressed: number;
    language: Language;
  },
): ComponentChild {
  switch (view) {
    case "overview":
      return html`
        <${LoudAlarms} ...${{ ctx, seen, language }} />
        <${Charts} ...${{ ctx, seen }} />
        <${Figures} ...${{ ctx, seen }} />
        <div class="pair">
          <${Counts} ...${{ ctx, seen }} />
        </div>
        <${Times} ...${{ ctx, seen }} />
      `;
    case "alarms":
      return html`
        <h2>${ctx.t("alarms")}</h2>
        <${AllAlarms} ...${{ ctx, seen, language }} />
      `;
    case "payments":
      return html`<${Payments} ctx=${ctx} tick=${seen.now} />`;
    case "callbacks":
      return html`<${Callbacks} ctx=${ctx} tick=${pressed} />`;
    case "merchants":
      return html`<${Merchants} ctx=${ctx} />`;
    case "core":
      return html`
        <${CoreReleases} ctx=${ctx} served=${seen.ready?.body?.core} />
      `;
    case "vault":
      return html`<${Vault} ctx=${ctx} />`;
  }
}

/** The most pages of merchants whose names are read. */
const MOST_NAMES = 20;

/** The names of merchants by their ids; a merchant that was just added has none yet. */
function useNames(call: Call): Ctx["nameOf"] {
  const [names, setNames] = useState<ReadonlyMap<string, string>>(new Map());
  useEffect(() => {
    const path = "/v1/admin/merchants";
    void pagesOf<Merchant>(call, path, "merchants", MOST_NAMES).then(
      (found) => {
        if ("status" in found) return;
        setNames(new Map(found.map((it) => [it.merchant_id, it.name])));
      },
    );
  }, [call]);
  return (id) => names.get(id);
}

/** The console, once an admin key was entered. */
function Console(
  { t, tag, call, language, onLeave }: {
    t: Ctx["t"];
    tag: string;
    call: Call;
    language: Language;
    onLeave: () => void;
  },
): ComponentChild {
  const nameOf = useNames(call);
  const ctx: Ctx = { t, tag, call, nameOf };
  const [pressed, setPressed] = useState(0);
  const lookNow = () => {
    setPressed(pressed + 1);
    again();
  };
  const [view, setView] = useState<View>("overview");
  const { seen, again } = useSeen(call);
  const firing = seen.alarms.filter(({ state }) => state === "firing").length;
  const silent = gauge(seen.now?.metrics, "offcode_store_cells_silent") ?? 0;
  useEffect(() => {
    document.title = firing > 0 ? `(${firing}) ${t("title")}` : t("title");
    return () => document.title = t("title");
  }, [firing, language]);
  return html`
    <nav aria-label=${t("views")} class="row">
      ${VIEWS.map((it) =>
        html`
          <button
            type="button"
            aria-current=${it === view ? "page" : undefined}
            onClick=${() => setView(it)}
          >
            ${t(it)}${it === "alarms" && firing > 0 && html`
              <span class="badge bad">${firing}</span>
            `}
          </button>
        `
      )}
      <button type="button" class="plain" onClick=${lookNow}>${t(
        "again",
      )}</button>
      <button type="button" class="plain" onClick=${onLeave}>
        ${t("leave")}
      </button>
    </nav>
    <main>
      ${seen.fault !== null && html`
        <p role="alert" class="note bad">
          ${t("lookFailed")} ${problemText(ctx, seen.fault)}
        </p>
      `}
      ${silent > 0 && html`
        <p role="alert" class="note bad">${t("cellsMissing", {
          n: silent,
        })}</p>
      `}
      <${Readiness} ctx=${ctx} seen=${seen} />
      <${ViewOf} ...${{ ctx, view, seen, pressed, language }} />
      <p class="soft">${t("zone", { zone: zoneText() })}</p>
    </main>
  `;
}

/** The page. */
function Page(): ComponentChild {
  const [language, setLanguage] = useState(currentLanguage);
  const [call, setCall] = useState<Call | null>(null);
  const [fault, setFault] = useState("");
  const t = useMemo(() => translator(CONSOLE_TEXTS, language), [language]);
  const tag = LANGUAGE_TAGS[language];
  useEffect(() => {
    showLanguage(language);
    document.title = t("title");
  }, [language]);
  const choose = (it: Language) => {
    chooseLanguage(it);
    setLanguage(it);
  };
  const enter = async (key: string) => {
    const call = callWith(key);
    setFault("");
    const answer = await call("GET", "/v1/admin/alarms");
    // Only an admin key is kept. With any other key the page shows nothing.
    if (isDone(answer)) return setCall(() => call);
    setFault(problemText({ t }, answer));
  };
  return html`
    <header class="row">
      <h1>${t("title")}</h1>
      <div class="row languages" role="group" aria-label=${t("language")}>
        ${LANGUAGES.map((it) =>
          html`
            <button
              type="button"
              lang=${LANGUAGE_TAGS[it]}
              aria-pressed=${it === language}
              onClick=${() => choose(it)}
            >
              ${LANGUAGE_NAMES[it]}
            </button>
          `
        )}
      </div>
    </header>
    ${call === null
      ? html`
        <main class="door">
          <p>${t("keyNote")}</p>
          <${KeyForm}
            ctx=${{ t }}
            id="admin-key"
            label=${t("adminKey")}
            button=${t("enter")}
            fault=${fault}
            onKey=${(key: string) => void enter(key)}
          />
        </main>
      `
      : html`
        <${Console}
          ...${{ t, tag, call, language }}
          onLeave=${() => setCall(null)}
        />
      `}
  `;
}

render(html`<${Page} />`, document.body);
