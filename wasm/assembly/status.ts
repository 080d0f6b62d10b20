// The numbers that exports return. Results are 0 or more, refusals are below 0; the core
// never traps on input. edge/core/abi.ts repeats these numbers.

/** Success. From `verify`: no seed of the bucket made this tag. */
export const OK: i32 = 0;
/** From `verify`: exactly one credential made this tag. */
export const ONE: i32 = 1;
/** From `verify`: two or more credentials made this tag. */
export const AMBIGUOUS: i32 = 2;

/** `self_test` has not passed in this instance. */
export const NOT_READY: i32 = -1;
/** A number or a length is outside its bounds. */
export const OUT_OF_RANGE: i32 = -2;
/** The bucket is not loaded. */
export const NOT_LOADED: i32 = -3;
/** `load_commit` was called without a `load_begin` before it. */
export const NOTHING_PENDING: i32 = -4;
/** The memory cannot grow any further. */
export const OUT_OF_MEMORY: i32 = -5;
/** A known answer was wrong: this core must not be used. */
export const SELF_TEST_FAILED: i32 = -6;
/** This core does not implement the profile. */
export const UNKNOWN_PROFILE: i32 = -7;
