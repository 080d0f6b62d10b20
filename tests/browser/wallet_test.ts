/// <reference lib="dom" />
/**
 * The wallet page in a real Chromium, with a real service worker, at a real edge over
 * HTTP: what it shows is read from a picture of its screen by another program, and paid
 * with.
 */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { assertAccessible } from "../support/browser/browser.ts";
import {
  DAY_MS,
  MINUTE_MS,
  OFFLINE,
  playSteps,
  STEP_MS,
  type Steps,
} from "../support/browser/wallet_edge.ts";

const STEPS: Steps = {
  async "pays offline, after a reload and on the next day"(
    { pay, open },
  ) {
    await using phone = await (await open()).enrol();
    const { context, page } = phone;
    const sent: string[] = [];
    context.on(
      "request",
      (request) => sent.push(request.url(), request.postData() ?? ""),
    );
    const first = await phone.scan();
    // Four modules beside the 21 of a QR code (ISO/IEC 18004), ten beside the 134
    // of a barcode of 18 digits (ISO/IEC 15417).
    assertEquals(await phone.margins(), [
      [4 / (21 + 8), 4 / (21 + 8)],
      [10 / (134 + 20), 10 / (134 + 20)],
    ]);
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
    // The page shows codes before it knows whether it reaches the edge.
    await phone.waitFor(OFFLINE);
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
    // The phone has sent none of its codes anywhere.
    assert(sent.length > 10);
    // With or without its prefix; an id may have as many digits between letters.
    const code = /(?<![0-9a-f])\d{16}(\d\d)?(?![0-9a-f])/;
    assertEquals(sent.filter((it) => code.test(it)), []);
  },

  async "hides the digits until they are asked for"({ open }) {
    await using phone = await (await open()).enrol();
    const { page } = phone;
    const digits = await phone.scan();
    const text = () => page.evaluate(() => document.body.innerText);
    const isShown = async () =>
      (await text()).replaceAll(/\s/g, "").includes(digits);
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
        [-10 * MINUTE_MS, "10 minutes slow"],
        [10 * MINUTE_MS, "10 minutes fast"],
        [45_000, "45 seconds fast"],
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
    await phone.waitFor("This phone's clock is 10 minutes slow.");
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

  async "shows hostile names of customers as text"({ open, browser }) {
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
    // Trusted Types let no text become a script.
    const before = browser.faults.length;
    const content = "document.title = 'hacked'";
    await assertRejects(() => page.addScriptTag({ content }));
    assertMatch(
      browser.faults.splice(before).join(),
      /requires 'TrustedScript'/,
    );
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
};

Deno.test("the wallet page pays", (t) => playSteps(t, STEPS));
