/**
 * Tests a core of a release before it is used: it must have this ABI, implement the
 * profiles that its manifest lists, with the same sizes, and give the manifest's known
 * answers.
 *
 * The test runs in a worker, because a core may never return, and is interrupted there when
 * its time is over. A core that passes the test and loops for other input would still block
 * the thread that uses it. The signatures and the time in shadow are the protection against
 * such a core.
 *
 * @module
 */

import {
  type CoreManifest,
  knownAnswersHold,
  manifestProfiles,
} from "../code/manifest.ts";
import { type CoreExports, instantiate } from "./abi.ts";
import { assertImplements, type Core, openInstance } from "./core.ts";

/** Why a core is refused. */
export type CoreFault =
  /** It is no core, or has another ABI. */
  | "abi"
  /** It does not implement what its manifest lists. */
  | "profiles"
  /** An answer is wrong, the core throws, or it does not answer in time. */
  | "known-answers";

/** What the worker is given. */
export interface ToProve {
  readonly wasm: Uint8Array<ArrayBuffer>;
  readonly manifest: CoreManifest;
  /** The longest duration of the test in milliseconds. */
  readonly limitMs: number;
}

/** What the worker says: first that it has loaded, then what is wrong with the core. */
export type ProveMessage = "loaded" | CoreFault | null;

/** The limit is many times as long as the test takes on a slow, busy machine. */
const LIMIT_MS = 10_000;

/**
 * Tests a core. Returns what is wrong with it, or `null`.
 *
 * @param limitMs The longest duration of the test in milliseconds; ten seconds by default.
 * The time in which the worker loads does not count: it says nothing about the core, and
 * a busy machine can need seconds for it.
 */
export async function proveCore(
  wasm: Uint8Array<ArrayBuffer>,
  manifest: CoreManifest,
  limitMs = LIMIT_MS,
): Promise<CoreFault | null> {
  const url = new URL("./prove_worker.ts", import.meta.url);
  const worker = new Worker(url, { type: "module" });
  try {
    return await new Promise((resolve) => {
      worker.onmessage = ({ data }: MessageEvent<ProveMessage>) => {
        if (data !== "loaded") return resolve(data);
        worker.postMessage({ wasm, manifest, limitMs } satisfies ToProve);
      };
      worker.onerror = (event) => {
        event.preventDefault();
        resolve("known-answers");
      };
    });
  } finally {
    worker.terminate();
  }
}

/** The same in this thread, without a limit of time. */
export function coreFault(
  { wasm, manifest }: Omit<ToProve, "limitMs">,
): CoreFault | null {
  let exports: CoreExports;
  try {
    exports = instantiate(wasm);
    if (exports.abi_version() >>> 0 !== manifest.abi) return "abi";
  } catch {
    return "abi";
  }
  let core: Core;
  try {
    core = openInstance(exports);
  } catch {
    return "known-answers";
  }
  const listed = manifestProfiles(manifest);
  if (listed.size !== core.profiles.size) return "profiles";
  try {
    assertImplements(core, listed);
  } catch {
    return "profiles";
  }
  return knownAnswersHold(core, manifest) ? null : "known-answers";
}
