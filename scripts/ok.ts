/**
 * `deno task ok`: everything about a commit that is not a test. Formatting,
 * lint, types, documentation of the public modules, no cycles of imports between
 * files or folders, a lock file that fits, and a WASM core and pages that are what
 * their sources make. Every step runs, whatever another one says; the output of those
 * that failed follows. A step runs on each processor at a time.
 *
 * @module
 */

import { ENTRIES } from "./layers.ts";
import { inParallel } from "./parallel.ts";
import { listSources } from "./setup.ts";

const root = new URL("../", import.meta.url);

/** Modules that others build upon, and what their exports mention. */
const PUBLIC = [
  ...["base/clock", "base/ids", "code/format", "code/message", "code/profile"],
  ...["code/tag", "code/time_step", "core/abi", "core/core", "store/store"],
  ...["http/kit/problem", "http/kit/problem_texts"],
].map((it) => `edge/${it}.ts`);

interface Outcome {
  readonly ok: boolean;
  readonly output: string;
}

/** Runs the Deno that runs this, at the top of the repository. */
async function deno(...args: string[]): Promise<Outcome & { stdout: string }> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: root,
    stdin: "null",
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  const out = decoder.decode(stdout);
  return { ok: success, output: out + decoder.decode(stderr), stdout: out };
}

/** What every module imports, of types as well, by its name. */
export type Imports = ReadonlyMap<string, readonly string[]>;

/** The part of `deno info --json` that says who imports whom. */
interface ModuleGraph {
  readonly modules: readonly {
    readonly specifier: string;
    readonly dependencies?: readonly {
      readonly code?: { readonly specifier?: string };
      readonly type?: { readonly specifier?: string };
    }[];
  }[];
}

/** The imports that `deno info --json` tells of. */
export const importsOf = ({ modules }: ModuleGraph): Imports =>
  new Map(modules.map(({ specifier, dependencies = [] }) => [
    specifier,
    dependencies.flatMap(({ code, type }) =>
      [code?.specifier, type?.specifier].filter((it) => it !== undefined)
    ),
  ]));

/** A cycle of imports, from one module around to itself, if there is one. */
export function findCycle(imports: Imports): string[] | undefined {
  const done = new Set<string>();
  function walk(
    path: readonly string[],
    modules: Iterable<string>,
  ): string[] | undefined {
    for (const module of modules) {
      const at = path.indexOf(module);
      if (at >= 0) return [...path.slice(at), module];
      if (done.has(module)) continue;
      const cycle = walk([...path, module], imports.get(module) ?? []);
      if (cycle) return cycle;
      done.add(module);
    }
  }
  return walk([], imports.keys());
}

/**
 * The same imports between the folders of `edge/`, so that a cycle names two
 * folders that need each other. A file at the top of `edge/` counts for itself,
 * and so does all that lies elsewhere.
 */
export function folderImports(imports: Imports, base: string): Imports {
  const folderOf = (module: string) =>
    module.startsWith(`${base}edge/`)
      ? `${base}edge/${module.slice(base.length).split("/")[1]}`
      : module;
  const folders = Map.groupBy(imports, ([module]) => folderOf(module));
  return new Map([...folders].map(([folder, modules]) => [
    folder,
    modules.flatMap(([, to]) => to).map(folderOf).filter((it) => it !== folder),
  ]));
}

/** The imports of the core's source, which `deno info` cannot read. */
function assemblyImports(): Imports {
  const paths = listSources(["wasm/assembly/"]);
  if (paths.length === 0) throw new Error("No source of the core");
  return new Map(paths.map((path) => {
    const file = new URL(path, root);
    const found = Deno.readTextFileSync(file).matchAll(/from "(\.[^"]+)"/g);
    return [
      file.href,
      [...found].map(([, it]) => new URL(`${it}.ts`, file).href),
    ];
  }));
}

async function cycles(): Promise<Outcome> {
  const all = [assemblyImports()];
  for (const entry of ENTRIES) {
    const info = await deno("info", "--json", entry);
    if (!info.ok) return info;
    const imports = importsOf(JSON.parse(info.stdout));
    all.push(imports, folderImports(imports, root.href));
  }
  const cycle = all.map(findCycle).find((it) => it !== undefined) ?? [];
  const names = cycle.map((it) => it.replace(root.href, ""));
  return { ok: cycle.length === 0, output: names.join("\n  → ") };
}

/**
 * The faults in what `deno doc --lint` says, without the members that have no
 * comment of their own: every export must have one, a field called `orderId`
 * need not. Members stand indented in the frame that shows them.
 */
export function documentationFaults(output: string): string[] {
  return output.split(/^(?=error\[)/m)
    .filter((it) => it.startsWith("error["))
    .filter((it) =>
      !(it.startsWith("error[missing-jsdoc]") && /^\s*\d+ \| {2,}/m.test(it))
    );
}

async function documentation(): Promise<Outcome> {
  const { ok, output } = await deno("doc", "--lint", ...PUBLIC);
  // Something else went wrong if not one fault was named.
  if (ok || !output.includes("error[")) return { ok, output };
  const faults = documentationFaults(output);
  return { ok: faults.length === 0, output: faults.join("") };
}

const STEPS: readonly (readonly [string, () => Promise<Outcome>])[] = [
  ["types", () => deno("check", "edge/", "scripts/", "tests/")],
  ["lint", () => deno("lint")],
  ["WASM core", () => deno("run", "-A", "scripts/build_core.ts", "--check")],
  ["pages", () => deno("run", "-A", "scripts/build_pages.ts", "--check")],
  ["documentation", documentation],
  ["cycles", cycles],
  ["format", () => deno("fmt", "--check")],
  ["lock file", () => deno("cache", "--frozen", ...listSources())],
];

async function main(): Promise<number> {
  const faults: string[] = [];
  await inParallel(STEPS.length, async (n) => {
    const [name, run] = STEPS[n]!;
    const { ok, output } = await run();
    console.log(`${ok ? "ok    " : "FAILED"}  ${name}`);
    if (!ok) faults.push(`\n── ${name}\n${output.trimEnd()}`);
  }, { atOnce: navigator.hardwareConcurrency });
  for (const fault of faults) console.log(fault);
  console.log(
    faults.length === 0
      ? "\nAll is in order"
      : `\n${faults.length} of ${STEPS.length} steps failed`,
  );
  return faults.length === 0 ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main());
