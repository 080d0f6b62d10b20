/**
 * An edge that serves the wallet page, and tests of it that are played step by step in
 * one browser, each with phones of its own.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import type { BrowserContextOptions } from "playwright-core";
import { DEFAULT_SETTINGS } from "../../../edge/boot/settings.ts";
import { serveHttp } from "../http/server.ts";
import { startApp, UNLIMITED } from "../world/app.ts";
import { releaseSettings } from "../world/release_desk.ts";
import { openBrowser, type TestBrowser } from "./browser.ts";
import { WalletPage } from "./wallet_page.ts";

export const STEP_MS = 30_000;
export const MINUTE_MS = 60_000;
export const DAY_MS = 86_400_000;

/** What a page says that has lost the network. */
export const OFFLINE = "You are offline. Paying still works.";

type Edge = Awaited<ReturnType<typeof openEdge>>;

/** What a newer version of the pages has: another style, and so another worker. */
const NEWER: Readonly<Record<string, (text: string) => string>> = {
  "/pages/wallet.css": (text) => `${text}:root{--newer:1}`,
  "/pages/wallet-worker.js": (text) =>
    text.replace(/("wallet\.css":")./, "$1_"),
};

const whole = async (response: Response) => ({
  headers: new Headers(response.headers),
  text: await response.text(),
});

/** An edge that serves the page. */
async function openEdge() {
  const { limits } = DEFAULT_SETTINGS;
  const app = await startApp({
    hasPages: true,
    // Pauses last as long as the clock says that work took, and a test moves that.
    pause: () => Promise.resolve(),
    settings: {
      ...{ ...UNLIMITED, limits, hasTestCodes: true },
      ...releaseSettings({ shadowMs: 0, shadowSearches: 0 }),
    },
  });
  /** Whether the edge has got newer pages. */
  const pages = { areNewer: false };
  const server = serveHttp(async (request) => {
    const change = NEWER[new URL(request.url).pathname];
    if (!pages.areNewer || change === undefined) {
      return await app.fetch(request);
    }
    // Without the tag of what the browser has: it is another file.
    const { headers, text } = await whole(
      await app.fetch(new Request(request.url)),
    );
    headers.delete("etag");
    return new Response(change(text), { headers });
  });
  const merchant = await app.api.merchant();
  let orders = 0;
  /** Pays with a code; the answer's status, and what it says. */
  async function pay(code: string, amountMinor = 1_250, key = merchant.key) {
    const { status, body } = await app.api.call("POST", "/v1/payments", {
      key,
      body: {
        ...{ code, order_id: `order-${orders++}` },
        ...{ amount_minor: amountMinor, currency: "EUR" },
      },
    });
    return [status, body.code ?? body.status];
  }
  return {
    ...{ app, server, pay, pages },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await app[Symbol.asyncDispose]();
    },
  };
}

/** What a step is given. */
export interface Stage {
  readonly edge: Edge;
  readonly app: Edge["app"];
  readonly pay: Edge["pay"];
  readonly browser: TestBrowser;
  /** Opens the page on a phone of its own. */
  open(options?: BrowserContextOptions): Promise<WalletPage>;
}

/** Steps by what they show. */
export type Steps = Readonly<Record<string, (stage: Stage) => Promise<void>>>;

/** Plays steps one after another; no page may have done anything wrong. */
export async function playSteps(
  t: Deno.TestContext,
  steps: Steps,
): Promise<void> {
  await using edge = await openEdge();
  await using browser = await openBrowser();
  const { app, pay } = edge;
  const open: Stage["open"] = (options) =>
    WalletPage.open(browser, edge, options);
  for (const [name, step] of Object.entries(steps)) {
    await t.step(name, () => step({ edge, app, pay, browser, open }));
  }
  assertEquals(browser.faults, []);
}
