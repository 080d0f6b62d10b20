import { assertEquals } from "@std/assert";
import type { CoreManifest } from "../../../edge/code/manifest.ts";
import { coreFault, proveCore } from "../../../edge/core/prove.ts";
import { compileCore } from "../../../scripts/build_core.ts";
import {
  CORE_DESCRIPTION,
  CORE_WASM,
  manifestFor,
  manifestOf,
} from "../../support/code/releases.ts";

/** What is found of a core, in a worker and in this thread. */
async function faultOf(
  wasm: Uint8Array<ArrayBuffer>,
  change: Partial<CoreManifest> = {},
) {
  const manifest = await manifestFor(wasm, change);
  const fault = coreFault({ wasm, manifest });
  assertEquals(await proveCore(wasm, manifest), fault);
  return fault;
}

/** The core with a change in one file of its source. */
const edited = (file: string, from: string, to: string) =>
  compileCore({
    edit: (name, source) => name === file ? source.replace(from, to) : source,
  });

Deno.test("proveCore() finds nothing wrong with the committed core", async () => {
  assertEquals(await faultOf(CORE_WASM), null);
});

Deno.test("proveCore() refuses a core that speaks another ABI than the edge or than its manifest", async () => {
  const other = await edited("index.ts", "return 2;", "return 3;");
  for (const abi of [2, 3]) assertEquals(await faultOf(other, { abi }), "abi");
  assertEquals(await faultOf(CORE_WASM, { abi: 3 }), "abi");
  // The shortest module: it has no export.
  const empty = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
  assertEquals(await faultOf(empty), "abi");
});

Deno.test("proveCore() refuses a core whose profiles are not the manifest's", async () => {
  const [first, second] = CORE_DESCRIPTION.profiles;
  for (
    const profiles of [
      [first!],
      [first!, { ...second!, mac: "HMAC-SHA-256" }],
      [first!, { ...second!, bucket_digits: 5 }],
      [first!, { ...second!, tag_digits: 12 }],
      [first!, { ...second!, time_step_seconds: 60 }],
      [first!, { ...second!, window_steps: 0 }],
      [first!, second!, { ...first!, digit: 3 }],
    ]
  ) assertEquals(await faultOf(CORE_WASM, { profiles }), "profiles");
});

Deno.test("proveCore() refuses a core that fails its own test or an answer of the manifest", async () => {
  // The first word of the constants K of SHA-256.
  const at = CORE_WASM.findIndex((_, i) =>
    [0x98, 0x2f, 0x8a, 0x42].every((byte, j) => CORE_WASM[i + j] === byte)
  );
  const wrong = CORE_WASM.slice();
  wrong[at]! ^= 1;
  assertEquals(await faultOf(wrong), "known-answers");
  const { known_answers } = manifestOf();
  const tags = known_answers.tags.map((it) => ({ ...it, bucket: 43 }));
  assertEquals(
    await faultOf(CORE_WASM, { known_answers: { ...known_answers, tags } }),
    "known-answers",
  );
});

Deno.test("proveCore() ends a core that never returns, in its own test or later", async () => {
  const loop = "while (load<u32>(0) < 0xffffffff) store<u32>(0, 0);";
  const cores = await Promise.all([
    edited(
      "selftest.ts",
      "export function passes(): bool {",
      `export function passes(): bool { ${loop}`,
    ),
    edited(
      "index.ts",
      "export function abi_version(): u32 {",
      `export function abi_version(): u32 { ${loop}`,
    ),
  ]);
  for (const wasm of cores) {
    const manifest = await manifestFor(wasm);
    assertEquals(await proveCore(wasm, manifest, 300), "known-answers");
  }
  // The thread that asked goes on.
  assertEquals(await proveCore(CORE_WASM, manifestOf()), null);
});
