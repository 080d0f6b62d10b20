/**
 * Deadlines that pass when the test says so, and not by the machine's clock:
 * while held, `setTimeout` only takes note.
 *
 * @module
 */

/** Timers that are being held. */
export interface HeldTimers extends Disposable {
  /** The times of those that were set and neither cleared nor fired, in ms. */
  readonly pendingMs: readonly number[];
  /** Fires all of them. */
  fire(): void;
}

/** Holds every `setTimeout` until disposed of. */
export function holdTimers(): HeldTimers {
  const real = {
    setTimeout: globalThis.setTimeout,
    clearTimeout: globalThis.clearTimeout,
  };
  const held = new Map<unknown, { ms: number; fire: () => void }>();
  Object.assign(globalThis, {
    setTimeout: (fire: () => void, ms = 0) => {
      // Libraries ask timers for this where they are objects, as in Node.
      const timer = { ref: () => timer, unref: () => timer };
      held.set(timer, { ms, fire });
      return timer;
    },
    clearTimeout: (id: unknown) => held.delete(id),
  });
  return {
    get pendingMs() {
      return [...held.values()].map(({ ms }) => ms);
    },
    fire() {
      const due = [...held.values()];
      held.clear();
      for (const { fire } of due) fire();
    },
    [Symbol.dispose]: () => void Object.assign(globalThis, real),
  };
}
