/**
 * The texts of the wallet page.
 *
 * @module
 */

import type { Texts } from "../shared/language.ts";

const en = {
  title: "Your wallet",
};

/** A text of the wallet page. */
export type WalletKey = keyof typeof en;

/** The texts of the wallet page in each language. */
export const WALLET_TEXTS: Texts<WalletKey> = {
  en,
  zh: {
    title: "我的钱包",
  },
};
