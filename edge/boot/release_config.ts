/**
 * Reads the settings of core releases: who may sign them, and how long they are
 * in shadow.
 *
 * @module
 */

import { fromBase64url } from "../code/manifest.ts";
import type { GetSetting, SettingName } from "./setting_table.ts";
import type { ReleaseSettings } from "./settings.ts";

/** Reads who may sign releases, and how long a release is in shadow. */
export function readRelease(
  get: GetSetting,
  whole: (name: SettingName, min: number, max: number) => number,
  flag: (name: SettingName) => boolean,
  faults: string[],
): ReleaseSettings {
  const keys = get("OFFCODE_RELEASE_KEYS").split(",")
    .map((text) => text.trim()).filter((text) => text !== "");
  if (
    keys.some((key) => fromBase64url(key)?.length !== 32) ||
    new Set(keys).size !== keys.length
  ) {
    faults.push(
      "OFFCODE_RELEASE_KEYS must be Ed25519 public keys, 32 bytes in " +
        "base64url each, separated by commas, none of them twice",
    );
  }
  // A threshold above the number of keys could never be reached.
  const most = Math.max(1, keys.length);
  return {
    trusted: { keys, threshold: whole("OFFCODE_RELEASE_THRESHOLD", 1, most) },
    shadowMs: whole("OFFCODE_SHADOW_SECONDS", 0, 31_536_000) * 1_000,
    shadowSearches: whole("OFFCODE_SHADOW_SEARCHES", 0, 999_999_999),
    allowsBuiltIn: flag("OFFCODE_ALLOW_BUILT_IN_CORE"),
  };
}
