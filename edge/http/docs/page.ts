/**
 * Pages to read and try the API: `/docs`, which shows `/openapi.json` with Swagger UI,
 * and `/problems/<code>`, which is the `type` of a problem.
 *
 * Nothing is loaded from other hosts: the assets are files of the installed package.
 * Their path contains the package's version, so that they may be cached for ever. The
 * package is loaded when the page is first asked for.
 *
 * @module
 */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Hono } from "hono";
import { html } from "hono/html";
import type { ProblemCode } from "../kit/problem.ts";
import { type ProblemKind, PROBLEMS } from "../kit/problem_texts.ts";

/** The path of the assets, with the version of their package. */
const ASSETS = "/docs/swagger-ui-5.35.0";

const ASSET_TYPES: Readonly<Record<string, string>> = {
  "swagger-ui.css": "text/css; charset=utf-8",
  "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
  "favicon-32x32.png": "image/png",
};

/** Inline styles and data URLs are allowed because Swagger UI uses both. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const IMMUTABLE = "public, max-age=31536000, immutable";

/**
 * The script that starts the page. The policy forbids inline scripts, so it is
 * a file.
 */
const START = `"use strict";
SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  validatorUrl: null,
});
`;

/** Routes `/docs`, `/docs/*` and `/problems/:code`, to mount at the root. */
export function docsRoutes(): Hono {
  const app = new Hono();

  app.get("/docs", () => page(DOCS));

  app.get("/docs/start.js", () =>
    new Response(START, {
      headers: {
        "content-type": "text/javascript; charset=utf-8",
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
      },
    }));

  app.get(`${ASSETS}/:file`, async (c) => {
    const file = c.req.param("file");
    const type = Object.hasOwn(ASSET_TYPES, file)
      ? ASSET_TYPES[file]
      : undefined;
    if (type === undefined) return c.notFound();
    return new Response(await readAsset(file), {
      headers: {
        "content-type": type,
        "cache-control": IMMUTABLE,
        "x-content-type-options": "nosniff",
      },
    });
  });

  app.get("/problems/:code", (c) => {
    const code = c.req.param("code");
    return Object.hasOwn(PROBLEMS, code)
      ? page(problemPage(code, PROBLEMS[code as ProblemCode]))
      : c.notFound();
  });

  return app;
}

async function readAsset(file: string): Promise<Uint8Array<ArrayBuffer>> {
  const { default: folder } = await import("swagger-ui-dist/absolute-path.js");
  return new Uint8Array(await readFile(join(folder(), file)));
}

type Markup = ReturnType<typeof html>;

async function page(markup: Markup): Promise<Response> {
  return new Response(String(await markup), {
    headers: {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      "content-security-policy": POLICY,
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
    },
  });
}

const DOCS = html`
  <!DOCTYPE html>
  <html lang="en">
    <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>Offcode API</title>
      <link rel="icon" href="${ASSETS}/favicon-32x32.png">
      <link rel="stylesheet" href="${ASSETS}/swagger-ui.css">
    </head>
    <body>
      <div id="docs">
        <noscript>This page needs JavaScript; the contract is at
          <a href="/openapi.json">/openapi.json</a>.</noscript>
      </div>
      <script src="${ASSETS}/swagger-ui-bundle.js"></script>
      <script src="/docs/start.js"></script>
    </body>
  </html>
`;

const RETRY_SAYS = {
  "never": "repeating cannot help",
  "same-order": "repeat the same order",
  "new-code": "scan the customer's next code for the same order",
  "query": "ask for the order's state; start nothing new",
  "later": "repeat after Retry-After",
} as const;

function problemPage(code: string, kind: ProblemKind): Markup {
  return html`
    <!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>${code}</title>
        <style>
        body { font: 1rem/1.5 system-ui, sans-serif; max-width: 40rem;
          margin: 3rem auto; padding: 0 1rem; color: #222; }
        code { background: #eee; padding: 0 0.3em; border-radius: 3px; }
        dt { font-weight: 600; margin-top: 1rem; }
        dd { margin: 0; }
        </style>
      </head>
      <body>
        <h1>${kind.title}</h1>
        <p><code>${code}</code>, HTTP status ${kind.status}, <code>retry</code>
          <code>${kind.retry}</code>: ${RETRY_SAYS[kind.retry]}.</p>
        <dl>
          <dt>The cashier reads</dt>
          <dd>${kind.cashier.en}</dd>
          <dd lang="zh-Hans">${kind.cashier.zh}</dd>
          <dt>The customer reads</dt>
          <dd>${kind.customer.en}</dd>
          <dd lang="zh-Hans">${kind.customer.zh}</dd>
        </dl>
        <p><a href="/docs">All calls</a></p>
      </body>
    </html>
  `;
}
