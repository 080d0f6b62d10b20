/// <reference lib="dom" />
/**
 * `deno task demo --pages`: a phone without a network shows a code, the till's camera
 * reads the picture of its screen, and somebody watches it all in one window.
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { demo } from "../../scripts/demo.ts";
import { openBrowser } from "../support/browser/browser.ts";

Deno.test("two phones and a till are shown in one window, and everything is paid once", async () => {
  await using browser = await openBrowser();
  const context = await browser.context();
  const viewer = await context.newPage();
  let text = "";
  const code = await demo({
    fast: true,
    pages: true,
    isTerminal: false,
    color: false,
    write: (it) => text += it,
    open: async (url) => void await viewer.goto(url),
  });
  const last =
    "3 payments at the till, one answer lost, nothing charged twice.";
  assertEquals([code, text.trimEnd().split("\n").at(-1)], [0, last]);
  assertStringIncludes(
    await viewer.locator("#says").innerText(),
    "list of today",
  );
  for (const picture of await viewer.locator("img").all()) {
    const width = await picture.evaluate((it) =>
      (it as HTMLImageElement).naturalWidth
    );
    assert(width > 0, await picture.getAttribute("id") ?? "");
  }
  await context.close();
  assertEquals(browser.faults, []);
});
