/// <reference lib="dom" />
/**
 * The till page: draws the till, and passes keys, pasted texts and scans of the camera
 * to it.
 *
 * @module
 */

import { render } from "preact";
import { systemClock } from "../../base/clock.ts";
import { currentLanguage, showLanguage } from "../shared/language.ts";
import { type Camera, startCamera, warmCamera } from "./camera.ts";
import { Desk } from "./desk.ts";
import type { AmountKey } from "./money.ts";
import { Orders } from "./orders.ts";
import { view } from "./view.ts";
import { BURST_GAP_MS, type Typed, Wedge } from "./wedge.ts";

const TICK_MS = 200;

const language = currentLanguage();
showLanguage(language);

/** Draws once for all changes of one task, and moves the focus to a new result. */
let isDue = false;
let shown = "";
function draw(): void {
  if (isDue) return;
  isDue = true;
  queueMicrotask(() => {
    isDue = false;
    render(view({ desk, setVideo }), document.body);
    const { screen, sale, toReverse } = desk;
    const now = `${screen} ${sale.phase} ${sale.verdict?.headline} ${
      toReverse !== null
    }`;
    if (now === shown) return;
    shown = now;
    // The focus moves to the first button of a new result, for people who use a screen
    // reader or only keys.
    const first = document.querySelector<HTMLElement>("button.first");
    (first ?? document.querySelector<HTMLElement>("#focus"))
      ?.focus({ preventScroll: true });
    scrollTo(0, 0);
  });
}

let camera: Camera | null = null;
let picture: HTMLVideoElement | null = null;

/**
 * Starts the camera when its picture appears on the page, and stops it when the picture
 * is removed.
 */
async function setVideo(video: HTMLVideoElement | null): Promise<void> {
  if (video === picture) return;
  picture = video;
  camera?.stop();
  camera = null;
  if (video === null) return;
  desk.setCamera("starting");
  const started = await startCamera(video, (text) => desk.read(text, "camera"));
  const isWanted = picture === video;
  if (typeof started === "string") {
    if (isWanted) desk.setCamera(started);
  } else if (!isWanted) {
    started.stop();
  } else {
    camera = started;
    desk.setCamera("on");
  }
}

const wedge = new Wedge();
let flushing: ReturnType<typeof setTimeout> | undefined;

function isField(target: EventTarget | null): boolean {
  return target instanceof HTMLInputElement ||
    target instanceof HTMLSelectElement;
}

/** Enter presses the button that has the focus, and nothing else. */
function isOnButton(): boolean {
  return document.activeElement instanceof HTMLButtonElement;
}

/** Handles a key that a person has pressed outside of any field. */
function typeByHand(key: string): void {
  const { phase } = desk.sale;
  if (desk.screen !== "sale" || desk.toReverse !== null) return;
  if (phase === "amount") {
    if (/^\d$/.test(key)) desk.type(key as AmountKey);
    else if (key === "Backspace") desk.type("back");
    else if (key === "Delete" || key === "Escape") desk.type("clear");
    else if (key === "Enter" && !isOnButton()) {
      desk.charge();
    }
  } else if (phase === "scan") {
    const { typedCode } = desk;
    if (/^\d$/.test(key)) desk.typeCode(typedCode + key);
    else if (key === "Backspace") desk.typeCode(typedCode.slice(0, -1));
    else if (key === "Enter" && typedCode !== "" && !isOnButton()) {
      desk.read(typedCode, "entered");
    }
  }
}

function takeTyped(typed: readonly Typed[]): void {
  for (const it of typed) {
    if (it.kind === "scan") desk.read(it.text, "scanner");
    else it.keys.forEach(typeByHand);
  }
}

function onKey(event: KeyboardEvent): void {
  if (isField(event.target) || event.altKey || event.metaKey) return;
  // A key that is held down must not press a button again.
  if (event.repeat && event.key === "Enter") return event.preventDefault();
  if (event.ctrlKey && event.key !== "]") return;
  // Scanners send the group separator (FNC1) as Ctrl and `]`.
  const key = event.ctrlKey ? "\x1d" : event.key;
  const { typed, isPartOfScan } = wedge.push(key, event.timeStamp);
  if (isPartOfScan) {
    event.preventDefault();
    event.stopPropagation();
  }
  takeTyped(typed);
  clearTimeout(flushing);
  flushing = setTimeout(() => takeTyped(wedge.flush()), BURST_GAP_MS);
}

function onPaste(event: ClipboardEvent): void {
  if (isField(event.target) || desk.screen !== "sale") return;
  desk.read(event.clipboardData?.getData("text").trim() ?? "", "entered");
}

/**
 * Reserves the till for this tab until the tab ends, even by a crash. Two tabs at once
 * would each treat the other's orders as its own. A second tab waits for the first one.
 */
function holdTill(): Promise<void> {
  // Absent where the page did not come by HTTPS.
  if (navigator.locks === undefined) return Promise.resolve();
  return new Promise((resolve) => {
    navigator.locks.request("offcode-till", () => {
      resolve();
      return new Promise(() => {});
    });
  });
}

/** After this time a tab that was just reloaded has released the till. */
const OTHER_TAB_MS = 500;

async function main(): Promise<void> {
  const waiting = setTimeout(() => desk.stop("otherTab"), OTHER_TAB_MS);
  await holdTill();
  clearTimeout(waiting);
  try {
    desk.start(await Orders.open(systemClock.nowMs()));
  } catch {
    return desk.stop("storageFails");
  }
  document.addEventListener("keydown", onKey, { capture: true });
  document.addEventListener("paste", onPaste);
  addEventListener("online", () => desk.setOffline(false));
  addEventListener("offline", () => desk.setOffline(true));
  setInterval(() => desk.tick(), TICK_MS);
  await warmCamera();
}

const desk = new Desk(language, draw);
await main();
