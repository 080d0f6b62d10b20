/**
 * A core in shadow: it answers every search beside the active core, decides
 * nothing, and is dropped at its first different answer.
 *
 * It runs in a worker, beside an active core of its own, for three reasons. A
 * core that never returns or that traps stops the worker and no payment. Both
 * cores are searched over the same table, so that a bucket that changes meanwhile
 * makes no difference that is none. And both are timed in the same thread, so that
 * their times can be compared.
 *
 * @module
 */

import type { Random } from "../base/clock.ts";
import type {
  BucketId,
  Core,
  CoreSizes,
  PackedSlots,
  SearchResult,
} from "./core.ts";

/** A search that is to be repeated. */
export interface ShadowQuery {
  readonly id: BucketId;
  readonly tag: bigint;
  readonly tagDigits: number;
  /** The first time step, and how many. */
  readonly first: number;
  readonly count: number;
}

/** What the worker is told. */
export type ToShadow =
  | {
    readonly kind: "open";
    readonly active: Uint8Array<ArrayBuffer>;
    readonly shadow: Uint8Array<ArrayBuffer>;
  }
  | {
    readonly kind: "load";
    readonly id: BucketId;
    readonly slots: PackedSlots;
  }
  | { readonly kind: "wipe"; readonly id: BucketId | null }
  | { readonly kind: "search"; readonly query: ShadowQuery };

/** What the worker says after it has opened the cores, and after each search. */
export interface FromShadow {
  /** Whether a search was compared. */
  readonly compared: boolean;
  /** Where the cores differ; `null`: nowhere. Never a tag, a seed or a code. */
  readonly difference: ShadowDifference | null;
  /** Milliseconds that the searches took. */
  readonly activeMs: number;
  readonly shadowMs: number;
}

/** Where a core differs from the active one. */
export type ShadowDifference =
  /** It does not open. */
  | "open"
  /** It does not load a bucket that the active core loads. */
  | "load"
  /** It finds another answer for a code that was searched. */
  | "search"
  /** It finds another answer for a code that was made to compare the cores. */
  | "sample"
  /** It makes another tag. */
  | "tag"
  /** It has not answered for ten looks. */
  | "silent"
  /** Its worker has ended. */
  | "worker";

/** What was compared since it was last asked. */
export interface ShadowTally {
  readonly searches: number;
  /** Most time that a hundred searches took, as a multiple of the active core's; 0: fewer were made. */
  readonly slowestRatio: number;
}

/** Searches that wait for the worker at most; those above are not compared. */
const MOST_WAITING = 10_000;
/** Looks without an answer after which a core counts as one that never returns. */
const SILENT_LOOKS = 10;
/** Searches whose times are compared together: one alone is shorter than an interruption. */
const TIMED_TOGETHER = 100;

/** A core in shadow, with the side of its table that loads buckets. */
export class ShadowCore {
  readonly #active: Pick<Core, "sizes" | "bucketBytes">;
  readonly #worker: Worker;
  readonly #onDifference: (difference: ShadowDifference) => void;
  #isOpen = true;
  #waiting = 1;
  #silentLooks = 0;
  #searches = 0;
  #compared = 0;
  #slowestRatio = 0;
  #timed = { searches: 0, activeMs: 0, shadowMs: 0 };

  /**
   * @param onDifference Told once; the core has been dropped by then.
   */
  constructor(
    active: Pick<Core, "sizes" | "bucketBytes">,
    wasm: {
      readonly active: Uint8Array<ArrayBuffer>;
      readonly shadow: Uint8Array<ArrayBuffer>;
    },
    onDifference: (difference: ShadowDifference) => void,
  ) {
    this.#active = active;
    this.#onDifference = onDifference;
    const url = new URL("./shadow_worker.ts", import.meta.url);
    this.#worker = new Worker(url, { type: "module" });
    this.#worker.onmessage = ({ data }: MessageEvent<FromShadow>) =>
      this.#take(data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#differ("worker");
    };
    this.#tell({ kind: "open", ...wasm });
  }

  /** Searches that were compared so far. */
  get compared(): number {
    return this.#compared;
  }

  get sizes(): CoreSizes {
    return this.#active.sizes;
  }

  bucketBytes(slots: number): number {
    return this.#active.bucketBytes(slots);
  }

  loadPacked(id: BucketId, { seeds, credentials }: PackedSlots): void {
    // Copies are moved to the worker, which wipes them.
    const slots = { seeds: seeds.slice(), credentials: credentials.slice() };
    this.#tell({ kind: "load", id, slots }, [
      slots.seeds.buffer,
      slots.credentials.buffer,
    ]);
  }

  wipeBucket(id: BucketId): void {
    this.#tell({ kind: "wipe", id });
  }

  wipeAll(): void {
    this.#tell({ kind: "wipe", id: null });
  }

  /** Has both cores search a bucket that was loaded, and compares. */
  search(query: ShadowQuery): void {
    if (!this.#isOpen || this.#waiting >= MOST_WAITING) return;
    this.#waiting++;
    this.#tell({ kind: "search", query });
  }

  /**
   * To be called about once a second. A thread that was stopped altogether sees
   * one call less, not a core that is late.
   */
  look(): void {
    if (this.#waiting === 0) this.#silentLooks = 0;
    else if (++this.#silentLooks > SILENT_LOOKS) this.#differ("silent");
  }

  /** What was compared since the last call. */
  tally(): ShadowTally {
    const tally = {
      searches: this.#searches,
      slowestRatio: this.#slowestRatio,
    };
    this.#searches = 0;
    return tally;
  }

  /** Drops it; its seeds go with its worker. */
  close(): void {
    this.#isOpen = false;
    this.#worker.terminate();
  }

  #tell(message: ToShadow, moved: Transferable[] = []): void {
    if (this.#isOpen) this.#worker.postMessage(message, moved);
  }

  #take({ compared, difference, activeMs, shadowMs }: FromShadow): void {
    if (!this.#isOpen) return;
    this.#waiting--;
    this.#silentLooks = 0;
    if (difference !== null) return this.#differ(difference);
    if (!compared) return;
    this.#searches++;
    this.#compared++;
    const timed = this.#timed;
    timed.searches++;
    timed.activeMs += activeMs;
    timed.shadowMs += shadowMs;
    if (timed.searches < TIMED_TOGETHER) return;
    const ratio = timed.shadowMs / timed.activeMs;
    this.#slowestRatio = Math.max(this.#slowestRatio, ratio);
    this.#timed = { searches: 0, activeMs: 0, shadowMs: 0 };
  }

  #differ(difference: ShadowDifference): void {
    if (!this.#isOpen) return;
    this.close();
    this.#onDifference(difference);
  }
}

/** A core as far as it is compared. */
export type Comparable = Pick<
  Core,
  "profiles" | "loadPacked" | "deriveTag" | "verify" | "wipeBucket" | "wipeAll"
>;

/** What came of a call, as a text: cores that are alike throw alike. */
function ask(call: () => SearchResult | bigint | void): string {
  try {
    const result = call();
    return typeof result === "bigint"
      ? `${result}`
      : JSON.stringify(result ?? "");
  } catch {
    return "threw";
  }
}

/** Codes of random seeds that are made and searched for each search. */
const SAMPLES = 8;
const CREDENTIALS = Uint32Array.from({ length: SAMPLES }, (_, i) => i);
/** No code shows this bucket. */
const SAMPLE_BUCKET = 0xffff_ffff;
const SEED_BYTES = 32;

/** Compares two cores that hold the same buckets. */
export class CoreComparison {
  readonly #active: Comparable;
  readonly #shadow: Comparable;
  readonly #random: Random;
  readonly #nowMs: () => number;
  #turn = 0;

  /** `nowMs`: milliseconds that only ever grow, such as `performance.now()`. */
  constructor(
    active: Comparable,
    shadow: Comparable,
    random: Random,
    nowMs: () => number,
  ) {
    this.#random = random;
    this.#active = active;
    this.#shadow = shadow;
    this.#nowMs = nowMs;
  }

  /** Loads a bucket into both. */
  load(id: BucketId, slots: PackedSlots): ShadowDifference | null {
    return this.#differs((core) => core.loadPacked(id, slots)) ? "load" : null;
  }

  /** Wipes a bucket of both, or all. */
  wipe(id: BucketId | null): void {
    for (const core of [this.#active, this.#shadow]) {
      if (id === null) core.wipeAll();
      else core.wipeBucket(id);
    }
  }

  /**
   * Repeats a search in both, and goes on with codes of random seeds: a search
   * finds one seed of a bucket at most, so real codes alone would need many
   * searches to show a core that is wrong seldom.
   */
  search({ id, tag, tagDigits, first, count }: ShadowQuery): FromShadow {
    const took = { activeMs: 0, shadowMs: 0 };
    const end = (difference: ShadowDifference | null): FromShadow => ({
      ...took,
      compared: true,
      difference,
    });
    const find = (at: BucketId, searched: bigint) =>
      this.#differs(
        (core) => core.verify(at, searched, tagDigits, first, count),
        took,
      );
    if (find(id, tag)) return end("search");
    const at = { ...id, bucket: SAMPLE_BUCKET };
    const seeds = this.#random.bytes(SEED_BYTES * SAMPLES);
    const load = this.load(at, { seeds, credentials: CREDENTIALS });
    if (load !== null) return end(load);
    for (let i = 0; i < SAMPLES; i++) {
      const seed = seeds.subarray(SEED_BYTES * i, SEED_BYTES * (i + 1));
      const derive = (core: Comparable) =>
        core.deriveTag(at, seed, first + i % count, tagDigits);
      if (this.#differs(derive)) return end("tag");
      if (find(at, derive(this.#active))) return end("sample");
    }
    return end(null);
  }

  /** Asks both, in turns first, and says whether they differ. */
  #differs(
    call: (core: Comparable) => SearchResult | bigint | void,
    took?: { activeMs: number; shadowMs: number },
  ): boolean {
    const answers = { activeMs: "", shadowMs: "" };
    const turns = this.#turn++ % 2 === 0
      ? ["activeMs", "shadowMs"] as const
      : ["shadowMs", "activeMs"] as const;
    for (const turn of turns) {
      const core = turn === "activeMs" ? this.#active : this.#shadow;
      const startedMs = this.#nowMs();
      answers[turn] = ask(() => call(core));
      if (took !== undefined) took[turn] += this.#nowMs() - startedMs;
    }
    return answers.activeMs !== answers.shadowMs;
  }
}
