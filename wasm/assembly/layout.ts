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

/** Everything below is secret while a call runs, and zero when it returns. */
export const SCRATCH_BYTES: usize = 1024;
export const SCRATCH_PTR: usize = memory.data(1024, 16);

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
/** The four seeds of the group that is being loaded. */
export const SEEDS_PTR: usize = SCRATCH_PTR + 896;

/**
 * Words 8 to 63 of the outer hash's message schedule, two groups of four lanes
 * beside each other (lanes.ts); as secret as SCRATCH, and zero when it is.
 */
export const WORDS_BYTES: usize = 1792;
export const WORDS_PTR: usize = memory.data(1792, 16);

// --- A bucket in the heap --------------------------------------------------
//
//   header 64 | state 384 x groups | credential 16 x groups | rows 3 x 32 x groups
//
// A group is four seeds side by side: word w of the four seeds is one vector.

export const HEADER_BYTES: usize = 64;
/** Words of the header. */
export const SIZE_OFFSET: usize = 0;
export const KIND_OFFSET: usize = 4;
export const PREFIX_OFFSET: usize = 8;
export const PROFILE_OFFSET: usize = 12;
export const BUCKET_OFFSET: usize = 16;
export const COUNT_OFFSET: usize = 20;
export const GROUPS_OFFSET: usize = 24;
export const NEXT_OFFSET: usize = 28;
/** Per tag row: its time step, then its tag digits (0: nothing in the row). */
export const ROW_KEYS_OFFSET: usize = 32;

export const LANES: u32 = 4;
/** Three chaining values of eight words, four lanes each. */
export const STATE_BYTES: usize = 384;
/** Offsets of the three in a group (table.ts says what each word is). */
export const INNER_OFFSET: usize = 0;
export const STARTED_OFFSET: usize = 128;
export const OUTER_OFFSET: usize = 256;
export const CREDENTIAL_BYTES: usize = 16;
/** Four tags: their low halves, then their high halves. */
export const ROW_BYTES: usize = 32;
/** As many rows as the usual window has steps. */
export const ROWS: u32 = 3;
export const GROUP_BYTES: usize = 496; // 384 + 16 + 3 x 32
export const SEED_BYTES: usize = 32;
export const GROUP_SEED_BYTES: usize = 128;

/** Bounds of what a caller may ask. */
export const MAX_SLOTS: u32 = 1 << 20;
export const MAX_STEPS: u32 = 8;
export const MAX_TAG_DIGITS: u32 = 19;
