/**
 * The steps of a core release: shadow, activate, retire, roll back. Each is one
 * commit guarded by the switch that all edges read, so it is made once, for every
 * edge, or not at all. A step that was made already is not made again.
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

/** What steps are made with. */
export interface StepDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly backOff: BackOff;
}

/** What decides whether a release may go on. */
export interface StepRules extends Judge {
  /** For how long a release is in shadow at least, ms. */
  readonly shadowMs: number;
  /** How many of its searches are compared at least. */
  readonly shadowSearches: number;
}

/** A release that is there, and the switch as it was read with it. */
export interface Found {
  readonly held: Held<SwitchRecord>;
  readonly now: SwitchRecord;
  readonly release: Held<ReleaseRecord>;
  readonly record: ReleaseRecord;
}

/** What a step writes. */
interface Step {
  readonly next: Omit<SwitchRecord, "history">;
  /** Releases that change, and what becomes of them. */
  readonly changes: readonly (readonly [Held<ReleaseRecord>, ReleaseRecord])[];
  readonly event: Pick<SwitchEvent, "action" | "release_id">;
}

/** Plans a step; `null`: it was made already. */
export type Plan = (
  found: Found,
  nowMs: number,
) => Promise<Step | null | Refusal>;

/** The events that are kept. */
const HISTORY = 100;
/** The cores that a roll-back can go back to. */
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

/** Makes a step, as `by` asks; a refusal has changed nothing. */
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
 * Retires a release that answered otherwise than the active core, if it is still
 * in shadow. An active one stays, because nobody can say then which core is right.
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
 * Whether a release that was left by a roll-back may become active again: it was
 * in shadow and active before, and no newer one was active since.
 */
const isReturning = (now: SwitchRecord, record: ReleaseRecord): boolean =>
  record.retired_because === "rolled-back" &&
  record.version === now.newest_version;

/** Retires a release by hand; one that a roll-back could go back to, too. */
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
 * Leaves the active release for the core before it. That one ran here already,
 * so its signatures and its end are not looked at again: a roll-back must work
 * when everything else is in doubt.
 */
export const planRollback =
  (store: Store): Plan => async ({ now, release, record }, nowMs) => {
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
      // What was retired by hand is not to run again.
      if (before?.[1].retired_because === "by-hand") continue;
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

/** Reads a release that the switch names; `null`: the built-in core. */
async function heldRelease(
  store: Store,
  releaseId: string | null,
): Promise<readonly [Held<ReleaseRecord>, ReleaseRecord] | null> {
  if (releaseId === null) return null;
  const [held] = await readRecords(store, [releases(releaseId)]);
  return held.value === null ? null : [held, held.value];
}

/** Judges a stored manifest by the keys and the time of now; `null`: it may go on. */
async function judgeStored(
  judge: Judge,
  record: ReleaseRecord,
  nowMs: number,
): Promise<Refusal | null> {
  const manifest = await judgeManifest(judge, record.signed, nowMs);
  return isRefusal(manifest) ? manifest : null;
}

/** The same, and that no newer version was ever active. */
async function judgeAgain(
  judge: Judge,
  now: SwitchRecord,
  record: ReleaseRecord,
  nowMs: number,
): Promise<Refusal | null> {
  return await judgeStored(judge, record, nowMs) ??
    (record.version > now.newest_version ? null : rejected("older"));
}

/** Whether a release was in shadow for long enough, and agreed there: `null`. */
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
