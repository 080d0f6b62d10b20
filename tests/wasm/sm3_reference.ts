/**
 * SM3's compression of one block, written from GB/T 32905-2016 alone, because
 * node:crypto does not show the chaining values that the core must wipe.
 *
 * @module
 */

/** The initial value (§4.1). */
export const INITIAL: readonly number[] = [
  ...[0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600],
  ...[0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e],
];

const rotl = (x: number, n: number) => (x << (n % 32)) | (x >>> (-n & 31));
const p0 = (x: number) => x ^ rotl(x, 9) ^ rotl(x, 17);
const p1 = (x: number) => x ^ rotl(x, 15) ^ rotl(x, 23);

/** The constant of a round, rotated as §5.3.3 asks. */
export function constant(round: number): number {
  return rotl(round < 16 ? 0x79cc4519 : 0x7a879d8a, round % 32) >>> 0;
}

/** The working variables after `rounds` rounds, before the chaining value is XORed. */
export function workingVariables(
  state: readonly number[],
  block: Uint8Array,
  rounds: number,
): number[] {
  const view = new DataView(block.buffer, block.byteOffset, 64);
  const w = Array.from({ length: 16 }, (_, j) => view.getUint32(4 * j));
  for (let j = 16; j < 68; j++) {
    const x = w[j - 16]! ^ w[j - 9]! ^ rotl(w[j - 3]!, 15);
    w.push(p1(x) ^ rotl(w[j - 13]!, 7) ^ w[j - 6]!);
  }
  const v = [...state];
  for (let j = 0; j < rounds; j++) {
    const [a, b, c, d, e, f, g, h] = v as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    const ss1 = rotl((rotl(a, 12) + e + constant(j)) | 0, 7);
    const ff = j < 16 ? a ^ b ^ c : (a & b) | (a & c) | (b & c);
    const gg = j < 16 ? e ^ f ^ g : (e & f) | (~e & g);
    const tt1 = (ff + d + (ss1 ^ rotl(a, 12)) + (w[j]! ^ w[j + 4]!)) | 0;
    const tt2 = (gg + h + ss1 + w[j]!) | 0;
    v.splice(0, 8, tt1, a, rotl(b, 9), c, p0(tt2), e, rotl(f, 19), g);
  }
  return v.map((word) => word >>> 0);
}

/** The chaining value after one block. */
export function compress(
  state: readonly number[],
  block: Uint8Array,
): number[] {
  return workingVariables(state, block, 64)
    .map((word, i) => (word ^ state[i]!) >>> 0);
}

/** A key under one of HMAC's pads, taken in: a midstate. */
export function midstate(key: Uint8Array, pad: number): number[] {
  const block = new Uint8Array(64);
  block.set(key);
  return compress(INITIAL, block.map((byte) => byte ^ pad));
}
