/**
 * `deno task pictures`: starts an edge with development keys on a store of its own, has
 * a wallet, a till and a console opened in Chromium, and takes the pictures of them
 * that the README shows. Ends with 1 where a picture is too large.
 *
 * @module
 */

import type { Browser, Page } from "playwright-core";
import { systemClock } from "../edge/base/clock.ts";
import { startServer } from "./bench/kit/processes.ts";
import { launchChromium } from "./chromium.ts";
import { Api, CURRENCY } from "./client.ts";
import { InputError, readArguments, runCommand } from "./command.ts";

const USAGE = "Usage: deno task pictures";

const FOLDER = new URL("../edge/pages/pictures/", import.meta.url);
/** The most bytes of a picture. */
export const MOST_BYTES = 150_000;
/** How often the console looks while its picture is made, and how far apart. */
const LOOKS = 60;
const LOOK_MS = 5_000;

let orders = 0;

/**
 * Takes a picture of what a page shows, and closes it.
 *
 * @throws {InputError} If the picture is too large.
 */
async function take(page: Page, name: string): Promise<void> {
  // A blinking cursor would make another picture each time.
  await page.locator(":focus").evaluateAll((all) =>
    all.forEach((it) => (it as { blur?(): void }).blur?.())
  );
  const path = new URL(`${name}.png`, FOLDER).pathname;
  const { length } = await page.screenshot({ path, animations: "disabled" });
  console.log(`${name}.png: ${length} bytes`);
  await page.context().close();
  if (length <= MOST_BYTES) return;
  throw new InputError(`${name}.png has more than ${MOST_BYTES} bytes`);
}

async function open(
  browser: Browser,
  url: string,
  options: Parameters<Browser["newContext"]>[0],
): Promise<Page> {
  const context = await browser.newContext({ locale: "en-GB", ...options });
  const page = await context.newPage();
  await page.goto(url);
  return page;
}

const PHONE = {
  viewport: { width: 390, height: 780 },
  colorScheme: "light",
} as const;

async function takeWallet(browser: Browser, { origin }: Api) {
  const page = await open(browser, `${origin}/wallet`, PHONE);
  await page.getByRole("button", { name: "Anna Berg" }).click();
  await page.locator(".pictures").waitFor();
  await page.locator(".balance").waitFor();
  await take(page, "wallet");
}

async function codeFor(api: Api, key: string, name: string): Promise<string> {
  const path = "/v1/sandbox/codes";
  const { status, body } = await api.ask("POST", path, key, { case: name });
  if (status !== 201) throw new Error(`No code for ${name}: ${status}`);
  return body.code!;
}

async function takeTill(browser: Browser, api: Api, key: string) {
  const page = await open(browser, `${api.origin}/till`, PHONE);
  await page.locator("#key").fill(key);
  await page.locator("#terminal").fill("till-3");
  await page.locator("#terminal").press("Enter");
  await page.locator(".keypad").waitFor();
  // A scanner types faster than a hand, and what it types is no amount.
  await page.keyboard.type("1250", { delay: 150 });
  await page.locator(".display output", { hasText: "12.50" }).waitFor();
  await page.locator("section.amount button.main:enabled").click();
  await page.locator("section.scan").waitFor();
  await page.locator("#digits").fill(await codeFor(api, key, "approved"));
  await page.locator("#digits").press("Enter");
  await page.locator("section.result.paid").waitFor();
  await page.locator('.presses .first[aria-disabled="false"]').waitFor();
  await take(page, "till");
}

/** Pays once with the code of a case of the test answers; whatever comes of it. */
async function pay(
  api: Api,
  key: string,
  name: string,
  times: number,
): Promise<void> {
  const code = await codeFor(api, key, name);
  for (let i = 0; i < times; i++) {
    await api.ask("POST", "/v1/payments", key, {
      ...{ order_id: `order-${++orders}`, code },
      ...{ amount_minor: 1_250, currency: CURRENCY },
    });
  }
}

async function trade(api: Api, key: string, look: number): Promise<void> {
  // The number of sales rises and falls, so that the charts have a shape.
  const sales = Math.round(4 + 3 * Math.sin(look / 8));
  for (let i = 0; i < sales; i++) await pay(api, key, "approved", 1);
  if (look % 4 === 0) await pay(api, key, "insufficient_funds", 1);
  if (look % 3 === 0) await pay(api, key, "pending_then_approved", 1);
  if (look % 7 === 0) await pay(api, key, "code_not_accepted", 1);
  // The second order of a code is a replay.
  if (look % 6 === 0) await pay(api, key, "approved", 2);
}

async function takeConsole(
  browser: Browser,
  api: Api,
  adminKey: string,
  key: string,
) {
  const page = await open(browser, "about:blank", {
    viewport: { width: 1_280, height: 840 },
    colorScheme: "dark",
  });
  // The page's hour passes in a minute: its clock is put forward between looks.
  await page.clock.install({ time: systemClock.nowMs() - LOOKS * LOOK_MS });
  await page.goto(`${api.origin}/console`);
  await page.locator("#admin-key").fill(adminKey);
  await page.keyboard.press("Enter");
  await page.locator(".tile").first().waitFor();
  for (let look = 1; look <= LOOKS; look++) {
    await trade(api, key, look);
    const looked = page.waitForResponse((it) => it.url().endsWith("/readyz"));
    await page.clock.fastForward(LOOK_MS);
    await looked;
  }
  await page.clock.runFor(500);
  await take(page, "console");
}

async function main(args: readonly string[]): Promise<number> {
  readArguments(args, USAGE, {});
  await Deno.mkdir(FOLDER, { recursive: true });
  await using stack = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir({ prefix: "offcode-pictures-" });
  stack.defer(() => Deno.remove(folder, { recursive: true }));
  const entry = "edge/main.ts";
  const { origin } = stack.use(await startServer({ entry, folder }));
  const browser = stack.use(await launchChromium({ args: ["--disable-gpu"] }));
  const keys = await Deno.readTextFile(`${folder}/data/development-keys.json`);
  const { admin_key: adminKey } = JSON.parse(keys);
  const api = new Api(origin);
  const { key } = await api.openShop(adminKey, "Corner Coffee");
  await takeTill(browser, api, key);
  await takeConsole(browser, api, adminKey, key);
  await takeWallet(browser, api);
  return 0;
}

if (import.meta.main) await runCommand(main, 1);
