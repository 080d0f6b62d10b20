/**
 * The usual scene of a payment test: a wallet, a merchant, a phone with money.
 *
 * @module
 */

import type { Api, TestMerchant, TestPhone } from "./api.ts";

/** A merchant and a phone that can pay. */
export interface Scene {
  readonly walletKey: string;
  readonly merchant: TestMerchant;
  readonly phone: TestPhone;
}

/** Sets the scene; the phone's account holds 100.00 EUR. */
export async function setScene(api: Api, account = "alice"): Promise<Scene> {
  const walletKey = await api.walletKey();
  const merchant = await api.merchant();
  const phone = await api.enrol(
    walletKey,
    account,
    `phone of ${account}`
      .replaceAll(" ", "-"),
  );
  await api.setBalance(account, 10_000);
  return { walletKey, merchant, phone };
}

/**
 * Real randomness, but every bucket is drawn as 0: a bucket takes four bytes,
 * and nothing else takes four.
 */
export const oneBucket = {
  bytes: (length: number) =>
    length === 4
      ? new Uint8Array(4)
      : crypto.getRandomValues(new Uint8Array(length)),
};
