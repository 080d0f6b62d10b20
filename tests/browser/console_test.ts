/**
 * The console in a real Chromium, at an edge over HTTP: what it shows is what the edge
 * says, and every step that it offers is taken.
 */
import { assert, assertEquals } from "@std/assert";
import type { BrowserContextOptions, Page } from "playwright-core";
import { parseMetrics, sumOf } from "../../edge/pages/console/metrics.ts";
import {
  assertAccessible,
  assertFits,
  openBrowser,
} from "../support/browser/browser.ts";
import { answers } from "../support/callback/hostile/hostile_behaviors.ts";
import { startHostileReceiver } from "../support/callback/hostile/hostile_receiver.ts";
import { openTill, startCallbackApp } from "../support/callback/shop.ts";
import { serveHttp } from "../support/http/server.ts";
import { FaultyStore } from "../support/store/faulty_store.ts";
import { ReleaseDesk, releaseSettings } from "../support/world/release_desk.ts";

/** A text that would run if anything took it for markup. */
const EVIL = "<img/src=x/onerror=document.title='taken'>";
const VIEWS = ["Now", "Alarms", "Payments", "Callbacks", "Merchants and keys"]
  .concat(["Core", "Vault"]);

/** An edge whose store can fail, and a merchant's server. */
async function openScene(stack: AsyncDisposableStack) {
  let faulty: FaultyStore;
  const app = stack.use(
    await startCallbackApp({
      hasPages: true,
      settings: releaseSettings({ shadowMs: 0, shadowSearches: 0 }),
      wrapStore: (store) => faulty = new FaultyStore(store),
    }),
  );
  const receiver = stack.use(startHostileReceiver());
  const server = stack.use(serveHttp(app.fetch));
  const browser = stack.use(await openBrowser());
  const till = await openTill(app, receiver.url);
  return { app, faulty: faulty!, receiver, server, browser, till };
}

type Scene = Awaited<ReturnType<typeof openScene>>;

/** A page of somebody who opens the console with a key. */
async function enter(
  { browser, server }: Pick<Scene, "browser" | "server">,
  key: string,
  options?: BrowserContextOptions,
): Promise<Page> {
  const page = await (await browser.context(options)).newPage();
  await page.goto(`${server.origin}/console`);
  await page.locator("#admin-key").fill(key);
  await page.keyboard.press("Enter");
  return page;
}

/** Opens a view. */
const open = (page: Page, view: string) =>
  page.locator("nav").getByRole("button", { name: view }).first().click();

/** Has the page look at the edge, and waits until it has. */
async function lookNow(page: Page): Promise<void> {
  const looked = page.waitForResponse((it) => it.url().endsWith("/alarms"));
  await page.getByRole("button", { name: "Look now" }).click();
  await looked;
}

/** The numbers of a view by their names, as they are written. */
const tiles = (page: Page) =>
  page.locator(".tile").evaluateAll((all) =>
    Object.fromEntries(
      all.map((it) => [
        (it as HTMLElement).title,
        it.querySelector("dd")!.textContent,
      ]),
    )
  );

/** The row of a table that begins with this text. */
const row = (page: Page, text: string) =>
  page.getByRole("row").filter({
    has: page.getByRole("rowheader").filter({ hasText: text }),
  });

async function showsNumbers({ app, till, ...scene }: Scene): Promise<void> {
  await till.pay("order-1");
  const code = "901000000000000000";
  for (const order_id of ["a", "b"]) {
    await app.api.pay(till.shop.merchant, { order_id, code });
  }
  const page = await enter(scene, app.api.adminKey);
  await page.locator(".tile").first().waitFor();
  const key = await app.api.metricsKey();
  const metrics = parseMetrics(
    await app.api.must(200, "GET", "/metrics", { key }),
  );
  const shown = await tiles(page);
  const counts = ["payments_under_way", "payments_due", "buckets"].concat([
    ...["callback_merchants_due", "bucket_seeds", "guess_rations"],
    ...["bucket_largest_seeds", "core_version", "callback_breakers_open"],
    ...["guess_rations_spent", "callback_deliveries", "clock_unsure"],
  ]);
  for (const name of counts.map((it) => `offcode_${it}`)) {
    assertEquals(shown[name], `${sumOf(metrics, name)}`, name);
  }
  assertEquals(shown["offcode_clock_offset_seconds"], "0 s");
  assertEquals(shown["offcode_bucket_memory_limit_bytes"], "181 MiB");
  const cells = (text: string) => row(page, text).first().allInnerTexts();
  const since = async (text: string) =>
    (await cells(text))[0]!.split("\t").at(-1);
  assertEquals(await since("misses"), "2");
  assertEquals(await since("callbacks queued"), "1");
  assertEquals(await since("code-not-accepted"), "2");
  assertEquals(
    (await cells("call POST /v1/payments"))[0]!.split("\t")[1],
    `${
      sumOf(metrics, "offcode_http_request_duration_seconds_count", {
        route: "/v1/payments",
      })
    }`,
  );
  // The rate of what comes after the first look.
  await app.api.pay(till.shop.merchant, { order_id: "c", code });
  await lookNow(page);
  await row(page, "misses").getByRole("cell", { name: "1", exact: true })
    .waitFor();
  await page.context().close();
}

async function showsAlarm(
  { app, faulty, ...scene }: Scene,
): Promise<void> {
  const page = await enter(scene, app.api.adminKey);
  await page.getByText("No alarm, as far as this edge sees.").waitFor();
  await page.getByText("This edge is ready").waitFor();
  faulty.plan({ at: 0, mode: "before", onwards: true });
  for (let i = 0; i < 10; i++) await app.api.call("GET", "/readyz");
  app.clock.advance(20_000);
  await lookNow(page);
  const alarm = page.locator(".alarm").filter({ hasText: "OffcodeStoreAway" });
  await alarm.getByText("Firing", { exact: true }).waitFor();
  await page.getByText("This edge is not ready: store-unavailable").waitFor();
  assertEquals(await page.title(), "(1) Offcode Console");
  // What stands in the store cannot be read, and the console says so.
  await open(page, "Payments");
  await page.getByText("The edge cannot do that now (store-unavailable).")
    .first().waitFor();
  const silent = page.getByText("Cells of the store that do not answer: 1.");
  await silent.waitFor();
  faulty.plan();
  app.clock.advance(3_600_000);
  await lookNow(page);
  await page.getByText("This edge is ready").waitFor();
  assertEquals(await silent.count(), 0);
  await page.context().close();
}

/** The store's texts, each of which is one that a stranger chose. */
async function showsLife({ app, till, receiver, ...scene }: Scene) {
  const account = EVIL.replace("taken", "account");
  const { api } = app;
  const phone = await api.enrol(await api.walletKey(), account, "device-9");
  await api.setBalance(account, 10_000);
  receiver.rule = () => answers(500, {}, EVIL);
  app.clock.advance(30_000);
  const paid = await api.pay(till.shop.merchant, {
    ...{ order_id: EVIL, code: phone.code(app.clock.ms), amount_minor: 1_250 },
    description: EVIL,
  });
  assertEquals(paid.status, 201);
  await app.dispatcher.dispatch();

  const page = await enter(scene, api.adminKey);
  await open(page, "Payments");
  for (const wanted of [EVIL, paid.body.payment_id]) {
    await page.getByRole("searchbox").fill(wanted);
    await page.keyboard.press("Enter");
    await page.getByText("Found: 1").waitFor();
    const life = page.getByRole("article");
    await life.getByText(EVIL, { exact: true }).first().waitFor();
    assert((await life.innerText()).includes("€12.50"));
    const steps = life.getByRole("table").nth(1).locator("tbody .badge");
    assertEquals(await steps.allInnerTexts(), [
      ...["code accepted", "succeeded", "callback queued", "callback sent"],
    ]);
    await life.getByText("HTTP 500").waitFor();
    await life.getByText(account, { exact: true }).waitFor();
    await life.locator("pre").getByText(EVIL).waitFor();
    await page.getByRole("searchbox").fill("");
    await page.getByRole("searchbox").fill("no-such-order");
    await page.keyboard.press("Enter");
    await page.getByText("No order and no payment has this id.").waitFor();
  }
  assertEquals(await page.locator("img").count(), 0);
  assertEquals(await page.title(), "Offcode Console");
  await page.context().close();
}

async function replaysDead({ app, till, receiver, ...scene }: Scene) {
  receiver.rule = ({ body }) => answers(body.includes("dead-1") ? 500 : 204);
  await till.pay("dead-1");
  for (let i = 0; i < 14; i++) {
    await app.dispatcher.dispatch();
    app.clock.advance(1.3 * 86_400_000);
    // What succeeds in between tells that the endpoint is not down.
    await till.reverse(`unseen-${i}`);
    await till.pay(`good-${i}`);
  }
  await app.dispatcher.dispatch();
  const page = await enter(scene, app.api.adminKey);
  await open(page, "Callbacks");
  await row(page, "Corner Shop").getByRole("button", { name: "Show" }).click();
  const dead = row(page, "dead-1");
  await dead.getByRole("button", { name: "Send again" }).click();
  await page.getByText("The callback of dead-1 is queued again.").waitFor();
  receiver.rule = () => answers(204);
  await app.dispatcher.dispatch();
  assert(receiver.requests.at(-1)!.body.includes("dead-1"));
  assertEquals(await dead.count(), 0);
  await page.context().close();
}

async function changesMerchants({ app, ...scene }: Scene): Promise<void> {
  const { api } = app;
  const page = await enter(scene, api.adminKey);
  await open(page, "Merchants");
  await page.getByLabel("Name of a new merchant").fill(EVIL);
  await page.getByRole("button", { name: "Add the merchant" }).click();
  const secret = page.locator(".secret");
  const key = await secret.innerText();
  const asks = () => api.call("GET", "/v1/payments?order_id=x", { key });
  assertEquals((await asks()).status, 404);
  await row(page, EVIL).getByRole("button", { name: "Open" }).click();
  const sheet = page.getByRole("article");
  await sheet.getByRole("button", { name: "Suspend" }).click();
  await sheet.getByRole("button", { name: "Yes: Suspend" }).click();
  await sheet.getByText("The merchant is suspended.").waitFor();
  const pay = await api.call("POST", "/v1/payments", {
    key,
    body: { order_id: "1", code: "1", amount_minor: 1, currency: "EUR" },
  });
  assertEquals(pay.body.code, "merchant-suspended");
  await sheet.getByRole("button", { name: "Reactivate" }).click();
  await sheet.getByRole("button", { name: "Yes: Reactivate" }).click();
  await sheet.getByText("The merchant takes payments again.").waitFor();
  // A second key, and the end of the first.
  const first = await sheet.getByRole("rowheader").innerText();
  await sheet.getByRole("button", { name: "Make a key" }).click();
  const second = await sheet.locator(".secret").innerText();
  await row(page, first).getByRole("button", { name: "End" }).click();
  await sheet.getByRole("button", { name: "Yes: End" }).click();
  await sheet.getByText(/^The key key_\w+ has ended\.$/).waitFor();
  app.clock.advance(6_000);
  assertEquals((await asks()).status, 401);
  const { status } = await api.call("GET", "/v1/payments?order_id=x", {
    key: second,
  });
  assertEquals(status, 404);
  // A key of a collector.
  await page.getByLabel("Name of a new key").fill("Prometheus");
  await page.getByLabel("For").selectOption("metrics");
  await page.getByRole("button", { name: "Make a key" }).last().click();
  await page.getByText("Prometheus: shown only this once").waitFor();
  const metricsKey = await page.locator(".secret").last().innerText();
  await api.must(200, "GET", "/metrics", { key: metricsKey });
  assertEquals(await page.locator("img").count(), 0);
  await assertAccessible(page);
  await page.context().close();
}

async function releasesCores({ app, ...scene }: Scene): Promise<void> {
  const desk = await ReleaseDesk.open(app.api);
  const id = await desk.push({ version: 7 });
  const page = await enter(scene, app.api.adminKey);
  await open(page, "Core");
  await page.getByText("The core that serves here has version 0.").waitFor();
  // The admin key is none of the scope release.
  const key = page.getByLabel("Release key");
  await key.fill(app.api.adminKey);
  await page.keyboard.press("Enter");
  await page.getByText("This key may not do that").waitFor();
  await page.getByRole("button", { name: "Forget the release key" }).click();
  await key.fill(desk.key);
  await page.keyboard.press("Enter");
  const release = row(page, "7");
  const left: unknown[] = [];
  page.on("request", (it) => {
    if (it.url().endsWith("/rollback")) left.push(it.postDataJSON());
  });
  for (
    const [step, said] of [
      ["Put into shadow", "Version 7 runs in shadow."],
      ["Activate", "Version 7 is active; every edge follows"],
      ["Roll back", "Version 7 was left; every edge follows"],
    ] as const
  ) {
    await release.getByRole("button", { name: step }).click();
    await release.getByRole("button", { name: `Yes: ${step}` }).click();
    await page.getByText(said).waitFor();
    await app.coreFollower.look();
  }
  // A lost answer that is asked for again leaves this release and no other.
  assertEquals(left, [{ release_id: id }]);
  const { body } = await desk.get(id);
  assertEquals([body.state, body.retired_because], ["retired", "rolled-back"]);
  await assertAccessible(page);
  await page.context().close();
}

async function keepsOut({ app, till, browser, server }: Scene): Promise<void> {
  const asked: string[] = [];
  const context = await browser.context();
  const page = await context.newPage();
  page.on("request", (it) => {
    if (new URL(it.url()).pathname.startsWith("/v1/")) asked.push(it.url());
  });
  await page.goto(`${server.origin}/console`);
  await page.locator("#admin-key").waitFor();
  assertEquals(await page.locator("nav").count(), 0);
  assertEquals(asked, []);
  for (
    const [key, said] of [
      [till.shop.merchant.key, "This key may not do that."],
      ["ock_test_nobody", "The edge does not know this key."],
      ["two words", "A key has no spaces"],
    ] as const
  ) {
    await page.locator("#admin-key").fill(key);
    await page.keyboard.press("Enter");
    await page.getByRole("alert").getByText(said).waitFor();
    assertEquals(await page.locator("nav, table, .tile").count(), 0);
  }
  assertEquals(asked.length, 2);
  // The key is in no address and in no storage, and is gone after a reload.
  await page.locator("#admin-key").fill(app.api.adminKey);
  await page.keyboard.press("Enter");
  await page.locator("nav").waitFor();
  const kept = await page.evaluate(async () =>
    JSON.stringify([
      { ...localStorage },
      { ...sessionStorage },
      document.cookie,
      await indexedDB.databases(),
      await caches.keys(),
    ])
  );
  for (const text of [kept, page.url(), ...asked]) {
    assert(!text.includes(app.api.adminKey), text);
  }
  await page.reload();
  await page.locator("#admin-key").waitFor();
  assertEquals(await page.locator("nav").count(), 0);
  const { headers } = await fetch(`${server.origin}/console`, {
    method: "HEAD",
  });
  assertEquals(headers.get("x-frame-options"), "DENY");
  assert(
    headers.get("content-security-policy")!.includes("frame-ancestors 'none'"),
  );
  await context.close();
}

/**
 * Each view from 320 px to 4k. Languages and themes take turns, as all views are made of
 * the same parts. Merchants and cores have been looked at with all that they can show.
 */
async function fitsEverybody({ app, ...scene }: Scene): Promise<void> {
  const page = await enter(scene, app.api.adminKey, { locale: "zh-CN" });
  await page.locator(".tile").first().waitFor();
  assertEquals(await page.locator("html").getAttribute("lang"), "zh-Hans");
  const seen = ["Merchants and keys", "Core"];
  for (const [turn, i] of [...VIEWS.keys(), 0].entries()) {
    const view = VIEWS[i]!;
    await page.emulateMedia({ colorScheme: turn % 2 === 0 ? "light" : "dark" });
    await page.getByRole("button", { name: turn % 3 < 2 ? "中文" : "English" })
      .click();
    await page.locator("nav button").nth(i).click();
    if (!seen.includes(view)) await assertAccessible(page);
    for (const width of [320, 1_280, 3_840]) {
      await page.setViewportSize({ width, height: 720 });
      await assertFits(page);
    }
  }
  await page.context().close();
}

async function goesByKeyboard({ app, browser, server }: Scene): Promise<void> {
  const page = await (await browser.context()).newPage();
  await page.goto(`${server.origin}/console`);
  const press = async (key: string, times = 1) => {
    for (let i = 0; i < times; i++) await page.keyboard.press(key);
  };
  const focused = () =>
    page.evaluate(() => document.activeElement!.textContent!.trim());
  // Over both languages to the field.
  await press("Tab", 3);
  await page.keyboard.type(app.api.adminKey);
  await press("Enter");
  await page.locator(".tile").first().waitFor();
  const names: string[] = [];
  for (let i = 0; i < 20 && names.at(-1) !== "Merchants and keys"; i++) {
    await press("Tab");
    names.push((await focused()).replace(/\d+$/, ""));
  }
  assertEquals(names.slice(-VIEWS.length + 2), VIEWS.slice(0, -2));
  await press("Enter");
  const button = page.getByRole("button", { name: "Suspend" });
  await page.getByRole("button", { name: "Open Corner Shop" }).focus();
  await press("Space");
  await button.focus();
  await press("Enter");
  // The way back is what a second press takes.
  await page.locator("button:focus").getByText("No", { exact: true }).waitFor();
  await press("Enter");
  await button.waitFor();
  await page.context().close();
}

const STEPS: readonly [string, (scene: Scene) => Promise<void>][] = [
  ["shows nothing without an admin key, and keeps none", keepsOut],
  ["shows the numbers of /metrics", showsNumbers],
  ["finds a payment and shows its life, whatever its texts are", showsLife],
  [
    "adds, suspends and reactivates a merchant, makes and ends keys",
    changesMerchants,
  ],
  ["has a release compared, activated and left", releasesCores],
  ["goes by keyboard alone", goesByKeyboard],
  ["sends a dead letter again", replaysDead],
  ["fits every screen, in each language, and axe finds nothing", fitsEverybody],
  ["shows an alarm under its fault", showsAlarm],
];

Deno.test("the console", async (t) => {
  await using stack = new AsyncDisposableStack();
  const scene = await openScene(stack);
  for (const [name, step] of STEPS) await t.step(name, () => step(scene));
  assertEquals(scene.browser.faults, []);
});
