/// <reference lib="dom" />
/**
 * Draws a payment code as Code 128 (ISO/IEC 15417, in its set C: two digits in a
 * symbol) and as a QR code (ISO/IEC 18004), with the white margins that scanners need.
 * Each module is a whole number of the screen's own pixels, so that edges are sharp.
 *
 * @module
 */

import { code128, qrcode } from "bwip-js/browser";

const COLORS = { backgroundcolor: "FFFFFF", barcolor: "000000" };

/** The margin around a QR code, in modules. */
const QR_MARGIN = 4;
/** bwip-js draws a module of a QR code as two pixels. */
const QR_PIXELS = 2;
/** The margin beside Code 128, in modules. */
const BAR_MARGIN = 10;

/**
 * Copies a picture to a canvas of the page. The picture is `modules` wide, and each
 * module gets as many whole pixels of the screen as fit into `cssWidth`.
 */
function show(
  canvas: HTMLCanvasElement,
  picture: HTMLCanvasElement,
  modules: number,
  { cssWidth, cssHeight }: { cssWidth: number; cssHeight?: number },
): void {
  const perModule = Math.max(
    1,
    Math.floor(cssWidth * devicePixelRatio / modules),
  );
  canvas.width = perModule * modules;
  canvas.height = cssHeight === undefined
    ? canvas.width
    : Math.round(cssHeight * devicePixelRatio);
  canvas.style.width = `${canvas.width / devicePixelRatio}px`;
  canvas.style.height = `${canvas.height / devicePixelRatio}px`;
  const context = canvas.getContext("2d")!;
  context.imageSmoothingEnabled = false;
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
}

/** Draws Code 128 of an even number of digits. */
export function drawBars(
  canvas: HTMLCanvasElement,
  digits: string,
  size: { readonly cssWidth: number; readonly cssHeight: number },
): void {
  const picture = document.createElement("canvas");
  code128(picture, {
    ...{ bcid: "code128", text: digits, scale: 1, height: 1 },
    paddingwidth: BAR_MARGIN,
    ...COLORS,
  });
  show(canvas, picture, picture.width, size);
}

/** Draws a QR code of digits. */
export function drawQr(
  canvas: HTMLCanvasElement,
  digits: string,
  cssWidth: number,
): void {
  const picture = document.createElement("canvas");
  qrcode(picture, {
    ...{ bcid: "qrcode", text: digits, scale: 1, eclevel: "Q" },
    padding: QR_MARGIN * QR_PIXELS,
    ...COLORS,
  });
  show(canvas, picture, picture.width / QR_PIXELS, { cssWidth });
}
