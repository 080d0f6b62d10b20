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

/**
 * Everything below is secret while a call runs, and zero when it returns: first
 * what every computation works in, behind it what the search alone needs.
 */
export const SCRATCH_BYTES: usize = 1024;
export const SEARCH_SCRATCH_BYTES: usize = 3200;
export const SCRATCH_PTR: usize = memory.data(3200, 16);

/** Sixty-four words: the message schedule of the scalar SHA-256. */
export const SCHEDULE_PTR: usize = SCRATCH_PTR;
/** Eight words: the working variables of the scalar SHA-256. */
export const WORK_PTR: usize = SCRATCH_PTR + 256;
/** One block of 64 bytes: padding. */
export const BLOCK_PTR: usize = SCRATCH_PTR + 288;
/** One block of 64 bytes: a key under ipad, then under opad. */
export const KEY_BLOCK_PTR: usize = SCRATCH_PTR + 352;
/** Eight words each: the chaining values of HMAC's inner and outer hash. */
export const INNER_PTR: usize = SCRATCH_PTR + 416;
export const OUTER_PTR: usize = SCRATCH_PTR + 448;
/** Thirty-two bytes: HMAC's inner digest. */
export const DIGEST_PTR: usize = SCRATCH_PTR + 480;
/** Two vectors a group, the first 64 bits of four MACs; two groups. */
export const MACS_PTR: usize = SCRATCH_PTR + 512;
export const GROUP_MACS_BYTES: usize = 32;
/** Fifty-two bytes of message. */
export const MESSAGE_PTR: usize = SCRATCH_PTR + 576;
/** Sixty-four words: the schedule that all seeds of a bucket share at one step (message.ts). */
export const SHARED_PTR: usize = SCRATCH_PTR + 640;
/** The one to four seeds of the group that is being loaded. */
export const SEEDS_PTR: usize = SCRATCH_PTR + 896;

/**
 * Words 8 to 63 of the outer hash's message schedule, two groups of four lanes
 * beside each other (sha256/lanes.ts).
 */
export const WORDS_BYTES: usize = 1792;
export const WORDS_PTR: usize = SCRATCH_PTR + 1024;
/** The state of a bucket's tail, spread over a whole group. */
export const TAIL_PTR: usize = SCRATCH_PTR + 2816;

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
