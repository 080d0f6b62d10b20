/**
 * Two customers who show the same code.
 *
 * @module
 */

import { createHash } from "node:crypto";
import type { Settings } from "../../../edge/boot/settings.ts";
import { startApp } from "./app.ts";
import { oneBucket } from "./scene.ts";

/**
 * Seeds whose codes are equal, found by trying 900 000: real ones of the
 * default profile, not of one with fewer digits. A seed is the SHA-256 of
 * "offcode collision " and its number; step 0 is the step of noon.
 */
export const PAIRS = {
  /** Both show this tag in step 0. */
  sameStep: { first: 184_854, second: 306_020, tag: "42756414306" },
  /** The first shows it in step 0, the second in step 1. */
  nextStep: { first: 749_595, second: 694_973, tag: "00702697037" },
  /** The first shows it in step 0, the second in step 10. */
  tenLater: { first: 634_414, second: 160_974, tag: "38732777767" },
};

/** Everybody is in bucket 0, and enrols with a seed of the test's choice. */
export async function openCollision(
  { first, second }: { first: number; second: number },
  settings: Partial<Settings> = {},
) {
  let next: Uint8Array<ArrayBuffer> | null = null;
  const app = await startApp({
    settings,
    random: {
      // Only a seed is drawn between the order and its fulfilment.
      bytes(length) {
        if (length !== 32 || next === null) return oneBucket.bytes(length);
        const seed = next;
        next = null;
        return seed;
      },
    },
  });
  const { api } = app;
  const walletKey = await api.walletKey();
  const merchant = await api.merchant();
  const enrol = async (account: string, n: number) => {
    next = new Uint8Array(
      createHash("sha256").update(`offcode collision ${n}`).digest(),
    );
    const phone = await api.enrol(walletKey, account, `phone-of-${account}`);
    await api.setBalance(account, 10_000);
    return phone;
  };
  return {
    app,
    api,
    walletKey,
    merchant,
    alice: await enrol("alice", first),
    bob: await enrol("bob", second),
    async [Symbol.asyncDispose]() {
      await app[Symbol.asyncDispose]();
    },
  };
}
