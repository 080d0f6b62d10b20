/**
 * Which core serves, and which runs in shadow beside it. The exchange is one
 * assignment: a search is made in one go, so it ends in the core that it began
 * in. Each core that becomes active is a new instance with an empty table.
 *
 * @module
 */

import { type Core, openCore } from "./core.ts";
import { ShadowCore, type ShadowDifference } from "./shadow.ts";

/** A core's binary, and the release that it came with. */
export interface ReleasedCore {
  /** `null`: it was built into this edge. */
  readonly releaseId: string | null;
  /** 0: it was built into this edge. */
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

  /** Serves with the core that was built into this edge. */
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
   * Has another core serve from now on; `null`: the built-in one. What was in
   * shadow is dropped, since it was compared with the core before.
   *
   * @throws {CoreFaultError} when it does not open; then nothing has changed.
   */
  activate(released: ReleasedCore | null): void {
    const next = released ??
      { releaseId: null, version: 0, wasm: this.#builtIn };
    const core = openCore(next.wasm);
    this.endShadow();
    this.#core = core;
    this.#serving = next;
  }

  /** Runs a core beside the one that serves, in the place of one that runs there. */
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
