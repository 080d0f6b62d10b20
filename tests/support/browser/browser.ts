/// <reference lib="dom" />
/**
 * A real Chromium, in which a test opens pages. One browser serves a whole file of
 * tests: `openBrowser()` inside one test, contexts for its parts, because the
 * sanitizers of Deno want that a test closes what it opens.
 *
 * @module
 */

import { AxeBuilder } from "@axe-core/playwright";
import {
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from "playwright-core";
import { assertEquals } from "@std/assert";

/** No step of a test waits longer, ms. */
const STEP_MS = 60_000;

/** How to open a browser. */
export interface BrowserOptions {
  /**
   * What its camera sees: the file that `writeCamera()` writes. Without a file the
   * browser has no camera.
   */
  readonly camera?: string;
  /** Whether the person before it refuses the camera. */
  readonly refusesCamera?: boolean;
}

/** A browser, and what its pages have done wrong. */
export interface TestBrowser extends AsyncDisposable {
  /** A visitor of their own: storage, service workers, cookies. */
  context(options?: BrowserContextOptions): Promise<BrowserContext>;
  /** Errors of pages and refusals of their policy so far, each as a sentence. */
  readonly faults: string[];
}

/** The arguments of a browser on a machine of tests. */
function browserArgs(options: BrowserOptions = {}): string[] {
  const { camera = "/nonexistent.y4m", refusesCamera = false } = options;
  return [
    "--no-sandbox",
    "--disable-gpu",
    // Names of this machine that no browser takes for it.
    "--host-resolver-rules=MAP *.test 127.0.0.1",
    `--use-fake-ui-for-media-stream${refusesCamera ? "=deny" : ""}`,
    "--use-fake-device-for-media-stream",
    `--use-file-for-fake-video-capture=${camera}`,
  ];
}

/** Where Debian's package has the browser. */
const CHROMIUM = "/usr/bin/chromium";

/** Notes what a page does wrong; a refusal by its policy is an error of the console. */
function watch(page: Page, faults: string[]): void {
  page.on("pageerror", (error) => faults.push(`page: ${error.message}`));
  page.on("console", (message) => {
    // A page that is offline, or is answered a problem, has done nothing wrong.
    if (message.type() !== "error") return;
    if (message.text().startsWith("Failed to load resource")) return;
    faults.push(`console: ${message.text()}`);
  });
}

/** No browser lives longer, whatever its test waits for, ms. */
const LIMIT_MS = 1_800_000;
/** A browser that does not close within this time is killed, ms. */
const CLOSE_MS = 10_000;

/** Opens a browser; it closes with the test. */
export async function openBrowser(
  options?: BrowserOptions,
): Promise<TestBrowser> {
  const server = await chromium.launchServer({
    executablePath: CHROMIUM,
    args: browserArgs(options),
    host: "127.0.0.1",
  });
  const kill = () => server.process().kill("SIGKILL");
  const limit = setTimeout(kill, LIMIT_MS);
  const browser = await chromium.connect(server.wsEndpoint());
  const faults: string[] = [];
  return {
    faults,
    async context(contextOptions = {}) {
      const context = await browser.newContext({
        locale: "en-GB",
        ...contextOptions,
      });
      context.setDefaultTimeout(STEP_MS);
      context.on("page", (page) => watch(page, faults));
      return context;
    },
    async [Symbol.asyncDispose]() {
      clearTimeout(limit);
      const late = setTimeout(kill, CLOSE_MS);
      await browser.close();
      await server.close();
      clearTimeout(late);
    },
  };
}

/** Opens a browser with the profile in a folder; the folder stays when it closes. */
export async function openProfile(folder: string): Promise<BrowserContext> {
  const context = await chromium.launchPersistentContext(folder, {
    executablePath: CHROMIUM,
    args: browserArgs(),
    locale: "en-GB",
  });
  context.setDefaultTimeout(STEP_MS);
  const limit = setTimeout(() => context.close(), LIMIT_MS);
  context.once("close", () => clearTimeout(limit));
  return context;
}

/** Demands that axe finds nothing wrong with a page as it is shown. */
export async function assertAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  assertEquals(
    violations.map(({ id, nodes }) => [id, ...nodes.map((it) => it.html)]),
    [],
  );
}

/** Demands that nothing of a page is wider than its window. */
export async function assertFits(page: Page): Promise<void> {
  const { scrollWidth, clientWidth } = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return { scrollWidth, clientWidth };
  });
  assertEquals(scrollWidth, clientWidth);
}
