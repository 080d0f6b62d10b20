/**
 * The story of `deno task demo --pages`: two customers with the wallet page and a shop
 * with the till page, in a real browser, at real speed. The till's camera sees the
 * picture of a phone's screen and nothing else.
 *
 * @module
 */

import { setTimeout as sleep } from "node:timers/promises";
import { type Browser, chromium, type Page } from "playwright-core";
import { Api, UnexpectedAnswerError } from "../client.ts";
import type { DemoEdge } from "./edge.ts";
import { DemoWindow, type ScreenName } from "./window.ts";
import type { Screen } from "./screen.ts";

/** How the story is told. */
export interface PagesTelling {
  /** Waits for nothing but the pages, and puts clocks forward. */
  readonly fast: boolean;
  /** Has the window opened in a browser; `null` if it can't be. */
  readonly open?: (url: string) => Promise<void>;
  readonly signal?: AbortSignal;
}

/** Where distributions and makers install the browser. */
const BROWSERS = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** For reading a line, ms. */
const READ_MS = 4_000;
/** No page takes longer for anything, ms. */
const PATIENCE_MS = 30_000;
const STEP_SECONDS = 30;

async function findBrowser(): Promise<string> {
  for (const path of BROWSERS) {
    const found = await Deno.stat(path).catch(() => null);
    if (found?.isFile) return path;
  }
  throw new UnexpectedAnswerError(
    `No Chromium is installed (${BROWSERS.join(", ")})`,
  );
}

/** As root there is no sandbox, and the browser refuses to start with one. */
const sandboxed = () => Deno.uid() === 0 ? ["--no-sandbox"] : [];

/** The browser that nobody sees; its camera sees the file. */
async function launch(path: string, camera: string): Promise<Browser> {
  return await chromium.launch({
    executablePath: path,
    args: [
      ...sandboxed(),
      "--use-fake-ui-for-media-stream",
      "--use-fake-device-for-media-stream",
      `--use-file-for-fake-video-capture=${camera}`,
    ],
  });
}

/** Opens the window in a browser of its own, where there is a screen for it. */
async function openWindow(path: string, url: string) {
  if (!Deno.env.has("DISPLAY") && !Deno.env.has("WAYLAND_DISPLAY")) return null;
  return await chromium.launch({
    executablePath: path,
    headless: false,
    args: [...sandboxed(), `--app=${url}`, "--window-size=1400,960"],
  });
}

/** Who plays. */
class Stage {
  readonly #seen: Page[] = [];

  constructor(
    readonly edge: DemoEdge,
    readonly screen: Screen,
    readonly view: DemoWindow,
    readonly browser: Browser,
    readonly camera: string,
    readonly telling: PagesTelling,
  ) {}

  /** A visitor's page, filmed for the window. */
  async page(
    name: ScreenName,
    path: string,
    locale = "en-GB",
  ): Promise<Page> {
    const context = await this.browser.newContext({
      viewport: { width: 390, height: 780 },
      // Sharp pictures cost most of the time.
      deviceScaleFactor: this.telling.fast ? 1 : 2,
      locale,
      permissions: ["camera"],
    });
    context.setDefaultTimeout(PATIENCE_MS);
    const page = await context.newPage();
    this.#seen.push(page);
    await this.view.film(name, page);
    await page.goto(this.edge.origin + path);
    return page;
  }

  /** Says what comes, and leaves time to read it. */
  async says(text: string): Promise<void> {
    this.screen.text(text);
    this.view.says(text);
    await this.pause(READ_MS);
  }

  /** A pause for people. */
  async pause(ms: number): Promise<void> {
    this.telling.signal?.throwIfAborted();
    const { signal } = this.telling;
    if (!this.telling.fast) await sleep(ms, undefined, signal && { signal });
  }

  /** The till's camera sees the screen of a phone, as it is now. */
  async holdUp(phone: Page): Promise<void> {
    await phone.locator(".pictures[data-ends-ms]").waitFor();
    const picture = await phone.screenshot({ type: "jpeg", quality: 95 });
    await Deno.writeFile(this.camera, picture);
  }

  /** Lets a phone come to its next code. */
  async nextCode(phone: Page): Promise<void> {
    const pictures = phone.locator(".pictures[data-ends-ms]");
    const endsMs = Number(await pictures.getAttribute("data-ends-ms"));
    if (this.telling.fast) {
      this.edge.clock.advance(STEP_SECONDS * 1_000);
      for (const page of this.#seen) {
        await page.context().clock.setFixedTime(this.edge.clock.nowMs());
      }
    }
    await phone.locator(
      `.pictures[data-ends-ms="${endsMs + STEP_SECONDS * 1_000}"]`,
    ).waitFor({ timeout: 2 * STEP_SECONDS * 1_000 });
  }
}

/** The cashier. */
class Cashier {
  constructor(readonly stage: Stage, readonly page: Page) {}

  async press(name: string | RegExp): Promise<void> {
    await this.stage.pause(700);
    await this.page.getByRole("button", { name, disabled: false }).click();
  }

  /** Types an amount and asks for a code. */
  async charge(digits: string): Promise<void> {
    for (const digit of digits) {
      await this.page.locator(".keypad button", {
        hasText: new RegExp(`^\\s*${digit}\\s*$`),
      }).click();
      await this.stage.pause(250);
    }
    await this.press(/^Charge/);
  }

  /** Waits for a result, and insists on what it is. */
  async sees(headline: string, words: RegExp): Promise<void> {
    const result = this.page.locator(
      "section.result:not(.busy):has(.says)",
    );
    await result.waitFor();
    const text = (await result.innerText()).replace(/\s+/g, " ");
    if (!text.includes(headline) || !words.test(text)) {
      throw new UnexpectedAnswerError(`The till shows: ${text}`);
    }
    this.stage.screen.answer(headline, headline.endsWith("PAID"));
    await this.stage.pause(READ_MS);
  }
}

async function enrol(phone: Page, customer: number): Promise<void> {
  await phone.locator(".customers button").nth(customer).click();
  await phone.locator(".pictures[data-ends-ms]").waitFor();
  await phone.evaluate("navigator.serviceWorker.ready.then(() => {})");
}

async function play(stage: Stage): Promise<number> {
  const { edge } = stage;
  const { key } = await new Api(edge.origin).openShop(edge.adminKey, "Bakery");
  const anna = await stage.page("anna", "/wallet");
  const ming = await stage.page("ming", "/wallet", "zh-CN");
  const till = new Cashier(stage, await stage.page("till", "/till"));
  await stage.says(
    "Anna and Li Ming set up their wallets; the bakery its till.",
  );
  await enrol(anna, 0);
  await enrol(ming, 1);
  await till.page.locator("#key").fill(key);
  await till.page.locator("#terminal").fill("till-1");
  await till.press("Open");

  await offline(stage, anna);
  await payOnce(stage, till, anna);
  await replay(stage, till, ming);
  await loseReply(stage, till, anna);

  await stage.says("The till’s list of today: three payments, nothing twice.");
  await till.press("Today");
  const paid = till.page.locator("ul.orders li.paid");
  await paid.nth(2).waitFor();
  await stage.pause(READ_MS);
  return await paid.count();
}

async function offline(stage: Stage, anna: Page): Promise<void> {
  await stage.says(
    "Anna is in the cellar: her phone has no network. It still shows codes.",
  );
  await anna.context().setOffline(true);
  await anna.getByText("You are offline").first().waitFor();
  await anna.reload();
  await anna.locator(".pictures[data-ends-ms]").waitFor();
  await stage.pause(READ_MS);
}

async function payOnce(stage: Stage, till: Cashier, anna: Page) {
  await stage.says("8.00 for bread. The till’s camera sees Anna’s screen.");
  await till.charge("800");
  await stage.holdUp(anna);
  await till.press(/camera/);
  await till.sees("TEST: PAID", /8\.00 EUR/);
}

async function replay(stage: Stage, till: Cashier, ming: Page): Promise<void> {
  await stage.says(
    "Somebody took a photo of Anna’s code and shows it for another purchase.",
  );
  await till.press("Next sale");
  await till.charge("500");
  // After a minute the photo is no code any more.
  await till.sees("NOT PAID", /used before|not accepted/);
  await stage.says("Li Ming pays that purchase. The order keeps its number.");
  await stage.holdUp(ming);
  await till.press("Scan the next code");
  await till.sees("TEST: PAID", /5\.00 EUR/);
}

async function loseReply(stage: Stage, till: Cashier, anna: Page) {
  await stage.says(
    "Anna buys more, with her next code. The shop’s network loses the answer.",
  );
  await stage.nextCode(anna);
  await stage.holdUp(anna);
  await till.press("Next sale");
  await till.page.route("**/v1/payments", async (route) => {
    await route.fetch();
    await route.abort();
  });
  await till.charge("350");
  await till.sees("NOT KNOWN", /never paid twice/);
  await till.page.unroute("**/v1/payments");
  await stage.says("The cashier sends the same order again.");
  await till.press("Send again");
  await till.sees("TEST: PAID", /already paid/);
}

/**
 * Tells the story to its end and returns one line that sums it up.
 *
 * @throws {UnexpectedAnswerError} At the first thing that is not as expected.
 */
export async function tellPages(
  edge: DemoEdge,
  screen: Screen,
  telling: PagesTelling,
): Promise<string> {
  const path = await findBrowser();
  const folder = await Deno.makeTempDir({ prefix: "offcode-demo-" });
  const camera = `${folder}/camera.mjpeg`;
  await using cleanup = new AsyncDisposableStack();
  cleanup.defer(() => Deno.remove(folder, { recursive: true }));
  await using view = new DemoWindow();
  screen.line("Offcode: two phones and a till in one window");
  screen.text(`The window is ${view.url}; the pages are at ${edge.origin}.`);
  const browser = await launch(path, camera);
  cleanup.defer(() => browser.close());
  if (telling.open !== undefined) await telling.open(view.url);
  else {
    const shown = await openWindow(path, view.url);
    if (shown !== null) cleanup.defer(() => shown.close());
    else screen.text("Open it in a browser: the story begins then.");
  }
  await view.opened;
  const stage = new Stage(edge, screen, view, browser, camera, telling);
  const paid = await play(stage);
  return `${paid} payments at the till, one answer lost, nothing charged twice.`;
}
