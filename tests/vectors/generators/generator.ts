// Payment codes as wasm/SPEC.md says. Each line of standard input is
// `seed prefix profile bucket bucket_digits tag_digits time_step`, the seed in
// hexadecimal; each line of standard output is a code.
import { createHash, createHmac } from "node:crypto";
import { createInterface } from "node:readline";
import process from "node:process";

const LABEL = new TextEncoder().encode("offcode.v1 offline payment code\0");

// RFC 2104 over SM3: node's createHmac does not know it everywhere.
function hmacSm3(key: Uint8Array, message: Uint8Array): Uint8Array {
  const pad = (byte: number) =>
    Uint8Array.from({ length: 64 }, (_, i) => (key[i] ?? 0) ^ byte);
  const sm3 = (...parts: Uint8Array[]) =>
    parts.reduce((hash, it) => hash.update(it), createHash("sm3")).digest();
  return sm3(pad(0x5c), sm3(pad(0x36), message));
}

/** The code of a seed of 32 bytes at a time step. */
export function paymentCode(
  seed: Uint8Array,
  prefix: string,
  profile: number,
  bucket: number,
  bucketDigits: number,
  tagDigits: number,
  step: number,
): string {
  const message = new Uint8Array(52);
  message.set(LABEL);
  const words = new DataView(message.buffer);
  words.setUint32(32, Number(prefix));
  words.setUint32(36, profile);
  words.setUint32(40, bucket);
  words.setUint32(48, step);
  const mac = profile === 2
    ? hmacSm3(seed, message)
    : createHmac("sha256", seed).update(message).digest();
  const start = new DataView(mac.buffer, mac.byteOffset).getBigUint64(0);
  const tag = `${start % 10n ** BigInt(tagDigits)}`.padStart(tagDigits, "0");
  return `${prefix}${profile}${`${bucket}`.padStart(bucketDigits, "0")}${tag}`;
}

for await (const line of createInterface({ input: process.stdin })) {
  const [seed = "", prefix = "", ...numbers] = line.split(" ");
  const [profile, bucket, bucketDigits, tagDigits, step] = numbers.map(Number);
  console.log(paymentCode(
    Uint8Array.from(seed.match(/../g) ?? [], (hex) => parseInt(hex, 16)),
    ...[prefix, profile!, bucket!, bucketDigits!, tagDigits!, step!] as const,
  ));
}
