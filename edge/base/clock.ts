/**
 * Time and randomness as parameters. Nothing below `main.ts` reads the system
 * clock or the system's random source: tests move time and repeat randomness.
 *
 * @module
 */

/** Where the time comes from. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z, as an integer. */
  nowMs(): number;
}

/** Where unpredictable bytes come from. */
export interface Random {
  /** `length` bytes from a cryptographically secure source. */
  bytes(length: number): Uint8Array<ArrayBuffer>;
  /** The same in lower-case hex; only sources that make hex faster than bytes have it. */
  hex?(length: number): string;
}

/** Resolves after `ms` milliseconds, which need not be an integer. */
export type Pause = (ms: number) => Promise<void>;

/** The clock of the machine. */
export const systemClock: Clock = { nowMs: () => Date.now() };

/** Random bytes drawn in advance: one call of Web Crypto costs as much for 16 bytes as for 1 000. */
const drawn = new Uint8Array(4_096);
let given = drawn.length;
/** V8 substrings keep their parent string alive, so the parent is kept short. */
const DRAWN_HEX_BYTES = 512;
let drawnHex = "";
let hexGiven = 0;

/**
 * The random source of the machine (Web Crypto `getRandomValues`). No byte is
 * returned twice. Bytes that `bytes` returned are wiped here; the latest text
 * that `hex` cut from stays in memory, so `hex` is for identifiers only.
 */
export const systemRandom: Random = {
  bytes(length) {
    // A long request is drawn by itself: it would use up the bytes in advance.
    if (length > 256) return crypto.getRandomValues(new Uint8Array(length));
    if (given + length > drawn.length) {
      crypto.getRandomValues(drawn);
      given = 0;
    }
    // For a few bytes a loop is faster than `set` and `fill`.
    const bytes = new Uint8Array(length);
    for (let i = 0; i < length; i++) {
      bytes[i] = drawn[given]!;
      drawn[given++] = 0;
    }
    return bytes;
  },
  hex(length) {
    if (length > 256) return systemRandom.bytes(length).toHex();
    if (hexGiven + 2 * length > drawnHex.length) {
      drawnHex = crypto.getRandomValues(new Uint8Array(DRAWN_HEX_BYTES))
        .toHex();
      hexGiven = 0;
    }
    return drawnHex.slice(hexGiven, hexGiven += 2 * length);
  },
};

/** Waits by the timers of the machine. */
export const systemPause: Pause = (ms): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));

let lastMs = NaN;
let lastText = "";

/**
 * Unix milliseconds as RFC 3339 in UTC. The latest text is cached, because many
 * callers ask within the same millisecond.
 *
 * @throws {RangeError} If `unixMs` is outside of what a `Date` can hold.
 */
export function timeText(unixMs: number): string {
  if (unixMs !== lastMs) {
    lastText = new Date(unixMs).toISOString();
    lastMs = unixMs;
  }
  return lastText;
}

/** Makes a function that does `work`, unless it did that less than `ms` milliseconds ago. */
export function atMostEvery(
  ms: number,
  monotonicMs: () => number,
  work: () => void,
): () => void {
  let doneMs = -Infinity;
  return () => {
    const nowMs = monotonicMs();
    if (nowMs - doneMs < ms) return;
    doneMs = nowMs;
    work();
  };
}
