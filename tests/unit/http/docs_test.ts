import { assert, assertEquals } from "@std/assert";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import packageFolder from "swagger-ui-dist/absolute-path.js";
import { docsRoutes } from "../../../edge/http/docs/page.ts";
import { PROBLEM_CODES } from "../../../edge/http/kit/problem.ts";
import { PROBLEMS } from "../../../edge/http/kit/problem_texts.ts";

const app = docsRoutes();

async function get(path: string) {
  const response = await app.request(path);
  const bytes = new Uint8Array(await response.arrayBuffer());
  return {
    response,
    bytes,
    text: new TextDecoder().decode(bytes),
    header: (name: string) => response.headers.get(name),
  };
}

/** Every address that a page refers to. */
const addresses = (text: string) =>
  [...text.matchAll(/(?:src|href)="([^"]*)"/g)].map((match) => match[1]!);

Deno.test("/docs is a page that nobody caches and that may load from here only", async () => {
  const page = await get("/docs");
  assertEquals(page.response.status, 200);
  assertEquals(page.header("content-type"), "text/html; charset=utf-8");
  assertEquals(page.header("cache-control"), "no-store");
  const policy = page.header("content-security-policy") ?? "";
  assert(policy.startsWith("default-src 'none'; script-src 'self';"));
  assert(!/https?:|\*|unsafe-eval/.test(policy));
  // The policy would block inline scripts.
  assert(!/<script(?![^>]*src=)|\son\w+=/.test(page.text));
});

Deno.test("/docs refers to files that are there and to no other host", async () => {
  const { text } = await get("/docs");
  const local = addresses(text);
  assertEquals(local.length, 5);
  for (const address of local) {
    assert(/^\/[^/]/.test(address), address);
    if (address === "/openapi.json") continue;
    const asset = await get(address);
    assertEquals(asset.response.status, 200, address);
    assertEquals(asset.header("x-content-type-options"), "nosniff");
    assert(asset.bytes.length > 100);
  }
});

Deno.test("the assets are the files of the package, immutable under its version", async () => {
  const folder = packageFolder();
  const { version } = JSON.parse(
    await readFile(join(folder, "package.json"), "utf8"),
  );
  const types = {
    "swagger-ui.css": "text/css; charset=utf-8",
    "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
    "favicon-32x32.png": "image/png",
  };
  for (const [file, type] of Object.entries(types)) {
    const asset = await get(`/docs/swagger-ui-${version}/${file}`);
    assertEquals(asset.response.status, 200, file);
    assertEquals(asset.header("content-type"), type);
    assertEquals(
      asset.header("cache-control"),
      "public, max-age=31536000, immutable",
    );
    const original = await readFile(join(folder, file));
    assert(original.equals(asset.bytes), file);
  }
});

Deno.test("no other file can be had through the assets' path", async () => {
  const base = "/docs/swagger-ui-5.35.0";
  const paths = [
    `${base}/package.json`,
    `${base}/..%2f..%2fpackage.json`,
    `${base}/%2e%2e/package.json`,
    `${base}/toString`,
    `${base}/__proto__`,
    `${base}/`,
    "/docs/swagger-ui-0.0.0/swagger-ui.css",
  ];
  for (const path of paths) {
    assertEquals((await get(path)).response.status, 404, path);
  }
});

Deno.test("the start script shows this server's own contract and asks no validator", async () => {
  const { text, header } = await get("/docs/start.js");
  assert(text.includes('url: "/openapi.json"'));
  assert(text.includes("validatorUrl: null"));
  assertEquals(header("cache-control"), "no-store");
});

Deno.test("/problems/<code> explains every problem where its type leads", async () => {
  for (const code of PROBLEM_CODES) {
    const page = await get(`/problems/${code}`);
    assertEquals(page.response.status, 200);
    assertEquals(page.header("content-type"), "text/html; charset=utf-8");
    const { title, status, cashier, customer } = PROBLEMS[code];
    const shown = page.text.replaceAll("&#39;", "'");
    for (
      const text of [
        title,
        `${status}`,
        cashier.en,
        cashier.zh,
        customer.en,
        customer.zh,
      ]
    ) {
      assert(shown.includes(text), `${code}: ${text}`);
    }
  }
  for (const code of ["unknown", "toString", "__proto__", "%3Cscript%3E"]) {
    assertEquals((await get(`/problems/${code}`)).response.status, 404);
  }
});
