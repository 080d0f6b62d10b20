/**
 * A store whose faults are waited out, so that a migration of hours does not end at one reply
 * that came too late. Everything that a migration does may be done twice: records are put as
 * they are, and a commit recognizes its own writing.
 *
 * @module
 */

import type { Pause } from "../../edge/base/clock.ts";
import {
  type ListableStore,
  type StoreFault,
  StoreUnavailableError,
} from "../../edge/store/store.ts";
import { InputError } from "../command.ts";

const PASSING: readonly StoreFault[] = ["unreachable", "timeout", "locked"];
const TRIES = 60;
const PAUSE_MS = 1_000;

/**
 * Makes the store, which is `told` to people. Its calls fail when they have failed for a
 * minute, with an {@linkcode InputError} that names the store.
 */
export function patientStore<S extends ListableStore>(
  store: S,
  told: string,
  pause: Pause,
): S {
  async function patiently(work: () => unknown): Promise<unknown> {
    for (let tries = 1;; tries++) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof StoreUnavailableError)) throw error;
        if (!PASSING.includes(error.fault) || tries === TRIES) {
          throw new InputError(`${told}: ${error.message}; start again`);
        }
      }
      await pause(PAUSE_MS);
    }
  }
  return new Proxy(store, {
    get(_, name) {
      const member = Reflect.get(store, name);
      if (typeof member !== "function") return member;
      return (...args: unknown[]) =>
        name === "close"
          ? store.close()
          : patiently(() => Reflect.apply(member, store, args));
    },
  });
}
