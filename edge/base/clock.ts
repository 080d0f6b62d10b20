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
  /** The same in lower-case hex, where there is a faster way than by bytes. */
  hex?(length: number): string;
}

/** Comes back after some milliseconds; a fraction counts. */
export type Pause = (ms: number) => Promise<void>;

/** The clock of the machine. */
export const systemClock: Clock = { nowMs: () => Date.now() };

/** Drawn ahead, since a draw costs as much for 16 bytes as for 1 000. */
const drawn = new Uint8Array(4_096);
let given = drawn.length;
/** Less, since a part of a text keeps the whole of it. */
const DRAWN_HEX_BYTES = 512;
let drawnHex = "";
let hexGiven = 0;

/**
 * The random source of the machine (Web Crypto `getRandomValues`). No byte is
 * given twice, and what `bytes` gave is not kept here; of what `hex` gave, which
 * is for identifiers, the latest stays.
 */
export const systemRandom: Random = {
  bytes(length) {
    // What is long would use up all that is there.
    if (length > 256) return crypto.getRandomValues(new Uint8Array(length));
    if (given + length > drawn.length) {
      crypto.getRandomValues(drawn);
      given = 0;
    }
    // A few bytes: byte by byte is faster than calls for a range.
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
export const systemPause: Pause = (ms) =>
  new Promise((resolve) => setTimeout(resolve, ms));

let lastMs = NaN;
let lastText = "";

/**
 * Unix milliseconds as RFC 3339 in UTC; the one before is remembered, because
 * much is asked within one millisecond.
 *
 * @throws {RangeError} If it is no time.
 */
export function timeText(unixMs: number): string {
  if (unixMs !== lastMs) {
    lastText = new Date(unixMs).toISOString();
    lastMs = unixMs;
  }
  return lastText;
}
