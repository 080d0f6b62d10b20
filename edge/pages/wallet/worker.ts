/// <reference lib="webworker" />
/**
 * Stores the page, its files and the built-in core on the phone, so that the wallet
 * opens without a network. It stores no answer of the edge to a call and no data of the
 * customer.
 *
 * @module
 */

/** The digests of the page's files. The build inserts them. */
declare const FILES: Readonly<Record<string, string>>;
/** The part of a service worker's global scope that is used here. */
interface WorkerScope {
  addEventListener(
    type: "install" | "activate",
    listener: (event: { waitUntil(work: Promise<unknown>): void }) => void,
  ): void;
  addEventListener(
    type: "fetch",
    listener: (event: {
      readonly request: Request;
      respondWith(response: Promise<Response>): void;
    }) => void,
  ): void;
  skipWaiting(): Promise<void>;
  readonly clients: { claim(): Promise<void> };
  readonly caches: CacheStorage;
}

const scope = globalThis as unknown as WorkerScope;

/**
 * The cache is named by the digests, so that a new version of a file makes a new cache.
 */
const CACHE = `wallet ${Object.values(FILES).join(" ")}`;
const PATHS = [
  "/wallet",
  "/pages/core.json",
  "/pages/core.wasm",
  "/pages/wallet.svg",
  "/pages/wallet.webmanifest",
  ...Object.keys(FILES).map((name) => `/pages/${name}`),
];

async function keep(): Promise<void> {
  const cache = await scope.caches.open(CACHE);
  // All or none: a wallet that lacks one file would not start without a network.
  await cache.addAll(
    PATHS.map((path) => new Request(path, { cache: "no-cache" })),
  );
  await scope.skipWaiting();
}

async function takeOver(): Promise<void> {
  for (const name of await scope.caches.keys()) {
    if (name.startsWith("wallet ") && name !== CACHE) {
      await scope.caches.delete(name);
    }
  }
  await scope.clients.claim();
}

async function answer(request: Request): Promise<Response> {
  const cache = await scope.caches.open(CACHE);
  return await cache.match(request, { ignoreSearch: true }) ??
    await fetch(request);
}

scope.addEventListener("install", (event) => event.waitUntil(keep()));
scope.addEventListener("activate", (event) => event.waitUntil(takeOver()));
scope.addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (origin === location.origin && PATHS.includes(pathname)) {
    event.respondWith(answer(event.request));
  }
});
