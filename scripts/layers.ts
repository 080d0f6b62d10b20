/**
 * The layers of `edge/` and the arrows between them:
 * `entry → app → http → use cases → {code, ports}`, `entry → adapters → ports`.
 * A new folder gets its place here; at the top of `edge/` lie entries only.
 *
 * @module
 */

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

/** What a file is, by its path in `edge/`; the first line that fits counts. */
const ROLES: readonly (readonly [RegExp, Role])[] = [
  // The application imports nothing else of its folder, whose other files put use cases together.
  [/^boot\/app\.ts$/, "app"],
  [/^boot\//, "compose"],
  [/^code\//, "code"],
  [/^(base|core|vault)\//, "port"],
  [/^callback\/sender\.ts$/, "port"],
  // In folders that hold a port and its adapters: the files of the port, and what all
  // its adapters share.
  [/^ledger\/(ledger|test_answers)\.ts$/, "port"],
  [/^store\/(store|keys|decide|validate|record|indexes)\.ts$/, "port"],
  [/^store\/(commit|retry|cells|place)\.ts$/, "port"],
  [/^(store|ledger|callback_http)\//, "adapter"],
  [/^http\//, "http"],
  [/^pages\//, "pages"],
  [/^(bill|callback|enrolment|health|merchant|metrics)\//, "use-case"],
  [/^(operator|payment|release|risk|sandbox|verification)\//, "use-case"],
];

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

const MAY_USE_HONO: readonly Role[] = ["entry", "compose", "app", "http"];

/** What a path is, or nothing when it is none of the layers. */
function roleOf(path: string): Role | undefined {
  if (ENTRIES.includes(path)) return "entry";
  if (!path.startsWith("edge/")) return undefined;
  const within = path.slice("edge/".length);
  return ROLES.find(([pattern]) => pattern.test(within))?.[1];
}

/**
 * The adapter that a file belongs to: `store/sqlite/sqlite.ts` and
 * `store/sqlite_schema.ts` are both of `store/sqlite`.
 */
const adapterOf = (path: string) =>
  path.replace(/^edge\/([^/]+)\/([a-z0-9]+).*$/, "$1/$2");

/**
 * Why the file at `from`, a path from the top of the repository, may not import
 * a specifier; nothing when it may.
 */
export function arrowFault(
  from: string,
  specifier: string,
): string | undefined {
  if (!from.startsWith("edge/")) return undefined;
  const role = roleOf(from);
  if (role === undefined) {
    return "This folder has no place among the layers: give it one in scripts/layers.ts";
  }
  if (!/^\.\.?\//.test(specifier)) {
    if (role === "code") return "A code file imports nothing but code files";
    return /^hono(\/|$)/.test(specifier) && !MAY_USE_HONO.includes(role)
      ? `A ${role} file must not know Hono`
      : undefined;
  }
  if (role === "entry") return undefined;
  const to = new URL(specifier, `file:///${from}`).pathname.slice(1);
  if (from.startsWith("edge/core/") && to.startsWith("wasm/")) return undefined;
  const other = roleOf(to);
  if (other === undefined) {
    return `A ${role} file imports nothing outside edge/ and its layers`;
  }
  if (!ALLOWED[role].includes(other)) {
    return `A ${role} file must not import a ${other} file`;
  }
  if (role === "http" && /^edge\/(store|core|vault)\//.test(to)) {
    return "A http file reaches store, core and vault through a use case";
  }
  return role === "adapter" && other === role &&
      adapterOf(from) !== adapterOf(to)
    ? "An adapter must not import another adapter"
    : undefined;
}
