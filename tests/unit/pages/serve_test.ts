import { assert, assertEquals, assertMatch } from "@std/assert";
import { gzipSync } from "node:zlib";
import { pageFiles, servePageFile } from "../../../edge/pages/serve.ts";
import { startApp } from "../../support/world/app.ts";

const SANDBOX = { hasPages: true, settings: { hasTestCodes: true } };
const paths = (wallet: boolean) => pageFiles({ wallet }).map((it) => it.path);

Deno.test("the wallet is served only where there is a sandbox for it", async () => {
  const only = paths(true).filter((it) => !paths(false).includes(it));
  assert(only.includes("/wallet"));
  for (const path of only) assertMatch(path, /^\/(pages\/)?wallet/);
  await using live = await startApp({ ...SANDBOX, mode: "live" });
  await using keyed = await startApp({ hasPages: true });
  await using without = await startApp({ ...SANDBOX, hasPages: false });
  for (const app of [live, keyed, without]) {
    assertEquals((await app.api.call("GET", "/wallet")).status, 404);
  }
});

Deno.test("every file of the pages has its type and may load from here only", async () => {
  await using app = await startApp(SANDBOX);
  for (const path of paths(true)) {
    const response = await app.fetch(new Request(`http://edge${path}`));
    const { headers, status } = response;
    assertEquals(status, 200, path);
    assert((await response.arrayBuffer()).byteLength > 0);
    assertMatch(headers.get("content-type") ?? "", /^[a-z]+\/[a-z+]+/);
    assertEquals(headers.get("x-content-type-options"), "nosniff");
    assertEquals(headers.get("referrer-policy"), "no-referrer");
    assertEquals(headers.get("cache-control"), "no-cache");
    const policy = headers.get("content-security-policy") ?? "";
    assert(policy.startsWith("default-src 'none'; script-src 'self' "), policy);
    assert(!/https?:|\*|'unsafe-/.test(policy), policy);
    assertMatch(policy, /frame-ancestors 'none'/);
    assertMatch(policy, /require-trusted-types-for 'script'/);
  }
});

Deno.test("a page names files that are there, and has nothing inline", async () => {
  await using app = await startApp(SANDBOX);
  const pages = pageFiles({ wallet: true })
    .filter(({ file }) => file.endsWith(".html"));
  assert(pages.length > 0);
  for (const { path } of pages) {
    const page = await app.fetch(new Request(`http://edge${path}`));
    assertEquals(page.headers.get("x-frame-options"), "DENY");
    assertMatch(
      page.headers.get("permissions-policy") ?? "",
      /microphone=\(\)/,
    );
    const text = await page.text();
    const named = [...text.matchAll(/(?:src|href)="([^"]*)"/g)]
      .map((it) => it[1]!);
    assert(named.length > 2);
    for (const it of named) assert(paths(true).includes(it), it);
    assert(!/<script(?![^>]*src=)|<style|\son\w+=|\sstyle=/.test(text), path);
  }
});

Deno.test("a file that a browser still has is answered 304, whoever compressed it", async () => {
  const respond = servePageFile(pageFiles({ wallet: true })[0]!);
  const first = await respond(undefined);
  const etag = first.headers.get("etag")!;
  assertMatch(etag, /^"[\w-]{43}"$/);
  for (const known of [etag, `W/${etag}`, `"x", W/${etag}`]) {
    const { status, headers, body } = await respond(known);
    assertEquals([status, body], [304, null]);
    assertEquals(headers.get("etag"), etag);
  }
  for (const other of ['"x"', `"${etag}"`, ""]) {
    assertEquals((await respond(other)).status, 200);
  }
});

Deno.test("nothing but the listed files can be had", async () => {
  await using app = await startApp(SANDBOX);
  for (
    const path of [
      "/pages",
      "/pages/",
      "/pages/serve.ts",
      "/pages/files.json",
      "/pages/..%2fserve.ts",
      "/pages/%2e%2e/serve.ts",
      "/pages/built/wallet.js",
      "/wallet/",
      "/wallet/index.html",
    ]
  ) {
    const { status } = await app.fetch(new Request(`http://edge${path}`));
    assertEquals(status, 404, path);
  }
});

/** What the first look at a page fetches, and its bytes when compressed. */
async function firstLook(paths: readonly string[]) {
  await using app = await startApp(SANDBOX);
  const fetched = new Set<string>();
  let bytes = 0;
  async function load(path: string): Promise<void> {
    if (fetched.has(path)) return;
    fetched.add(path);
    const response = await app.fetch(new Request(`http://edge${path}`));
    assertEquals(response.status, 200, path);
    const body = new Uint8Array(await response.arrayBuffer());
    bytes += gzipSync(body).length;
    const text = new TextDecoder().decode(body);
    if (path.endsWith(".wasm") || path.endsWith(".json")) return;
    for (const [, to] of text.matchAll(/(?:src|href)="([^"]*)"/g)) {
      await load(to!);
    }
    // What a script cannot do without; `import(…)` comes later.
    for (const [, to] of text.matchAll(/(?:from|import)"\.\/([^"]*)"/g)) {
      await load(`/pages/${to}`);
    }
  }
  for (const path of paths) await load(path);
  return { fetched, bytes };
}

Deno.test("the wallet is there after 120 kB, without the part that draws codes", async () => {
  const { fetched, bytes } = await firstLook([
    ...["/wallet", "/pages/wallet-worker.js"],
    ...["/pages/core.wasm", "/pages/core.json"],
  ]);
  assert(fetched.has("/pages/wallet.js"), [...fetched].join());
  assert(![...fetched].some((it) => it.includes("barcode")));
  assert(bytes > 20_000 && bytes < 120_000, `${bytes}`);
});

Deno.test("the till is there after 40 kB, without the decoder of its camera", async () => {
  const { fetched, bytes } = await firstLook(["/till"]);
  assert(fetched.has("/pages/till.js"), [...fetched].join());
  assert(![...fetched].some((it) => it.includes("zxing")));
  assert(bytes > 10_000 && bytes < 40_000, `${bytes}`);
});
