// The profiles that this core implements: for each profile digit its MAC and all its
// sizes. The core makes no tag and loads no bucket for another digit, because a tag that
// is made with another MAC than the issuer's is a code that nobody accepts.

import { OUTPUT_PTR } from "./layout";
import { OK, OUT_OF_RANGE } from "./status";

/** MACs, by number. */
export const NO_MAC: u32 = 0;
export const HMAC_SHA_256: u32 = 1;
export const HMAC_SM3: u32 = 2;

/** The table of profiles. Each has six words: digit, MAC, bucket digits, tag digits, seconds of a step, window in steps. */
const PROFILE_BYTES: usize = 24;
const PROFILES_BYTES: usize = 48;
const PROFILES_PTR: usize = memory.data<u32>([
  1, HMAC_SHA_256, 4, 11, 30, 1,
  2, HMAC_SM3, 4, 11, 30, 1,
]);

/** The MAC of a profile; `NO_MAC` if this core does not implement the profile. */
export function macOf(profile: u32): u32 {
  for (let at: usize = 0; at < PROFILES_BYTES; at += PROFILE_BYTES) {
    if (load<u32>(PROFILES_PTR + at) == profile) return load<u32>(PROFILES_PTR + at, 4);
  }
  return NO_MAC;
}

/** How many profiles there are. */
export function count(): u32 { return <u32>(PROFILES_BYTES / PROFILE_BYTES); }

/** Writes the six words of the profile with this index, from 0, to OUTPUT. */
export function describe(index: u32): i32 {
  if (index >= count()) return OUT_OF_RANGE;
  memory.copy(OUTPUT_PTR, PROFILES_PTR + <usize>index * PROFILE_BYTES, PROFILE_BYTES);
  return OK;
}
