/// <reference lib="dom" />
/**
 * A customer with the wallet page in a browser: its clock is the one of the edge until
 * a test sets another one.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import type {
  BrowserContext,
  BrowserContextOptions,
  Page,
} from "playwright-core";
import {
  timeStepAt,
  timeStepEndSeconds,
} from "../../../edge/code/time_step.ts";
import { PROFILE_1 } from "../../../edge/code/profile.ts";
import type { HttpServer } from "../http/server.ts";
import type { TestApp } from "../world/app.ts";
import type { TestBrowser } from "./browser.ts";
import { scanPicture } from "./scan.ts";

/** The page of one phone. */
export class WalletPage implements AsyncDisposable {
  private constructor(
    readonly context: BrowserContext,
    readonly page: Page,
    readonly app: TestApp,
    readonly origin: string,
  ) {}

  /** Opens the page on a phone that is new. */
  static async open(
    browser: TestBrowser,
    { app, server }: { app: TestApp; server: HttpServer },
    options: BrowserContextOptions = {},
  ): Promise<WalletPage> {
    const context = await browser.context({
      viewport: { width: 390, height: 844 },
      deviceScaleFactor: 2,
      ...options,
    });
    const page = await context.newPage();
    const phone = new WalletPage(context, page, app, server.origin);
    await phone.setClock(app.clock.ms);
    await page.goto(`${server.origin}/wallet`);
    return phone;
  }

  /** Enrols a ready customer, and waits until the page would open offline. */
  async enrol(name = "Anna Berg"): Promise<this> {
    await this.page.getByRole("button", { name }).click();
    await this.page.locator(".balance").waitFor();
    await this.page.evaluate(async () => {
      await navigator.serviceWorker.ready;
    });
    return this;
  }

  /** Sets the phone's clock, unix ms. */
  setClock(unixMs: number): Promise<void> {
    return this.context.clock.setFixedTime(unixMs);
  }

  /** Lets time pass for the edge and for this phone. */
  async pass(ms: number): Promise<void> {
    this.app.clock.advance(ms);
    await this.setClock(this.app.clock.ms);
  }

  /** The digits that the pictures show at a time of the phone's clock. */
  async scan(unixMs = this.app.clock.ms): Promise<string> {
    const step = timeStepAt(unixMs, PROFILE_1.timeStepSeconds);
    const endsMs = timeStepEndSeconds(step, PROFILE_1) * 1000;
    const pictures = this.page.locator(`.pictures[data-ends-ms="${endsMs}"]`);
    const read = await scanPicture(await pictures.screenshot());
    const digits = read[0]!.replace("CODE-128:", "");
    assertEquals(read, [`CODE-128:${digits}`, `QR-Code:${digits}`]);
    return digits;
  }

  /** The part of each picture's width that is light at its left and right edge. */
  margins(): Promise<number[][]> {
    return this.page.locator(".pictures canvas").evaluateAll((all) =>
      (all as HTMLCanvasElement[]).map((canvas) => {
        const { width, height } = canvas;
        const { data } = canvas.getContext("2d")!
          .getImageData(0, 0, width, height);
        const dark = Array.from({ length: width * height }, (_, i) => i)
          .filter((i) => data[4 * i]! < 128).map((i) => i % width);
        const [first, last] = dark.reduce(
          ([least, most], x) => [Math.min(least!, x), Math.max(most!, x)],
          [width, 0],
        );
        return [first! / width, (width - 1 - last!) / width];
      })
    );
  }

  /** The notes that the page shows. */
  notes(): Promise<string[]> {
    return this.page.locator("[role=status] .note").allTextContents();
  }

  /** Waits for a text on the page. */
  waitFor(text: string | RegExp): Promise<void> {
    return this.page.getByText(text).first().waitFor();
  }

  /** Makes the page ask the edge now; it would do so within five seconds. */
  async sync(): Promise<void> {
    await this.page.evaluate(() => dispatchEvent(new Event("online")));
  }

  /** Opens the part of the page below a heading. */
  async unfold(summary: string): Promise<void> {
    await this.page.locator("summary", { hasText: summary }).click();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.context.close();
  }
}
