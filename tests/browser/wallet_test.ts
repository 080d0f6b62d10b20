/// <reference lib="dom" />
/**
 * The wallet page in a real Chromium, with a real service worker, at a real edge over
 * HTTP. Each step has a phone of its own; what it shows is read from a picture of its
 * screen by another program, and paid with.
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { BrowserContextOptions } from "playwright-core";
import { DEFAULT_SETTINGS } from "../../edge/boot/settings.ts";
import { newReleaseKey } from "../../edge/code/manifest.ts";
import {
  assertAccessible,
  assertFits,
  openBrowser,
  type TestBrowser,
} from "../support/browser/browser.ts";
import { WalletPage } from "../support/browser/wallet_page.ts";
import { manifestOf, signedBy } from "../support/code/releases.ts";
import { serveHttp } from "../support/http/server.ts";
import { startApp, UNLIMITED } from "../support/world/app.ts";
import { ReleaseDesk, releaseSettings } from "../support/world/release_desk.ts";

const STEP_MS = 30_000;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const OFFLINE = "You are offline. Paying still works.";

type Edge = Awaited<ReturnType<typeof openEdge>>;

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
  const server = serveHttp(app.fetch);
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
    ...{ app, server, pay },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await app[Symbol.asyncDispose]();
    },
  };
}

/** What a step is given. */
interface Stage {
  readonly edge: Edge;
  readonly app: Edge["app"];
  readonly pay: Edge["pay"];
  readonly browser: TestBrowser;
  /** Opens the page on a phone of its own. */
  open(options?: BrowserContextOptions): Promise<WalletPage>;
}

const STEPS: Readonly<Record<string, (stage: Stage) => Promise<void>>> = {
  async "pays offline, after a reload and on the next day"(
    { pay, open },
  ) {
    await using phone = await (await open()).enrol();
    const { context, page } = phone;
    const first = await phone.scan();
    assertEquals(await pay(first), [201, "succeeded"]);
    assertEquals(await pay(first), [409, "code-replayed"]);

    await context.setOffline(true);
    await phone.waitFor(OFFLINE);
    await phone.pass(STEP_MS);
    const second = await phone.scan();
    assertEquals(await pay(second), [201, "succeeded"]);
    // Nothing of the edge is needed to open the page again.
    await phone.pass(STEP_MS);
    await page.reload();
    assertEquals(await pay(await phone.scan()), [201, "succeeded"]);
    assertEquals(await phone.notes(), [OFFLINE]);
    await phone.pass(DAY_MS);
    await page.reload();
    assertEquals(await pay(await phone.scan()), [201, "succeeded"]);

    await context.setOffline(false);
    await phone.waitFor("€1,950.00");
    await phone.unfold("History");
    const history = await page.locator(".history li").allTextContents();
    assertMatch(history[0]!, /€50\.00 was paid|€37\.50 was paid/);
    assertMatch(history.at(-1)!, /The wallet was set up on this phone\.$/);
  },

  async "hides the digits until they are asked for"({ open }) {
    await using phone = await (await open()).enrol();
    const { page } = phone;
    const digits = await phone.scan();
    const text = () => page.evaluate(() => document.body.innerText);
    const isShown = async () =>
      (await text()).replaceAll(" ", "").includes(digits);
    assertEquals(await isShown(), false);
    assert(!(await page.content()).includes(digits));
    await page.getByRole("button", { name: "Show the digits" }).click();
    assertEquals(await isShown(), true);
    await assertAccessible(page);
    // The next code is hidden again.
    await phone.pass(STEP_MS);
    await phone.scan();
    assertEquals(await page.getByTestId("digits").count(), 0);
  },

  async "says that the phone's clock is off"({ app, pay, open }) {
    await using phone = await (await open()).enrol();
    for (
      const [offMs, words] of [
        [-10 * MINUTE_MS, "10 min slow"],
        [10 * MINUTE_MS, "10 min fast"],
        [45_000, "45 s fast"],
      ] as const
    ) {
      const phoneMs = app.clock.ms + offMs;
      await phone.setClock(phoneMs);
      await phone.page.reload();
      await phone.waitFor(`This phone's clock is ${words}.`);
      if (Math.abs(offMs) < MINUTE_MS) continue;
      const code = await phone.scan(phoneMs);
      assertEquals(await pay(code), [422, "code-not-accepted"]);
    }
    // Without the network, a clock that is slow is seen by the time that has passed.
    await phone.context.setOffline(true);
    await phone.setClock(app.clock.ms - 10 * MINUTE_MS);
    await phone.page.reload();
    await phone.waitFor("This phone's clock is 10 min slow.");
    await phone.setClock(app.clock.ms);
    await phone.page.reload();
    await phone.waitFor(OFFLINE);
    assertEquals(await phone.notes(), [OFFLINE]);
  },

  async "shows no code that has expired, and renews it"({ pay, open }) {
    await using phone = await (await open()).enrol();
    const { context, page } = phone;
    await context.setOffline(true);
    await phone.pass(15 * DAY_MS);
    await phone.waitFor("This phone has been offline for a long time.");
    await phone.pass(15 * DAY_MS);
    await phone.waitFor("Your payment code has expired.");
    assertEquals(await page.locator(".code").count(), 0);
    await page.reload();
    await phone.waitFor("Your payment code has expired.");
    assertEquals(await page.locator("canvas").count(), 0);
    await context.setOffline(false);
    assertEquals(await pay(await phone.scan()), [201, "succeeded"]);
    await phone.unfold("History");
    await phone.waitFor("The secret was renewed.");
  },

  async "takes a core that is signed, and no other one"(
    { app, pay, open },
  ) {
    await using phone = await (await open()).enrol();
    const { page } = phone;
    await phone.unfold("Settings");
    await phone.waitFor("Code maker: the one that came with the wallet");
    // Somebody in the network answers in the edge's place.
    const forged = await signedBy(
      manifestOf({ version: 9 }),
      await newReleaseKey(),
    );
    await page.route(
      "**/v1/cores/current",
      (route) => route.fulfill({ json: forged }),
    );
    await phone.pass(2 * MINUTE_MS);
    await page.reload();
    await phone.waitFor("An update was refused");
    assertEquals(await pay(await phone.scan()), [201, "succeeded"]);
    await phone.unfold("History");
    await phone.waitFor(
      "An update of the code maker was refused: unknown-key.",
    );

    await page.unroute("**/v1/cores/current");
    const desk = await ReleaseDesk.open(app.api);
    const id = await desk.push({ version: 3 });
    for (const step of ["shadow", "activate"]) {
      assertEquals((await desk.step(id, step)).status, 200);
    }
    await app.coreFollower.look();
    await phone.pass(2 * MINUTE_MS);
    await page.reload();
    await phone.unfold("Settings");
    await phone.waitFor("Code maker: version 3");
    assertEquals(await phone.notes(), []);
    // It is there the next time, without the network.
    await phone.context.setOffline(true);
    await phone.pass(STEP_MS);
    await page.reload();
    await phone.unfold("Settings");
    await phone.waitFor("Code maker: version 3");
    assertEquals(await pay(await phone.scan()), [201, "succeeded"]);
  },

  async "asks the customer, and shows names as text"({ app, pay, open }) {
    await using phone = await (await open()).enrol();
    const { page } = phone;
    const name = `<img src=x onerror="document.title='hacked'">`;
    const { key } = await app.api.merchant(name);
    // Offline codes above 1 000.00 need the customer's word.
    await app.api.setBalance("wallet-anna", 500_000);
    const pending = [402, "payment-pending"];
    assertEquals(await pay(await phone.scan(), 120_000, key), pending);
    await phone.sync();
    await phone.waitFor(`${name} wants €1,200.00 from you.`);
    assertEquals(await page.locator("img").count(), 0);
    await assertAccessible(page);
    await page.getByRole("button", { name: "Yes, pay €1,200.00" }).click();
    await phone.waitFor("€3,800.00");
    await phone.pass(STEP_MS);
    assertEquals(await pay(await phone.scan(), 120_000, key), pending);
    await phone.sync();
    await page.getByRole("button", { name: "No, do not pay" }).click();
    await page.locator("[role=alert]").waitFor({ state: "detached" });
    assertEquals(await app.api.balance("wallet-anna"), 380_000);
    assertEquals(await page.title(), "Offcode · Wallet");
  },

  async "shows hostile names of customers as text"({ open }) {
    await using phone = await open();
    const { page } = phone;
    const name = `<script>document.title="hacked"</script><b>Mallory</b>`;
    await page.route("**/wallet/api", async (route) => {
      const response = await route.fetch();
      const start = await response.json();
      start.customers[0].name = name;
      await route.fulfill({ json: start });
    });
    await page.reload();
    await page.getByRole("button", { name }).click();
    await page.locator(".name", { hasText: name }).waitFor();
    assertEquals(await page.locator("main b, main script").count(), 0);
    assertEquals(await page.title(), "Offcode · Wallet");
  },

  async "may pay less on a phone that is rooted"({ pay, open }) {
    await using phone = await (await open()).enrol("Rosa Delgado");
    await phone.unfold("Settings");
    await phone.page.getByRole("checkbox").check();
    await phone.waitFor("at most €500.00 can be paid at a time");
    assertEquals(await pay(await phone.scan(), 50_001), [
      422,
      "limit-exceeded",
    ]);
    await phone.page.getByRole("checkbox").uncheck();
    await phone.page.locator(".note").waitFor({ state: "detached" });
    await phone.pass(STEP_MS);
    assertEquals(await pay(await phone.scan(), 50_001), [201, "succeeded"]);
  },

  async "destroys the seed when the account is switched"({ pay, open }) {
    await using phone = await (await open()).enrol();
    const { page } = phone;
    const code = await phone.scan();
    await phone.unfold("Settings");
    await page.getByRole("button", { name: "Switch to another account" })
      .click();
    await page.getByRole("button", { name: "Destroy and switch" }).click();
    await phone.waitFor("Whose wallet is this?");
    const left = await page.evaluate(() =>
      new Promise<number>((resolve) => {
        const opening = indexedDB.open("offcode-wallet");
        opening.onsuccess = () => {
          const count = opening.result.transaction("values")
            .objectStore("values").count();
          count.onsuccess = () => resolve(count.result);
        };
      })
    );
    assertEquals(left, 0);
    await page.reload();
    await phone.waitFor("Whose wallet is this?");
    assertEquals((await pay(code))[0], 422);
  },

  async "ends on a phone that another one replaced"({ pay, open }) {
    await using old = await (await open()).enrol("李明");
    await using next = await (await open()).enrol("李明");
    await old.page.reload();
    await old.waitFor("This phone can no longer pay");
    assertEquals(await old.page.locator("canvas").count(), 0);
    assertEquals(await pay(await next.scan()), [201, "succeeded"]);
    await old.page.getByRole("button", { name: "Set up again" }).click();
    await old.waitFor("Whose wallet is this?");
  },

  async "is for everybody: sizes, themes, languages"({ open }) {
    for (
      const options of [
        { viewport: { width: 320, height: 568 }, deviceScaleFactor: 1 },
        { locale: "zh-CN", colorScheme: "dark" },
      ] as const
    ) {
      await using phone = await open(options);
      const { page } = phone;
      await page.locator(".customers").waitFor();
      await assertAccessible(page);
      await assertFits(page);
      await phone.enrol();
      // The narrowest phone with the fewest pixels is the hardest to read.
      assertEquals((await phone.scan()).length, 18);
      for (const it of await page.locator("summary").all()) await it.click();
      await assertAccessible(page);
      await assertFits(page);
      await page.setViewportSize({ width: 3840, height: 2160 });
      await assertFits(page);
    }
  },

  async "cannot be put into a frame of another page"({ browser, edge }) {
    const context = await browser.context();
    await using other = serveHttp(() =>
      new Response(`<iframe src="${edge.server.origin}/wallet"></iframe>`, {
        headers: { "content-type": "text/html" },
      })
    );
    const page = await context.newPage();
    await page.goto(other.origin.replace("127.0.0.1", "localhost"));
    await page.waitForLoadState("networkidle");
    const frame = page.frames()[1]!;
    assertEquals(await frame.locator("main").count(), 0);
    assertMatch(browser.faults.pop() ?? "", /frame-ancestors 'none'/);
    await context.close();
  },
};

Deno.test("the wallet page", async (t) => {
  await using edge = await openEdge();
  await using browser = await openBrowser();
  const { app, pay } = edge;
  const open: Stage["open"] = (options) =>
    WalletPage.open(browser, edge, options);
  for (const [name, step] of Object.entries(STEPS)) {
    await t.step(name, () => step({ edge, app, pay, browser, open }));
  }
  assertEquals(browser.faults, []);
});
