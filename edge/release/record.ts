/**
 * What is stored of core releases. One record, the switch, says for all edges
 * which core is active and which is in shadow, so that every change is one
 * compare-and-set and no two edges can read different answers for long.
 *
 * Nothing here verifies a release: an edge does that again before it runs one,
 * because whoever can write into the store must not be able to run code.
 *
 * @module
 */

import type { SignedManifest } from "../code/manifest.ts";
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
  json,
  plainText,
  readRecords,
  recordKind,
} from "../store/record.ts";
import { type Store, StoreUnavailableError } from "../store/store.ts";

/** What a release is: `uploaded → shadow → active → retired`. */
export type ReleaseState = "uploaded" | "shadow" | "active" | "retired";

/** Why a release is retired. */
export type RetiredBecause =
  /** Somebody said so. */
  | "by-hand"
  /** In shadow it answered otherwise than the active core. */
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
  /** When it was put into shadow last; absent: it never was. */
  readonly shadow_at?: string;
  readonly retired_at?: string;
  readonly retired_because?: RetiredBecause;
}

/** Something that was done to a release: what, when and by whom. */
export interface SwitchEvent {
  readonly action: "upload" | "shadow" | "activate" | "retire" | "rollback";
  /** `null`: the built-in core, to which a roll-back went. */
  readonly release_id: string | null;
  readonly at: string;
  /** Id of the release key, or `edge` where a difference retired it. */
  readonly by: string;
}

/** Which core is active and which is in shadow. */
export interface SwitchRecord {
  /** `null`: the core that the edges were built with. */
  readonly active: string | null;
  readonly shadow: string | null;
  /** What a roll-back goes back to; the last one first in line. */
  readonly previous: readonly (string | null)[];
  /** The newest version that was ever active; 0: none was. */
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

/** What a switch says; nothing was done yet where there is none. */
export const switchOf = ({ value }: Held<SwitchRecord>): SwitchRecord =>
  value ?? NOTHING_YET;

/** What a release is. */
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

/** A release as it is stored; verify it before you run it. */
export interface StoredRelease {
  readonly record: ReleaseRecord;
  readonly wasm: Uint8Array<ArrayBuffer>;
}

/**
 * Reads a release with its binary; `null` where there is none of this id.
 *
 * @throws {StoreUnavailableError} `corrupt`, where the binary is missing.
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

/** Reads a binary by its SHA-256 in hex; `null` where there is none. */
export async function readBinary(
  store: Pick<Store, "read">,
  sha256: string,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const [{ value }] = await readRecords(store, [binaries(sha256)]);
  return value;
}

/** What all edges counted while a release was in shadow. */
export interface ShadowCounts {
  readonly searches: number;
  readonly differences: number;
  /**
   * The most time that it took for a search, as a multiple of the active core's;
   * absent: nothing was measured.
   */
  readonly slowestRatio?: number;
}

const searches = recordKind({
  key: (id: string) => coreShadowField(id, "searches"),
  form: counter,
});
const differences = recordKind({
  key: (id: string) => coreShadowField(id, "differences"),
  form: counter,
});

/** Of a release in shadow: the slowest ratio in thousandths, digits. */
export const slowestRatio = recordKind({
  key: (id: string) => coreShadowField(id, "slowest"),
  form: plainText,
});

/** Reads what was counted of each of these releases. */
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
      ...(ratio !== null && { slowestRatio: Number(ratio) / 1000 }),
    };
  });
}
