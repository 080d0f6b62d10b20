/**
 * Has a core of a release prove itself before it runs beside payments: that it
 * speaks this ABI, that it implements the profiles that its manifest lists, with
 * those sizes, and that it gives the manifest's known answers.
 *
 * Code that never returns cannot be interrupted in the thread that runs it, so
 * the proof is made in a worker, which is terminated when its time is over. A
 * core that passes here and loops for other input would still stop the thread
 * that uses it: against that stand the signatures and the time in shadow.
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

/** Why a core is not taken. */
export type CoreFault =
  /** It is no core, or none that this edge can speak to. */
  | "abi"
  /** It does not implement what its manifest lists. */
  | "profiles"
  /** It answers wrong, throws, or does not answer in time. */
  | "known-answers";

/** What the worker is given. */
export interface ToProve {
  readonly wasm: Uint8Array<ArrayBuffer>;
  readonly manifest: CoreManifest;
}

/** Many times what a core takes on a slow machine that is busy. */
const LIMIT_MS = 10_000;

/**
 * What is wrong with a core; `null`: nothing.
 *
 * @param limitMs For how long it may take, milliseconds; ten seconds if not given.
 */
export async function proveCore(
  wasm: Uint8Array<ArrayBuffer>,
  manifest: CoreManifest,
  limitMs = LIMIT_MS,
): Promise<CoreFault | null> {
  const url = new URL("./prove_worker.ts", import.meta.url);
  const worker = new Worker(url, { type: "module" });
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    return await new Promise((resolve) => {
      timer = setTimeout(resolve, limitMs, "known-answers");
      worker.onmessage = ({ data }: MessageEvent<CoreFault | null>) =>
        resolve(data);
      worker.onerror = (event) => {
        event.preventDefault();
        resolve("known-answers");
      };
      worker.postMessage({ wasm, manifest } satisfies ToProve);
    });
  } finally {
    clearTimeout(timer);
    worker.terminate();
  }
}

/** The same in this thread, for as long as the core takes. */
export function coreFault({ wasm, manifest }: ToProve): CoreFault | null {
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
