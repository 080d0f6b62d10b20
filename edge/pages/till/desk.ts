/// <reference lib="dom" />
/**
 * The till without its view. It does what `sale.ts` decides, in the order that makes it
 * safe: an order is stored before a call is made about it. It also counts down waits
 * and keeps the settings.
 *
 * The merchant's key is kept in `sessionStorage`. A reload during a payment then needs
 * no new entry of the key, and closing the tab removes the key. It is never stored with
 * the orders, and never put into an address.
 *
 * @module
 */

import { systemClock, systemRandom } from "../../base/clock.ts";
import { readScan } from "../../code/scanner.ts";
import { chooseLanguage, type Language } from "../shared/language.ts";
import { type ListedPayment, listPayments, makeCall, request } from "./api.ts";
import type { CameraFault } from "./camera.ts";
import type { Orders } from "./orders.ts";
import {
  isIdle,
  newSale,
  type Order,
  pressesOf,
  type Sale,
  type SaleEvent,
  step,
  takesScans,
} from "./sale.ts";
import { play, tonesOf } from "./sounds.ts";
import type { TillKey } from "./texts.ts";
import type { OrderState, Press } from "./verdict.ts";

/** Where a text came from. */
export type Source = "scanner" | "camera" | "entered";

/** A short message beside the current view. */
export interface Notice {
  readonly text: TillKey;
  readonly value?: string;
}

/** What the page shows besides the sale. */
export type Screen = "setup" | "sale" | "list" | "otherTab" | "storageFails";

/** A key of a merchant has this form. */
const KEY = /^ock_(test|live)_[\w-]{20,200}$/;
/** The form of a till's name, as in the API. */
const TERMINAL = /^[!-~]{0,64}$/;

/** An item of `sessionStorage`, which is removed with the tab. */
const KEY_ITEM = "offcode.till.key";
/** An item of `localStorage`, without secrets. */
const SETTINGS_ITEM = "offcode.till.settings";

/**
 * For this time a new result accepts no press, because the finger was on its way to
 * another button.
 */
const UNARMED_MS = 400;

/** The settings of a till, which are entered once. */
export interface Settings {
  readonly terminalId: string;
  readonly currency: string;
  readonly hasSound: boolean;
}

/** An order in the list of today. */
export interface TodaysOrder {
  readonly order: Order;
  readonly state: OrderState | "refunded";
  /** The description that the server has. */
  readonly description?: string;
}

/** The states of the server's list. */
const STATES: Readonly<Record<string, TodaysOrder["state"]>> = {
  succeeded: "paid",
  declined: "unpaid",
  reversing: "waiting",
  reversed: "reversed",
  refunded: "refunded",
};

function todaysOrder(
  listed: ListedPayment,
  own: Order | undefined,
  terminalId: string,
): TodaysOrder {
  const state = STATES[listed.status] ?? "unknown";
  const order = own ?? {
    orderId: listed.order_id,
    amountMinor: listed.amount_minor,
    currency: listed.currency,
    terminalId,
    createdMs: Date.parse(listed.created_at),
    state: state === "refunded" ? "closed" : state,
    isInDoubt: false,
    isSecondPurchase: false,
    isTest: false,
    isLeft: true,
  };
  return {
    order,
    state,
    ...(listed.description !== undefined && {
      description: listed.description,
    }),
  };
}

function readSettings(): Settings {
  const standard = { terminalId: "", currency: "EUR", hasSound: true };
  try {
    const kept = JSON.parse(localStorage.getItem(SETTINGS_ITEM) ?? "{}");
    return { ...standard, ...kept };
  } catch {
    return standard;
  }
}

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** The number of an order: the till, the time, and 40 random bits. */
function newOrderId(terminalId: string, nowMs: number): string {
  const time = new Date(nowMs).toISOString().replace(/\D/g, "").slice(2, 14);
  const random = [...systemRandom.bytes(8)]
    .map((it) => ALPHABET[it % 32]).join("");
  return `${terminalId.slice(0, 32) || "till"}-${time}-${random}`;
}

/** The till. It calls `onChange` after every change. */
export class Desk {
  screen: Screen = "setup";
  sale: Sale;
  settings: Settings = readSettings();
  notice: Notice | null = null;
  /** The fault of the key or the settings that were entered. */
  setupFault: TillKey | null = null;
  isChecking = false;
  /** Whether the camera is used for this sale and the following ones. */
  wantsCamera = false;
  camera: "off" | "starting" | "on" | CameraFault = "off";
  /** Digits of a code that are typed by hand, or by a slow scanner. */
  typedCode = "";
  /** The order that is reversed if the cashier confirms it. */
  toReverse: Order | null = null;
  /** The server's list of today's payments; `null` until it was read. */
  listed: readonly ListedPayment[] | null = null;
  listFails = false;
  isOffline = !navigator.onLine;
  language: Language;
  /** Absent until the till has started. */
  #orders: Orders | null = null;
  readonly #onChange: () => void;
  #key: string | null = sessionStorage.getItem(KEY_ITEM);
  /** `performance.now()` when the current answer came. */
  #shownMs = 0;
  /**
   * `performance.now()` when the current headline appeared. A later answer with the
   * same headline does not change it.
   */
  #changedMs = 0;
  #drawn = "";

  constructor(language: Language, onChange: () => void) {
    this.#onChange = onChange;
    this.language = language;
    this.sale = newSale(this.settings.currency);
  }

  /** Stops the till, with the reason on the screen. */
  stop(screen: "otherTab" | "storageFails"): void {
    this.#show(screen);
  }

  /** Starts the till where a reload or a crash has left it. */
  start(orders: Orders): void {
    this.#orders = orders;
    if (this.#key === null) return this.#show("setup");
    this.#show("sale");
    this.#goOn(true);
  }

  /** Whether the key is for a server with test money. */
  get isTest(): boolean {
    return this.#key?.startsWith("ock_test_") ?? false;
  }

  /** Whether the buttons of the result accept presses already. */
  get isArmed(): boolean {
    return performance.now() - this.#changedMs >= UNARMED_MS;
  }

  /** Seconds until a new code may be sent; 0 if it may. */
  get waitSeconds(): number {
    return this.#left(this.sale.verdict?.waitSeconds);
  }

  /** Seconds until the till asks by itself. */
  get askSeconds(): number {
    return this.#left(this.sale.verdict?.askInSeconds);
  }

  #left(seconds: number | undefined): number {
    if (seconds === undefined || this.sale.phase !== "result") return 0;
    const leftMs = seconds * 1_000 - (performance.now() - this.#shownMs);
    return Math.max(0, Math.ceil(leftMs / 1_000));
  }

  /** Checks the key and opens the till. */
  async open(key: string, settings: Settings): Promise<void> {
    if (this.isChecking) return;
    if (!KEY.test(key)) return this.#failSetup("keyWrongForm");
    if (!TERMINAL.test(settings.terminalId)) {
      return this.#failSetup("terminalWrong");
    }
    this.isChecking = true;
    this.#failSetup(null);
    const answer = await request(key, "GET", "/v1/payments?limit=1");
    this.isChecking = false;
    if (answer?.status !== 200) {
      return this.#failSetup(
        answer?.status === 401
          ? "keyRefused"
          : answer?.status === 403
          ? "keyNotMerchant"
          : "keyNotChecked",
      );
    }
    this.#key = key;
    sessionStorage.setItem(KEY_ITEM, key);
    this.change(settings);
    this.listed = null;
    this.#show("sale");
    if (this.sale.phase === "result" && pressesOf(this.sale).includes("key")) {
      this.sale = { ...newSale(settings.currency), calls: this.sale.calls };
    }
    this.#goOn(true);
  }

  /** Forgets the key. An order whose end is not known is asked for later. */
  lock(): void {
    this.#key = null;
    sessionStorage.removeItem(KEY_ITEM);
    this.listed = null;
    this.toReverse = null;
    this.#show("setup");
  }

  /** Changes settings and keeps them. */
  change(settings: Partial<Settings>): void {
    this.settings = { ...this.settings, ...settings };
    localStorage.setItem(SETTINGS_ITEM, JSON.stringify(this.settings));
    this.#take({ type: "currency", currency: this.settings.currency });
  }

  /** Changes the language of the page. */
  speak(language: Language): void {
    this.language = language;
    chooseLanguage(language);
    this.#onChange();
  }

  /** A key of the keypad. */
  type(key: Extract<SaleEvent, { type: "key" }>["key"]): void {
    this.notice = null;
    this.#take({ type: "key", key });
  }

  /** Begins a sale of the amount that was typed. */
  charge(): void {
    this.notice = null;
    this.#take({ type: "charge", fresh: this.#fresh() });
  }

  /** A button of the result, or of the scan. */
  press(press: Press): void {
    if (this.sale.phase === "result" && !this.isArmed) return;
    const isBlocked = press === "scan" || press === "again";
    if (isBlocked && this.waitSeconds > 0) return;
    this.notice = null;
    if (press === "key") return this.lock();
    if (press === "reverse" && this.sale.order?.state === "paid") {
      this.toReverse = this.sale.order;
      return this.#onChange();
    }
    this.#take({ type: "press", press, fresh: this.#fresh() });
    if (this.sale.phase === "amount") this.#goOn(false);
  }

  /** The cashier's answer to the question whether to reverse a paid order. */
  reverseSurely(isSure: boolean): void {
    const order = this.toReverse;
    this.toReverse = null;
    if (!isSure || order === null) return this.#onChange();
    this.look(order, "reverse");
  }

  /** Asks for an order of the list, or reverses it. */
  look(order: Order, ask: "ask" | "reverse"): void {
    if (ask === "reverse" && order.state === "paid" && this.screen === "list") {
      this.toReverse = order;
      this.screen = "sale";
      this.sale = {
        ...newSale(this.settings.currency),
        calls: this.sale.calls,
      };
      return this.#onChange();
    }
    this.#show("sale");
    this.#take({ type: "open", order, ask });
  }

  /** Takes a text from a scanner, the camera or the keyboard. */
  read(text: string, source: Source): void {
    const scan = readScan(text);
    if (!takesScans(this.sale) || this.screen !== "sale") {
      if (source === "camera") return;
      return this.#note(
        this.screen === "sale" && this.sale.phase === "amount"
          ? "chargeFirst"
          : "notNow",
      );
    }
    if (this.waitSeconds > 0) return this.#note("notNow");
    if (scan === null) {
      const isOtherLayout = source === "scanner" && !/\d{4}/.test(text);
      return this.#note(isOtherLayout ? "notDigits" : "notACode");
    }
    const { refusedCode, code, phase } = this.sale;
    if (scan.code === (phase === "result" ? code : refusedCode)) {
      return this.#note("sameCode");
    }
    this.typedCode = "";
    this.notice = source === "scanner" && scan.added.length > 0
      ? { text: "scannerAdds", value: scan.added.join(", ") }
      : null;
    this.#take({ type: "scanned", code: scan.code });
  }

  /** What was typed of a code so far. */
  typeCode(digits: string): void {
    this.typedCode = digits;
    this.#onChange();
  }

  /** Whether the list may be shown: there is no order whose end is not known. */
  get mayLookAround(): boolean {
    return isIdle(this.sale);
  }

  /** Shows the orders of today, and asks the server for them. */
  async showList(): Promise<void> {
    if (!this.mayLookAround) return;
    this.notice = null;
    this.#show("list");
    await this.refreshList();
  }

  /** Asks the server for the orders of today. */
  async refreshList(): Promise<void> {
    if (this.#key === null) return;
    const { terminalId } = this.settings;
    const listed = await listPayments(this.#key, terminalId, this.todayMs);
    this.listFails = listed === null;
    if (listed !== null) this.listed = listed;
    this.#onChange();
  }

  /** Back from the list. */
  showSale(): void {
    this.#show("sale");
  }

  /** When today has begun here. */
  get todayMs(): number {
    return new Date(systemClock.nowMs()).setHours(0, 0, 0, 0);
  }

  /** The orders of today, the latest first: the server's, and this till's own. */
  get today(): readonly TodaysOrder[] {
    const rows = new Map(
      (this.#orders?.since(this.todayMs) ?? []).map((
        order,
      ): [string, TodaysOrder] => [
        order.orderId,
        { order, state: order.isInDoubt ? "unknown" : order.state },
      ]),
    );
    const { terminalId } = this.settings;
    for (const it of this.listed ?? []) {
      const own = rows.get(it.order_id)?.order;
      // Without a name the till recognizes its own orders only by their numbers.
      if (own === undefined && terminalId === "") continue;
      rows.set(it.order_id, todaysOrder(it, own, terminalId));
    }
    return [...rows.values()]
      .sort((a, b) => b.order.createdMs - a.order.createdMs);
  }

  /** What the camera does. */
  setCamera(camera: Desk["camera"]): void {
    this.camera = camera;
    this.#onChange();
  }

  /** Uses the camera for scans, or no more. */
  useCamera(wants: boolean): void {
    this.wantsCamera = wants;
    this.camera = "off";
    this.notice = null;
    this.#onChange();
  }

  /** The network came or went. */
  setOffline(isOffline: boolean): void {
    this.isOffline = isOffline;
    this.#onChange();
  }

  /** To be called a few times a second. */
  tick(): void {
    if (this.screen !== "sale" || this.sale.phase !== "result") return;
    const { verdict } = this.sale;
    const isDue = verdict?.askInSeconds !== undefined && this.askSeconds === 0;
    if (isDue && this.toReverse === null) {
      return this.#take({ type: "press", press: "ask", fresh: this.#fresh() });
    }
    const drawn = `${this.isArmed} ${this.waitSeconds} ${this.askSeconds}`;
    if (drawn !== this.#drawn) this.#onChange();
    this.#drawn = drawn;
  }

  /** Shows what is next. An order whose end is not known comes first. */
  #goOn(mayResume: boolean): void {
    if (this.sale.phase !== "amount") return;
    const openEnded = this.#orders?.openEnded();
    const nowMs = systemClock.nowMs();
    if (openEnded !== undefined) {
      this.#take({ type: "open", order: openEnded, ask: "ask" });
    } else if (mayResume) {
      const order = this.#orders?.atHand(nowMs);
      if (order === undefined) return;
      const isUnpaid = order.state === "open" || order.state === "unpaid";
      this.#take(
        isUnpaid
          ? { type: "resume", order }
          : { type: "open", order, ask: "ask" },
      );
    }
  }

  #fresh() {
    const { terminalId } = this.settings;
    const nowMs = systemClock.nowMs();
    return { orderId: newOrderId(terminalId, nowMs), terminalId, nowMs };
  }

  #note(text: TillKey): void {
    this.notice = { text };
    this.#onChange();
  }

  #failSetup(fault: TillKey | null): void {
    this.setupFault = fault;
    this.#onChange();
  }

  #show(screen: Screen): void {
    this.screen = screen;
    this.#onChange();
  }

  /** Takes an event and does what follows from it. */
  #take(event: SaleEvent): void {
    const { sale, save, call } = step(this.sale, event);
    if (event.type === "answered" && sale !== this.sale) {
      const { headline } = sale.verdict!;
      this.#shownMs = performance.now();
      // If the till asks again by itself, the sound is played once and not each time.
      if (
        this.sale.asked !== "ask" || headline !== this.sale.verdict?.headline
      ) {
        this.#changedMs = this.#shownMs;
        // The buttons are drawn before they accept presses, so the next tick draws again,
        // even if it comes so late that it finds what the last one of another result found.
        this.#drawn = "";
        if (this.settings.hasSound) play(tonesOf(headline));
      }
    }
    if (sale.phase !== this.sale.phase) this.typedCode = "";
    this.sale = sale;
    this.#onChange();
    if (save !== undefined) this.#run(save, call);
  }

  async #run(save: Order, call: ReturnType<typeof step>["call"]) {
    try {
      await this.#orders!.save(save);
    } catch {
      // An order that cannot be stored is not sent, because a crash would lose its
      // number. An answer is shown although it cannot be stored, because the till asks
      // for the order again after a crash.
      if (call !== undefined) this.#show("storageFails");
      return;
    }
    if (call === undefined || this.#key === null) return this.#onChange();
    const answer = await makeCall(this.#key, call);
    this.#take({ type: "answered", number: call.number, answer });
  }
}
