/**
 * Where the latest code of an account was spent, and which it was.
 *
 * @module
 */

import { ofAccount } from "../store/keys.ts";
import { recordKind } from "../store/record.ts";

/** Where an account's latest code was spent, and which it was. */
export interface LastUse {
  readonly codeName: string;
  /** The merchant's id; for a verification, a hash of its owner and reference. */
  readonly spender: string;
}

/** The latest use of an account's codes. */
export const lastUses = recordKind({
  key: ofAccount("use"),
  form: {
    write: ({ codeName, spender }: LastUse) => `${codeName} ${spender}`,
    read(text): LastUse {
      const [codeName = "", spender = ""] = text.split(" ");
      return { codeName, spender };
    },
  },
});
