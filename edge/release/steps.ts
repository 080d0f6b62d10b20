/**
 * The steps of a core release: shadow, activate, retire, roll back. Each step is one commit
 * that changes the switch, which all edges read. It is made once for all edges, or not at all.
 * A step that is repeated changes nothing.
 *
 * @module
 */

import type { BackOff } from "../base/backoff.ts";
import { type Clock, timeText } from "../base/clock.ts";
import { isId } from "../base/ids.ts";
import { isRefusal, type Refusal, refused } from "../base/outcome.ts";
import { commit } from "../store/commit.ts";
import { type Held, readRecords } from "../store/record.ts";
import { LOST, retry } from "../store/retry.ts";
import type { Store } from "../store/store.ts";
import { type Judge, judgeManifest, rejected } from "./judge.ts";
import {
  coreSwitch,
  readShadowCounts,
  type ReleaseRecord,
  releases,
  type RetiredBecause,
  type SwitchEvent,
  switchOf,
  type SwitchRecord,
} from "./record.ts";

/** What steps need. */
export interface StepDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly backOff: BackOff;
}

/** What decides whether a release may go on. */
export interface StepRules extends Judge {
  /** The shortest time in shadow, ms. */
  readonly shadowMs: number;
  /** The fewest searches that are compared in shadow. */
  readonly shadowSearches: number;
  /** Whether the built-in core lacks a profile that is served. */
  readonly builtInLacks: boolean;
}

/** A release, and the switch that was read together with it. */
export interface Found {
  readonly held: Held<SwitchRecord>;
  readonly now: SwitchRecord;
  readonly release: Held<ReleaseRecord>;
  readonly record: ReleaseRecord;
}

/** The records that a step writes. */
interface Step {
  readonly next: Omit<SwitchRecord, "history">;
  /** The releases that change, and their new records. */
  readonly changes: readonly (readonly [Held<ReleaseRecord>, ReleaseRecord])[];
  readonly event: Pick<SwitchEvent, "action" | "release_id">;
}

/** Plans a step. Returns `null` if the step was made before. */
export type Plan = (
  found: Found,
  nowMs: number,
) => Promise<Step | null | Refusal>;

/** The most events in the history. */
const HISTORY = 100;
/** The most cores that are kept for roll-backs. */
const PREVIOUS = 16;

/** Finds a release. */
export async function find(
  store: Store,
  releaseId: string,
): Promise<Found | Refusal> {
  if (!isId("core", releaseId)) return refused("not-found");
  const places = [coreSwitch, releases(releaseId)] as const;
  const [held, release] = await readRecords(store, places);
  const { value: record } = release;
  return record === null
    ? refused("not-found")
    : { held, now: switchOf(held), release, record };
}

/** Makes a step in the name of `by`. If it is refused, nothing has changed. */
export async function makeStep(
  { store, clock, backOff }: StepDeps,
  by: string,
  releaseId: string,
  plan: Plan,
): Promise<Refusal | null> {
  return await retry(async () => {
    const found = await find(store, releaseId);
    if (isRefusal(found)) return found;
    const nowMs = clock.nowMs();
    const planned = await plan(found, nowMs);
    if (planned === null || isRefusal(planned)) return planned;
    const { held, now } = found;
    const { next, changes, event } = planned;
    const history = withEvent(now, { ...event, at: timeText(nowMs), by });
    const { committed } = await commit(store, {
      guards: [
        held.unchanged("switch"),
        ...changes.map(([release]) => release.unchanged("release")),
      ],
      writes: [
        held.set({ ...next, history }),
        ...changes.map(([release, record]) => release.set(record)),
      ],
    });
    return committed ? null : LOST;
  }, { backOff });
}

/** The history with one more event. */
export const withEvent = (
  { history }: SwitchRecord,
  event: SwitchEvent,
): SwitchEvent[] => [...history, event].slice(-HISTORY);

function retire(
  record: ReleaseRecord,
  retired_because: RetiredBecause,
  nowMs: number,
): ReleaseRecord {
  return { ...record, retired_at: timeText(nowMs), retired_because };
}

function restore(record: ReleaseRecord): ReleaseRecord {
  const { retired_at: _at, retired_because: _because, ...live } = record;
  return live;
}

/**
 * Retires a release whose answer differed from the active core's, if it is still in shadow.
 * If it has become active meanwhile, it stays, because nobody knows which core is right.
 */
export async function retireForDifference(
  deps: StepDeps,
  releaseId: string,
): Promise<void> {
  await makeStep(
    deps,
    "edge",
    releaseId,
    ({ now, release, record }, nowMs) =>
      Promise.resolve(
        now.shadow !== releaseId ? null : {
          next: { ...now, shadow: null },
          changes: [[release, retire(record, "difference", nowMs)]],
          event: { action: "retire", release_id: releaseId },
        },
      ),
  );
}

/** Puts a release into shadow. */
export const planShadow =
  (judge: Judge): Plan => async ({ now, release, record }, nowMs) => {
    const { release_id } = record;
    if (now.shadow === release_id) return null;
    if (now.active === release_id) return rejected("active");
    if (record.retired_at !== undefined) return rejected("retired");
    if (now.shadow !== null) return rejected("another-in-shadow");
    return await judgeAgain(judge, now, record, nowMs) ?? {
      next: { ...now, shadow: release_id },
      changes: [[release, { ...record, shadow_at: timeText(nowMs) }]],
      event: { action: "shadow", release_id },
    };
  };

/** Makes a release the active one. */
export const planActivation =
  (store: Store, rules: StepRules): Plan =>
  async ({ now, release, record }, nowMs) => {
    const { release_id } = record;
    if (now.active === release_id) return null;
    const refusal = isReturning(now, record)
      ? await judgeStored(rules, record, nowMs)
      : await judgeShadow(store, rules, now, record, nowMs) ??
        await judgeAgain(rules, now, record, nowMs);
    if (refusal !== null) return refusal;
    const before = await heldRelease(store, now.active);
    return {
      next: {
        ...now,
        active: release_id,
        shadow: now.shadow === release_id ? null : now.shadow,
        previous: [...now.previous, now.active].slice(-PREVIOUS),
        newest_version: record.version,
      },
      changes: [
        [release, restore(record)],
        ...(before === null
          ? []
          : [[before[0], retire(before[1], "superseded", nowMs)] as const]),
      ],
      event: { action: "activate", release_id },
    };
  };

/**
 * Whether a release may become active again without being in shadow: it was left by a
 * roll-back, and no newer release was active since.
 */
const isReturning = (now: SwitchRecord, record: ReleaseRecord): boolean =>
  record.retired_because === "rolled-back" &&
  record.version === now.newest_version;

/** Retires a release by hand. No roll-back goes back to it afterwards. */
export const planRetirement: Plan = (
  { now, release, record },
  nowMs,
) => {
  const { release_id } = record;
  if (now.active === release_id) return Promise.resolve(rejected("active"));
  if (record.retired_because === "by-hand") return Promise.resolve(null);
  return Promise.resolve({
    next: { ...now, shadow: now.shadow === release_id ? null : now.shadow },
    changes: [[release, retire(record, "by-hand", nowMs)]],
    event: { action: "retire", release_id },
  });
};

/**
 * Leaves the active release for the core before it. The earlier core has served before,
 * so its signatures and its end are not checked again: a roll-back must work even if
 * the keys or the clock are in doubt. The core must implement the profiles that are
 * served now, because otherwise no edge could go back to it.
 */
export const planRollback =
  (store: Store, rules: StepRules): Plan =>
  async ({ now, release, record }, nowMs) => {
    const { release_id } = record;
    if (now.active !== release_id) {
      return record.retired_because === "rolled-back"
        ? null
        : rejected("not-active");
    }
    const previous = [...now.previous];
    while (previous.length > 0) {
      const active = previous.pop()!;
      const before = await heldRelease(store, active);
      // A release that was retired by hand must not run again.
      if (before?.[1].retired_because === "by-hand") continue;
      if (await lacksServed(rules, before?.[1])) return rejected("profiles");
      return {
        next: { ...now, active, previous },
        changes: [
          [release, retire(record, "rolled-back", nowMs)],
          ...(before === null
            ? []
            : [[before[0], restore(before[1])] as const]),
        ],
        event: { action: "rollback", release_id: active },
      };
    }
    return rejected("nothing-before");
  };

/** Whether the core of a release, or the built-in one, lacks a profile that is served. */
async function lacksServed(
  rules: StepRules,
  record: ReleaseRecord | undefined,
): Promise<boolean> {
  if (record === undefined) return rules.builtInLacks;
  const manifest = await judgeManifest(rules, record.signed);
  return isRefusal(manifest) && manifest.reason === "profiles";
}

/** Reads a release that the switch names; `null` for the built-in core. */
async function heldRelease(
  store: Store,
  releaseId: string | null,
): Promise<readonly [Held<ReleaseRecord>, ReleaseRecord] | null> {
  if (releaseId === null) return null;
  const [held] = await readRecords(store, [releases(releaseId)]);
  return held.value === null ? null : [held, held.value];
}

/** Judges a stored manifest by the present keys and time. Returns `null` if the step may be made. */
async function judgeStored(
  judge: Judge,
  record: ReleaseRecord,
  nowMs: number,
): Promise<Refusal | null> {
  const manifest = await judgeManifest(judge, record.signed, nowMs);
  return isRefusal(manifest) ? manifest : null;
}

/** The same, and refuses a version that is not newer than every one that was active. */
async function judgeAgain(
  judge: Judge,
  now: SwitchRecord,
  record: ReleaseRecord,
  nowMs: number,
): Promise<Refusal | null> {
  return await judgeStored(judge, record, nowMs) ??
    (record.version > now.newest_version ? null : rejected("older"));
}

/** Returns `null` if a release was in shadow for long enough and never differed there. */
async function judgeShadow(
  store: Store,
  { shadowMs, shadowSearches }: StepRules,
  now: SwitchRecord,
  { release_id, retired_at, shadow_at }: ReleaseRecord,
  nowMs: number,
): Promise<Refusal | null> {
  if (retired_at !== undefined) return rejected("retired");
  if (now.shadow !== release_id || shadow_at === undefined) {
    return rejected(
      "not-in-shadow-long-enough",
      "The release is not in shadow.",
    );
  }
  const [counts] = await readShadowCounts(store, [release_id]);
  if (counts!.differences > 0) return rejected("difference");
  const waitMs = Math.max(0, Date.parse(shadow_at) + shadowMs - nowMs);
  const lacking = Math.max(0, shadowSearches - counts!.searches);
  return waitMs === 0 && lacking === 0 ? null : rejected(
    "not-in-shadow-long-enough",
    `It must be in shadow for ${
      Math.ceil(waitMs / 1000)
    } more seconds, and ${lacking} more searches must be compared.`,
  );
}
