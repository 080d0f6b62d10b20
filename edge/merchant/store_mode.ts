/**
 * Keeps test money and real money apart. The first edge that serves writes its
 * mode into the store. An edge of the other mode must not use that store: it
 * would take orders that were paid with test money for really paid ones, and
 * test customers for real ones.
 *
 * @module
 */

import type { Mode } from "../base/ids.ts";
import { commit } from "../store/commit.ts";
import { MODE_KEY } from "../store/keys.ts";
import { type Held, plainText, recordKind } from "../store/record.ts";
import type { Store } from "../store/store.ts";

/** The check that a store is of the edge's mode. */
export interface StoreMode {
  /**
   * Why the store must not be used, or `null` if it may be used. The store is asked
   * until it has answered once.
   *
   * @throws {StoreUnavailableError} If the store has not answered yet.
   */
  refusal(): Promise<string | null>;
}

/** The mode of a store; absent until an edge has served. */
export const storeModes = recordKind({ key: () => MODE_KEY, form: plainText });

/** Why an edge of a mode must not use the store with this mode, or `null`. */
export function otherMode({ value }: Held<string>, mode: Mode): string | null {
  if (value === null || value === mode) return null;
  const cells = /^cells:(\d+) /.exec(value)?.[1];
  return cells !== undefined
    ? `The store has ${cells} cells and this server has one: set OFFCODE_CELLS.`
    : `The store is of mode ${value} and this server of mode ${mode}: use another store.`;
}

/** Makes the check. */
export function createStoreMode(
  { store, mode }: { readonly store: Store; readonly mode: Mode },
): StoreMode {
  let answer: string | null | undefined;
  return {
    async refusal() {
      if (answer !== undefined) return answer;
      const other = await store.refusal?.() ?? null;
      if (other !== null) return answer = other;
      const place = storeModes();
      const end = await commit(store, {
        guards: [place.absent("mode")],
        writes: [place.set(mode)],
      });
      return answer = end.committed
        ? null
        : otherMode(place.held(end.value), mode);
    },
  };
}
