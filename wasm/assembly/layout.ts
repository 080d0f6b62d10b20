// The memory map: every fixed buffer by name, and the shape of a bucket in the
// heap. Fixed buffers come first, the heap begins behind them (heap.ts).
// Sizes end in _BYTES, addresses in Ptr or _PTR, offsets in _OFFSET.

// --- Fixed buffers ---------------------------------------------------------

/** What a caller hands over: key then message, or a seed. */
export const INPUT_BYTES: u32 = 16384;
export const INPUT_PTR: usize = memory.data(16384, 16);

/** What a caller reads back: a digest, a tag, or the words of an answer. */
export const OUTPUT_BYTES: u32 = 64;
export const OUTPUT_PTR: usize = memory.data(64, 16);

/** Bytes of a digest and of a chaining value, and of a block, of every hash here. */
export const DIGEST_BYTES: usize = 32;
export const BLOCK_BYTES: usize = 64;

/**
 * Everything below is secret while a call runs, and zero when it returns: first
 * what every computation works in, behind it what the search alone needs.
 */
export const SCRATCH_BYTES: usize = 1312;
export const SEARCH_SCRATCH_BYTES: usize = 3872;
export const SCRATCH_PTR: usize = memory.data(3872, 16);

/** Sixty-eight words: the message schedule of a scalar hash (SHA-256 uses sixty-four). */
export const SCHEDULE_PTR: usize = SCRATCH_PTR;
/** Eight words: the working variables of a scalar hash. */
export const WORK_PTR: usize = SCRATCH_PTR + 272;
/** One block of 64 bytes: padding. */
export const BLOCK_PTR: usize = SCRATCH_PTR + 304;
/** One block of 64 bytes: a key under ipad, then under opad. */
export const KEY_BLOCK_PTR: usize = SCRATCH_PTR + 368;
/** Eight words each: the chaining values of HMAC's inner and outer hash. */
export const INNER_PTR: usize = SCRATCH_PTR + 432;
export const OUTER_PTR: usize = SCRATCH_PTR + 464;
/** Thirty-two bytes: HMAC's inner digest. */
export const DIGEST_PTR: usize = SCRATCH_PTR + 496;
/** Fifty-two bytes of message. */
export const MESSAGE_PTR: usize = SCRATCH_PTR + 528;
/** Two vectors a group, the first 64 bits of four MACs; two groups. */
export const MACS_PTR: usize = SCRATCH_PTR + 592;
export const GROUP_MACS_BYTES: usize = 32;
/** The one to four seeds of the group that is being loaded. */
export const SEEDS_PTR: usize = SCRATCH_PTR + 656;
/**
 * What all seeds of a bucket share at one step: the words of the message block,
 * and what the lanes.ts of the hash makes of them. SHA-256: sixty-four words.
 * SM3: sixty-eight words W and sixty-four W'.
 */
export const SHARED_PTR: usize = SCRATCH_PTR + 784;

/**
 * Words of the outer hash's message schedule, two groups of four lanes beside
 * each other (lanes.ts). SHA-256: words 8 to 63. SM3: words 0 to 67.
 */
export const WORDS_PTR: usize = SCRATCH_PTR + 1312;
/** The state of a bucket's tail, spread over a whole group. */
export const TAIL_PTR: usize = SCRATCH_PTR + 3488;

// --- A bucket in the heap --------------------------------------------------
//
//   header 48 | credential 4 x seeds | rows 3 x 8 x seeds | up to 12 | state 96 x seeds
//
// A group is four seeds side by side: a word of each of them, then the next word
// of each, so that one word of the four is one vector. The one to three seeds
// that fill no group are the tail, behind the groups in the same order and
// without gaps: one word of all of them is one to three words there. A vector
// read at a word of the tail therefore reaches into what follows, which is still
// this block: the state comes last, and of the tail's it is never read so.

export const HEADER_BYTES: usize = 48;
/** Words of the header. */
export const SIZE_OFFSET: usize = 0;
export const KIND_OFFSET: usize = 4;
export const PREFIX_OFFSET: usize = 8;
export const PROFILE_OFFSET: usize = 12;
export const BUCKET_OFFSET: usize = 16;
export const COUNT_OFFSET: usize = 20;
export const NEXT_OFFSET: usize = 24;
/** The time step of each tag row: three words. */
export const ROW_STEPS_OFFSET: usize = 28;
/** The tag digits of each row (0: nothing in the row): three bytes. */
export const ROW_DIGITS_OFFSET: usize = 40;
/** The number of the MAC that the bucket is searched with (profiles.ts): a word. */
export const MAC_OFFSET: usize = 44;

export const LANES: u32 = 4;
/** Of a seed: three chaining values of eight words. */
export const STATE_BYTES: usize = 96;
export const CREDENTIAL_BYTES: usize = 4;
/** A tag: its low half and, behind the low halves of its group, its high half. */
export const TAG_BYTES: usize = 8;
export const SEED_BYTES: usize = 32;
/** As many rows as the usual window has steps. */
export const ROWS: u32 = 3;
/** Of a group of four. */
export const GROUP_STATE_BYTES: usize = 384;
export const GROUP_CREDENTIAL_BYTES: usize = 16;
export const GROUP_TAG_BYTES: usize = 32;
/** Offsets of the three chaining values in the state of a group (table.ts says what each word is). */
export const INNER_OFFSET: usize = 0;
export const STARTED_OFFSET: usize = 128;
export const OUTER_OFFSET: usize = 256;

/** Bounds of what a caller may ask. */
export const MAX_SLOTS: u32 = 1 << 20;
export const MAX_STEPS: u32 = 8;
export const MAX_TAG_DIGITS: u32 = 19;

/** From the start of a bucket of `count` seeds to its state. */
export function stateOffset(count: usize): usize {
  return (HEADER_BYTES + count * (CREDENTIAL_BYTES + <usize>ROWS * TAG_BYTES) + 15) & ~15;
}
/** The bytes of a bucket of `count` seeds. */
export function bucketBytes(count: usize): usize { return stateOffset(count) + count * STATE_BYTES; }
