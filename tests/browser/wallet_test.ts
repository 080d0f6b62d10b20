/**
 * The wallet page in a real Chromium.
 */
import { assertEquals } from "@std/assert";
import {
  assertAccessible,
  assertFits,
  openBrowser,
} from "../support/browser/browser.ts";
import { serveHttp } from "../support/http/server.ts";
import { startApp } from "../support/world/app.ts";

Deno.test("the wallet", async (t) => {
  await using app = await startApp({
    hasPages: true,
    settings: { hasTestCodes: true },
  });
  await using server = serveHttp(app.fetch);
  await using browser = await openBrowser();

  await t.step("opens, offline as well", async () => {
    const context = await browser.context();
    const page = await context.newPage();
    await page.goto(`${server.origin}/wallet`);
    await page.evaluate(async () => {
      await navigator.serviceWorker.ready;
    });
    await context.setOffline(true);
    await page.reload();
    assertEquals(await page.locator("h1").textContent(), "Your wallet");
    await assertAccessible(page);
    await assertFits(page);
    await context.close();
  });

  assertEquals(browser.faults, []);
});
