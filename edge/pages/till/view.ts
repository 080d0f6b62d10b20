/// <reference lib="dom" />
/**
 * What the till shows. It shows one thing at a time: the amount, the scan, or one large
 * result. The colour, the picture and the word of a result say the same.
 *
 * @module
 */

import type { ComponentChild } from "preact";
import {
  type Language,
  LANGUAGE_NAMES,
  LANGUAGES,
  type Translate,
  translator,
} from "../shared/language.ts";
import { html } from "../shared/view.ts";
import type { Desk } from "./desk.ts";
import {
  type AmountKey,
  amountOf,
  CURRENCIES,
  formatMoney,
  formatNumber,
} from "./money.ts";
import { type Order, pressesOf } from "./sale.ts";
import { TILL_TEXTS, type TillKey } from "./texts.ts";
import type { Headline, OrderState, Press, Verdict } from "./verdict.ts";

/** What a view needs: the till, its texts, and the element for the camera's picture. */
export interface ViewDeps {
  readonly desk: Desk;
  readonly setVideo: (video: HTMLVideoElement | null) => void;
}

interface Props extends ViewDeps {
  readonly t: Translate<TillKey>;
}

/** The whole page. */
export function view(deps: ViewDeps): ComponentChild {
  const { desk } = deps;
  const props = { ...deps, t: translator(TILL_TEXTS, desk.language) };
  const { t } = props;
  return html`
    <header>
      ${bar(props)}
      ${desk.isTest && desk.screen !== "setup" && html`
        <p class="test">${t("testMode")}</p>
      `}
      ${desk.isOffline && html`
        <p class="note warn" role="alert">${t("offline")}</p>
      `}
    </header>
    <main>${screen(props)}</main>
    <p class="spoken" role="status" aria-live="assertive">${spoken(props)}</p>
  `;
}

function screen(props: Props): ComponentChild {
  const { desk, t } = props;
  switch (desk.screen) {
    case "setup":
      return setup(props);
    case "list":
      return list(props);
    case "otherTab":
      return html`
        <h1>${t("title")}</h1>
        <p class="note warn" role="alert">${t("otherTab")}</p>
      `;
    case "storageFails":
      return html`
        <h1>${t("title")}</h1>
        <p class="note bad" role="alert">${t("storageFails")}</p>
        <button class="main" onClick=${() => location.reload()}>
          ${t("takeOver")}
        </button>
      `;
    case "sale":
      return sale(props);
  }
}

function bar({ desk, t }: Props): ComponentChild {
  const isOpen = desk.screen === "sale" || desk.screen === "list";
  const isBusy = desk.sale.phase === "busy";
  const { hasSound, terminalId } = desk.settings;
  return html`
    <div class="bar">
      <b class="name">${terminalId || t("title")}</b>
      ${isOpen && html`
        <button disabled=${!desk.mayLookAround} onClick=${() =>
          desk.screen === "list" ? desk.showSale() : desk.showList()}>
          ${desk.screen === "list" ? t("listBack") : t("listOpen")}
        </button>
        <button aria-pressed=${hasSound}
          onClick=${() => desk.change({ hasSound: !hasSound })}>
          ${icon(hasSound ? "sound" : "silent")}
          <span class="spoken">${t("sound")}</span>
        </button>
      `}
      ${desk.screen !== "sale" && html`
        <select aria-label=${t("language")} onChange=${(event: Event) =>
          desk.speak(chosen(event) as Language)}>
          ${LANGUAGES.map((it) =>
            html`
              <option value=${it} lang=${it} selected=${it === desk.language}>
                ${LANGUAGE_NAMES[it]}
              </option>
            `
          )}
        </select>
      `}
      ${isOpen && html`
        <button disabled=${isBusy} onClick=${() => desk.lock()}>
          ${icon("lock")}<span class="spoken">${t("lock")}</span>
        </button>
      `}
    </div>
  `;
}

/**
 * The value that was chosen in a list. The list then loses the focus, so that keys
 * change the amount again.
 */
function chosen(event: Event): string {
  const select = event.currentTarget as HTMLSelectElement;
  select.blur();
  return select.value;
}

function setup({ desk, t }: Props): ComponentChild {
  const { terminalId, currency, hasSound } = desk.settings;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const read = (name: string) =>
      (form.elements.namedItem(name) as HTMLInputElement).value.trim();
    desk.open(read("key"), {
      terminalId: read("terminal"),
      currency: read("currency"),
      hasSound,
    });
  };
  return html`
    <form class="setup" onSubmit=${submit}>
      <h1>${t("setupTitle")}</h1>
      ${desk.setupFault !== null && html`
        <p class="note bad" role="alert">${t(desk.setupFault)}</p>
      `}
      <label for="key">${t("keyLabel")}</label>
      <input id="key" name="key" type="password" required autocomplete="off"
        autocapitalize="off" spellcheck=${false} aria-describedby="key-hint" />
      <p id="key-hint" class="soft">${t("keyHint")}</p>
      <label for="terminal">${t("terminalLabel")}</label>
      <input id="terminal" name="terminal" value=${terminalId} maxlength="64"
        autocomplete="off" spellcheck=${false} aria-describedby="till-hint" />
      <p id="till-hint" class="soft">${t("terminalHint")}</p>
      <label for="currency">${t("currencyLabel")}</label>
      <select id="currency" name="currency">${currencies(currency)}</select>
      <button class="main" aria-disabled=${desk.isChecking}>
        ${desk.isChecking ? t("busyPay") : t("openTill")}
      </button>
    </form>
  `;
}

function currencies(chosen: string): ComponentChild {
  return CURRENCIES.map((it) =>
    html`
      <option value=${it} selected=${it === chosen}>${it}</option>
    `
  );
}

function sale(props: Props): ComponentChild {
  const { desk } = props;
  if (desk.toReverse !== null) return sure(props, desk.toReverse);
  const { phase, asked, verdict } = desk.sale;
  switch (phase) {
    case "amount":
      return amount(props);
    case "scan":
      return scan(props);
    case "busy":
      // While the till asks again by itself, the result stays on the screen.
      return asked === "ask" && verdict !== null ? result(props) : busy(props);
    case "result":
      return result(props);
  }
}

const KEYS: readonly AmountKey[] = [
  ...["1", "2", "3", "4", "5", "6", "7", "8", "9", "00", "0"] as const,
  "back",
];

/**
 * Keeps a click from moving the focus to the button, so that Enter still means
 * "charge".
 */
const keepFocus = (event: Event) => event.preventDefault();

function amount({ desk, t }: Props): ComponentChild {
  const { digits, currency } = desk.sale;
  const minor = amountOf(digits);
  const isTooLong = digits !== "" && minor === null;
  return html`
    <section class="amount">
      <h1 id="focus" tabindex="-1">${t("amountTitle")}</h1>
      <div class="display">
        <output class=${minor === null ? "money soft" : "money"}>
          ${isTooLong ? t("amountTooLong") : formatNumber(minor ?? 0, currency)}
        </output>
        <select aria-label=${t("currencyLabel")} onChange=${(event: Event) =>
          desk.change({ currency: chosen(event) })}>${currencies(
            currency,
          )}</select>
      </div>
      ${notice({ desk, t })}
      <div class="keypad">
        ${KEYS.map((key) =>
          html`
            <button onMouseDown=${keepFocus} onClick=${() => desk.type(key)}>
              ${key === "back"
                ? html`${icon("back")}<span class="spoken">${
                  t("keyBack")
                }</span>`
                : key}
            </button>
          `
        )}
      </div>
      <div class="row">
        <button onMouseDown=${keepFocus} onClick=${() => desk.type("clear")}>
          ${t("keyClear")}
        </button>
        <button class="main wide" disabled=${minor === null}
          onMouseDown=${keepFocus} onClick=${() => desk.charge()}>
          ${minor === null
            ? t("chargeNothing")
            : t("charge", { value: formatMoney(minor, currency) })}
        </button>
      </div>
    </section>
  `;
}

function scan(props: Props): ComponentChild {
  const { desk, t } = props;
  const order = desk.sale.order!;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (desk.typedCode !== "") desk.read(desk.typedCode, "entered");
  };
  return html`
    <section class="scan">
      <p class="money">${formatMoney(order.amountMinor, order.currency)}</p>
      <h1 id="focus" tabindex="-1">${t("scanTitle")}</h1>
      ${notice(props)}
      ${desk.wantsCamera ? camera(props) : html`
        <p class="soft">${t("scanHint")}</p>
        <button class="main wide" onClick=${() => desk.useCamera(true)}>
          ${icon("camera")} ${t("cameraOn")}
        </button>
      `}
      <form class="digits" onSubmit=${submit}>
        <label for="digits">${t("digitsLabel")}</label>
        <div class="row">
          <input id="digits" inputmode="numeric" autocomplete="off"
            maxlength="64" value=${desk.typedCode} onInput=${(event: Event) =>
              desk.typeCode((event.currentTarget as HTMLInputElement).value)} />
          <button disabled=${desk.typedCode === ""}>${t("digitsPay")}</button>
        </div>
      </form>
      <button onClick=${() => desk.press("cancel")}>${t("pressCancel")}</button>
    </section>
  `;
}

function camera({ desk, t, setVideo }: Props): ComponentChild {
  const fault = CAMERA_FAULTS[desk.camera];
  return html`
    ${fault !== undefined && html`
      <p class="note warn" role="alert">${t(fault)}</p>
    `}
    <div class="picture" hidden=${fault !== undefined}>
      <video ref=${setVideo} muted playsinline aria-label=${t(
        "cameraView",
      )}></video>
      <p>${t(desk.camera === "on" ? "cameraLooks" : "cameraStarts")}</p>
    </div>
    <button class="wide" onClick=${() => desk.useCamera(false)}>
      ${t("cameraOff")}
    </button>
  `;
}

const CAMERA_FAULTS: Readonly<Record<string, TillKey | undefined>> = {
  denied: "cameraDenied",
  missing: "cameraMissing",
  fails: "cameraFails",
};

function notice({ desk, t }: Pick<Props, "desk" | "t">): ComponentChild {
  if (desk.notice === null) return null;
  const { text, value = "" } = desk.notice;
  return html`<p class="note warn" role="alert">${t(text, { value })}</p>`;
}

function busy({ desk, t }: Props): ComponentChild {
  const { asked, order } = desk.sale;
  return html`
    <section class="result busy" aria-busy="true">
      <div class="picture-of">${icon("busy")}</div>
      <h1 id="focus" tabindex="-1">${t(BUSY[asked!])}</h1>
      <p class="money">${formatMoney(order!.amountMinor, order!.currency)}</p>
      <p>${t("busyHint")}</p>
    </section>
  `;
}

const BUSY = {
  pay: "busyPay",
  ask: "busyAsk",
  reverse: "busyReverse",
} as const;

/** The picture of each result. The shapes can be distinguished without colours. */
const PICTURES: Readonly<Record<Headline, Picture>> = {
  paid: "yes",
  notPaid: "no",
  notKnown: "question",
  waiting: "busy",
  reversing: "busy",
  reversed: "undo",
  askCustomer: "talk",
  orderOver: "stop",
  tillProblem: "no",
};

function result(props: Props): ComponentChild {
  const { desk, t } = props;
  const { order, phase } = desk.sale;
  const verdict = desk.sale.verdict!;
  const { headline } = verdict;
  const isTestPaid = headline === "paid" && verdict.isTest;
  const [first, ...others] = pressesOf(desk.sale);
  return html`
    <section class=${`result ${headline} ${isTestPaid ? "of-test" : ""}`}>
      <div class="picture-of">${icon(PICTURES[headline])}</div>
      <h1 id="focus" tabindex="-1">${t(isTestPaid ? "paidTest" : headline)}</h1>
      <p class="money">${formatMoney(order!.amountMinor, order!.currency)}</p>
      ${sentences(props, verdict).map((it) => html`<p class="says">${it}</p>`)}
      ${desk.askSeconds > 0 && html`
        <p class="soft-there">
          ${t("asksInSeconds", { value: desk.askSeconds })}
        </p>
      `}
    </section>
    ${notice(props)}
    <div class="presses">
      ${button(props, first!, true, phase === "busy")}
      ${others.map((it) => button(props, it, false, phase === "busy"))}
    </div>
    <details>
      <summary>${t("forSupport")}</summary>
      <p class="support">${order!.orderId}</p>
      ${verdict.code !== undefined && html`
        <p class="support">${verdict.code}</p>
      `}
      ${verdict.detail !== undefined && html`
        <p class="support" lang="en">${verdict.detail}</p>
      `}
      ${verdict.instance !== undefined && html`
        <p class="support">${verdict.instance}</p>
      `}
    </details>
  `;
}

/**
 * The sentences about a result: those of the server, or the till's own if there are
 * none.
 */
function sentences({ desk, t }: Props, verdict: Verdict): string[] {
  const { note, says, headline, isTest, waitsFor } = verdict;
  const said: string[] = [];
  if (waitsFor === "customer") said.push(t("waitsForCustomer"));
  if (headline === "paid") said.push(t(isTest ? "notePaidTest" : "notePaid"));
  if (says !== undefined) said.push(says[desk.language]);
  else if (note === "noAnswer" && !pressesOf(desk.sale).includes("again")) {
    said.push(t("noteNoAnswerScan"));
  } else if (note !== undefined) said.push(t(NOTES[note]));
  return said;
}

const NOTES: Readonly<Record<NonNullable<Verdict["note"]>, TillKey>> = {
  noAnswer: "noteNoAnswer",
  noAnswerAsked: "noteNoAnswerAsked",
  noAnswerReversed: "noteNoAnswerReversed",
  declined: "noteDeclined",
  reversed: "noteReversed",
  reversing: "noteReversing",
  underWay: "noteUnderWay",
  refunded: "noteRefunded",
};

const PRESSES: Readonly<Record<Press, TillKey>> = {
  next: "pressNext",
  scan: "pressScan",
  again: "pressAgain",
  ask: "pressAsk",
  reverse: "pressReverse",
  second: "pressSecond",
  renumber: "pressRenumber",
  cancel: "pressCancel",
  key: "pressKey",
};

function button(
  { desk, t }: Props,
  press: Press,
  isFirst: boolean,
  isBusy: boolean,
): ComponentChild {
  const sends = press === "scan" || press === "again";
  const wait = sends ? desk.waitSeconds : 0;
  const isSame = press === "cancel" &&
    desk.sale.verdict!.headline === "askCustomer";
  // `aria-disabled` and not `disabled`, because a disabled button would lose the focus.
  return html`
    <button class=${isFirst ? "main first" : ""} key=${press}
      aria-disabled=${isBusy || !desk.isArmed || wait > 0}
      onClick=${() => desk.press(press)}>
      ${t(isSame ? "pressSamePurchase" : PRESSES[press])}
      ${wait > 0 ? ` (${t("inSeconds", { value: wait })})` : ""}
    </button>
  `;
}

function sure({ desk, t }: Props, order: Order): ComponentChild {
  const value = formatMoney(order.amountMinor, order.currency);
  return html`
    <section class="result askCustomer">
      <div class="picture-of">${icon("undo")}</div>
      <h1 id="focus" tabindex="-1">${t("reverseSure", { value })}</h1>
      <p class="support">${order.orderId}</p>
    </section>
    <div class="presses">
      <button class="main first" onClick=${() => desk.reverseSurely(false)}>
        ${t("reverseNo")}
      </button>
      <button onClick=${() => desk.reverseSurely(true)}>
        ${t("reverseYes")}
      </button>
    </div>
  `;
}

/** The words for an order in the list. */
const STATES: Readonly<Record<OrderState | "refunded", TillKey>> = {
  open: "stateOpen",
  unknown: "stateUnknown",
  waiting: "stateWaiting",
  unpaid: "stateUnpaid",
  paid: "statePaid",
  reversed: "stateReversed",
  closed: "stateClosed",
  refunded: "stateRefunded",
};

/** The states in which an order can still be asked for or reversed. */
const CHANGEABLE: readonly string[] = ["paid", "unknown", "waiting"];

function list({ desk, t }: Props): ComponentChild {
  const rows = desk.today;
  return html`
    <h1 id="focus" tabindex="-1">${t("listTitle")}</h1>
    ${notice({ desk, t })}
    ${desk.listFails && html`
      <p class="note warn" role="alert">${t("listFailed")}</p>
    `}
    ${rows.length === 0 && html`<p>${t("listEmpty")}</p>`}
    <ul class="orders">
      ${rows.map(({ order, state, description }) =>
        html`
          <li key=${order.orderId} class=${state}>
            <b class="money">${formatMoney(
              order.amountMinor,
              order.currency,
            )}</b>
            <span class="state">${t(STATES[state])}</span>
            <time>${timeOf(order.createdMs, desk)}</time>
            ${description !== undefined && html`<q>${description}</q>`}
            <small class="support">${order.orderId}</small>
            ${CHANGEABLE.includes(state) && html`
              <div class="row">
                <button onClick=${() => desk.look(order, "ask")}>
                  ${t("pressAsk")}
                </button>
                <button onClick=${() => desk.look(order, "reverse")}>
                  ${t("pressReverse")}
                </button>
              </div>
            `}
          </li>
        `
      )}
    </ul>
    <button onClick=${() => desk.refreshList()}>${t("listRefresh")}</button>
  `;
}

function timeOf(ms: number, { language }: Desk): string {
  return new Intl.DateTimeFormat(language, {
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).format(ms);
}

/** The text that a screen reader reads aloud when a result comes. */
function spoken(props: Props): string {
  const { desk, t } = props;
  const { phase, verdict } = desk.sale;
  if (desk.screen !== "sale" || phase !== "result" || verdict === null) {
    return "";
  }
  const isTestPaid = verdict.headline === "paid" && verdict.isTest;
  return [
    t(isTestPaid ? "paidTest" : verdict.headline),
    ...sentences(props, verdict),
  ].join(". ");
}

/** The lines of the pictures, each 24 by 24 units. */
const PATHS = {
  yes: "M3 13l6 6L21 5",
  no: "M5 5l14 14M19 5L5 19",
  question: "M7 8a5 5 0 1 1 7 4.6c-1.5.7-2 1.4-2 3M12 20v.5",
  busy: "M6 3h12M6 21h12M7 3c0 6 5 6 5 9s-5 3-5 9M17 3c0 6-5 6-5 9s5 3 5 9",
  undo: "M9 4L4 9l5 5M4 9h10a6 6 0 0 1 0 12h-3",
  talk: "M3 5h18v11H11l-5 5v-5H3zM8 10.5h8",
  stop: "M7 3h10l4 4v10l-4 4H7l-4-4V7zM8 12h8",
  back: "M9 5h12v14H9l-6-7zM12 9l5 6M17 9l-5 6",
  camera: "M3 7h4l2-3h6l2 3h4v13H3zM12 17a4 4 0 1 0 0-8 4 4 0 0 0 0 8",
  sound: "M4 9v6h4l5 4V5L8 9zM16 9c1.5 2 1.5 4 0 6M19 6c3 4 3 8 0 12",
  silent: "M4 9v6h4l5 4V5L8 9zM16 9l5 6M21 9l-5 6",
  lock: "M5 11h14v10H5zM8 11V8a4 4 0 0 1 8 0v3",
} as const;

type Picture = keyof typeof PATHS;

function icon(name: Picture): ComponentChild {
  return html`
    <svg viewBox="0 0 24 24" aria-hidden="true">
      <path d=${PATHS[name]} />
    </svg>
  `;
}
