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
const GUARD_MS = 5_000;

interface PoolOptions {
  /** Wallets; each shows the code of the step at a moment. */
  readonly sources: readonly {
    show(unixMs: number): { readonly digits: string };
  }[];
  readonly stepMs: number;
  /** The most codes of one wallet. */
  readonly codesPerWallet: number;
  /** From 0 to below 1. */
  readonly random: () => number;
}

/** Draws wallets at random. */
export class WalletPool {
  readonly #options: PoolOptions;
  readonly #states;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#states = options.sources.map(() => ({
      /** The last step of which a code was shown. */
      lastStep: -1,
      drawn: 0,
      isBusy: false,
    }));
  }

  #any(): number {
    const { sources, random } = this.#options;
    return Math.floor(random() * sources.length);
  }

  /**
   * A fresh code of a wallet that waits for no answer, spent with this, and how
   * many were drawn of this wallet before; `null` when there is none.
   */
  draw(unixMs: number) {
    const { sources, stepMs, codesPerWallet } = this.#options;
    const first = this.#any();
    for (let i = 0; i < sources.length; i++) {
      const wallet = (first + i) % sources.length;
      const state = this.#states[wallet]!;
      if (state.isBusy || state.drawn >= codesPerWallet) continue;
      const step = nextStep(state.lastStep, unixMs, stepMs);
      if (step === null) continue;
      state.lastStep = step;
      state.isBusy = true;
      const before = state.drawn++;
      const { digits } = sources[wallet]!.show(step * stepMs);
      // The code is found, though it counts once only, in the step after its own
      // and safely before the end of it.
      const foundUntilMs = (step + 2) * stepMs - GUARD_MS;
      return { wallet, digits, before, foundUntilMs };
    }
    return null;
  }

  /** The wallet has its answer and may be drawn again. */
  giveBack(wallet: number): void {
    this.#states[wallet]!.isBusy = false;
  }

  /** A wallet's current code with another last digit, which is hardly ever the code of anybody. */
  wrongCode(unixMs: number): string {
    const { digits } = this.#options.sources[this.#any()]!.show(unixMs);
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
