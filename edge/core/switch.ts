/**
 * Which core serves, and which one runs in shadow. The exchange of the core is one
 * assignment. A search is synchronous, so it always ends in the core in which it began. Each
 * core that becomes active is a new instance with an empty table.
 *
 * @module
 */

import { type Core, openCore } from "./core.ts";
import { ShadowCore, type ShadowDifference } from "./shadow.ts";

/** A core's binary, and the release that it came with. */
export interface ReleasedCore {
  /** `null` for the built-in core of this edge. */
  readonly releaseId: string | null;
  /** 0 for the built-in core of this edge. */
  readonly version: number;
  readonly wasm: Uint8Array<ArrayBuffer>;
}

/** A core that runs in shadow. */
export interface ShadowOf {
  readonly releaseId: string;
  readonly core: ShadowCore;
}

/** The cores of this edge. */
export class CoreSwitch {
  readonly #builtIn: Uint8Array<ArrayBuffer>;
  #serving: ReleasedCore;
  #core: Core;
  #shadow: ShadowOf | null = null;

  /** Begins with the built-in core. */
  constructor(core: Core, builtIn: Uint8Array<ArrayBuffer>) {
    this.#builtIn = builtIn;
    this.#core = core;
    this.#serving = { releaseId: null, version: 0, wasm: builtIn };
  }

  /** The core that serves. */
  get core(): Core {
    return this.#core;
  }

  /** Where the core that serves comes from. */
  get serving(): ReleasedCore {
    return this.#serving;
  }

  get shadow(): ShadowOf | null {
    return this.#shadow;
  }

  /**
   * Lets another core serve from now on; `null` means the built-in one. The core in
   * shadow is dropped, because it was compared with the core before.
   *
   * @throws {CoreFaultError} If the core cannot be opened. Nothing has changed then.
   */
  activate(released: ReleasedCore | null): void {
    const next = released ??
      { releaseId: null, version: 0, wasm: this.#builtIn };
    const core = openCore(next.wasm);
    this.endShadow();
    this.#core = core;
    this.#serving = next;
  }

  /** Starts a core in shadow. It replaces the one that was in shadow. */
  startShadow(
    { releaseId, wasm }: { releaseId: string; wasm: Uint8Array<ArrayBuffer> },
    onDifference: (difference: ShadowDifference) => void,
  ): void {
    this.endShadow();
    const pair = { active: this.#serving.wasm, shadow: wasm };
    const core = new ShadowCore(this.#core, pair, onDifference);
    this.#shadow = { releaseId, core };
  }

  /** Drops the core in shadow. */
  endShadow(): void {
    this.#shadow?.core.close();
    this.#shadow = null;
  }
}
