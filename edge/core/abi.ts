/**
 * The binary interface of the WASM core, as `wasm/README.md` describes it: the names and
 * types of its exports, and the numbers that they return. A core is refused before it is
 * used if it imports anything, lacks an export, or has another ABI number.
 *
 * @module
 */

/** The ABI number of the cores that this file can use. */
export const ABI = 2;

/** What exports return: the same numbers as in `wasm/assembly/status.ts`. */
export const Status = {
  ok: 0,
  one: 1,
  ambiguous: 2,
  notReady: -1,
  outOfRange: -2,
  notLoaded: -3,
  nothingPending: -4,
  outOfMemory: -5,
  selfTestFailed: -6,
  unknownProfile: -7,
} as const;

/** The numbers that name a bucket, as the exports take them. */
export type BucketKey = [prefix: number, profile: number, bucket: number];

/** The exports of a core. 32-bit results arrive signed: `>>> 0` makes unsigned ones of them. */
export interface CoreExports {
  readonly memory: WebAssembly.Memory;
  abi_version(): number;
  profile_count(): number;
  describe_profile(index: number): number;
  describe_sizes(): number;
  bucket_bytes(seeds: number): number;
  input_ptr(): number;
  input_bytes(): number;
  output_ptr(): number;
  self_test(): number;
  hmac_sha256(keyBytes: number, messageBytes: number): number;
  hmac_sm3(keyBytes: number, messageBytes: number): number;
  derive_tag(...args: [...BucketKey, step: number, tagDigits: number]): number;
  load_begin(...args: [...BucketKey, count: number]): number;
  load_commit(): number;
  has_bucket(...key: BucketKey): number;
  wipe_bucket(...key: BucketKey): number;
  wipe_all(): number;
  verify(
    ...args: [
      ...BucketKey,
      tag: bigint,
      tagDigits: number,
      firstStep: number,
      stepCount: number,
    ]
  ): number;
  work_groups(): bigint;
  work_compares(): bigint;
}

/** Every export except the memory. */
export const FUNCTIONS = [
  "abi_version",
  "profile_count",
  "describe_profile",
  "describe_sizes",
  "bucket_bytes",
  "input_ptr",
  "input_bytes",
  "output_ptr",
  "self_test",
  "hmac_sha256",
  "hmac_sm3",
  "derive_tag",
  "load_begin",
  "load_commit",
  "has_bucket",
  "wipe_bucket",
  "wipe_all",
  "verify",
  "work_groups",
  "work_compares",
] as const satisfies readonly (keyof CoreExports)[];

/**
 * The core cannot be used, or can no longer be used: it does not compile, imports something,
 * has another ABI, fails its self-test, has no memory left, or returns an answer that no
 * core may return.
 */
export class CoreFaultError extends Error {
  override readonly name = "CoreFaultError";
}

/**
 * Compiles and starts a module, and checks its interface.
 *
 * @throws {CoreFaultError} If it is not a core with this interface.
 */
export function instantiate(
  wasm: BufferSource | WebAssembly.Module,
): CoreExports {
  let module: WebAssembly.Module;
  try {
    module = wasm instanceof WebAssembly.Module
      ? wasm
      : new WebAssembly.Module(wasm);
  } catch (cause) {
    throw new CoreFaultError("The core does not compile", { cause });
  }
  const imports = WebAssembly.Module.imports(module).length;
  if (imports !== 0) {
    throw new CoreFaultError(
      `The core has ${imports} imports; it may have none`,
    );
  }
  const kinds = new Map(
    WebAssembly.Module.exports(module).map(({ name, kind }) => [name, kind]),
  );
  const missing: string[] = FUNCTIONS.filter((name) =>
    kinds.get(name) !== "function"
  );
  if (kinds.get("memory") !== "memory") missing.push("memory");
  if (missing.length > 0) {
    throw new CoreFaultError(`The core lacks ${missing.join(", ")}`);
  }
  let core: CoreExports;
  try {
    const instance = new WebAssembly.Instance(module);
    core = instance.exports as unknown as CoreExports;
  } catch (cause) {
    throw new CoreFaultError("The core does not start", { cause });
  }
  const abi = core.abi_version() >>> 0;
  if (abi !== ABI) {
    throw new CoreFaultError(`The core speaks ABI ${abi}, not ${ABI}`);
  }
  return core;
}
