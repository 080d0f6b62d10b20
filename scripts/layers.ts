/**
 * The layers of `edge/` and the arrows between them:
 * `entry → app → http → use cases → {code, ports}`, `entry → adapters → ports`.
 * A new folder gets its place here; at the top of `edge/` lie entries only.
 *
 * @module
 */

/** What a file of `edge/` is, as far as arrows go. */
type Role =
  | "entry"
  | "compose"
  | "app"
  | "http"
  | "pages"
  | "use-case"
  | "port"
  | "adapter"
  | "code";

/** The files that a runtime starts: they read the environment and pick adapters. */
export const ENTRIES: readonly string[] = [
  "edge/dispatch.ts",
  "edge/main.ts",
  "edge/serve.ts",
  "edge/serve_thread.ts",
];

/** Files of `boot/` that may know Hono and no adapter; its other files put use cases together. */
const APP: readonly string[] = ["edge/boot/app.ts"];

const FOLDERS = new Map<string, Role>([
  ["base", "port"],
  ["boot", "compose"],
  ["code", "code"],
  ["core", "port"],
  ["vault", "port"],
  ["http", "http"],
  ["pages", "pages"],
  ["enrolment", "use-case"],
  ["payment", "use-case"],
  ["merchant", "use-case"],
  ["verification", "use-case"],
  ["callback", "use-case"],
  ["bill", "use-case"],
  ["release", "use-case"],
  ["risk", "use-case"],
  ["health", "use-case"],
  ["metrics", "use-case"],
  ["operator", "use-case"],
  ["sandbox", "use-case"],
]);

/**
 * In folders that hold a port and its adapters: the files of the port, and
 * what all its adapters share. Every other file there is an adapter's.
 */
const PORT_FILES = new Map<string, readonly string[]>([
  [
    "store",
    ["store.ts", "keys.ts", "decide.ts", "validate.ts"]
      .concat(["record.ts", "indexes.ts", "commit.ts", "retry.ts"])
      .concat(["cells.ts", "place.ts"]),
  ],
  ["ledger", ["ledger.ts", "test_answers.ts"]],
  ["callback_http", []],
]);

/** Ports that stand in a folder of use cases; their adapters have their own. */
const PORTS_OF_USE_CASES: readonly string[] = ["edge/callback/sender.ts"];

/** Where an arrow from each role may end; `entry` may point anywhere. */
const ALLOWED: Record<Exclude<Role, "entry">, readonly Role[]> = {
  compose: ["compose", "http", "pages", "use-case", "port", "code"],
  app: ["http", "pages", "use-case", "port", "code"],
  http: ["http", "use-case", "port", "code"],
  pages: ["pages", "port", "code"],
  "use-case": ["use-case", "port", "code"],
  adapter: ["adapter", "port", "code"],
  port: ["port", "code"],
  code: ["code"],
};

/** Ports that routes reach through a use case only. */
const BEHIND_USE_CASES = ["edge/store/", "edge/core/", "edge/vault/"];

const MAY_USE_HONO: readonly Role[] = ["entry", "compose", "app", "http"];

/** What a path is, or nothing when it lies outside `edge/`. */
function roleOf(path: string): Role | undefined {
  if (!path.startsWith("edge/")) return undefined;
  if (ENTRIES.includes(path)) return "entry";
  if (PORTS_OF_USE_CASES.includes(path)) return "port";
  if (APP.includes(path)) return "app";
  const [folder, ...rest] = path.slice("edge/".length).split("/");
  const ports = PORT_FILES.get(folder!);
  if (ports) return ports.includes(rest.join("/")) ? "port" : "adapter";
  return FOLDERS.get(folder!);
}

/**
 * The adapter that a file belongs to: `store/sqlite/sqlite.ts` and
 * `store/sqlite_schema.ts` are both of `store/sqlite`.
 */
function adapterOf(path: string): string {
  return path.replace(/^edge\/([^/]+)\/([a-z0-9]+).*$/, "$1/$2");
}

/** The path that a relative specifier means. */
function target(from: string, specifier: string): string {
  return new URL(specifier, `file:///${from}`).pathname.slice(1);
}

/**
 * Why the file at `from`, a path from the top of the repository, may not import
 * a specifier; nothing when it may.
 */
export function arrowFault(
  from: string,
  specifier: string,
): string | undefined {
  const role = roleOf(from);
  if (role === undefined) {
    return from.startsWith("edge/")
      ? "This folder has no place among the layers: give it one in scripts/layers.ts"
      : undefined;
  }
  if (!/^\.\.?\//.test(specifier)) return packageFault(role, specifier);
  const to = target(from, specifier);
  if (role === "entry") return undefined;
  const targetRole = roleOf(to);
  if (targetRole === undefined) {
    return role === "port" && from.startsWith("edge/core/") &&
        to.startsWith("wasm/")
      ? undefined
      : `A ${role} file imports nothing outside edge/ and its layers`;
  }
  if (!ALLOWED[role].includes(targetRole)) {
    return `A ${role} file must not import a ${targetRole} file`;
  }
  if (
    role === "http" && BEHIND_USE_CASES.some((it) => to.startsWith(it))
  ) {
    return "A http file reaches store, core and vault through a use case";
  }
  if (
    role === "adapter" && targetRole === "adapter" &&
    adapterOf(from) !== adapterOf(to)
  ) {
    return "An adapter must not import another adapter";
  }
  return undefined;
}

function packageFault(role: Role, specifier: string): string | undefined {
  if (role === "code") return "A code file imports nothing but code files";
  if (/^hono(\/|$)/.test(specifier) && !MAY_USE_HONO.includes(role)) {
    return `A ${role} file must not know Hono`;
  }
  return undefined;
}
