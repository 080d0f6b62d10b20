/**
 * SHA-256's compression of one block, written from FIPS 180-4 alone, because
 * node:crypto does not show the chaining values that the core must wipe.
 *
 * @module
 */

const PRIMES: number[] = [];
for (let n = 2; PRIMES.length < 64; n++) {
  if (PRIMES.every((prime) => n % prime !== 0)) PRIMES.push(n);
}

/** The first 32 bits of the fraction of a root, by integer search (§4.2.2, §5.3.3). */
function fraction(prime: number, power: bigint): number {
  const wanted = BigInt(prime) << (32n * power);
  let root = 0n;
  for (let bit = 1n << 36n; bit > 0n; bit >>= 1n) {
    if ((root + bit) ** power <= wanted) root += bit;
  }
  return Number(root & 0xffff_ffffn);
}

const K = PRIMES.map((prime) => fraction(prime, 3n));
/** The initial hash value. */
export const INITIAL: readonly number[] = PRIMES.slice(0, 8)
  .map((prime) => fraction(prime, 2n));

const rotr = (x: number, n: number) => (x >>> n) | (x << (32 - n));

/** The working variables after `rounds` rounds, before the chaining value is added. */
export function workingVariables(
  state: readonly number[],
  block: Uint8Array,
  rounds: number,
): number[] {
  const view = new DataView(block.buffer, block.byteOffset, 64);
  const w = Array.from({ length: 16 }, (_, t) => view.getUint32(4 * t));
  for (let t = 16; t < 64; t++) {
    const x = w[t - 15]!, y = w[t - 2]!;
    const s0 = rotr(x, 7) ^ rotr(x, 18) ^ (x >>> 3);
    const s1 = rotr(y, 17) ^ rotr(y, 19) ^ (y >>> 10);
    w.push((s1 + w[t - 7]! + s0 + w[t - 16]!) >>> 0);
  }
  let [a, b, c, d, e, f, g, h] = state as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  for (let t = 0; t < rounds; t++) {
    const s1 = rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25);
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K[t]! + w[t]!) >>> 0;
    const s0 = rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22);
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) >>> 0;
    [a, b, c, d, e, f, g, h] = [
      (t1 + t2) >>> 0,
      a,
      b,
      c,
      (d + t1) >>> 0,
      e,
      f,
      g,
    ];
  }
  return [a, b, c, d, e, f, g, h];
}

/** The chaining value after one block. */
export function compress(
  state: readonly number[],
  block: Uint8Array,
): number[] {
  return workingVariables(state, block, 64)
    .map((word, i) => (word + state[i]!) >>> 0);
}

/** A key under one of HMAC's pads, taken in: a midstate. */
export function midstate(key: Uint8Array, pad: number): number[] {
  const block = new Uint8Array(64);
  block.set(key);
  return compress(INITIAL, block.map((byte) => byte ^ pad));
}
