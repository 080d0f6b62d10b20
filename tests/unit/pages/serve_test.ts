import { assert, assertEquals, assertMatch } from "@std/assert";
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
