/**
 * Serves the pages: a fixed list of files, each read once and kept. No path of a
 * request ever becomes a path of the file system.
 *
 * The policy of each page (CSP Level 3) lets it load only its own files. It allows no
 * inline script or style, no other host and no frame around the page, and it demands
 * Trusted Types wherever a text could run as a script. The files contain no data: a
 * page asks the API for everything that it shows, with a key that a person enters.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import BUILT from "./built/files.json" with { type: "json" };

/** What a page may do that other pages may not. */
interface Page {
  readonly path: string;
  readonly file: string;
  /** Features of the browser (Permissions Policy) that the page uses. */
  readonly features: readonly string[];
}

/** The wallet for trying things out; it needs a backend that only a sandbox has. */
const WALLET: Page = {
  path: "/wallet",
  file: "wallet/index.html",
  features: ["screen-wake-lock"],
};

/** Pages that each edge serves. */
const OTHERS: readonly Page[] = [
  { path: "/till", file: "till/index.html", features: ["camera"] },
  { path: "/console", file: "console/index.html", features: [] },
];

/** Where the files of pages are. */
const FILES = "/pages/";

/** Files that are served as they are, by name. */
const STATIC: Readonly<Record<string, string>> = {
  "console.svg": "console/icon.svg",
  "wallet.svg": "wallet/icon.svg",
  "till.svg": "till/icon.svg",
  "wallet.webmanifest": "wallet/manifest.webmanifest",
  // The core that is built into the wallet, and the description that its build made.
  "core.json": "../../wasm/release/core.json",
  "core.wasm": "../../wasm/release/core.wasm",
};

const TYPES: Readonly<Record<string, string>> = {
  css: "text/css; charset=utf-8",
  html: "text/html; charset=utf-8",
  json: "application/json",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
  wasm: "application/wasm",
  webmanifest: "application/manifest+json",
};

/** The features that a page has only if its entry lists them. */
const FEATURES = ["camera", "microphone", "geolocation", "screen-wake-lock"]
  .concat(["payment", "usb", "serial", "bluetooth", "display-capture"]);

const POLICY = [
  "default-src 'none'",
  // The core, and the decoder of the till, are WebAssembly.
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' blob:",
  "connect-src 'self'",
  "manifest-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  // `shared/trusted.ts` makes this policy, which service workers and workers need.
  "trusted-types offcode",
].join("; ");

/** The headers of every file. A worker has the policy that its script was sent with. */
const HEADERS = {
  // A browser may store a file, and must ask each time whether it has changed.
  "cache-control": "no-cache",
  "content-security-policy": POLICY,
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
} as const;

/** A file that pages consist of. */
export interface PageFile {
  /** The path that a browser asks for. */
  readonly path: string;
  /** From this folder. */
  readonly file: string;
  readonly headers: Readonly<Record<string, string>>;
}

function pageOf({ path, file, features }: Page): PageFile {
  const may = FEATURES.map((it) =>
    `${it}=(${features.includes(it) ? "self" : ""})`
  );
  const headers = {
    "permissions-policy": may.join(", "),
    "x-frame-options": "DENY",
  };
  return { path, file, headers };
}

/**
 * Every file that an edge serves: those of the wallet only where it has a sandbox
 * for it.
 */
export function pageFiles({ wallet }: { wallet: boolean }): PageFile[] {
  const names = {
    ...STATIC,
    ...Object.fromEntries(
      Object.keys(BUILT).map((name) => [name, `built/${name}`]),
    ),
  };
  return [
    ...OTHERS.map(pageOf),
    ...wallet ? [pageOf(WALLET)] : [],
    ...Object.entries(names)
      .filter(([name]) => wallet || !name.startsWith("wallet"))
      .map(([name, file]) => ({
        path: FILES + name,
        file,
        // The file of the worker is in another folder than the page that the worker
        // serves.
        headers: name === "wallet-worker.js"
          ? { "service-worker-allowed": WALLET.path }
          : {},
      })),
  ];
}

/**
 * The paths of the pages that an edge serves, in the order in which they are listed to
 * people.
 */
export function pagePaths({ wallet }: { wallet: boolean }): string[] {
  return [...wallet ? [WALLET] : [], ...OTHERS].map(({ path }) => path);
}

/** The bytes of a file, and their entity tag. */
interface Content {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly etag: string;
}

async function load(file: string): Promise<Content> {
  const bytes = new Uint8Array(
    await readFile(new URL(file, import.meta.url)),
  );
  const digest = createHash("sha256").update(bytes).digest("base64url");
  return { bytes, etag: `"${digest}"` };
}

/**
 * The answer to a request for a file: the file, or 304 if `ifNoneMatch` has its current
 * entity tag (RFC 9110 §13.1.2).
 */
export function servePageFile(
  { file, headers }: PageFile,
): (ifNoneMatch: string | undefined) => Promise<Response> {
  let content: Promise<Content> | undefined;
  const type = TYPES[file.slice(file.lastIndexOf(".") + 1)]!;
  return async (ifNoneMatch) => {
    content ??= load(file);
    const { bytes, etag } = await content;
    // A proxy that compresses a file makes its tag a weak one.
    const known = ifNoneMatch?.split(",")
      .some((it) => it.trim().replace(/^W\//, "") === etag);
    const all = { ...HEADERS, ...headers, etag };
    return known === true
      ? new Response(null, { status: 304, headers: all })
      : new Response(bytes, { headers: { ...all, "content-type": type } });
  };
}
