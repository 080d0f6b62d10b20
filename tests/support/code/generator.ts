/**
 * A second generator of payment codes, written from `wasm/SPEC.md` and
 * `node:crypto` alone. It shares no line with `edge/code/` or the core, so
 * that where the two agree, the page was followed, not the code copied.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createHash, createHmac } from "node:crypto";

/** What a wallet keeps, in the names of the page's seed file. */
export interface GeneratorInput {
  readonly seed: Uint8Array;
  readonly prefix: string;
  readonly profile: number;
  readonly bucket: number;
  readonly bucket_digits: number;
  readonly tag_digits: number;
}

/** A code with everything that led to it. */
export interface Generated {
  readonly message: Buffer;
  readonly mac: Buffer;
  /** Zero-padded. */
  readonly tag: string;
  readonly code: string;
}

/** The time step of a Unix second, in integers of any size. */
export function generatorStep(unixSeconds: bigint, stepSeconds: bigint) {
  return unixSeconds / stepSeconds;
}

/** HMAC-SM3 from the hash and RFC 2104: not every node:crypto has it. */
function hmacSm3(key: Uint8Array, message: Uint8Array): Buffer {
  const masked = (pad: number) =>
    Buffer.alloc(64).fill(key, 0, key.length).map((byte) => byte ^ pad);
  const sm3 = (start: Uint8Array, rest: Uint8Array) =>
    createHash("sm3").update(start).update(rest).digest();
  return sm3(masked(0x5c), sm3(masked(0x36), message));
}

/** The code of a seed at a time step. */
export function generate(input: GeneratorInput, step: number): Generated {
  const numbers = Buffer.alloc(20);
  numbers.writeUInt32BE(parseInt(input.prefix, 10), 0);
  numbers.writeUInt32BE(input.profile, 4);
  numbers.writeUInt32BE(input.bucket, 8);
  numbers.writeUInt32BE(step, 16);
  const message = Buffer.concat([
    Buffer.from("offcode.v1 offline payment code\0", "ascii"),
    numbers,
  ]);
  const mac = input.profile === 2
    ? hmacSm3(input.seed, message)
    : createHmac("sha256", input.seed).update(message).digest();
  const whole = BigInt("0x" + mac.toString("hex").slice(0, 16)).toString();
  // The remainder of a division by 10^t is the last t decimal digits.
  const tag = whole.padStart(input.tag_digits, "0").slice(-input.tag_digits);
  const bucket = input.bucket.toString().padStart(input.bucket_digits, "0");
  return {
    message,
    mac,
    tag,
    code: `${input.prefix}${input.profile}${bucket}${tag}`,
  };
}
