/// <reference lib="dom" />
/**
 * The code as the shop scans it: a barcode and a QR code on white, a ring that shows
 * how much of the step is left, and the digits. The digits are hidden until somebody
 * asks for them, because a number on the screen can be copied.
 *
 * @module
 */

import { useEffect, useRef, useState } from "preact/hooks";
import type { WalletCode } from "../../code/wallet.ts";
import type { Translate } from "../shared/language.ts";
import { html } from "../shared/view.ts";
import type { Phone } from "./phone.ts";
import type { WalletKey } from "./texts.ts";

type Draw = typeof import("../shared/barcode.ts");

/** The greatest sizes of the pictures, in CSS pixels. */
const MOST_QR = 280;
const MOST_BARS = 480;
const BARS_HEIGHT = 100;

/** Draws both pictures whenever the code or the space for them changes. */
function usePictures({ digits, endsMs }: WalletCode) {
  const box = useRef<HTMLDivElement>(null);
  const bars = useRef<HTMLCanvasElement>(null);
  const qr = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    let isOver = false;
    let draw: Draw | null = null;
    const redraw = () => {
      if (isOver || draw === null || box.current === null) return;
      const room = box.current.clientWidth;
      draw.drawBars(bars.current!, digits, {
        cssWidth: Math.min(room, MOST_BARS),
        cssHeight: BARS_HEIGHT,
      });
      draw.drawQr(qr.current!, digits, Math.min(room, MOST_QR));
      // Tests wait for this value. It is not secret.
      box.current.dataset.endsMs = `${endsMs}`;
    };
    const sizes = new ResizeObserver(redraw);
    // The part that draws is loaded separately, so that the page appears first.
    void import("../shared/barcode.ts").then((loaded) => {
      draw = loaded;
      redraw();
      if (!isOver) sizes.observe(document.documentElement);
    });
    return () => {
      isOver = true;
      sizes.disconnect();
    };
  }, [digits]);
  return { box, bars, qr };
}

/** Keeps the screen on while a code is shown, where the browser can. */
function useWakeLock(): void {
  useEffect(() => {
    let lock: WakeLockSentinel | null = null;
    const ask = async () => {
      if (document.visibilityState !== "visible") return;
      try {
        lock = await navigator.wakeLock?.request("screen") ?? null;
      } catch {
        // The browser refuses if the battery is low. The screen then goes dark as
        // usual.
      }
    };
    void ask();
    // The lock ends whenever the page is hidden.
    document.addEventListener("visibilitychange", ask);
    return () => {
      document.removeEventListener("visibilitychange", ask);
      void lock?.release();
    };
  }, []);
}

/** The circumference of the ring, in its own units. */
const AROUND = 2 * Math.PI * 16;

/** How much of the step is left. */
function Ring(
  { leftMs, stepMs, t }: {
    leftMs: number;
    stepMs: number;
    t: Translate<WalletKey>;
  },
) {
  const seconds = Math.max(0, Math.ceil(leftMs / 1000));
  const part = Math.min(1, Math.max(0, leftMs / stepMs));
  return html`
    <p class="ring">
      <svg viewBox="0 0 36 36" aria-hidden="true">
        <circle cx="18" cy="18" r="16" class="track" />
        <circle cx="18" cy="18" r="16" class="left"
          stroke-dasharray="${AROUND}"
          stroke-dashoffset="${AROUND * (1 - part)}" />
      </svg>
      <span>${t("seconds", { seconds })}</span>
    </p>
  `;
}

/** Groups of three digits, which are easier to read, say and type. */
const grouped = (digits: string) => digits.match(/.{1,3}/g) ?? [];

/** The digits, once somebody asks for them, until the code changes. */
function Digits({ digits, t }: { digits: string; t: Translate<WalletKey> }) {
  const [shown, show] = useState<string | null>(null);
  const isShown = shown === digits;
  return html`
    <div class="digits">
      ${isShown &&
        html`
          <p class="number" data-testid="digits">
            ${grouped(digits).map((it, i) => html`<span key=${i}>${it}</span>`)}
          </p>
          <p class="soft">${t("digitsNote")}</p>
        `}
      <button class="plain" aria-expanded=${isShown}
        onClick=${() => show(isShown ? null : digits)}>
        ${t(isShown ? "digitsHide" : "digitsShow")}
      </button>
    </div>
  `;
}

/** The code, with everything around it. */
export function CodeView(
  { phone, nowMs, t }: {
    phone: Phone;
    nowMs: number;
    t: Translate<WalletKey>;
  },
) {
  const code = phone.code!;
  const { digits, endsMs } = code;
  const { box, bars, qr } = usePictures(code);
  useWakeLock();
  return html`
    <section class="code" aria-labelledby="show">
      <h2 id="show">${t("show")}</h2>
      <div class="pictures" ref=${box}>
        <canvas ref=${qr} role="img" aria-label=${t("pictureQr")}></canvas>
        <canvas ref=${bars} role="img" aria-label=${t("pictureBars")}></canvas>
      </div>
      <${Ring} leftMs=${endsMs - nowMs} stepMs=${phone.stepMs} t=${t} />
      <p class="soft">${t("brightness")}</p>
      <${Digits} digits=${digits} t=${t} />
    </section>
  `;
}
