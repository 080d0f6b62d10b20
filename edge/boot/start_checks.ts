/**
 * What is checked before a process starts. It does not start where codes would be refused
 * or records lost.
 *
 * @module
 */

import type { Core } from "../core/core.ts";
import type { Profiles } from "../code/profile.ts";
import { findingsOf } from "../health/health.ts";
import type { Presence } from "../health/presence.ts";
import { activeProfiles } from "../release/record.ts";
import {
  type ListableStore,
  type Store,
  StoreUnavailableError,
} from "../store/store.ts";
import type { Composed } from "./compose.ts";
import { type Config, ConfigError } from "./config.ts";
import { hasAll, pickProfiles, profilesMissed } from "./profile_config.ts";

/**
 * Refuses a store whose file is not there. A server may make its store; a process that
 * works in the store of a server would do nothing in an empty one, and say that all is
 * done.
 *
 * @throws {ConfigError} If there is no such file.
 */
export async function refuseAbsent({ store }: Config): Promise<void> {
  if (store.kind !== "sqlite") return;
  await Deno.stat(store.path).catch(() => {
    throw new ConfigError(["OFFCODE_STORE names a file that is not there"]);
  });
}

/**
 * The settings that decide about the form of codes. The sizes of a profile that the
 * built-in core lacks are those of the active core release.
 *
 * @throws {ConfigError} If no core at hand implements a profile, or if the store cannot be
 * asked for the release.
 */
export async function codeSettings(
  { prefix, profiles, settings }: Config,
  { profiles: builtIn }: Core,
  store: Store,
) {
  let released: Profiles | null = null;
  const faults: string[] = [];
  try {
    if (!hasAll(builtIn, profiles)) {
      const { trusted } = settings.release;
      released = await activeProfiles(store, trusted);
    }
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error;
    faults.push("The store could not be asked for the active core release");
  }
  const known = { builtIn, released };
  const picked = pickProfiles(profiles, known, store.cells?.count);
  if (typeof picked !== "string") return { prefix, ...picked };
  await store.close();
  throw new ConfigError([picked, ...faults]);
}

/** What a start is checked with. */
interface StartedWith
  extends
    Pick<Composed, "storeCheck" | "storeMode" | "useCases" | "coreFollower"> {
  readonly store: ListableStore;
  readonly presence: Presence;
  /** Whether the process answers requests, so that it needs the store's mode and a core. */
  readonly serves: boolean;
  /** Why the cells of the store are not those of the settings, or `null`. */
  cellsFault(store: ListableStore): Promise<string | null>;
  /** Closes what was opened. */
  close(): Promise<void>;
}

/**
 * Refuses to start with a store or with a core release that must not be used with these
 * settings.
 *
 * @throws {ConfigError} The text names every reason.
 */
export async function checkStart(deps: StartedWith): Promise<void> {
  const faults = await storeFaults(deps);
  if (faults.length === 0 && deps.serves) {
    faults.push(...await releaseFaults(deps));
  }
  if (faults.length === 0) return;
  await deps.close();
  throw new ConfigError(faults);
}

/**
 * Why the process must not use the store: it evicts, is of the other mode, has its records
 * elsewhere, or has customers with profiles that are not served. A store that cannot be
 * reached does not prevent the start: once it can be reached, the presence checks its mode,
 * its cells and how it is set before the first use.
 */
async function storeFaults(
  { storeCheck, storeMode, useCases, presence, ...deps }: StartedWith,
): Promise<string[]> {
  const faults: string[] = [];
  try {
    const other = deps.serves
      ? await storeMode.refusal()
      : await deps.cellsFault(deps.store);
    if (other !== null) faults.push(`OFFCODE_STORE: ${other}`);
    const { refusal } = await findingsOf({ store: deps.store, storeCheck });
    if (refusal !== null) {
      faults.push(
        `OFFCODE_STORE: ${refusal} OFFCODE_ALLOW_EVICTION=1 starts all the same`,
      );
    }
    const missed = await profilesMissed(useCases.profiles);
    if (missed !== null) faults.push(missed);
    // A process that cannot start does not use the store, so it needs no presence.
    const moved = faults.length === 0 ? await presence.refusal() : null;
    if (moved !== null) faults.push(`OFFCODE_STORE: ${moved}`);
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error;
  }
  return faults;
}

/**
 * Why the active core release cannot serve here. The edge does not start then: otherwise
 * it would use another core than all others without the operator's decision.
 */
async function releaseFaults(
  { coreFollower }: StartedWith,
): Promise<string[]> {
  const fault = await coreFollower.begin();
  return fault === null ? [] : [
    `The active core release cannot serve here: ${fault} ` +
    "OFFCODE_ALLOW_BUILT_IN_CORE=1 serves with the built-in core",
  ];
}
