/// <reference lib="dom" />
/**
 * The wallet page: an app that shows payment codes, with or without a network. It is
 * for trying Offcode out, and as an example: a real app does the same steps in the same
 * order as the files of this folder.
 *
 * @module
 */

import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { systemClock, systemRandom } from "../../base/clock.ts";
import {
  chooseLanguage,
  currentLanguage,
  type Language,
  LANGUAGE_NAMES,
  LANGUAGE_TAGS,
  LANGUAGES,
  showLanguage,
  type Translate,
  translator,
} from "../shared/language.ts";
import { moneyText } from "../shared/money.ts";
import { scriptUrl } from "../shared/trusted.ts";
import { html } from "../shared/view.ts";
import { CodeView } from "./code_view.ts";
import { Enrol } from "./enrol_view.ts";
import type { Entry } from "./history.ts";
import { type Money, Notes } from "./notes.ts";
import { Phone } from "./phone.ts";
import { WALLET_TEXTS, type WalletKey } from "./texts.ts";

/** How often the page looks at the clock, and asks the edge, ms. */
const TICK_MS = 250;
const SYNC_MS = 5_000;

/** What all parts of the page need. */
interface Parts {
  readonly phone: Phone;
  readonly t: Translate<WalletKey>;
  readonly money: Money;
  readonly time: (unixMs: number) => string;
}

/** Shows the page again after each change of the phone, and as time passes. */
function usePhone(phone: Phone): number {
  const [, again] = useState(0);
  const [nowMs, setNow] = useState(phone.nowMs);
  useEffect(() => {
    const tick = () => {
      setNow(phone.nowMs);
      void phone.tick();
    };
    const sync = () => {
      if (document.visibilityState === "visible") void phone.sync();
    };
    const end = phone.subscribe(() => again((n) => n + 1));
    const timers = [setInterval(tick, TICK_MS), setInterval(sync, SYNC_MS)];
    for (const event of ["online", "offline"]) addEventListener(event, sync);
    document.addEventListener("visibilitychange", sync);
    sync();
    return () => {
      end();
      timers.forEach(clearInterval);
      for (const event of ["online", "offline"]) {
        removeEventListener(event, sync);
      }
      document.removeEventListener("visibilitychange", sync);
    };
  }, [phone]);
  return nowMs;
}

/** The payments that wait for the customer's confirmation. */
function WaitingView({ phone, t, money }: Parts) {
  const [busy, setBusy] = useState(false);
  const waiting = phone.kept?.state?.waiting ?? [];
  const decide = async (paymentId: string, approve: boolean) => {
    setBusy(true);
    await phone.decide(paymentId, approve);
    setBusy(false);
  };
  return waiting.map(
    ({ payment_id, merchant_name, amount_minor, currency }) => {
      const amount = money(amount_minor, currency);
      return html`
        <section class="note warn" role="alert" key=${payment_id}>
          <h2>${t("waitTitle")}</h2>
          <p>${t("waitText", { merchant: merchant_name, amount })}</p>
          <div class="row">
            <button class="main" disabled=${busy}
              onClick=${() => decide(payment_id, true)}>
              ${t("waitYes", { amount })}
            </button>
            <button disabled=${busy} onClick=${() => decide(payment_id, false)}>
              ${t("waitNo")}
            </button>
          </div>
        </section>
      `;
    },
  );
}

/** An entry of the history in words. */
function entryText({ word, values = {} }: Entry, { t, money }: Parts): string {
  if (word === "restricted") return t("restrictedNow");
  if (word === "unrestricted") return t("unrestrictedNow");
  const { minor, currency } = values;
  return typeof minor === "number" && typeof currency === "string"
    ? t(word, { amount: money(minor, currency) })
    : t(word, values);
}

function HistoryView(parts: Parts) {
  const { phone, t, time } = parts;
  const history = phone.kept?.history ?? [];
  return html`
    <details>
      <summary>${t("history")}</summary>
      ${history.length === 0 && html`<p>${t("historyNone")}</p>`}
      <ol class="history">
        ${history.map((entry, i) =>
          html`
            <li key=${history.length - i}>
              <time class="soft">${time(entry.atMs)}</time>
              ${entryText(entry, parts)}
            </li>
          `
        )}
      </ol>
    </details>
  `;
}

/** Leaving destroys the seed, so it is asked for twice. */
function Leave({ phone, t }: Parts) {
  const [asked, ask] = useState(false);
  if (!asked) {
    return html`<button onClick=${() => ask(true)}>${t("leave")}</button>`;
  }
  return html`
    <div class="note warn">
      <p>${t("leaveText")}</p>
      <div class="row">
        <button class="main" onClick=${() => phone.leave()}>
          ${t("leaveYes")}
        </button>
        <button onClick=${() => ask(false)}>${t("leaveNo")}</button>
      </div>
    </div>
  `;
}

function LanguageChoice(
  { t, language, choose }: {
    t: Translate<WalletKey>;
    language: Language;
    choose: (language: Language) => void;
  },
) {
  return html`
    <label class="row">
      <span>${t("language")}</span>
      <select value=${language} onChange=${(event: Event) =>
        choose((event.currentTarget as HTMLSelectElement).value as Language)}>
        ${LANGUAGES.map((it) =>
          html`
            <option value=${it} lang=${LANGUAGE_TAGS[it]} key=${it}
              selected=${it === language}>
              ${LANGUAGE_NAMES[it]}
            </option>
          `
        )}
      </select>
    </label>
  `;
}

function Settings(parts: Parts) {
  const { phone, t, time } = parts;
  const { rooted, expiresAtMs } = phone.kept!;
  const version = phone.coreVersion;
  return html`
    <details>
      <summary>${t("settings")}</summary>
      <label class="row">
        <input type="checkbox" checked=${rooted} onChange=${(event: Event) =>
          phone.setRooted((event.currentTarget as HTMLInputElement).checked)} />
        <span>${t("rooted")}</span>
      </label>
      <p class="soft">${t("rootedNote")}</p>
      <h2>${t("about")}</h2>
      <p>${t("validUntil", { time: time(expiresAtMs) })}</p>
      <p>${version === 0 ? t("coreBuiltIn") : t("coreVersion", { version })}</p>
      <${Leave} ...${parts} />
    </details>
  `;
}

/** The balance. If it may have changed since, its time is shown as well. */
function Balance({ phone, t, money, time }: Parts) {
  const { state, onlineAtMs } = phone.kept!;
  if (state === null) return null;
  const label = phone.online === false
    ? t("balanceAt", { time: time(onlineAtMs) })
    : t("balance");
  return html`
    <p class="balance">
      <span class="soft">${label}</span>
      <strong data-testid="balance">
        ${money(state.balance_minor, state.currency)}
      </strong>
    </p>
  `;
}

function Enrolled(parts: Parts) {
  const { phone, t } = parts;
  const nowMs = usePhone(phone);
  const { kept } = phone;
  if (kept === null) return null;
  return html`
    <header>
      <p class="name">${kept.name}</p>
      <${Balance} ...${parts} />
    </header>
    <${Notes} ...${parts} />
    <${WaitingView} ...${parts} />
    ${phone.isEnded
      ? html`
        <button class="main" onClick=${() => phone.leave()}>
          ${t("startOver")}
        </button>
      `
      : phone.code !== null &&
        html`<${CodeView} phone=${phone} nowMs=${nowMs} t=${t} />`}
    <${HistoryView} ...${parts} />
    <${Settings} ...${parts} />
  `;
}

function App({ phone }: { phone: Phone }) {
  const [language, setLanguage] = useState(currentLanguage);
  const [isEnrolled, setEnrolled] = useState(phone.kept !== null);
  useEffect(() => phone.subscribe(() => setEnrolled(phone.kept !== null)), []);
  const t = translator(WALLET_TEXTS, language);
  const tag = LANGUAGE_TAGS[language];
  document.title = `Offcode · ${t("title")}`;
  const times = new Intl.DateTimeFormat(tag, {
    dateStyle: "medium",
    timeStyle: "short",
  });
  const parts: Parts = {
    ...{ phone, t },
    money: (minor, currency) => moneyText(minor, currency, tag),
    time: (unixMs) => times.format(unixMs),
  };
  const choose = (it: Language) => {
    chooseLanguage(it);
    setLanguage(it);
  };
  return html`
    <main>
      <h1 class="spoken">${t("title")}</h1>
      ${isEnrolled
        ? html`<${Enrolled} ...${parts} />`
        : html`<${Enrol} phone=${phone} t=${t} />`}
      <footer>
        <${LanguageChoice} t=${t} language=${language} choose=${choose} />
        <p class="soft">${t("practice")}</p>
      </footer>
    </main>
  `;
}

async function main(): Promise<void> {
  const language = currentLanguage();
  showLanguage(language);
  const t = translator(WALLET_TEXTS, language);
  render(
    html`
      <main>
        <p>${t("starting")}</p>
      </main>
    `,
    document.body,
  );
  // The page is stored before anything else is done, because the network may fail at
  // any moment.
  const keeping = navigator.serviceWorker?.register(
    scriptUrl("/pages/wallet-worker.js"),
    { scope: "/wallet" },
  );
  keeping?.catch(() => {});
  try {
    // On an insecure address a browser gives a page neither keys nor a place to store
    // them.
    if (!isSecureContext) {
      throw new TypeError("The address is not a secure one");
    }
    const phone = await Phone.open({
      clock: systemClock,
      random: systemRandom,
    });
    render(html`<${App} phone=${phone} />`, document.body);
    // Loaded now, because a new version of the page may replace this file before it is
    // needed.
    void import("../shared/barcode.ts");
    // Asks the browser not to delete the seed when storage is short.
    await navigator.storage?.persist?.();
  } catch (error) {
    const text = t(isSecureContext ? "broken" : "insecure");
    render(
      html`
        <main>
          <p class="note bad" role="alert">${text}</p>
        </main>
      `,
      document.body,
    );
    throw error;
  }
}

await main();
