/// <reference lib="dom" />
/**
 * The whole story, with nothing but pages: a phone without a network shows a code, the
 * till's camera sees that very screen, and the shop is paid. The picture that the
 * camera gets is a photograph of the phone's screen: out of focus and held askew.
 */
import { assertEquals, assertMatch } from "@std/assert";
import { openBrowser, type TestBrowser } from "../support/browser/browser.ts";
import { Cashier } from "../support/browser/till.ts";
import { WalletPage } from "../support/browser/wallet_page.ts";
import { serveHttp } from "../support/http/server.ts";
import { startApp } from "../support/world/app.ts";

/** How the phone is held before the camera. */
interface Held {
  readonly degrees: number;
  /** The standard deviation of the blur, pixels. */
  readonly blur: number;
}

/** Makes the camera see the screen of a phone. */
async function photograph(
  browser: TestBrowser,
  phone: WalletPage,
  path: string,
  { degrees, blur }: Held,
): Promise<void> {
  const png = (await phone.page.screenshot()).toBase64();
  await using context = await browser.context({
    viewport: { width: 1280, height: 960 },
  });
  const table = await context.newPage();
  await table.setContent(
    `<body style="margin:0;background:#777;overflow:hidden;text-align:center">
      <img src="data:image/png;base64,${png}"
        style="height:960px;filter:blur(${blur}px);transform:rotate(${degrees}deg)">`,
  );
  await table.locator("img").waitFor();
  await Deno.writeFile(path, await table.screenshot({ type: "jpeg" }));
}

Deno.test("a phone without a network pays at a till that sees its screen", async () => {
  const folder = await Deno.makeTempDir({ prefix: "offcode-story-" });
  await using cleaning = new AsyncDisposableStack();
  cleaning.defer(() => Deno.remove(folder, { recursive: true }));
  const camera = `${folder}/camera.mjpeg`;
  await using app = await startApp({
    hasPages: true,
    settings: { hasTestCodes: true },
  });
  await using server = serveHttp(app.fetch);
  await using browser = await openBrowser({ camera });
  await using phone = await (await WalletPage.open(browser, { app, server }))
    .enrol();
  await phone.context.setOffline(true);
  await phone.waitFor("You are offline.");
  await phone.page.reload();

  const { key } = await app.api.merchant();
  await using shop = await browser.context({ permissions: ["camera"] });
  const cashier = new Cashier(await shop.newPage());
  await cashier.open(server.origin, key);
  const show = async (held: Held) => {
    await phone.scan();
    await photograph(browser, phone, camera, held);
  };

  await show({ degrees: 7, blur: 1 });
  await cashier.charge();
  // From then on the till switches it on by itself.
  await cashier.page.getByRole("button", { name: "camera" }).click();
  await cashier.result("TEST: PAID");
  await cashier.armed();
  await cashier.press("Next sale");
  // The same screen a second time: somebody may have photographed it.
  await cashier.amount();
  const { says } = await cashier.result("NOT PAID");
  assertMatch(says[0]!, /This code was used before and cannot be used again/);
  await phone.pass(30_000);
  await show({ degrees: -7, blur: 1 });
  await cashier.armed();
  await cashier.press("Scan the next code");
  await cashier.result("TEST: PAID");

  await phone.context.setOffline(false);
  await phone.sync();
  await phone.waitFor("€1,975.00");
  assertEquals(browser.faults, []);
});
