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
  "edge/base/clock.ts",
  "edge/base/ids.ts",
  "edge/code/format.ts",
  "edge/code/message.ts",
  "edge/code/profile.ts",
  "edge/code/tag.ts",
  "edge/code/time_step.ts",
  "edge/core/abi.ts",
  "edge/core/core.ts",
  "edge/store/store.ts",
  "edge/http/kit/problem.ts",
  "edge/http/kit/problem_texts.ts",
];

interface Outcome {
  readonly ok: boolean;
  /** What to show when it is not. */
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

/**
 * A cycle of imports, of types as well, from one module around to itself; or
 * nothing when there is none.
 */
export function findCycle(graph: ModuleGraph): string[] | undefined {
  const imports = new Map(graph.modules.map((module) => [
    module.specifier,
    (module.dependencies ?? []).flatMap(({ code, type }) =>
      [code?.specifier, type?.specifier].filter((it) => it !== undefined)
    ),
  ]));
  const done = new Set<string>();
  const path: string[] = [];
  const walk = (module: string): string[] | undefined => {
    const at = path.indexOf(module);
    if (at >= 0) return [...path.slice(at), module];
    if (done.has(module)) return undefined;
    path.push(module);
    for (const next of imports.get(module) ?? []) {
      const cycle = walk(next);
      if (cycle) return cycle;
    }
    path.pop();
    done.add(module);
    return undefined;
  };
  for (const module of imports.keys()) {
    const cycle = walk(module);
    if (cycle) return cycle;
  }
  return undefined;
}

/**
 * The same graph with one node for each folder of `edge/`, so that a cycle
 * names two folders that need each other. A file at the top of `edge/` is a
 * node of its own, and so is all that lies elsewhere.
 */
export function folderGraph(graph: ModuleGraph, base: string): ModuleGraph {
  const folderOf = (specifier: string) =>
    specifier.startsWith(`${base}edge/`)
      ? `${base}edge/${specifier.slice(base.length).split("/")[1]}`
      : specifier;
  const imports = new Map<string, Set<string>>();
  for (const { specifier, dependencies = [] } of graph.modules) {
    const from = folderOf(specifier);
    const targets = imports.get(from) ?? new Set();
    imports.set(from, targets);
    for (const { code, type } of dependencies) {
      for (const to of [code?.specifier, type?.specifier]) {
        if (to !== undefined && folderOf(to) !== from) {
          targets.add(folderOf(to));
        }
      }
    }
  }
  const modules = [...imports].map(([specifier, targets]) => ({
    specifier,
    dependencies: [...targets].map((to) => ({ code: { specifier: to } })),
  }));
  return { modules };
}

/** Who imports whom in the core's source, which `deno info` cannot read. */
async function assemblyGraph(): Promise<ModuleGraph> {
  const modules = [];
  for (const path of await listSources(["wasm/assembly/"])) {
    const file = new URL(path, root);
    const text = await Deno.readTextFile(file);
    const dependencies = [...text.matchAll(/from "(\.[^"]+)"/g)].map((it) => ({
      code: { specifier: new URL(`${it[1]}.ts`, file).href },
    }));
    modules.push({ specifier: file.href, dependencies });
  }
  if (modules.length === 0) throw new Error("No source of the core");
  return { modules };
}

async function cycles(): Promise<Outcome> {
  const edge = await listSources(["edge/"]);
  const graphs = [await assemblyGraph()];
  for (const entry of ENTRIES.filter((it) => edge.includes(it))) {
    const info = await deno("info", "--json", entry);
    if (!info.ok) return info;
    const graph: ModuleGraph = JSON.parse(info.stdout);
    graphs.push(graph, folderGraph(graph, root.href));
  }
  for (const graph of graphs) {
    const cycle = findCycle(graph);
    if (cycle) {
      const names = cycle.map((it) => it.replace(root.href, ""));
      return { ok: false, output: names.join("\n  → ") };
    }
  }
  return { ok: true, output: "" };
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
  if (ok) return { ok, output };
  const faults = documentationFaults(output);
  // Something else went wrong if not one fault was named.
  if (!output.includes("error[")) return { ok: false, output };
  return { ok: faults.length === 0, output: faults.join("") };
}

/** The longest first. */
const STEPS: readonly (readonly [string, () => Promise<Outcome>])[] = [
  ["types", () => deno("check", "edge/", "scripts/", "tests/")],
  ["lint", () => deno("lint")],
  ["WASM core", () => deno("run", "-A", "scripts/build_core.ts", "--check")],
  ["pages", () => deno("run", "-A", "scripts/build_pages.ts", "--check")],
  ["documentation", documentation],
  ["cycles", cycles],
  ["format", () => deno("fmt", "--check")],
  ["lock file", async () => deno("cache", "--frozen", ...await listSources())],
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
