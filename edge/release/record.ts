/**
 * The records of core releases. One record, the switch, says for all edges which core is
 * active and which one is in shadow. Every change is therefore one compare-and-set, and all
 * edges soon read the same answer.
 *
 * A release that is read here is not verified. An edge verifies it before it runs it, because
 * somebody who can write into the store must not be able to run code.
 *
 * @module
 */

import {
  manifestProfiles,
  type SignedManifest,
  type TrustedKeys,
  verifyManifest,
} from "../code/manifest.ts";
import type { Profiles } from "../code/profile.ts";
import { decodeCanonical, encode } from "../base/base64url.ts";
import {
  CORE_SWITCH_KEY,
  coreBinaryKey,
  coreReleaseKey,
  coreShadowField,
} from "../store/keys.ts";
import {
  counter,
  type Form,
  type Held,
  integer,
  json,
  readRecords,
  recordKind,
} from "../store/record.ts";
import { type Store, StoreUnavailableError } from "../store/store.ts";

/** The states of a release: `uploaded → shadow → active → retired`. */
export type ReleaseState = "uploaded" | "shadow" | "active" | "retired";

/** Why a release is retired. */
export type RetiredBecause =
  /** The team that releases cores has retired it. */
  | "by-hand"
  /** In shadow an answer differed from that of the active core. */
  | "difference"
  /** A newer one became active. */
  | "superseded"
  /** The edges went back to the core before it. */
  | "rolled-back";

/** A core release, by its id. */
export interface ReleaseRecord {
  readonly release_id: string;
  readonly version: number;
  /** SHA-256 of the binary in hex. */
  readonly sha256: string;
  readonly signed: SignedManifest;
  readonly uploaded_at: string;
  /** When it was last put into shadow; absent if it never was. */
  readonly shadow_at?: string;
  readonly retired_at?: string;
  readonly retired_because?: RetiredBecause;
}

/** A change of a release: what was done, when and by whom. */
export interface SwitchEvent {
  readonly action: "upload" | "shadow" | "activate" | "retire" | "rollback";
  /** `null` for a roll-back to the built-in core. */
  readonly release_id: string | null;
  readonly at: string;
  /** The id of the release key, or `edge` if a difference has retired the release. */
  readonly by: string;
}

/** Which core is active and which is in shadow. */
export interface SwitchRecord {
  /** `null` for the built-in core of each edge. */
  readonly active: string | null;
  readonly shadow: string | null;
  /** The cores that a roll-back goes back to; the last one is the next. */
  readonly previous: readonly (string | null)[];
  /** The newest version that was ever active; 0 if none was. */
  readonly newest_version: number;
  /** The latest events, oldest first. */
  readonly history: readonly SwitchEvent[];
}

const NOTHING_YET: SwitchRecord = {
  active: null,
  shadow: null,
  previous: [],
  newest_version: 0,
  history: [],
};

/** Releases, by their id. */
export const releases = recordKind({
  key: coreReleaseKey,
  form: json<ReleaseRecord>(),
});

/** The switch. */
export const coreSwitch = recordKind({
  key: () => CORE_SWITCH_KEY,
  form: json<SwitchRecord>(),
})();

const bytes: Form<Uint8Array<ArrayBuffer>> = {
  write: encode,
  read(text) {
    const decoded = decodeCanonical(text);
    if (decoded === undefined) throw new TypeError("It is no base64url");
    return new Uint8Array(decoded);
  },
};

/** Binaries, by their SHA-256. */
export const binaries = recordKind({ key: coreBinaryKey, form: bytes });

/** The content of a switch. Without a record no release was ever uploaded. */
export const switchOf = ({ value }: Held<SwitchRecord>): SwitchRecord =>
  value ?? NOTHING_YET;

/** The state of a release. */
export function stateOf(
  { release_id, retired_at }: ReleaseRecord,
  { active, shadow }: SwitchRecord,
): ReleaseState {
  if (release_id === active) return "active";
  if (release_id === shadow) return "shadow";
  return retired_at === undefined ? "uploaded" : "retired";
}

/** Reads the switch. */
export async function readSwitch(
  store: Pick<Store, "read">,
): Promise<Held<SwitchRecord>> {
  const [held] = await readRecords(store, [coreSwitch]);
  return held;
}

/** A release as it is stored. It must be verified before it is run. */
export interface StoredRelease {
  readonly record: ReleaseRecord;
  readonly wasm: Uint8Array<ArrayBuffer>;
}

/**
 * Reads a release with its binary; `null` if there is none with this id.
 *
 * @throws {StoreUnavailableError} `corrupt`, if the binary is missing.
 */
export async function readRelease(
  store: Pick<Store, "read">,
  releaseId: string,
): Promise<StoredRelease | null> {
  const [{ value: record }] = await readRecords(store, [releases(releaseId)]);
  if (record === null) return null;
  const wasm = await readBinary(store, record.sha256);
  if (wasm === null) throw new StoreUnavailableError("corrupt");
  return { record, wasm };
}

/** Reads a binary by its SHA-256 in hex; `null` if there is none. */
export async function readBinary(
  store: Pick<Store, "read">,
  sha256: string,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const [{ value }] = await readRecords(store, [binaries(sha256)]);
  return value;
}

/**
 * The profiles of the release that is active, with their sizes. `null` if no release is
 * active, or if too few of the keys that this edge trusts signed it.
 */
export async function activeProfiles(
  store: Pick<Store, "read">,
  trusted: TrustedKeys,
): Promise<Profiles | null> {
  const { active } = switchOf(await readSwitch(store));
  if (active === null) return null;
  const [{ value: record }] = await readRecords(store, [releases(active)]);
  if (record === null) return null;
  const verified = await verifyManifest(record.signed, trusted);
  return verified.kind === "refused"
    ? null
    : manifestProfiles(verified.manifest);
}

/** The counts of all edges while a release was in shadow. */
export interface ShadowCounts {
  readonly searches: number;
  readonly differences: number;
  /**
   * The longest time of its searches as a multiple of the active core's time; absent until
   * something was measured.
   */
  readonly slowestRatio?: number;
}

/** Counter of a release's searches in shadow. */
export const searches = recordKind({
  key: (id: string) => coreShadowField(id, "searches"),
  form: counter,
});

/** Counter of the searches in which a release in shadow found another result. */
export const differences = recordKind({
  key: (id: string) => coreShadowField(id, "differences"),
  form: counter,
});

/** The slowest ratio of a release in shadow, in thousandths. */
export const slowestRatio = recordKind({
  key: (id: string) => coreShadowField(id, "slowest"),
  form: integer,
});

/** Reads the counts of each of these releases. */
export async function readShadowCounts(
  store: Pick<Store, "read">,
  releaseIds: readonly string[],
): Promise<ShadowCounts[]> {
  const places = releaseIds.flatMap((id) => [searches(id), differences(id)]);
  const [counts, slowest] = await Promise.all([
    readRecords(store, places),
    readRecords(store, releaseIds.map((id) => slowestRatio(id))),
  ]);
  return releaseIds.map((_, i) => {
    const ratio = slowest[i]!.value;
    return {
      searches: counts[2 * i]!.value?.amount ?? 0,
      differences: counts[2 * i + 1]!.value?.amount ?? 0,
      ...(ratio !== null && { slowestRatio: ratio / 1000 }),
    };
  });
}
