/**
 * Holds those who come until a certain number is there, and lets them go
 * together.
 *
 * @module
 */

/** A place where some wait for each other. */
export class Rendezvous {
  #waiting: (() => void)[] = [];
  #watchers: { readonly count: number; readonly resolve: () => void }[] = [];
  #open = false;

  /** How many wait. */
  get count(): number {
    return this.#waiting.length;
  }

  /** Waits until let go. */
  wait(): Promise<void> {
    if (this.#open) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#watchers = this.#watchers.filter((watcher) => {
        if (this.#waiting.length < watcher.count) return true;
        watcher.resolve();
        return false;
      });
    });
  }

  /** Resolves when so many wait. */
  reached(count: number): Promise<void> {
    if (this.#waiting.length >= count) return Promise.resolve();
    return new Promise((resolve) => this.#watchers.push({ count, resolve }));
  }

  /** Lets those go who wait. */
  letGo(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** Holds nobody any more. */
  open(): void {
    this.#open = true;
    this.letGo();
  }
}
