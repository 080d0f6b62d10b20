/**
 * Pictures of codes as a camera sees them: turned by an angle and out of focus.
 *
 * @module
 */

import bwip from "bwip-js/browser";
import type { GreyPicture } from "./camera.ts";

/** The two forms in which a wallet shows a code. */
export type Symbology = "qrcode" | "code128";

/** How the camera sees the code. */
export interface Sight {
  /** Pixels of the smallest square or bar. */
  readonly pixels: number;
  readonly degrees?: number;
  /** The standard deviation of the blur, pixels. */
  readonly blur?: number;
}

const WIDTH = 640;
const HEIGHT = 480;
/** Of a barcode, in its smallest bars. */
const BAR_HEIGHT = 60;

/** Whether a symbol is dark at a place, in its smallest squares or bars. */
interface Symbol {
  readonly width: number;
  readonly height: number;
  isDark(x: number, y: number): boolean;
}

function symbolOf(symbology: Symbology, digits: string): Symbol {
  const [made] = bwip.raw(symbology, digits, {} as never) as unknown as {
    readonly sbs?: number[];
    readonly pixs?: number[];
    readonly pixx?: number;
  }[];
  const { sbs, pixs, pixx } = made!;
  if (pixs !== undefined) {
    return {
      width: pixx!,
      height: pixx!,
      isDark: (x, y) => pixs[y * pixx! + x] === 1,
    };
  }
  // Bars and gaps by turns.
  const dark = sbs!.flatMap((width, i) => Array(width).fill(i % 2 === 0));
  return {
    width: dark.length,
    height: BAR_HEIGHT,
    isDark: (x) => dark[x],
  };
}

/** A kernel of a Gaussian blur, which adds up to 1. */
function kernelOf(sigma: number): number[] {
  const reach = Math.ceil(3 * sigma);
  const weights = Array.from(
    { length: 2 * reach + 1 },
    (_, i) => Math.exp(-((i - reach) ** 2) / (2 * sigma ** 2)),
  );
  const sum = weights.reduce((a, b) => a + b);
  return weights.map((it) => it / sum);
}

/** Blurs along one axis; `step` is the distance of neighbors. */
function blurAlong(pixels: Float32Array, step: number, kernel: number[]) {
  const reach = (kernel.length - 1) / 2;
  return pixels.map((_, at) => {
    let sum = 0;
    for (const [i, weight] of kernel.entries()) {
      // Beyond the picture it is white, as everywhere around the code.
      sum += weight * (pixels[at + (i - reach) * step] ?? 255);
    }
    return sum;
  });
}

/** A code in the middle of a white picture. */
export function codePicture(
  symbology: Symbology,
  digits: string,
  { pixels: size, degrees = 0, blur = 0 }: Sight,
): GreyPicture {
  const { width, height, isDark } = symbolOf(symbology, digits);
  const [sin, cos] = [Math.sin, Math.cos].map((it) =>
    it(degrees * Math.PI / 180)
  ) as [number, number];
  let picture = new Float32Array(WIDTH * HEIGHT).map((_, at) => {
    const dx = at % WIDTH - WIDTH / 2;
    const dy = Math.floor(at / WIDTH) - HEIGHT / 2;
    const x = Math.floor((dx * cos + dy * sin) / size + width / 2);
    const y = Math.floor((dy * cos - dx * sin) / size + height / 2);
    const isInside = x >= 0 && x < width && y >= 0 && y < height;
    return isInside && isDark(x, y) ? 20 : 235;
  });
  if (blur > 0) {
    const kernel = kernelOf(blur);
    picture = blurAlong(blurAlong(picture, 1, kernel), WIDTH, kernel);
  }
  return { width: WIDTH, height: HEIGHT, pixels: Uint8Array.from(picture) };
}
