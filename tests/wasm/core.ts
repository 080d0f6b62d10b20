/**
 * What the core's tests share: the committed artefact, seeds that are the same
 * in every run, and tags from node:crypto to hold the core against.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { Buffer } from "node:buffer";
import { instantiate } from "../../edge/core/abi.ts";
import {
  type BucketId,
  type Core,
  openCore,
  openInstance,
  type SeedPlace,
} from "../../edge/core/core.ts";
import { compileCore } from "../../scripts/build_core.ts";

/** The committed artefact. */
export const wasm: Uint8Array<ArrayBuffer> = Deno.readFileSync(
  new URL("../../wasm/release/core.wasm", import.meta.url),
);

const module = new WebAssembly.Module(wasm);

/** A fresh core behind its door. */
export function newCore(): Core {
  return openCore(module);
}

/**
 * A core that implements all nine digits: its own as they are, the others with
 * profile 1's MAC and sizes. What a core does with several profiles.
 */
export async function nineProfileCore(): Promise<Core> {
  const last = "2, HMAC_SM3, 4, 11, 30, 1,";
  const { profiles } = newCore();
  const more = [3, 4, 5, 6, 7, 8, 9].filter((digit) => !profiles.has(digit))
    .map((digit) => `${digit}, HMAC_SHA_256, 4, 11, 30, 1,`);
  return openCore(
    await compileCore({
      edit: (name, source) =>
        name === "profiles.ts"
          ? source.replace(
            /PROFILES_BYTES: usize = \d+;/,
            "PROFILES_BYTES: usize = 216;",
          ).replace(last, last + more.join(""))
          : source,
    }),
  );
}

/** A fresh core without its door, not yet self-tested. */
export function rawCore() {
  const core = instantiate(module);
  return {
    ...core,
    /** The whole linear memory, as it is now. */
    bytes: () => new Uint8Array(core.memory.buffer as ArrayBuffer),
    /** A word of the output buffer. */
    output: (word: number) =>
      new DataView(core.memory.buffer)
        .getUint32(core.output_ptr() + 4 * word, true),
  };
}

/** A core behind its door, and the memory that it works in. */
export function openedCore() {
  const exports = instantiate(module);
  const core = openInstance(exports);
  return {
    core,
    bytes: () => new Uint8Array(exports.memory.buffer as ArrayBuffer),
  };
}

/** The bucket that most tests use. */
export const ID: BucketId = { prefix: 90, profile: 1, bucket: 42 };
/** The same under HMAC-SM3: what is shown of one MAC is shown of both. */
export const SM3_ID: BucketId = { ...ID, profile: 2 };
export const IDS: readonly BucketId[] = [ID, SM3_ID];
/** A time step of the year 2024. */
export const STEP = 57_000_000;

/** 32 bytes that belong to `name`, in every run the same. */
export function seedOf(name: string | number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash("sha256").update(`seed ${name}`).digest());
}

/** Places with the seeds 0 to `count` - 1 and credential numbers from 1000. */
export function placesOf(count: number): SeedPlace[] {
  return Array.from({ length: count }, (_, i) => ({
    seed: seedOf(i),
    credential: 1000 + i,
  }));
}

/** HMAC, as RFC 2104 says, on the hashes of node:crypto. */
export function hmacOf(
  hash: "sha256" | "sm3",
  key: Uint8Array,
  message: Uint8Array,
): Buffer {
  const block = Buffer.alloc(64);
  block.set(key.length > 64 ? createHash(hash).update(key).digest() : key);
  const inner = createHash(hash).update(block.map((byte) => byte ^ 0x36))
    .update(message).digest();
  return createHash(hash).update(block.map((byte) => byte ^ 0x5c))
    .update(inner).digest();
}

/** The first 64 bits of a seed's MAC, by node:crypto. */
export function macHead(
  { prefix, profile, bucket }: BucketId,
  seed: Uint8Array,
  step: number,
): bigint {
  const message = Buffer.alloc(52);
  message.write("offcode.v1 offline payment code", "ascii");
  message.writeUInt32BE(prefix, 32);
  message.writeUInt32BE(profile, 36);
  message.writeUInt32BE(bucket, 40);
  message.writeUInt32BE(step, 48);
  return hmacOf(profile === 2 ? "sm3" : "sha256", seed, message)
    .readBigUInt64BE(0);
}

/** A seed's tag, by node:crypto. */
export function tagOf(
  id: BucketId,
  seed: Uint8Array,
  step: number,
  tagDigits = 11,
): bigint {
  return macHead(id, seed, step) % 10n ** BigInt(tagDigits);
}
