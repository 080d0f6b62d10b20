/**
 * The use cases of the team that releases cores: upload, list, and the steps from shadow to
 * active and back. Every call can be repeated if its answer was lost.
 *
 * @module
 */

import { fromBase64url, type SignedManifest } from "../code/manifest.ts";
import { timeText } from "../base/clock.ts";
import { isRefusal, type Refusal } from "../base/outcome.ts";
import { commit } from "../store/commit.ts";
import { entriesOf, IndexPlace } from "../store/indexes.ts";
import { CORE_RELEASES_KEY } from "../store/keys.ts";
import { type Held, readRecords } from "../store/record.ts";
import { LOST, retry } from "../store/retry.ts";
import type { Store } from "../store/store.ts";
import { judgeBinary, judgeManifest, rejected } from "./judge.ts";
import {
  binaries,
  coreSwitch,
  readShadowCounts,
  readSwitch,
  type ReleaseRecord,
  releases,
  type ReleaseState,
  type RetiredBecause,
  type ShadowCounts,
  stateOf,
  type SwitchEvent,
  switchOf,
  type SwitchRecord,
} from "./record.ts";
import {
  find,
  makeStep,
  type Plan,
  planActivation,
  planRetirement,
  planRollback,
  planShadow,
  type StepDeps,
  type StepRules,
  withEvent,
} from "./steps.ts";

/** A release as the team that releases cores sees it. */
export interface ReleaseView extends ShadowCounts {
  readonly releaseId: string;
  readonly version: number;
  readonly sha256: string;
  readonly state: ReleaseState;
  readonly uploadedAt: string;
  readonly shadowAt?: string;
  readonly retiredAt?: string;
  readonly retiredBecause?: RetiredBecause;
}

/** All releases, oldest first, and the history of their steps. */
export interface ReleaseList {
  readonly releases: readonly ReleaseView[];
  readonly history: readonly SwitchEvent[];
}

/** The use cases of core releases; `by` is the id of a release key. */
export interface Releases {
  /** Stores a release if it is signed, passes its test, and is newer than any that was active. */
  upload(
    by: string,
    signed: SignedManifest,
    wasm: Uint8Array<ArrayBuffer>,
  ): Promise<ReleaseView | Refusal>;
  list(): Promise<ReleaseList>;
  get(releaseId: string): Promise<ReleaseView | Refusal>;
  /** Puts a release into shadow, where its answers are compared with the active core's. */
  shadow(by: string, releaseId: string): Promise<ReleaseView | Refusal>;
  /** Makes a release the active one, after it was in shadow for long enough. */
  activate(by: string, releaseId: string): Promise<ReleaseView | Refusal>;
  /** Retires a release that is not active. */
  retire(by: string, releaseId: string): Promise<ReleaseView | Refusal>;
  /**
   * Goes back to the core before the active one. Returns the release that was left. A call
   * that names this release in `releaseId` can be repeated without going back twice.
   */
  rollback(by: string, releaseId?: string): Promise<ReleaseView | Refusal>;
}

const PAGE = 100;
const index = new IndexPlace(CORE_RELEASES_KEY);

/** Makes the {@linkcode Releases} use cases. */
export function createReleases(deps: StepDeps & StepRules): Releases {
  const { store } = deps;
  const view = async (releaseId: string) => {
    const found = await find(store, releaseId);
    return isRefusal(found)
      ? found
      : (await viewAll(store, [found.record], found.now))[0]!;
  };
  const make = async (by: string, releaseId: string, plan: Plan) =>
    await makeStep(deps, by, releaseId, plan) ?? await view(releaseId);
  return {
    upload: async (by, signed, wasm) => {
      const taken = await upload(deps, by, signed, wasm);
      return isRefusal(taken) ? taken : await view(taken);
    },
    get: view,
    async list() {
      const records: ReleaseRecord[] = [];
      for await (const page of entriesOf(store, index.name, PAGE)) {
        const places = page.map(({ member }) => releases(member));
        const held = await readRecords(store, places);
        records.push(...held.flatMap(({ value }) => value ?? []));
      }
      const now = switchOf(await readSwitch(store));
      const { history } = now;
      return { releases: await viewAll(store, records, now), history };
    },
    shadow: (by, releaseId) => make(by, releaseId, planShadow(deps)),
    activate: (by, releaseId) =>
      make(by, releaseId, planActivation(store, deps)),
    retire: (by, releaseId) => make(by, releaseId, planRetirement),
    async rollback(by, releaseId) {
      const left = releaseId ?? switchOf(await readSwitch(store)).active;
      return left === null
        ? rejected("nothing-before")
        : await make(by, left, planRollback(store, deps));
    },
  };
}

/**
 * The id of a release follows from its manifest, so that an upload whose answer
 * was lost can be repeated.
 */
async function idOf({ payload }: SignedManifest): Promise<string> {
  const bytes = fromBase64url(payload)!;
  const hash = await crypto.subtle.digest("SHA-256", bytes);
  return `core_${new Uint8Array(hash, 0, 16).toHex()}`;
}

/** Stores an upload. Returns its id, or why it is refused. */
async function upload(
  { store, clock, backOff, ...judge }: StepDeps & StepRules,
  by: string,
  signed: SignedManifest,
  wasm: Uint8Array<ArrayBuffer>,
): Promise<string | Refusal> {
  const manifest = await judgeManifest(judge, signed, clock.nowMs());
  if (isRefusal(manifest)) return manifest;
  const refusal = await judgeBinary(manifest, wasm);
  if (refusal !== null) return refusal;
  const { version, sha256 } = manifest;
  const releaseId = await idOf(signed);
  return await retry(async () => {
    const places = [coreSwitch, releases(releaseId)] as const;
    const [held, release] = await readRecords(store, places);
    if (release.value !== null) {
      return await signAgain(store, release, release.value, signed)
        ? releaseId
        : LOST;
    }
    const now = switchOf(held);
    if (version <= now.newest_version) return rejected("older");
    const nowMs = clock.nowMs();
    const at = timeText(nowMs);
    const { committed } = await commit(store, {
      guards: [held.unchanged("switch"), release.unchanged("release")],
      writes: [
        held.set({
          ...now,
          history: withEvent(now, {
            ...{ action: "upload", release_id: releaseId },
            ...{ at, by },
          }),
        }),
        release.set({
          ...{ release_id: releaseId, version, sha256, signed },
          uploaded_at: at,
        }),
        binaries(sha256).set(wasm),
        index.put(releaseId, nowMs),
      ],
    });
    return committed ? releaseId : LOST;
  }, { backOff });
}

/**
 * Stores the signatures of a repeated upload. They were verified with the keys that are
 * trusted now; the stored ones may be by keys that are no longer trusted.
 */
async function signAgain(
  store: Store,
  release: Held<ReleaseRecord>,
  record: ReleaseRecord,
  signed: SignedManifest,
): Promise<boolean> {
  const write = release.set({ ...record, signed });
  const { committed } = await commit(store, {
    guards: [release.unchanged("release")],
    writes: [write],
  });
  return committed;
}

async function viewAll(
  store: Store,
  records: readonly ReleaseRecord[],
  now: SwitchRecord,
): Promise<ReleaseView[]> {
  const ids = records.map(({ release_id }) => release_id);
  const counts = await readShadowCounts(store, ids);
  return records.map((record, i): ReleaseView => ({
    releaseId: record.release_id,
    version: record.version,
    sha256: record.sha256,
    state: stateOf(record, now),
    uploadedAt: record.uploaded_at,
    ...(record.shadow_at !== undefined && { shadowAt: record.shadow_at }),
    ...(record.retired_at !== undefined && { retiredAt: record.retired_at }),
    ...(record.retired_because !== undefined &&
      { retiredBecause: record.retired_because }),
    ...counts[i]!,
  }));
}
