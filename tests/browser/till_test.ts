/**
 * The till page in a real Chromium, with real HTTP to an edge with the sandbox
 * ledger: what a cashier scans and presses, and what is shown for it.
 */
import { BURST_GAP_MS } from "../../edge/pages/till/wedge.ts";
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { BrowserContextOptions } from "playwright-core";
import {
  assertAccessible,
  assertFits,
  openBrowser,
  type TestBrowser,
} from "../support/browser/browser.ts";
import { writeCamera } from "../support/browser/camera.ts";
import { codePicture } from "../support/browser/code_picture.ts";
import { Cashier, type TillSettings } from "../support/browser/till.ts";
import { serveHttp } from "../support/http/server.ts";
import { startApp, type TestApp } from "../support/world/app.ts";

const SECOND = 1_000;

/** An edge with a merchant, and cashiers at it. */
interface Shop {
  readonly app: TestApp;
  readonly origin: string;
  readonly key: string;
  readonly browser: TestBrowser;
  /** A code of a case of the test answers. */
  code(name: string): Promise<string>;
  /** A till that is open. */
  till(
    settings?: TillSettings,
    options?: BrowserContextOptions,
  ): Promise<Cashier & AsyncDisposable>;
}

async function openShop(
  app: TestApp,
  origin: string,
  browser: TestBrowser,
): Promise<Shop> {
  const { key } = await app.api.merchant("<img src=x onerror=alert(1)>");
  return {
    ...{ app, origin, key, browser },
    async code(name) {
      const { body } = await app.api.call("POST", "/v1/sandbox/codes", {
        key,
        body: { case: name },
      });
      return body.code;
    },
    async till(settings, options) {
      const context = await browser.context(options);
      const cashier = new Cashier(await context.newPage());
      await cashier.open(origin, key, settings);
      return Object.assign(cashier, {
        [Symbol.asyncDispose]: () => context.close(),
      });
    },
  };
}

/** What is tried at a till, and a sentence about it. */
type Steps = readonly (readonly [string, (shop: Shop) => Promise<void>])[];

/** Takes steps with one browser and one edge for all of them. */
async function inShop(
  t: Deno.TestContext,
  steps: Steps,
  camera?: string,
): Promise<void> {
  await using app = await startApp({
    hasPages: true,
    nowMs: Date.now(),
    settings: { hasTestCodes: true, doubleScanMs: 60 * SECOND },
  });
  await using server = serveHttp(app.fetch);
  await using browser = await openBrowser(camera ? { camera } : {});
  const shop = await openShop(app, server.origin, browser);
  for (const [name, step] of steps) await t.step(name, () => step(shop));
  assertEquals(browser.faults, []);
}

const SCANS: Steps = [
  ["a scanner's, and hands over for 201 alone", async (shop) => {
    await using till = await shop.till({ terminal: "till-3" });
    await till.charge();
    await till.wedge(await shop.code("approved"));
    const { look, says, presses } = await till.result("TEST: PAID");
    assertEquals(look, "result paid of-test");
    assertMatch(says[0]!, /Hand over nothing/);
    assertEquals(presses, ["Next sale", "Reverse"]);
  }],

  [
    "an earlier amount never stays, nor does a code become one",
    async (shop) => {
      await using till = await shop.till();
      await till.page.locator(".keypad").waitFor();
      await till.wedge(await shop.code("approved"));
      await till.page.getByText("Press Charge first").waitFor();
      assertEquals(
        await till.page.locator(".display output").innerText(),
        "0.00",
      );
      await till.charge("700");
      await till.page.getByText("7.00 EUR").first().waitFor();
    },
  ],

  ["additions of a scanner are left out and explained", async (shop) => {
    await using till = await shop.till();
    await till.charge();
    await till.wedge(`]C1${await shop.code("approved")}`, "\t");
    await till.result("TEST: PAID");
    await till.page.getByText("an AIM symbology identifier such as ]C1")
      .waitFor();
  }],

  ["a scanner with another keyboard, and a code that is none", async (shop) => {
    await using till = await shop.till();
    await till.charge();
    await till.wedge("(à&àà'éà&é\"'(-è_ç");
    await till.page.getByText("Set its keyboard language").waitFor();
    await till.wedge("4006381333931");
    await till.page.getByText("This is no payment code").waitFor();
  }],

  ["by keys alone, from the amount to the reversal", async (shop) => {
    await using till = await shop.till();
    const { keyboard } = till.page;
    await till.charge();
    await till.wedge(await shop.code("approved"));
    await till.armed();
    // A scan at the result presses nothing by its Enter.
    await till.wedge(await shop.code("approved"));
    await till.page.getByText("nothing was done with it").waitFor();
    await keyboard.press("Tab");
    await keyboard.press("Enter");
    await till.page.getByText("Reverse 12.50 EUR?").waitFor();
    await keyboard.press("Tab");
    await keyboard.press("Enter");
    await till.result("REVERSED");
    await till.armed();
    await keyboard.press("Enter");
    await till.page.locator(".keypad").waitFor();
  }],

  ["a slow scanner's and a hand's digits", async (shop) => {
    await using till = await shop.till();
    await till.charge();
    const code = await shop.code("approved");
    await till.page.keyboard.type(code, { delay: 2 * BURST_GAP_MS });
    await till.page.waitForFunction(
      (it) => document.querySelector<HTMLInputElement>("#digits")?.value === it,
      code,
    );
    await till.page.keyboard.press("Enter");
    await till.result("TEST: PAID");
  }],

  ["the clipboard's", async (shop) => {
    await using till = await shop.till({}, {
      permissions: ["clipboard-read", "clipboard-write"],
    });
    await till.charge();
    const code = await shop.code("approved");
    await till.page.evaluate(
      (it) => navigator.clipboard.writeText(` ${it}\n`),
      code,
    );
    await till.page.keyboard.press("Control+V");
    await till.result("TEST: PAID");
  }],
];

Deno.test("the till takes a code of a scanner, of a hand and of the clipboard", (t) =>
  inShop(t, SCANS));

/** Steps at a till whose camera sees what the file shows. */
function cameraSteps(camera: string): Steps {
  const useCamera = async (till: Cashier) => {
    await till.charge();
    await till.page.getByRole("button", { name: "camera" }).click();
  };
  const permissions = ["camera"];
  const sights = [
    ["qrcode", { pixels: 5, degrees: 17, blur: 1.5 }],
    ["code128", { pixels: 3, degrees: 8, blur: 1.2 }],
  ] as const;
  return [
    ...sights.map(([symbology, sight]): Steps[number] => [
      `a blurred ${symbology} at an angle`,
      async (shop) => {
        const code = await shop.code("approved");
        await writeCamera(camera, codePicture(symbology, code, sight));
        await using till = await shop.till({}, { permissions });
        await useCamera(till);
        await till.result("TEST: PAID");
      },
    ]),
    ["the same code again is the refused one", async (shop) => {
      const code = await shop.code("insufficient_funds");
      await writeCamera(camera, codePicture("qrcode", code, { pixels: 6 }));
      await using till = await shop.till({}, { permissions });
      await useCamera(till);
      await till.result("NOT PAID");
      await till.press("Scan the next code");
      await till.page.getByText("This is the code that was refused").waitFor();
      await assertAccessible(till.page);
    }],
    ["a browser's own decoder is used where there is one", async (shop) => {
      const code = await shop.code("approved");
      await using till = await shop.till({}, { permissions });
      const loaded: string[] = [];
      till.page.on("request", (it) => void loaded.push(it.url()));
      await till.page.addInitScript((code) => {
        Object.assign(globalThis, {
          BarcodeDetector: class {
            static getSupportedFormats(): Promise<string[]> {
              return Promise.resolve(["code_128", "qr_code"]);
            }
            detect(): Promise<{ rawValue: string }[]> {
              return Promise.resolve([{ rawValue: code }]);
            }
          },
        });
      }, code);
      await till.page.reload();
      await useCamera(till);
      await till.result("TEST: PAID");
      assertEquals(loaded.filter((it) => it.includes("zxing")), []);
    }],
    ["without a camera it says so", async (shop) => {
      await Deno.remove(camera);
      await using till = await shop.till({}, { permissions });
      await useCamera(till);
      await till.page.getByText(/camera (was found|does not work)/).waitFor();
    }],
  ];
}

Deno.test("the till reads codes with the camera", async (t) => {
  const folder = await Deno.makeTempDir({ prefix: "offcode-camera-" });
  const camera = `${folder}/camera.y4m`;
  try {
    await inShop(t, cameraSteps(camera), camera);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** Notes the tones that a page plays, Hz. */
async function listen(till: Cashier): Promise<() => Promise<number[]>> {
  await till.page.addInitScript(() => {
    const heard: number[] = [];
    const Tone = OscillatorNode;
    Object.assign(globalThis, {
      heard,
      OscillatorNode: class extends Tone {
        constructor(context: AudioContext, options: OscillatorOptions) {
          super(context, options);
          heard.push(options.frequency!);
        }
      },
    });
  });
  await till.page.reload();
  return () =>
    till.page.evaluate(() =>
      (globalThis as unknown as { heard: number[] }).heard.splice(0)
    );
}

const ANSWERS: Steps = [
  [
    "a sound for paid, another for not paid, none when it is off",
    async (shop) => {
      await using till = await shop.till();
      const heard = await listen(till);
      await till.charge();
      await till.wedge(await shop.code("insufficient_funds"));
      await till.result("NOT PAID");
      assertEquals(await heard(), [220, 165]);
      await till.wedge(await shop.code("approved"));
      await till.result("TEST: PAID");
      assertEquals(await heard(), [880, 1_320]);
      await till.page.getByRole("button", { name: "Sound" }).click();
      await till.press("Next sale");
      await till.charge();
      await till.wedge(await shop.code("refused"));
      await till.result("NOT PAID");
      assertEquals(await heard(), []);
    },
  ],

  [
    "a replay is refused with the right words, in both languages",
    async (shop) => {
      const code = await shop.code("approved");
      for (
        const [language, headline, words] of [
          ["en", "NOT PAID", /used before and cannot be used again/],
          ["zh", "未付款", /该付款码已被使用过/],
        ] as const
      ) {
        await using till = await shop.till({ language });
        if (language === "en") {
          await till.charge();
          await till.wedge(code);
          await till.result("TEST: PAID");
          await till.press("Next sale");
        }
        await till.charge("900");
        await till.wedge(code);
        const { look, says } = await till.result(headline);
        assertEquals(look, "result notPaid");
        assertMatch(says[0]!, words);
        await till.armed();
        await till.page.keyboard.press("Enter");
        await till.page.locator("section.scan").waitFor();
      }
    },
  ],

  ["a payment under way is asked for until its end", async (shop) => {
    await using till = await shop.till();
    await till.charge();
    await till.wedge(await shop.code("pending_then_approved"));
    const { look, says, presses } = await till.result("WAIT");
    assertEquals(look, "result waiting");
    assertMatch(says[0]!, /Do not hand over the goods/);
    assertEquals(presses, ["Ask again", "Reverse"]);
    await till.page.getByText("asks again in").waitFor();
    shop.app.clock.advance(20 * SECOND);
    await till.result("TEST: PAID");
  }],

  ["a customer who has to confirm is waited for", async (shop) => {
    await using till = await shop.till();
    await till.charge();
    await till.wedge(await shop.code("customer_does_not_answer"));
    const { says } = await till.result("WAIT");
    assertMatch(says[0]!, /confirm in the wallet app/);
    await till.press("Reverse");
    await till.result("REVERSED");
  }],

  ["a second purchase is meant, or it is not", async (shop) => {
    await using till = await shop.till();
    for (
      const [press, headline] of [
        ["Same purchase: take nothing", null],
        ["A second purchase: charge again", "TEST: PAID"],
      ] as const
    ) {
      await till.charge();
      await till.wedge(await shop.code("double_scan"));
      const { presses, says } = await till.result("ASK THE CUSTOMER");
      assertEquals(presses[0], "Same purchase: take nothing");
      assertMatch(says[0]!, /only if a second purchase is meant/);
      await till.press(press);
      if (headline === null) await till.page.locator(".keypad").waitFor();
      else await till.result(headline);
    }
  }],

  ["a paid order is reversed when the cashier is sure", async (shop) => {
    await using till = await shop.till({ terminal: "till-9" });
    await till.charge();
    await till.wedge(await shop.code("approved"));
    await till.result("TEST: PAID");
    await till.press("Reverse");
    await till.press("No, leave it");
    await till.result("TEST: PAID");
    await till.press("Reverse");
    await till.press("Yes, reverse it");
    const { look } = await till.result("REVERSED");
    assertEquals(look, "result reversed");
    await till.press("Next sale");
    await till.page.getByRole("button", { name: "Today" }).click();
    await till.page.locator("ul.orders li.reversed").waitFor();
  }],

  ["too many wrong codes: a countdown, then the next code", async (shop) => {
    await using till = await shop.till();
    // The test answer lasts for a second, and a busy machine needs more for the rest.
    await till.page.route("**/v1/payments", async (route) => {
      const response = await route.fetch();
      const headers = { ...response.headers(), "retry-after": "600" };
      await route.fulfill({ response, headers });
    });
    await till.charge();
    await till.wedge(await shop.code("too_many_attempts"));
    const { says, presses } = await till.result("NOT PAID");
    assertMatch(says[0]!, /Wait a minute/);
    assertMatch(presses[0]!, /Scan the next code \(in \d+ s\)/);
    // Before that, neither Enter nor a scan does anything.
    await till.page.keyboard.press("Enter");
    await till.wedge(await shop.code("approved"));
    await till.page.getByText("nothing was done with it").waitFor();
  }],

  [
    "a result takes presses, however late the page looks at the time",
    async (shop) => {
      await using till = await shop.till();
      const { page } = till;
      await page.addInitScript(() => {
        const real = setInterval;
        const repeat = (run: () => void, ms: number) =>
          real(() => "isStill" in globalThis || run(), ms);
        Object.assign(globalThis, { setInterval: repeat });
      });
      await page.reload();
      await till.charge();
      await till.wedge(await shop.code("insufficient_funds"));
      await till.result("NOT PAID");
      await till.armed();
      await page.evaluate(() => Object.assign(globalThis, { isStill: true }));
      await till.wedge(await shop.code("approved"));
      await till.result("TEST: PAID");
      await page.waitForTimeout(500);
      await page.evaluate(() => Reflect.deleteProperty(globalThis, "isStill"));
      await till.armed();
    },
  ],

  ["a store that is away: the same order again", async (shop) => {
    await using till = await shop.till();
    await till.charge();
    await till.wedge(await shop.code("store_away"));
    const { look, presses } = await till.result("NOT KNOWN");
    assertEquals(look, "result notKnown");
    assertMatch(presses[0]!, /^Send again/);
    shop.app.clock.advance(2 * SECOND);
    await till.press("Send again");
    await till.result("TEST: PAID");
  }],
];

Deno.test("the till says what an answer means and what to press", (t) =>
  inShop(t, ANSWERS));

/** Looks at every view: axe finds nothing, and nothing is wider than the window. */
function viewsStep(
  language: "en" | "zh",
  colorScheme: "light" | "dark",
): Steps[number] {
  const name = `every view, ${language}, ${colorScheme}, 320 px`;
  return [name, async (shop) => {
    await using till = await shop.till({ language, terminal: "till-7" }, {
      colorScheme,
      viewport: { width: 320, height: 640 },
    });
    const { page } = till;
    const look = async () => {
      await assertAccessible(page);
      await assertFits(page);
    };
    await look();
    await till.charge();
    await look();
    await till.wedge(await shop.code("insufficient_funds"));
    await page.locator(".result.notPaid").waitFor();
    await look();
    await till.wedge(await shop.code("approved"));
    await page.locator(".result.paid").waitFor();
    await look();
    await page.locator("header button").first().click();
    await page.locator("ul.orders li.paid").first().waitFor();
    await look();
  }];
}

const EVERYBODY: Steps = [
  ["a key that is none, unknown, or of another scope", async (shop) => {
    const context = await shop.browser.context();
    const till = new Cashier(await context.newPage());
    await till.page.goto(`${shop.origin}/till`);
    const walletKey = await shop.app.api.walletKey();
    for (
      const [key, words] of [
        ["secret", "This is no merchant key"],
        [`ock_test_${"A".repeat(43)}`, "does not know this key"],
        [walletKey, "not a merchant's"],
      ]
    ) {
      await till.page.locator("#key").fill(key!);
      await till.page.locator("#key").press("Enter");
      await till.page.getByText(words!).waitFor();
    }
    await assertAccessible(till.page);
    await till.enter(shop.key);
    // The key survives a reload, and ends with the tab.
    await till.page.reload();
    await till.page.locator(".keypad").waitFor();
    assertEquals(new URL(till.page.url()).href, `${shop.origin}/till`);
    const other = await context.newPage();
    await other.goto(`${shop.origin}/till`);
    await other.getByText("open in another tab").waitFor();
    await till.page.close();
    await other.locator("#key").waitFor();
    assertEquals(await other.locator("#key").inputValue(), "");
    await context.close();
  }],

  ["a key that ends in the middle leaves the order", async (shop) => {
    await using till = await shop.till();
    const { body } = await shop.app.api.call("POST", "/v1/keys", {
      key: shop.key,
    });
    const code = await shop.code("approved");
    await till.charge("4321");
    await till.page.evaluate(() =>
      sessionStorage.setItem(
        "offcode.till.key",
        `ock_test_${"A".repeat(43)}`,
      )
    );
    await till.page.reload();
    await till.page.getByText("43.21 EUR").waitFor();
    await till.wedge(code);
    const { presses } = await till.result("NOT POSSIBLE");
    assertEquals(presses, ["Enter another key"]);
    await till.press("Enter another key");
    await till.enter(body.api_key);
    await till.page.getByText("43.21 EUR").waitFor();
    await till.wedge(await shop.code("approved"));
    await till.result("TEST: PAID");
  }],

  ["where no order can be kept, none is sent", async (shop) => {
    await using till = await shop.till();
    await till.page.addInitScript(() => {
      IDBObjectStore.prototype.put = () => {
        throw new DOMException("Full", "QuotaExceededError");
      };
    });
    await till.page.reload();
    const code = await shop.code("approved");
    await till.charge();
    await till.wedge(code);
    await till.page.getByText("nothing was sent").waitFor();
    const paid = await shop.app.api.call("POST", "/v1/payments", {
      key: shop.key,
      body: {
        ...{ code, order_id: "order-1", amount_minor: 1_250, currency: "EUR" },
      },
    });
    assertEquals(paid.status, 201);
  }],

  viewsStep("en", "light"),
  viewsStep("zh", "dark"),
];

Deno.test("the till is for one merchant's key, and can be used by everybody", (t) =>
  inShop(t, EVERYBODY));

const EVIL = `<img src=x onerror="document.title='owned'">`;
const EVIL_ORDER = "<svg/onload=document.title='owned'>";

const STRANGERS: Steps = [
  ["in the list of today", async (shop) => {
    const answer = await shop.app.api.call("POST", "/v1/payments", {
      key: shop.key,
      body: {
        code: await shop.code("approved"),
        order_id: EVIL_ORDER,
        amount_minor: 1_250,
        currency: "EUR",
        description: EVIL,
        terminal_id: EVIL_ORDER,
      },
    });
    assertEquals(answer.status, 201);
    await using till = await shop.till({ terminal: EVIL_ORDER });
    await till.page.getByRole("button", { name: "Today" }).click();
    const row = till.page.locator("ul.orders li");
    assertMatch(await row.innerText(), /onerror[\s\S]*svg\/onload/);
    assertEquals(await row.locator("img").count(), 0);
    assert(!/owned/.test(await till.page.title()));
  }],

  ["in a problem", async (shop) => {
    await using till = await shop.till();
    await till.page.route("**/v1/payments", (route) =>
      route.fulfill({
        status: 422,
        contentType: "application/problem+json",
        json: {
          ...{ code: EVIL, retry: "new-code", detail: EVIL, instance: EVIL },
          cashier: { en: EVIL, zh: EVIL },
        },
      }));
    await till.charge();
    await till.wedge(await shop.code("approved"));
    const { says } = await till.result("NOT PAID");
    assertEquals(says, [EVIL]);
    await till.page.locator("summary").click();
    assertEquals(await till.page.locator("main img").count(), 0);
    assert(!/owned/.test(await till.page.title()));
  }],

  ["and no frame may hold it", async (shop) => {
    const context = await shop.browser.context();
    const page = await context.newPage();
    await page.route("https://evil.example/", (route) =>
      route.fulfill({
        contentType: "text/html",
        body: `<iframe src="${shop.origin}/till"></iframe>`,
      }));
    await page.goto("https://evil.example/");
    const frame = page.frames()[1]!;
    await frame.waitForLoadState();
    assertEquals(await frame.locator("#key").count(), 0);
    assertMatch(frame.url(), /^chrome-error:/);
    await context.close();
  }],
];

Deno.test("nothing that a stranger wrote is markup at the till", (t) =>
  inShop(t, STRANGERS));
