/// <reference lib="dom" />
/**
 * The wallet page over its life: new cores, new versions of itself, several windows,
 * other accounts and phones, and every size of screen.
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Page } from "playwright-core";
import { newReleaseKey } from "../../edge/code/manifest.ts";
import { assertAccessible, assertFits } from "../support/browser/browser.ts";
import {
  DAY_MS,
  MINUTE_MS,
  playSteps,
  STEP_MS,
  type Steps,
} from "../support/browser/wallet_edge.ts";
import { manifestOf, signedBy } from "../support/code/releases.ts";
import { serveHttp } from "../support/http/server.ts";
import { ReleaseDesk } from "../support/world/release_desk.ts";

/** What a page keeps of its enrolment. */
function readKept(page: Page): Promise<{ history: { word: string }[] }> {
  return page.evaluate(() =>
    new Promise((resolve) => {
      const opening = indexedDB.open("offcode-wallet");
      opening.onsuccess = () => {
        const reading = opening.result.transaction("values")
          .objectStore("values").get("wallet");
        reading.onsuccess = () => resolve(reading.result);
      };
    })
  );
}

const STEPS: Steps = {
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

  async "renews once for all windows of a browser"({ app, pay, open }) {
    await using phone = await (await open()).enrol();
    const other = await phone.context.newPage();
    await other.goto(phone.page.url());
    await other.locator(".pictures[data-ends-ms]").waitFor();
    await phone.page.bringToFront();
    await phone.pass(8 * DAY_MS);
    await phone.sync();
    await phone.unfold("History");
    await phone.waitFor("The secret was renewed.");
    // The other window asks the edge, too, and keeps what it knows.
    await other.bringToFront();
    await other.locator("summary", { hasText: "History" }).click();
    await other.evaluate(() => dispatchEvent(new Event("online")));
    await other.getByText("The secret was renewed.").waitFor();
    await phone.page.bringToFront();
    assertEquals(await pay(await phone.scan()), [201, "succeeded"]);
    await phone.context.setOffline(true);
    await phone.pass(STEP_MS);
    await phone.page.reload();
    assertEquals(await pay(await phone.scan()), [201, "succeeded"]);
    const { history } = await readKept(phone.page);
    assertEquals(history.filter((it) => it.word === "renewed").length, 1);
    assertEquals(app.clock.ms, await other.evaluate(() => Date.now()));
  },

  async "takes a newer version of itself, whole"({ open, edge }) {
    await using phone = await (await open()).enrol();
    const { page, context } = phone;
    const isNewer = () =>
      page.evaluate(() =>
        getComputedStyle(document.documentElement)
          .getPropertyValue("--newer") === "1"
      );
    await page.reload();
    edge.pages.areNewer = true;
    await page.evaluate(async () => {
      const workers = navigator.serviceWorker;
      const taken = new Promise((resolve) =>
        workers.addEventListener("controllerchange", resolve, { once: true })
      );
      const registration = await workers.ready;
      await registration.update();
      await taken;
      // The worker clears what is old before it says that it is active.
      const active = registration.active!;
      if (active.state !== "activated") {
        await new Promise((resolve) => active.onstatechange = resolve);
      }
    });
    const kept = await page.evaluate(async () => {
      const [name, ...others] = await caches.keys();
      const requests = await (await caches.open(name!)).keys();
      return [...others, ...requests.map((it) => new URL(it.url).pathname)];
    });
    // Nothing of the customer, and nothing of the version before.
    assertEquals(kept.filter((it) => !/^\/(wallet$|pages\/)/.test(it)), []);
    await context.setOffline(true);
    await page.reload();
    await phone.scan();
    assertEquals(await isNewer(), true);
    edge.pages.areNewer = false;
  },

  async "keeps the screen on while it shows a code"({ open }) {
    await using phone = await open();
    const { page } = phone;
    await page.addInitScript(() => {
      const { request } = WakeLock.prototype;
      WakeLock.prototype.request = function (type) {
        document.documentElement.dataset.lock = type;
        return request.call(this, type);
      };
    });
    await page.reload();
    await phone.enrol();
    await page.locator('html[data-lock="screen"]').waitFor();
  },

  async "can be installed"({ open }) {
    await using phone = await (await open()).enrol();
    const { page, context } = phone;
    const browser = await context.newCDPSession(page);
    const { installabilityErrors } = await browser.send(
      "Page.getInstallabilityErrors",
    );
    // A visitor of a test is a private window, which installs nothing.
    assertEquals(installabilityErrors.map((it) => it.errorId), [
      "in-incognito",
    ]);
  },

  async "says where it works, at an address without https"(
    { edge, open, browser },
  ) {
    await using phone = await open();
    const before = browser.faults.length;
    const { port } = new URL(edge.server.origin);
    await phone.page.goto(`http://edge.test:${port}/wallet`);
    await phone.waitFor("A wallet works at an address with https only");
    const faults = browser.faults.splice(before);
    assert(
      faults.includes("page: The address is not a secure one"),
      `${faults}`,
    );
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

Deno.test("the wallet page lives", (t) => playSteps(t, STEPS));
