/**
 * The story of `deno task demo --pages`: two customers with the wallet page and a shop
 * with the till page, in a real browser, at real speed. The till's camera sees the
 * picture of a phone's screen and nothing else.
 *
 * @module
 */

import { setTimeout as sleep } from "node:timers/promises";
import type { Browser, Page } from "playwright-core";
import { launchChromium } from "../chromium.ts";
import { Api, UnexpectedAnswerError } from "../client.ts";
import type { DemoEdge } from "./edge.ts";
import type { Telling } from "./story.ts";
import { DemoWindow, type ScreenName } from "./window.ts";
import type { Screen } from "./screen.ts";

/** How the story is told; with `fast` it waits for nothing but the pages. */
export interface PagesTelling extends Telling {
  /** Has the window opened in a browser. */
  readonly open?: (url: string) => Promise<void>;
}

const READ_MS = 4_000;
/** No page takes longer for anything, ms. */
const PATIENCE_MS = 30_000;
const STEP_MS = 30_000;

/** The pictures of a code, as a phone shows them. */
const PICTURES = ".pictures[data-ends-ms]";

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
  async page(name: ScreenName, path: string, locale = "en-GB"): Promise<Page> {
    const context = await this.browser.newContext({
      viewport: { width: 390, height: 780 },
      // Sharp pictures cost most of the time.
      deviceScaleFactor: this.telling.fast ? 1 : 2,
      locale,
      permissions: ["camera"],
    });
    context.setDefaultTimeout(PATIENCE_MS);
    if (this.telling.fast) {
      // A clock that is put in later begins `performance.now()` at 0 again.
      await context.clock.install({ time: this.edge.clock.nowMs() });
    }
    const page = await context.newPage();
    this.#seen.push(page);
    await this.view.film(name, page);
    await page.goto(this.edge.origin + path);
    return page;
  }

  /** The phone of a new customer, by the customer's place in the list. */
  async phone(name: ScreenName, customer: number, locale?: string) {
    const page = await this.page(name, "/wallet", locale);
    await page.locator(".customers button").nth(customer).click();
    await page.locator(PICTURES).waitFor();
    await page.evaluate("navigator.serviceWorker.ready.then(() => {})");
    return page;
  }

  /** Says what comes, and leaves time to read it. */
  async says(text: string): Promise<void> {
    this.screen.text(text);
    this.view.says(text);
    await this.pause(READ_MS);
  }

  async pause(ms: number): Promise<void> {
    const { signal, fast } = this.telling;
    signal?.throwIfAborted();
    if (!fast) await sleep(ms, undefined, signal && { signal });
  }

  /** The till's camera sees the screen of a phone, as it is now. */
  async holdUp(phone: Page): Promise<void> {
    await phone.locator(PICTURES).waitFor();
    const picture = await phone.screenshot({ type: "jpeg", quality: 95 });
    await Deno.writeFile(this.camera, picture);
  }

  /** Lets a phone come to its next code. */
  async nextCode(phone: Page): Promise<void> {
    const pictures = phone.locator(PICTURES);
    const endsMs = Number(await pictures.getAttribute("data-ends-ms"));
    if (this.telling.fast) {
      this.edge.clock.advance(STEP_MS);
      for (const page of this.#seen) {
        await page.context().clock.setSystemTime(this.edge.clock.nowMs());
      }
    }
    await phone.locator(`.pictures[data-ends-ms="${endsMs + STEP_MS}"]`)
      .waitFor({ timeout: 2 * STEP_MS });
  }
}

class Cashier {
  constructor(readonly stage: Stage, readonly page: Page) {}

  async press(name: string | RegExp): Promise<void> {
    await this.stage.pause(700);
    await this.page.getByRole("button", { name, disabled: false }).click();
  }

  /** Types an amount and asks for a code. */
  async charge(digits: string): Promise<void> {
    for (const digit of digits) {
      const hasText = new RegExp(`^\\s*${digit}\\s*$`);
      await this.page.locator(".keypad button", { hasText }).click();
      await this.stage.pause(250);
    }
    await this.press(/^Charge/);
  }

  /** Waits for a result, and insists on what it is. */
  async sees(headline: string, words: RegExp): Promise<void> {
    const result = this.page.locator("section.result:not(.busy):has(.says)");
    await result.waitFor();
    const text = (await result.innerText()).replace(/\s+/g, " ");
    if (!text.includes(headline) || !words.test(text)) {
      throw new UnexpectedAnswerError(`The till shows: ${text}`);
    }
    this.stage.screen.answer(headline, headline.endsWith("PAID"));
    await this.stage.pause(READ_MS);
  }
}

/** Plays the story. Gives how many payments the till lists in the end. */
async function play(stage: Stage): Promise<number> {
  const { edge } = stage;
  const { key } = await new Api(edge.origin).openShop(edge.adminKey, "Bakery");
  const till = new Cashier(stage, await stage.page("till", "/till"));
  await stage.says(
    "Anna and Li Ming set up their wallets; the bakery its till.",
  );
  const anna = await stage.phone("anna", 0);
  const ming = await stage.phone("ming", 1, "zh-CN");
  await till.page.locator("#key").fill(key);
  await till.page.locator("#terminal").fill("till-1");
  await till.press("Open");

  await stage.says(
    "Anna is in the cellar: her phone has no network. It still shows codes.",
  );
  await anna.context().setOffline(true);
  await anna.getByText("You are offline").first().waitFor();
  await anna.reload();
  await anna.locator(PICTURES).waitFor();
  await stage.pause(READ_MS);

  await stage.says("8.00 for bread. The till’s camera sees Anna’s screen.");
  await till.charge("800");
  await stage.holdUp(anna);
  await till.press(/camera/);
  await till.sees("TEST: PAID", /8\.00 EUR/);

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

  await loseReply(stage, till, anna);

  await stage.says("The till’s list of today: three payments, nothing twice.");
  await till.press("Today");
  const paid = till.page.locator("ul.orders li.paid");
  await paid.nth(2).waitFor();
  await stage.pause(READ_MS);
  return await paid.count();
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
  await using cleanup = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir({ prefix: "offcode-demo-" });
  cleanup.defer(() => Deno.remove(folder, { recursive: true }));
  const camera = `${folder}/camera.mjpeg`;
  // Nobody sees this browser.
  const browser = cleanup.use(
    await launchChromium({
      args: [
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        `--use-file-for-fake-video-capture=${camera}`,
      ],
    }),
  );
  const view = cleanup.use(new DemoWindow());
  screen.line("Offcode: two phones and a till in one window");
  screen.text(`The window is ${view.url}; the pages are at ${edge.origin}.`);
  if (telling.open !== undefined) await telling.open(view.url);
  else if (Deno.env.has("DISPLAY") || Deno.env.has("WAYLAND_DISPLAY")) {
    const args = [`--app=${view.url}`, "--window-size=1400,960"];
    cleanup.use(await launchChromium({ headless: false, args }));
  } else screen.text("Open it in a browser: the story begins then.");
  await view.opened;
  const stage = new Stage(edge, screen, view, browser, camera, telling);
  const paid = await play(stage);
  return `${paid} payments at the till, one answer lost, nothing charged twice.`;
}
