/**
 * A typed interface to the WASM core: HMAC-SHA-256, HMAC-SM3, the tag of a wallet, and
 * the table of credentials that a payment code is searched in. Every number is checked
 * before it is given to the core, because WASM would silently wrap it. Seeds are copied into
 * the core and not kept here. Answers are zeroed in the core's memory once they are read.
 *
 * This file decides nothing about time or payments. It asks the core for its profiles and
 * its bounds, and refuses calls for any other profile.
 *
 * @module
 */

import { type Profile, type Profiles, profilesOf } from "../code/profile.ts";
import {
  type CoreExports,
  CoreFaultError,
  instantiate,
  Status,
} from "./abi.ts";

export { CoreFaultError };

/** Bytes of a seed (`wasm/SPEC.md` §1); a core with another size is refused. */
export const SEED_BYTES = 32;
const U32_MAX = 0xffff_ffff;

/** Which bucket: the numbers that the code shows, each a u32. */
export interface BucketId {
  readonly prefix: number;
  readonly profile: number;
  readonly bucket: number;
}

/** A seed place: one seed of a bucket, and whose it is. */
export interface SeedPlace {
  /** 32 bytes; copied, never kept. */
  readonly seed: Uint8Array;
  /** The caller's number of the credential, a u32; during a renewal two places have the same one. */
  readonly credential: number;
}

/** The seeds of a bucket one after the other, in one array. */
export interface PackedSeeds {
  /** 32 bytes for each seed place; copied, never kept. */
  readonly seeds: Uint8Array;
  /** The number of the credential of each seed place. */
  readonly credentials: Uint32Array;
}

/** The bounds of a core, and what it takes of memory beside its buckets. */
export interface CoreSizes {
  /** The most seeds of a bucket. */
  readonly maxSeeds: number;
  /** The most steps one search may span. */
  readonly maxSteps: number;
  /** The most digits of a tag: 10^19 is the last power of ten below 2^64. */
  readonly maxTagDigits: number;
  /** Bytes of memory before the first bucket. */
  readonly fixedBytes: number;
  /** The most bytes that the core's directory takes for one bucket. */
  readonly directoryEntryBytes: number;
}

/** What a search found. */
export type SearchResult =
  /** No seed of the bucket made the tag in these steps. */
  | { readonly kind: "none" }
  /**
   * One credential did: its number, and the seed place and the time step of the
   * latest match. If several places match in that step, this is the highest.
   */
  | {
    readonly kind: "one";
    readonly credential: number;
    readonly place: number;
    readonly step: number;
  }
  /** Two or more credentials did: the lowest and the highest of their numbers. */
  | {
    readonly kind: "ambiguous";
    readonly credentials: readonly [number, number];
  };

/**
 * A core that has passed its self-test. Threads must not share one.
 *
 * Arguments outside their bounds are bugs: the call throws a TypeError or a RangeError and
 * changes nothing. After a {@linkcode CoreFaultError} from a call this core must not be used
 * any more. "Out of memory" is the exception: all loaded buckets are still loaded then.
 */
export interface Core {
  /** The ABI number that the core reports. */
  readonly abi: number;
  /**
   * The profiles that the core implements, with all their sizes. A call that
   * makes a tag, or loads or searches a bucket, of any other profile throws a
   * RangeError.
   */
  readonly profiles: Profiles;
  /** The bounds of the core. */
  readonly sizes: CoreSizes;
  /**
   * The bytes of memory that a bucket of so many seeds takes, its tag rows included;
   * `Infinity` if no bucket may have so many.
   */
  bucketBytes(seeds: number): number;
  /**
   * HMAC-SHA-256 (RFC 2104) of a key and a message, which may have 16 384 bytes
   * together. A text is encoded as UTF-8; for the limit each of its code units counts
   * as three bytes.
   *
   * @throws {RangeError} If they are longer.
   */
  hmacSha256(
    key: Uint8Array,
    message: Uint8Array | string,
  ): Uint8Array<ArrayBuffer>;
  /** The same with HMAC-SM3 (GB/T 32905, RFC 2104). */
  hmacSm3(
    key: Uint8Array,
    message: Uint8Array | string,
  ): Uint8Array<ArrayBuffer>;
  /**
   * The tag that a wallet shows: the first 64 bits of the MAC of the 52-byte
   * message, modulo 10^tagDigits (1 to `maxTagDigits`).
   */
  deriveTag(
    id: BucketId,
    seed: Uint8Array,
    step: number,
    tagDigits: number,
  ): bigint;
  /** Loads a bucket with at most `maxSeeds` seeds. What the bucket held before is wiped. */
  loadBucket(id: BucketId, places: readonly SeedPlace[]): void;
  /** The same from packed seeds, which is faster. */
  loadPacked(id: BucketId, packed: PackedSeeds): void;
  /** Wipes a bucket. Does nothing if it is not loaded. */
  wipeBucket(id: BucketId): void;
  /** Wipes every bucket. */
  wipeAll(): void;
  /** Whether the bucket is loaded. */
  hasBucket(id: BucketId): boolean;
  /**
   * Searches a loaded bucket for `tag` in the steps `firstStep` to `firstStep +
   * stepCount - 1` (1 to `maxSteps` of them). The work is the same whatever it finds.
   *
   * @throws {RangeError} If an argument is out of its bounds or the bucket is not loaded.
   */
  verify(
    id: BucketId,
    tag: bigint,
    tagDigits: number,
    firstStep: number,
    stepCount: number,
  ): SearchResult;
  /** Bytes of linear memory. It grows only while a bucket is loaded, and never shrinks. */
  readonly memoryBytes: number;
  /**
   * The numbers of groups whose MACs were computed, and whose tags were compared, so far. A
   * group has four seeds; the last one of a bucket may have fewer.
   */
  work(): { groups: bigint; compares: bigint };
}

/**
 * Starts a core and runs its self-test.
 *
 * @throws {CoreFaultError} If it does not compile, imports anything, has another ABI or
 * gives a wrong answer.
 *
 * @example
 * ```ts
 * import { openCore } from "./core.ts";
 *
 * const wasm = Deno.readFileSync("wasm/release/core.wasm");
 * const core = openCore(wasm);
 * const id = { prefix: 90, profile: 1, bucket: 42 };
 * const seed = crypto.getRandomValues(new Uint8Array(32));
 * core.loadBucket(id, [{ seed, credential: 7 }]);
 * const tag = core.deriveTag(id, seed, 56_666_666, 11);
 * core.verify(id, tag, 11, 56_666_665, 3); // { kind: "one", credential: 7, … }
 * ```
 */
export function openCore(wasm: BufferSource | WebAssembly.Module): Core {
  return openInstance(instantiate(wasm));
}

/**
 * The same with an instance that the caller has made, for example to read its memory.
 *
 * @throws {CoreFaultError} If it gives a wrong answer.
 */
export function openInstance(exports: CoreExports): Core {
  let status: number;
  try {
    status = exports.self_test();
  } catch (cause) {
    throw new CoreFaultError("The core fails its self-test", { cause });
  }
  if (status !== Status.ok) {
    throw new CoreFaultError(`The core fails its self-test: status ${status}`);
  }
  return new WasmCore(exports);
}

/**
 * Refuses to use a core for profiles that it does not implement: their codes could be
 * neither made nor found.
 *
 * @throws {CoreFaultError} If the core lacks a profile, or has it with another MAC or
 * another size. The error names the first such profile.
 */
export function assertImplements(core: Core, served: Profiles): void {
  const lacking = profileLacking(core.profiles, served);
  if (lacking !== null) {
    throw new CoreFaultError(
      `The core does not implement profile ${lacking} as it is served`,
    );
  }
}

/**
 * The digit of the first profile in `served` that `implemented` lacks, or has with another
 * MAC or another size; `null` if there is none.
 */
export function profileLacking(
  implemented: Profiles,
  served: Profiles,
): number | null {
  for (const profile of served.values()) {
    const own = implemented.get(profile.digit);
    const names = Object.keys(profile) as (keyof Profile)[];
    if (own === undefined || names.some((it) => own[it] !== profile[it])) {
      return profile.digit;
    }
  }
  return null;
}

class WasmCore implements Core {
  readonly abi: number;
  readonly profiles: Profiles;
  readonly sizes: CoreSizes;
  readonly #core: CoreExports;
  readonly #inputPtr: number;
  readonly #inputBytes: number;
  readonly #outputPtr: number;
  #bytes: Uint8Array;
  #words: DataView;
  readonly #answers: SearchResult[] = [];

  constructor(core: CoreExports) {
    this.#core = core;
    this.abi = core.abi_version() >>> 0;
    this.#inputPtr = core.input_ptr() >>> 0;
    this.#inputBytes = core.input_bytes() >>> 0;
    this.#outputPtr = core.output_ptr() >>> 0;
    this.#bytes = new Uint8Array(core.memory.buffer);
    this.#words = new DataView(core.memory.buffer);
    this.profiles = this.#readProfiles();
    this.sizes = this.#readSizes();
  }

  /** Reads words of the core's answer and zeroes them. */
  #readWords(count: number): number[] {
    const words = Array.from(
      { length: count },
      (_, word) => this.#words.getUint32(this.#outputPtr + 4 * word, true),
    );
    this.#bytes.fill(0, this.#outputPtr, this.#outputPtr + 4 * count);
    return words;
  }

  #readSizes(): CoreSizes {
    done(this.#core.describe_sizes());
    const [
      seedBytes,
      maxSeeds,
      maxSteps,
      maxTagDigits,
      fixedBytes,
      directoryEntryBytes,
    ] = this.#readWords(6) as [number, number, number, number, number, number];
    if (seedBytes !== SEED_BYTES) {
      throw new CoreFaultError(`The core has seeds of ${seedBytes} bytes`);
    }
    if (maxTagDigits >= POWERS_OF_TEN.length) {
      throw new CoreFaultError(`The core has tags of ${maxTagDigits} digits`);
    }
    return {
      maxSeeds,
      maxSteps,
      maxTagDigits,
      fixedBytes,
      directoryEntryBytes,
    };
  }

  bucketBytes(seeds: number): number {
    integer("The number of seeds", seeds, 0, U32_MAX);
    if (seeds > this.sizes.maxSeeds) return Infinity;
    const bytes = this.#core.bucket_bytes(seeds);
    if (bytes < 0) throw fault(bytes);
    return bytes;
  }

  #readProfiles(): Profiles {
    const count = this.#core.profile_count() >>> 0;
    // One digit of a code names its profile, and 0 names no profile.
    if (count > 9) throw new CoreFaultError(`The core has ${count} profiles`);
    const list: Profile[] = [];
    for (let i = 0; i < count; i++) {
      done(this.#core.describe_profile(i));
      const [
        digit,
        mac,
        bucketDigits,
        tagDigits,
        timeStepSeconds,
        windowSteps,
      ] = this.#readWords(6) as [
        number,
        number,
        number,
        number,
        number,
        number,
      ];
      const name = MACS[mac];
      if (name === undefined) {
        throw new CoreFaultError(`The core's profile ${digit} has MAC ${mac}`);
      }
      list.push({
        digit,
        mac: name,
        bucketDigits,
        tagDigits,
        timeStepSeconds,
        windowSteps,
      });
    }
    try {
      return profilesOf(list);
    } catch (cause) {
      throw new CoreFaultError("The core's profiles are not valid", { cause });
    }
  }

  hmacSha256(
    key: Uint8Array,
    message: Uint8Array | string,
  ): Uint8Array<ArrayBuffer> {
    return this.#hmac(this.#core.hmac_sha256, key, message);
  }

  hmacSm3(
    key: Uint8Array,
    message: Uint8Array | string,
  ): Uint8Array<ArrayBuffer> {
    return this.#hmac(this.#core.hmac_sm3, key, message);
  }

  #hmac(
    compute: CoreExports["hmac_sha256"],
    key: Uint8Array,
    message: Uint8Array | string,
  ): Uint8Array<ArrayBuffer> {
    const most = typeof message === "string"
      ? 3 * message.length
      : message.length;
    if (key.length + most > this.#inputBytes) {
      throw new RangeError(
        `Key and message must have at most ${this.#inputBytes} bytes together: received ${key.length} and ${most}`,
      );
    }
    const messagePtr = this.#inputPtr + key.length;
    let length = message.length;
    this.#bytes.set(key, this.#inputPtr);
    if (typeof message === "string") length = this.#put(message, messagePtr);
    else this.#bytes.set(message, messagePtr);
    done(compute(key.length, length));
    // A new array is filled byte by byte: for 32 bytes that is the fastest way.
    const mac = new Uint8Array(MAC_BYTES);
    for (let i = 0; i < MAC_BYTES; i++) {
      mac[i] = this.#bytes[this.#outputPtr + i]!;
      this.#bytes[this.#outputPtr + i] = 0;
    }
    return mac;
  }

  /** Writes a text as UTF-8 and returns its length in bytes. */
  #put(text: string, ptr: number): number {
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit > 0x7f) {
        return utf8.encodeInto(text, this.#bytes.subarray(ptr)).written;
      }
      this.#bytes[ptr + i] = unit;
    }
    return text.length;
  }

  deriveTag(
    id: BucketId,
    seed: Uint8Array,
    step: number,
    tagDigits: number,
  ): bigint {
    checkId(id);
    checkSeed(seed);
    integer("step", step, 0, U32_MAX);
    integer("tagDigits", tagDigits, 1, this.sizes.maxTagDigits);
    this.#bytes.set(seed, this.#inputPtr);
    const { prefix, profile, bucket } = id;
    done(this.#core.derive_tag(prefix, profile, bucket, step, tagDigits));
    const tag = this.#words.getBigUint64(this.#outputPtr, true);
    this.#words.setBigUint64(this.#outputPtr, 0n, true);
    return tag;
  }

  loadBucket(id: BucketId, places: readonly SeedPlace[]): void {
    checkId(id);
    integer("The number of seeds", places.length, 0, this.sizes.maxSeeds);
    for (const { seed, credential } of places) {
      checkSeed(seed);
      integer("credential", credential, 0, U32_MAX);
    }
    // Seeds are copied directly into the core: a further copy would have to be wiped.
    const { seedPtr, credentialPtr } = this.#begin(id, places.length);
    places.forEach(({ seed, credential }, i) => {
      this.#bytes.set(seed, seedPtr + SEED_BYTES * i);
      this.#words.setUint32(credentialPtr + 4 * i, credential, true);
    });
    done(this.#core.load_commit());
  }

  loadPacked(id: BucketId, { seeds, credentials }: PackedSeeds): void {
    checkId(id);
    const count = credentials.length;
    integer("The number of seeds", count, 0, this.sizes.maxSeeds);
    if (seeds.length !== SEED_BYTES * count) {
      throw new RangeError(
        `${count} seeds must have ${SEED_BYTES} bytes each: received ${seeds.length}`,
      );
    }
    const { seedPtr, credentialPtr } = this.#begin(id, count);
    this.#bytes.set(seeds, seedPtr);
    for (let i = 0; i < count; i++) {
      this.#words.setUint32(credentialPtr + 4 * i, credentials[i]!, true);
    }
    done(this.#core.load_commit());
  }

  /** Makes room for the seeds of a bucket, and renews the views if the memory has grown. */
  #begin({ prefix, profile, bucket }: BucketId, count: number) {
    done(this.#core.load_begin(prefix, profile, bucket, count));
    if (this.#bytes.length === 0) { // The memory has grown, which has detached the old buffer.
      this.#bytes = new Uint8Array(this.#core.memory.buffer);
      this.#words = new DataView(this.#core.memory.buffer);
    }
    return {
      seedPtr: this.#words.getUint32(this.#outputPtr, true),
      credentialPtr: this.#words.getUint32(this.#outputPtr + 4, true),
    };
  }

  wipeBucket(id: BucketId): void {
    checkId(id);
    done(this.#core.wipe_bucket(id.prefix, id.profile, id.bucket));
  }

  wipeAll(): void {
    done(this.#core.wipe_all());
  }

  hasBucket(id: BucketId): boolean {
    checkId(id);
    return this.#core.has_bucket(id.prefix, id.profile, id.bucket) === 1;
  }

  verify(
    id: BucketId,
    tag: bigint,
    tagDigits: number,
    firstStep: number,
    stepCount: number,
  ): SearchResult {
    checkId(id);
    integer("tagDigits", tagDigits, 1, this.sizes.maxTagDigits);
    integer("stepCount", stepCount, 1, this.sizes.maxSteps);
    integer("firstStep", firstStep, 0, U32_MAX - stepCount + 1);
    if (tag < 0n || tag >= POWERS_OF_TEN[tagDigits]!) {
      throw new RangeError("The tag must be below 10^tagDigits");
    }
    const { prefix, profile, bucket } = id;
    const status = this.#core.verify(
      prefix,
      profile,
      bucket,
      tag,
      tagDigits,
      firstStep,
      stepCount,
    );
    if (status === Status.notLoaded) {
      throw new RangeError("The bucket must be loaded before it is searched");
    }
    const first = this.#words.getUint32(this.#outputPtr, true);
    const second = this.#words.getUint32(this.#outputPtr + 4, true);
    const step = this.#words.getUint32(this.#outputPtr + 8, true);
    // All three answers are made and one is chosen, so that the duration does not
    // reveal whether the search was a hit or a miss (`deno task bench timing`). They
    // are stored in a list that outlives the call, because V8 makes only the chosen one
    // of a local list.
    const answers = this.#answers;
    answers[0] = { kind: "none" };
    answers[1] = { kind: "one", credential: first, place: second, step };
    answers[2] = { kind: "ambiguous", credentials: [first, second] };
    const answer = answers[status];
    if (answer === undefined) throw fault(status);
    return answer;
  }

  get memoryBytes(): number {
    return this.#core.memory.buffer.byteLength;
  }

  work(): { groups: bigint; compares: bigint } {
    return {
      groups: BigInt.asUintN(64, this.#core.work_groups()),
      compares: BigInt.asUintN(64, this.#core.work_compares()),
    };
  }
}

/** MACs by their number in `describe_profile`; 0 is none. */
const MACS: readonly (Profile["mac"] | undefined)[] = [
  undefined,
  "HMAC-SHA-256",
  "HMAC-SM3",
];
const MAC_BYTES = 32;
const utf8 = new TextEncoder();

/** The powers of ten below 2^64. */
const POWERS_OF_TEN = Array.from(
  { length: 20 },
  (_, digits) => 10n ** BigInt(digits),
);

function integer(name: string, value: number, min: number, max: number): void {
  if (!(Number.isInteger(value) && value >= min && value <= max)) {
    throw new RangeError(
      `${name} must be an integer from ${min} to ${max}: received ${value}`,
    );
  }
}

function checkId({ prefix, profile, bucket }: BucketId): void {
  integer("prefix", prefix, 0, U32_MAX);
  integer("profile", profile, 0, U32_MAX);
  integer("bucket", bucket, 0, U32_MAX);
}

function checkSeed(seed: Uint8Array): void {
  if (seed.length !== SEED_BYTES) {
    throw new RangeError(
      `seed must have ${SEED_BYTES} bytes: received ${seed.length}`,
    );
  }
}

/**
 * Throws if the core has refused a call. The arguments were checked before, so only an
 * unknown profile is the caller's fault; anything else is the core's.
 */
function done(status: number): void {
  if (status !== Status.ok) throw fault(status);
}

function fault(status: number): CoreFaultError | RangeError {
  if (status === Status.unknownProfile) {
    return new RangeError("The core does not implement the profile");
  }
  return new CoreFaultError(
    status === Status.outOfMemory
      ? "The core is out of memory"
      : `The core answers with status ${status}`,
  );
}
