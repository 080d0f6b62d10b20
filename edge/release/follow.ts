/**
 * Makes this edge run the cores that the switch in the store names. Each edge reads the
 * switch about once a second. An activation or a roll-back is one call to one edge, and takes
 * effect on all edges within five seconds.
 *
 * Each edge verifies every release itself, with the keys of its own configuration, because
 * somebody who can write into the store must not be able to run code here. The core that
 * serves goes on until the next one is verified and opened.
 *
 * @module
 */

import type { Pause } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import { isRefusal } from "../base/outcome.ts";
import type { SignedManifest } from "../code/manifest.ts";
import type { ShadowTally } from "../core/shadow.ts";
import type { CoreSwitch, ReleasedCore } from "../core/switch.ts";
import { profileLacking } from "../core/core.ts";
import { commit } from "../store/commit.ts";
import { NO_PERIOD, readRecords } from "../store/record.ts";
import { LOST, retry } from "../store/retry.ts";
import { StoreUnavailableError } from "../store/store.ts";
import { type Judge, judgeBinary, judgeManifest } from "./judge.ts";
import {
  differences,
  readRelease,
  readSwitch,
  searches,
  slowestRatio,
  switchOf,
  type SwitchRecord,
} from "./record.ts";
import { retireForDifference, type StepDeps } from "./steps.ts";

/** What a {@linkcode CoreFollower} needs. */
export interface FollowDeps extends StepDeps, Judge {
  readonly cores: CoreSwitch;
  readonly log: Log;
  /** Milliseconds that only ever grow. */
  readonly monotonicMs: () => number;
  readonly pause: Pause;
  /** Moves buckets into the core that serves now (`BucketCache.move`). */
  readonly moveBuckets: (
    isOver: () => boolean,
    pause: () => Promise<void>,
  ) => Promise<void>;
  /** Whether the built-in core serves if the active release cannot. */
  readonly allowsBuiltIn: boolean;
}

/** A release that this edge has verified. */
export interface VerifiedRelease extends ReleasedCore {
  readonly releaseId: string;
  /** SHA-256 of the binary in hex. */
  readonly sha256: string;
  readonly signed: SignedManifest;
}

/** Why a release cannot run here, and when this was found out. */
interface Unfit {
  readonly fault: string;
  readonly atMs: number;
}

/**
 * How buckets move after an exchange. The old core is searched for `mostMs` at most. The pause
 * after a bucket that moved lasts `pauseFactor` times as long as its move took, so moves take a
 * small part of the time, and less of it when payments make them slow. A core that a roll-back
 * leaves may be wrong, so its buckets move quickly.
 */
const ACTIVATION = { mostMs: 60_000, pauseFactor: 30 };
const ROLL_BACK = { mostMs: 3_000, pauseFactor: 2 };
/**
 * After this time a refused release is verified again, because the machine may have
 * been too busy for its test.
 */
const AGAIN_MS = 30_000;
/**
 * The most verified releases that are kept: the active one, the one in shadow, and one
 * to go back to.
 */
const KEPT = 3;

const BUILT_IN_LACKS =
  "No release is active, and the built-in core lacks a profile that is served.";

/** Follows the switch. */
export class CoreFollower {
  readonly #deps: FollowDeps;
  readonly #verified = new Map<string, VerifiedRelease>();
  readonly #unfit = new Map<string, Unfit>();
  /** Releases that differed in shadow and are not yet retired in the store. */
  readonly #differed = new Set<string>();
  #looking: Promise<void> | null = null;
  #moving: { stop: () => void; done: Promise<void> } | null = null;
  /** Whether the built-in core implements all profiles that are served. */
  readonly #builtInServes: boolean;
  /** Whether the core that serves is known to be the one that is to serve. */
  #mayServe: boolean;
  #fault: string | null = null;
  /** Why the switch could not be read last time. */
  #unread: StoreUnavailableError | null = null;
  #isStopped = false;

  constructor(deps: FollowDeps) {
    this.#deps = deps;
    const { cores, served } = deps;
    this.#builtInServes = profileLacking(cores.core.profiles, served) === null;
    // Without `begin` the built-in core serves until the first look.
    this.#mayServe = this.#builtInServes;
  }

  /**
   * From now on nothing is searched until it is known which core is active. Returns why the
   * active release cannot serve here; or `null` if it can, or if the store does not answer.
   */
  async begin(): Promise<string | null> {
    this.#mayServe = false;
    await this.look();
    return this.#mayServe ? null : this.#fault;
  }

  /** Why the active release does not serve here; `null` if it does. */
  get fault(): string | null {
    return this.#fault;
  }

  /** The release that serves; `null` if the built-in core does. */
  get release(): VerifiedRelease | null {
    const { releaseId } = this.#deps.cores.serving;
    return releaseId === null ? null : this.#verified.get(releaseId) ?? null;
  }

  /**
   * Resolves when it is known which core is to serve.
   *
   * @throws {StoreUnavailableError} If the store does not answer, or the core cannot serve.
   */
  async mustServe(): Promise<void> {
    if (this.#mayServe) return;
    await this.look();
    // It may have become known during the look.
    const mayServe: boolean = this.#mayServe;
    if (!mayServe) throw this.#unread ?? new StoreUnavailableError("refused");
  }

  /** Reads the switch and does what it says. If the store does not answer, nothing changes. */
  look(): Promise<void> {
    return this.#looking ??= this.#look().finally(() => this.#looking = null);
  }

  /** Ends the work that runs beside the searches. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#moving?.stop();
    this.#deps.cores.endShadow();
    await this.#looking;
    await this.#moving?.done;
  }

  /** Resolves when all buckets have moved. */
  async moved(): Promise<void> {
    await this.#moving?.done;
  }

  async #look(): Promise<void> {
    const { cores, store, log } = this.#deps;
    try {
      const now = switchOf(await readSwitch(store));
      this.#unread = null;
      if (now.active !== cores.serving.releaseId || !this.#mayServe) {
        await this.#goOver(now.active);
      } else this.#fault = null;
      await this.#writeDifferences();
      await this.#followShadow(now);
    } catch (error) {
      if (error instanceof StoreUnavailableError) {
        this.#unread = error;
        log("warn", "core switch cannot be read", { ...error.details });
      } else log("error", "core switch cannot be followed", nameOf(error));
    }
  }

  /** Lets the active release serve, or the built-in core if no release is active. */
  async #goOver(active: string | null): Promise<void> {
    const { cores, log, allowsBuiltIn } = this.#deps;
    const released = active === null
      ? (this.#builtInServes ? null : { fault: BUILT_IN_LACKS })
      : await this.#verify(active);
    if (released !== null && "fault" in released) {
      const { fault } = released;
      if (this.#fault !== fault) {
        log("error", "active core release cannot serve here", {
          releaseId: active,
          fault,
        });
      }
      this.#fault = fault;
      this.#mayServe ||= allowsBuiltIn && this.#builtInServes;
      return;
    }
    if (active !== cores.serving.releaseId) await this.#exchange(released);
    this.#fault = null;
    this.#mayServe = true;
  }

  async #exchange(released: VerifiedRelease | null): Promise<void> {
    const { cores, log, moveBuckets, monotonicMs, pause } = this.#deps;
    this.#moving?.stop();
    await this.#moving?.done;
    const isNewer = (released?.version ?? 0) > cores.serving.version;
    const { mostMs, pauseFactor } = isNewer ? ACTIVATION : ROLL_BACK;
    cores.activate(released);
    const { releaseId, version } = cores.serving;
    log("info", "core release serves", { releaseId, version });
    let beganMs = monotonicMs();
    const endMs = beganMs + mostMs;
    let isStopped = false;
    this.#moving = {
      stop: () => isStopped = true,
      done: moveBuckets(
        () => isStopped || monotonicMs() >= endMs,
        async () => {
          await pause(pauseFactor * (monotonicMs() - beganMs));
          beganMs = monotonicMs();
        },
      ).catch((error) =>
        log("error", "move of buckets ended early", nameOf(error))
      ),
    };
  }

  /** Verifies a release, or remembers the result of the last time. */
  async #verify(releaseId: string): Promise<VerifiedRelease | Unfit> {
    const { monotonicMs } = this.#deps;
    const verified = this.#verified.get(releaseId);
    if (verified !== undefined) return verified;
    const unfit = this.#unfit.get(releaseId);
    if (unfit !== undefined && monotonicMs() - unfit.atMs < AGAIN_MS) {
      return unfit;
    }
    const fresh = await this.#judge(releaseId);
    if (typeof fresh === "string") {
      const found = { fault: fresh, atMs: monotonicMs() };
      this.#unfit.set(releaseId, found);
      return found;
    }
    this.#unfit.delete(releaseId);
    const { serving } = this.#deps.cores;
    for (const id of this.#verified.keys()) {
      if (this.#verified.size < KEPT) break;
      if (id !== serving.releaseId) this.#verified.delete(id);
    }
    this.#verified.set(releaseId, fresh);
    return fresh;
  }

  async #judge(releaseId: string): Promise<VerifiedRelease | string> {
    const { store } = this.#deps;
    const stored = await readRelease(store, releaseId);
    if (stored === null) return "The store has no such release.";
    const { record: { signed }, wasm } = stored;
    // The end of the manifest is not checked: an accepted release runs on after it.
    const manifest = await judgeManifest(this.#deps, signed);
    if (isRefusal(manifest)) return manifest.detail ?? manifest.code;
    const { version, sha256 } = manifest;
    const refusal = await judgeBinary(manifest, wasm);
    return refusal === null
      ? { releaseId, version, sha256, wasm, signed }
      : refusal.detail ?? refusal.code;
  }

  async #followShadow({ shadow }: SwitchRecord): Promise<void> {
    const { cores, log } = this.#deps;
    const running = cores.shadow;
    if (running !== null) {
      running.core.look();
      await this.#count(running.releaseId, running.core.tally());
    }
    if (shadow === (cores.shadow?.releaseId ?? null)) return;
    cores.endShadow();
    if (shadow === null) return;
    const known = this.#unfit.get(shadow);
    const released = await this.#verify(shadow);
    if ("fault" in released) {
      if (released !== known) {
        log("error", "core release in shadow cannot run here", {
          releaseId: shadow,
          fault: released.fault,
        });
      }
      return;
    }
    if (this.#isStopped) return;
    cores.startShadow(released, (difference) => {
      log("error", "core in shadow differs, and is retired", {
        releaseId: shadow,
        difference,
      });
      this.#differed.add(shadow);
      void this.look();
    });
  }

  /** Retires releases that differed. If the store refuses, the next look tries again. */
  async #writeDifferences(): Promise<void> {
    const { store } = this.#deps;
    for (const releaseId of this.#differed) {
      await commit(store, {
        guards: [],
        writes: [differences(releaseId).add({ period: NO_PERIOD, delta: 1 })],
      });
      await retireForDifference(this.#deps, releaseId);
      this.#differed.delete(releaseId);
    }
  }

  /** Adds to the counts of all edges. If the reply is lost, searches may count twice. */
  async #count(
    releaseId: string,
    { searches: searched, slowestRatio: ratio }: ShadowTally,
  ): Promise<void> {
    if (searched === 0) return;
    const { store } = this.#deps;
    const counted = { period: NO_PERIOD, delta: searched };
    const writes = [searches(releaseId).add(counted)];
    const thousandths = Math.round(ratio * 1000);
    await retry(async () => {
      const [slowest] = await readRecords(store, [slowestRatio(releaseId)]);
      if (thousandths <= (slowest.value ?? 0)) {
        return await commit(store, { guards: [], writes });
      }
      const { committed } = await commit(store, {
        guards: [slowest.unchanged("slowest")],
        writes: [...writes, slowest.set(thousandths)],
      });
      return committed ? null : LOST;
    }, {});
  }
}

/** The part of an error that may be logged. */
const nameOf = (error: unknown) => ({
  error: error instanceof Error ? error.name : "unknown",
});
