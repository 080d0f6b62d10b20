/**
 * The wallets of a run and the codes that they have left.
 *
 * A wallet has one code per time step, and codes are spent in their order: the
 * server accepts none of a step before the last one used. The steps before and
 * after the current one are accepted as well, so a wallet that has not paid for
 * a while has up to three to show; near the edges of a step only those are
 * shown that are still accepted when they arrive late, or where the server's
 * clock is a little behind.
 *
 * @module
 */

/** How far from the edge of a step its neighbor on the other side is left out. */
export const GUARD_MS = 5_000;

/** A wallet that shows codes. */
export interface CodeSource {
  /** The code of the step at a moment. */
  show(unixMs: number): { readonly digits: string };
}

/** A code to pay with. */
export interface DrawnCode {
  /** Whose it is; to be given back when its answer is there. */
  readonly wallet: number;
  readonly digits: string;
  /** How many this wallet had been drawn for before. */
  readonly before: number;
  /** Until then the code is found, though it counts once only; unix ms. */
  readonly foundUntilMs: number;
}

/** What a pool is made of. */
interface PoolOptions {
  readonly sources: readonly CodeSource[];
  readonly stepMs: number;
  /** Codes of one wallet at most. */
  readonly codesPerWallet: number;
  /** From 0 to below 1. */
  readonly random: () => number;
}

/** Draws wallets at random. */
export class WalletPool {
  readonly #options: PoolOptions;
  /** The last step that each has shown a code of. */
  readonly #lastStep: Float64Array;
  readonly #drawn: Uint32Array;
  readonly #isBusy: Uint8Array;

  constructor(options: PoolOptions) {
    this.#options = options;
    const count = options.sources.length;
    this.#lastStep = new Float64Array(count).fill(-1);
    this.#drawn = new Uint32Array(count);
    this.#isBusy = new Uint8Array(count);
  }

  /**
   * A fresh code of a wallet that waits for no answer, spent with this; `null`
   * when there is none.
   */
  draw(unixMs: number): DrawnCode | null {
    const { sources, stepMs, codesPerWallet, random } = this.#options;
    const count = sources.length;
    const first = Math.floor(random() * count);
    for (let i = 0; i < count; i++) {
      const wallet = (first + i) % count;
      if (this.#isBusy[wallet] || this.#drawn[wallet]! >= codesPerWallet) {
        continue;
      }
      const step = nextStep(this.#lastStep[wallet]!, unixMs, stepMs);
      if (step === null) continue;
      this.#lastStep[wallet] = step;
      this.#isBusy[wallet] = 1;
      const before = this.#drawn[wallet]!++;
      const { digits } = sources[wallet]!.show(step * stepMs);
      // Accepted in the step after its own, and safely before the end of it.
      const foundUntilMs = (step + 2) * stepMs - GUARD_MS;
      return { wallet, digits, before, foundUntilMs };
    }
    return null;
  }

  /** The wallet has its answer and may be drawn again. */
  giveBack(wallet: number): void {
    this.#isBusy[wallet] = 0;
  }

  /** A wallet's current code with another last digit: nobody's, but by chance. */
  wrongCode(unixMs: number): string {
    const { sources, random } = this.#options;
    const wallet = Math.floor(random() * sources.length);
    const { digits } = sources[wallet]!.show(unixMs);
    return digits.slice(0, -1) + (Number(digits.at(-1)) + 1) % 10;
  }
}

/** The lowest step after `lastStep` whose code can be shown now, if any. */
export function nextStep(
  lastStep: number,
  unixMs: number,
  stepMs: number,
): number | null {
  const now = Math.floor(unixMs / stepMs);
  const intoStepMs = unixMs - now * stepMs;
  const first = intoStepMs < stepMs - GUARD_MS ? now - 1 : now;
  const last = intoStepMs >= GUARD_MS ? now + 1 : now;
  const step = Math.max(first, lastStep + 1);
  return step <= last ? step : null;
}
