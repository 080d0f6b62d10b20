/**
 * `deno task pages`: bundles the scripts and styles of the pages into
 * `edge/pages/built/`, which is committed, so that an edge serves them without a
 * build. `--check` builds again and compares byte for byte.
 *
 * esbuild reads npm packages from Deno's cache, whose place differs from machine to
 * machine. A plugin therefore names each file of a package by its package alone, so
 * that the output is the same everywhere.
 *
 * @module
 */

import * as esbuild from "esbuild";
import { hash } from "node:crypto";
import { readArguments, runCommand } from "./command.ts";

const ROOT = new URL("../", import.meta.url);
const PAGES = new URL("edge/pages/", ROOT);
const BUILT = new URL("built/", PAGES);

/** The scripts and styles that pages name; what they share becomes a file of its own. */
const ENTRIES = ["console", "till", "wallet"].flatMap((it) => [
  `${it}/${it}.ts`,
  `${it}/${it}.css`,
]);
/** The service worker of the wallet, and the files that it keeps besides what these load. */
const WORKER = { in: "wallet/worker.ts", out: "wallet-worker" };
const KEPT = ["wallet.js", "wallet.css"];
/** The list of what was built, with the digest of each file. */
const LIST = "files.json";

type Built = ReadonlyMap<string, Uint8Array>;

/** The place of a package's file, from the folder of all packages. */
const IN_PACKAGE = /^.*\/npm\/[^/]+\//;

const LOADERS: Readonly<Record<string, esbuild.Loader>> = {
  ...{ ".css": "css", ".wasm": "file" },
};

/** Finds npm packages where Deno keeps them. */
const packages: esbuild.Plugin = {
  name: "packages",
  setup(build) {
    const found = (url: string): esbuild.OnResolveResult => ({
      path: url.replace(IN_PACKAGE, ""),
      namespace: "npm",
      pluginData: url,
    });
    build.onResolve(
      { filter: /^[^./]/ },
      ({ path, kind }) =>
        kind === "entry-point" ? null : found(import.meta.resolve(path)),
    );
    build.onResolve(
      { filter: /^\.\.?\//, namespace: "npm" },
      ({ path, pluginData }) => found(new URL(path, pluginData).href),
    );
    build.onLoad(
      { filter: /^/, namespace: "npm" },
      async ({ path, pluginData }) => ({
        contents: await Deno.readFile(new URL(pluginData)),
        loader: LOADERS[path.slice(path.lastIndexOf("."))] ?? "js",
        pluginData,
      }),
    );
  },
};

async function bundle(options: esbuild.BuildOptions) {
  const { outputFiles, metafile } = await esbuild.build({
    absWorkingDir: PAGES.pathname,
    outdir: BUILT.pathname,
    entryNames: "[name]",
    chunkNames: "[name]-[hash]",
    assetNames: "[name]-[hash]",
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2024",
    charset: "utf8",
    legalComments: "none",
    plugins: [packages],
    logLevel: "silent",
    write: false,
    metafile: true,
    ...options,
  });
  const nameOf = (path: string) => path.slice(path.lastIndexOf("/") + 1);
  return {
    files: new Map(
      outputFiles!.map(({ path, contents }) => [nameOf(path), contents]),
    ),
    /** The names of the files that each file loads. */
    loads: new Map(
      Object.entries(metafile!.outputs).map(([path, { imports }]) => [
        nameOf(path),
        imports.map((it) => nameOf(it.path)),
      ]),
    ),
  };
}

const digestOf = (bytes: Uint8Array) => hash("sha256", bytes, "base64url");

function digests(
  files: Built,
  names: Iterable<string> = files.keys(),
): Record<string, string> {
  return Object.fromEntries(
    [...names].sort().map((name) => [name, digestOf(files.get(name)!)]),
  );
}

/**
 * Builds everything. The service worker gets the digests of the files that it keeps
 * in `FILES`: it is another worker as soon as one of them changes, which is when a
 * browser installs it.
 */
export async function buildPages(): Promise<Built> {
  try {
    const pages = await bundle({ entryPoints: ENTRIES, splitting: true });
    const kept = new Set(KEPT);
    // A set also gives what is added while it is walked.
    for (const name of kept) {
      for (const next of pages.loads.get(name) ?? []) kept.add(next);
    }
    const worker = await bundle({
      entryPoints: [WORKER],
      define: { FILES: JSON.stringify(digests(pages.files, kept)) },
    });
    const all = new Map([...pages.files, ...worker.files]);
    const text = `${JSON.stringify(digests(all), null, 2)}\n`;
    return all.set(LIST, new TextEncoder().encode(text));
  } finally {
    await esbuild.stop();
  }
}

async function readBuilt(): Promise<Built> {
  const files = new Map<string, Uint8Array>();
  for await (const { name } of Deno.readDir(BUILT)) {
    files.set(name, await Deno.readFile(new URL(name, BUILT)));
  }
  return files;
}

/** The names of files that differ, or that only one side has. */
export function differencesOf(built: Built, committed: Built): string[] {
  const [ours, theirs] = [digests(built), digests(committed)];
  return Object.keys({ ...ours, ...theirs })
    .filter((name) => ours[name] !== theirs[name]).sort();
}

async function main(args: readonly string[]): Promise<number> {
  const { check } = readArguments(args, "Usage: deno task pages [--check]", {
    check: { type: "boolean", default: false },
  });
  await Deno.mkdir(BUILT, { recursive: true });
  const [built, committed] = await Promise.all([buildPages(), readBuilt()]);
  const differences = differencesOf(built, committed);
  for (const name of differences) {
    if (check) {
      console.error(`edge/pages/built/${name} is not what its source makes`);
      continue;
    }
    const bytes = built.get(name);
    const url = new URL(name, BUILT);
    if (bytes === undefined) await Deno.remove(url);
    else await Deno.writeFile(url, bytes);
    console.log(`${name}: ${bytes?.length ?? "gone"}`);
  }
  if (!check || differences.length === 0) return 0;
  console.error("Run `deno task pages` and commit edge/pages/");
  return 1;
}

if (import.meta.main) await runCommand(main);
