/**
 * Has this edge run the cores that the switch in the store names. It looks there
 * about once a second, so that an activation or a roll-back, which is one call to
 * one edge, has taken effect on all of them within five seconds.
 *
 * An edge verifies each release itself, with the keys of its own configuration:
 * whoever can write into the store must not be able to run code here. A core that
 * serves goes on serving until the next one was verified and opened.
 *
 * @module
 */

import type { Pause } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import { isRefusal } from "../base/outcome.ts";
import type { SignedManifest } from "../code/manifest.ts";
import type { ShadowTally } from "../core/shadow.ts";
import type { CoreSwitch, ReleasedCore } from "../core/switch.ts";
import { commit } from "../store/commit.ts";
import { coreShadowField } from "../store/keys.ts";
import { readRecords } from "../store/record.ts";
import { LOST, retry } from "../store/retry.ts";
import { StoreUnavailableError } from "../store/store.ts";
import { type Judge, judgeBinary, judgeManifest } from "./judge.ts";
import {
  readRelease,
  readSwitch,
  slowestRatio,
  switchOf,
  type SwitchRecord,
} from "./record.ts";
import { retireForDifference, type StepDeps } from "./steps.ts";

/** What an edge follows the switch with. */
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
  /** Whether the built-in core serves where the active release cannot. */
  readonly allowsBuiltIn: boolean;
}

/** A release that this edge has verified. */
export interface VerifiedRelease extends ReleasedCore {
  readonly releaseId: string;
  /** SHA-256 of the binary in hex. */
  readonly sha256: string;
  readonly signed: SignedManifest;
}

/** Why a release is not run here, and when that was found. */
interface Unfit {
  readonly fault: string;
  readonly atMs: number;
}

/** For how long the old core may be searched after an exchange. */
const MOVE_MS = 3_000;
/** Between two buckets that move: searches come first. */
const MOVE_PAUSE_MS = 2;
/** A release that was not fit is looked at again: the machine may have been too busy to prove it. */
const AGAIN_MS = 30_000;
/** Verified releases that are kept: the active one, the one in shadow, and one to go back to. */
const KEPT = 3;

/** Follows the switch. */
export class CoreFollower {
  readonly #deps: FollowDeps;
  readonly #verified = new Map<string, VerifiedRelease>();
  readonly #unfit = new Map<string, Unfit>();
  /** Releases whose difference is to be written down. */
  readonly #differed = new Set<string>();
  #looking: Promise<void> | null = null;
  #moving: { stop: () => void; done: Promise<void> } | null = null;
  /** Whether it is known which core is to serve, or nobody asked for that. */
  #mayServe = true;
  #fault: string | null = null;
  /** Why the switch could not be read at the last look. */
  #unread: StoreUnavailableError | null = null;
  #isStopped = false;

  constructor(deps: FollowDeps) {
    this.#deps = deps;
  }

  /**
   * From now on nothing is searched before it is known which core is active.
   * Answers why the active release cannot serve here; `null` where it can, and
   * where the store cannot be asked yet.
   */
  async begin(): Promise<string | null> {
    this.#mayServe = false;
    await this.look();
    return this.#mayServe ? null : this.#fault;
  }

  /** Why the release that is active does not serve here; `null`: it does. */
  get fault(): string | null {
    return this.#fault;
  }

  /** The release that serves; `null`: the built-in core does. */
  get release(): VerifiedRelease | null {
    const { releaseId } = this.#deps.cores.serving;
    return releaseId === null ? null : this.#verified.get(releaseId) ?? null;
  }

  /**
   * Resolves once it is known which core is to serve.
   *
   * @throws {StoreUnavailableError} If it cannot be known now.
   */
  async mustServe(): Promise<void> {
    if (this.#mayServe) return;
    await this.look();
    // It may have become known during the look.
    const mayServe: boolean = this.#mayServe;
    if (!mayServe) throw this.#unread ?? new StoreUnavailableError("refused");
  }

  /** Looks at the switch and runs what it says; a store that is away changes nothing. */
  look(): Promise<void> {
    return this.#looking ??= this.#look().finally(() => this.#looking = null);
  }

  /** Ends what runs beside the searches. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#moving?.stop();
    this.#deps.cores.endShadow();
    await this.#looking;
    await this.#moving?.done;
  }

  /** Resolves once no bucket moves any more. */
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

  /** Has the active release serve, or the built-in core where none is active. */
  async #goOver(active: string | null): Promise<void> {
    const { cores, log, allowsBuiltIn } = this.#deps;
    const released = active === null ? null : await this.#verify(active);
    if (released !== null && "fault" in released) {
      const { fault } = released;
      if (this.#fault !== fault) {
        log("error", "active core release cannot serve here", {
          releaseId: active,
          fault,
        });
      }
      this.#fault = fault;
      this.#mayServe ||= allowsBuiltIn;
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
    cores.activate(released);
    const { releaseId, version } = cores.serving;
    log("info", "core release serves", { releaseId, version });
    const endMs = monotonicMs() + MOVE_MS;
    let isStopped = false;
    this.#moving = {
      stop: () => isStopped = true,
      done: moveBuckets(
        () => isStopped || monotonicMs() >= endMs,
        () => pause(MOVE_PAUSE_MS),
      ).catch((error) =>
        log("error", "move of buckets ended early", nameOf(error))
      ),
    };
  }

  /** The release as it may run here, or why it may not. */
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
    // It was accepted while its time had not passed, and runs on after that.
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

  /** Retires what differed; what cannot be written now is tried at each look. */
  async #writeDifferences(): Promise<void> {
    const { store } = this.#deps;
    for (const releaseId of this.#differed) {
      await store.txn({
        checks: [],
        writes: [add(releaseId, "differences", 1)],
      });
      await retireForDifference(this.#deps, releaseId);
      this.#differed.delete(releaseId);
    }
  }

  /** Adds to what all edges counted. A count whose reply is lost may count twice. */
  async #count(
    releaseId: string,
    { searches, slowestRatio: ratio }: ShadowTally,
  ): Promise<void> {
    if (searches === 0) return;
    const { store } = this.#deps;
    const writes = [add(releaseId, "searches", searches)];
    const thousandths = Math.round(ratio * 1000);
    await retry(async () => {
      const [slowest] = await readRecords(store, [slowestRatio(releaseId)]);
      if (thousandths <= Number(slowest.value ?? 0)) {
        return await store.txn({ checks: [], writes });
      }
      const { committed } = await commit(store, {
        guards: [slowest.unchanged("slowest")],
        writes: [...writes, slowest.set(`${thousandths}`)],
      });
      return committed ? null : LOST;
    }, {});
  }
}

/** What the log may say of an error. */
const nameOf = (error: unknown) => ({
  error: error instanceof Error ? error.name : "unknown",
});

const add = (
  releaseId: string,
  field: "searches" | "differences",
  delta: number,
) => ({
  kind: "add" as const,
  counter: coreShadowField(releaseId, field),
  period: "0",
  delta,
});
