// The memory map: the names of all fixed buffers, and the layout of a bucket in the heap. The
// fixed buffers come first, and the heap begins behind them (heap.ts). Names of sizes end in
// _BYTES, of addresses in Ptr or _PTR, of offsets in _OFFSET.

// --- Fixed buffers ---------------------------------------------------------

/** The caller writes its input here: a key and then a message, or a seed. */
export const INPUT_BYTES: u32 = 16384;
export const INPUT_PTR: usize = memory.data(16384, 16);

/** The caller reads the result here: a digest, a tag, or the words of an answer. */
export const OUTPUT_BYTES: u32 = 64;
export const OUTPUT_PTR: usize = memory.data(64, 16);

/** Sizes that both hashes have: of a digest or chaining value, and of a block. */
export const DIGEST_BYTES: usize = 32;
export const BLOCK_BYTES: usize = 64;

/**
 * The working memory. It is secret while a call runs, and zero when the call returns.
 * The first part is used by every computation, the second part by the search alone.
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
/** The first 64 bits of the MACs of two groups: two vectors for the four MACs of a group. */
export const MACS_PTR: usize = SCRATCH_PTR + 592;
export const GROUP_MACS_BYTES: usize = 32;
/** The one to four seeds of the group that is being loaded. */
export const SEEDS_PTR: usize = SCRATCH_PTR + 656;
/**
 * The words that all seeds of a bucket share at one step: the message block, and what
 * the `lanes.ts` of the hash makes of it. SHA-256: sixty-four words. SM3: sixty-eight
 * words W and sixty-four words W'.
 */
export const SHARED_PTR: usize = SCRATCH_PTR + 784;

/**
 * The words of the outer hash's message schedule. Each word has eight lanes: four of one group,
 * then four of the other (lanes.ts). SHA-256: words 8 to 63. SM3: words 0 to 67.
 */
export const WORDS_PTR: usize = SCRATCH_PTR + 1312;
/** The state of a bucket's tail, spread over a whole group. */
export const TAIL_PTR: usize = SCRATCH_PTR + 3488;

// --- A bucket in the heap --------------------------------------------------
//
//   header 48 | credential 4 x seeds | rows 3 x 8 x seeds | up to 12 | state 96 x seeds
//
// A group is four seeds side by side: first one word of each of the four, then the next
// word of each, so that the same word of all four is one vector. The one to three seeds
// that do not fill a group are the tail. It follows the groups in the same order and
// without gaps, so the same word of all its seeds is one to three words. A vector that is
// read at the tail therefore also contains the bytes behind it. They always belong to the
// same block, because the state comes last in it, and the tail of the state is never read
// by vectors.

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
/** The tag digits of each row (0 for an empty row): three bytes. */
export const ROW_DIGITS_OFFSET: usize = 40;
/** The number of the MAC that the bucket is searched with (profiles.ts): a word. */
export const MAC_OFFSET: usize = 44;

export const LANES: u32 = 4;
/** The state of a seed: three chaining values of eight words. */
export const STATE_BYTES: usize = 96;
export const CREDENTIAL_BYTES: usize = 4;
/** A tag: first the low halves of all tags of a group, then their high halves. */
export const TAG_BYTES: usize = 8;
export const SEED_BYTES: usize = 32;
/** The number of tag rows: one for each step of the usual window. */
export const ROWS: u32 = 3;
/** Sizes of a group of four seeds. */
export const GROUP_STATE_BYTES: usize = 384;
export const GROUP_CREDENTIAL_BYTES: usize = 16;
export const GROUP_TAG_BYTES: usize = 32;
/** Offsets of the three chaining values in the state of a group (table.ts says what each word is). */
export const INNER_OFFSET: usize = 0;
export const STARTED_OFFSET: usize = 128;
export const OUTER_OFFSET: usize = 256;

/** The bounds of a caller's arguments. */
export const MAX_SEEDS: u32 = 1 << 20;
export const MAX_STEPS: u32 = 8;
export const MAX_TAG_DIGITS: u32 = 19;

/** The offset of the state in a bucket of `count` seeds. */
export function stateOffset(count: usize): usize {
  return (HEADER_BYTES + count * (CREDENTIAL_BYTES + <usize>ROWS * TAG_BYTES) + 15) & ~15;
}
/** The size in bytes of a bucket of `count` seeds. */
export function bucketBytes(count: usize): usize { return stateOffset(count) + count * STATE_BYTES; }
