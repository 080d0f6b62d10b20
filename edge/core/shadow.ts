/**
 * A core in shadow: every search is repeated in it, and its answer is compared with that of
 * the active core. It decides nothing, and is dropped at its first different answer.
 *
 * It runs in a worker together with a copy of the active core, for three reasons. A core
 * that never returns, or that traps, stops only the worker. Both cores in the worker hold the
 * same buckets, so a bucket that changes meanwhile does not look like a difference. Both are
 * timed in the same thread, so their times can be compared.
 *
 * @module
 */

import type { Random } from "../base/clock.ts";
import type {
  BucketId,
  Core,
  CoreSizes,
  PackedSeeds,
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

/** The messages to the worker. */
export type ToShadow =
  | {
    readonly kind: "open";
    readonly active: Uint8Array<ArrayBuffer>;
    readonly shadow: Uint8Array<ArrayBuffer>;
    /** After how many milliseconds what a message asks for is interrupted. */
    readonly limitMs: number;
  }
  | {
    readonly kind: "load";
    readonly id: BucketId;
    readonly packed: PackedSeeds;
  }
  | { readonly kind: "wipe"; readonly id: BucketId | null }
  | { readonly kind: "search"; readonly query: ShadowQuery };

/** The messages from the worker: one after it has opened the cores, and one after each search. */
export interface FromShadow {
  /** Whether a search was compared. */
  readonly compared: boolean;
  /** How the cores differ, or `null`. It never contains a tag, a seed or a code. */
  readonly difference: ShadowDifference | null;
  /** Milliseconds that the searches took. */
  readonly activeMs: number;
  readonly shadowMs: number;
}

/** How a core differs from the active one. */
export type ShadowDifference =
  /** It does not open. */
  | "open"
  /** It does not load a bucket that the active core loads. */
  | "load"
  /** The answers to a real search differ. */
  | "search"
  /** The answers to a search for a sample code differ. */
  | "sample"
  /** The tags of a sample code differ. */
  | "tag"
  /** It has not answered for ten looks, or was interrupted. */
  | "silent"
  /** Its worker has ended. */
  | "worker";

/** What was compared since the last tally. */
export interface ShadowTally {
  readonly searches: number;
  /**
   * The longest time of a hundred searches, as a multiple of the active core's time; 0 until a
   * hundred searches were made.
   */
  readonly slowestRatio: number;
}

/** The most searches that wait for the worker. Further ones are not compared. */
const MOST_WAITING = 10_000;
/**
 * After this number of looks without an answer a core counts as one that never returns.
 */
const SILENT_LOOKS = 10;
/**
 * The looks find a core that never returns earlier; the interruption ends its thread. The
 * limit is long, because it also counts the time in which the process is stopped.
 */
const LIMIT_MS = 30_000;
/**
 * The times of this number of searches are added up, because a single search is shorter
 * than an interruption of its thread.
 */
const TIMED_TOGETHER = 100;

/** A core in shadow. Buckets are loaded into it as into any core. */
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
   * @param onDifference Called once, after the core was dropped.
   * @param limitMs After how many milliseconds a core that does not return is interrupted;
   * 30 seconds by default.
   */
  constructor(
    active: Pick<Core, "sizes" | "bucketBytes">,
    wasm: {
      readonly active: Uint8Array<ArrayBuffer>;
      readonly shadow: Uint8Array<ArrayBuffer>;
    },
    onDifference: (difference: ShadowDifference) => void,
    limitMs = LIMIT_MS,
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
    this.#tell({ kind: "open", ...wasm, limitMs });
  }

  /** Searches that were compared so far. */
  get compared(): number {
    return this.#compared;
  }

  get sizes(): CoreSizes {
    return this.#active.sizes;
  }

  bucketBytes(seeds: number): number {
    return this.#active.bucketBytes(seeds);
  }

  loadPacked(id: BucketId, { seeds, credentials }: PackedSeeds): void {
    // Copies are transferred to the worker, which wipes them.
    const packed = { seeds: seeds.slice(), credentials: credentials.slice() };
    this.#tell({ kind: "load", id, packed }, [
      packed.seeds.buffer,
      packed.credentials.buffer,
    ]);
  }

  wipeBucket(id: BucketId): void {
    this.#tell({ kind: "wipe", id });
  }

  wipeAll(): void {
    this.#tell({ kind: "wipe", id: null });
  }

  /** Lets both cores search a loaded bucket, and compares their answers. */
  search(query: ShadowQuery): void {
    if (!this.#isOpen || this.#waiting >= MOST_WAITING) return;
    this.#waiting++;
    this.#tell({ kind: "search", query });
  }

  /**
   * Checks that the worker still answers. It must be called about once a second. Calls are
   * counted and not seconds, so a process that was stopped for a while does not take the core
   * for one that never returns.
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

  /** Ends the worker after its search, and with it the memory that holds the seeds. */
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

/** The part of a core that is compared. */
export type Comparable = Pick<
  Core,
  "profiles" | "loadPacked" | "deriveTag" | "verify" | "wipeBucket" | "wipeAll"
>;

/** The result of a call as a text. Two cores that both throw do not differ. */
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

/** The number of sample codes for each search. */
const SAMPLES = 8;
const CREDENTIALS = Uint32Array.from({ length: SAMPLES }, (_, i) => i);
/** The bucket of the sample codes. It is no bucket of any profile. */
const SAMPLE_BUCKET = 0xffff_ffff;
const SEED_BYTES = 32;

/** Compares two cores that hold the same buckets. */
export class CoreComparison {
  readonly #active: Comparable;
  readonly #shadow: Comparable;
  readonly #random: Random;
  readonly #nowMs: () => number;
  #calls = 0;

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

  /** Loads a bucket into both cores. */
  load(id: BucketId, packed: PackedSeeds): ShadowDifference | null {
    return this.#differs((core) => core.loadPacked(id, packed)) ? "load" : null;
  }

  /** Wipes a bucket, or all buckets for `null`, in both cores. */
  wipe(id: BucketId | null): void {
    for (const core of [this.#active, this.#shadow]) {
      if (id === null) core.wipeAll();
      else core.wipeBucket(id);
    }
  }

  /**
   * Repeats a search in both cores, and then makes and searches sample codes of random seeds.
   * A real search finds one seed at most. With real codes alone it would take many searches
   * until a core that is seldom wrong shows a difference.
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

  /** Makes a call to both cores, and alternates which one is first. Returns whether they differ. */
  #differs(
    call: (core: Comparable) => SearchResult | bigint | void,
    took?: { activeMs: number; shadowMs: number },
  ): boolean {
    const answers = { activeMs: "", shadowMs: "" };
    const order = this.#calls++ % 2 === 0
      ? ["activeMs", "shadowMs"] as const
      : ["shadowMs", "activeMs"] as const;
    for (const which of order) {
      const core = which === "activeMs" ? this.#active : this.#shadow;
      const startedMs = this.#nowMs();
      answers[which] = ask(() => call(core));
      if (took !== undefined) took[which] += this.#nowMs() - startedMs;
    }
    return answers.activeMs !== answers.shadowMs;
  }
}
