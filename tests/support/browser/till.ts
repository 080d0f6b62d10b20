/**
 * A cashier at the till page: what a person types, scans, presses and reads.
 *
 * @module
 */

import type { CDPSession, Page } from "playwright-core";
import { BURST_GAP_MS } from "../../../edge/pages/till/wedge.ts";

/** Reads words that only a result has. */
export interface Shown {
  readonly headline: string;
  /** The class of the result, which has its colour. */
  readonly look: string;
  readonly says: readonly string[];
  /** Of the buttons, the first of which Enter presses. */
  readonly presses: readonly string[];
}

/** How the till is opened. */
export interface TillSettings {
  readonly terminal?: string;
  readonly language?: "en" | "zh";
}

/** Between two keys of a scanner, ms. */
const SCANNER_GAP_MS = 5;

/** The cashier. */
export class Cashier {
  readonly page: Page;
  #keyboard: CDPSession | undefined;

  constructor(page: Page) {
    this.page = page;
  }

  /** Opens the page and enters the key. */
  async open(origin: string, key: string, settings: TillSettings = {}) {
    await this.page.goto(`${origin}/till`);
    await this.enter(key, settings);
  }

  /** Enters the key. */
  async enter(key: string, { terminal = "", language }: TillSettings = {}) {
    if (language !== undefined) {
      await this.page.locator("header select").selectOption(language);
    }
    await this.page.locator("#key").fill(key);
    await this.page.locator("#terminal").fill(terminal);
    await this.page.locator("#terminal").press("Enter");
    await this.page.locator("header button").first().waitFor();
  }

  /** Types an amount, presses Enter, and waits until the till wants a scan. */
  async charge(digits?: string) {
    await this.amount(digits);
    await this.page.locator("section.scan").waitFor();
  }

  /** Types an amount and presses Enter; a camera may have scanned at once. */
  async amount(digits = "1250") {
    await this.page.locator(".keypad").waitFor();
    await this.page.keyboard.type(digits, { delay: 1 });
    await this.page.locator("section.amount button.main:enabled").waitFor();
    await this.page.locator("#focus").focus();
    await this.page.keyboard.press("Enter");
  }

  /**
   * Scans with a scanner that acts as a keyboard. The events have the times of a
   * scanner, however slow this machine is, and the page waits longer for the next one.
   */
  async wedge(text: string, end = "\r") {
    this.#keyboard ??= await this.page.context().newCDPSession(this.page);
    await this.page.evaluate((gapMs) => {
      const real = setTimeout;
      const longer = (run: () => void, ms?: number) =>
        real(run, ms === gapMs ? 10 * gapMs : ms);
      Object.assign(globalThis, { setTimeout: longer });
      Object.assign(globalThis, {
        endScan: () => globalThis.setTimeout = real,
      });
    }, BURST_GAP_MS);
    let seconds = Date.now() / 1_000;
    const sent: Promise<unknown>[] = [];
    for (const character of text + end) {
      const key = KEYS[character] ?? { key: character, text: character };
      const timestamp = seconds += SCANNER_GAP_MS / 1_000;
      for (const type of ["keyDown", "keyUp"] as const) {
        sent.push(
          this.#keyboard.send("Input.dispatchKeyEvent", {
            type,
            timestamp,
            ...key,
            ...(type === "keyUp" && { text: "" }),
          }),
        );
      }
    }
    await Promise.all(sent);
    await this.page.evaluate("endScan()");
  }

  /** Presses a button of the result by its words. */
  async press(name: string | RegExp) {
    await this.page.getByRole("button", { name }).and(
      this.page.locator('[aria-disabled="false"], :not([aria-disabled])'),
    ).click();
  }

  /** Waits until the result takes presses: one that has just appeared does not. */
  async armed() {
    await this.page.locator('.presses .first[aria-disabled="false"]').waitFor();
  }

  /** Waits for a result with this headline, and reads all of it. */
  async result(headline: string): Promise<Shown> {
    const { page } = this;
    const section = page.locator("section.result", {
      has: page.locator("h1", { hasText: new RegExp(`^\\s*${headline}\\s*$`) }),
    });
    await section.waitFor();
    const texts = async (selector: string) =>
      (await page.locator(selector).allTextContents())
        .map((it) => it.replace(/\s+/g, " ").trim());
    return {
      headline,
      look: (await section.getAttribute("class"))!.trim(),
      says: await texts("section.result .says"),
      presses: await texts(".presses button"),
    };
  }
}

const KEYS: Readonly<Record<string, object>> = {
  "\r": { key: "Enter", code: "Enter", text: "\r", windowsVirtualKeyCode: 13 },
  "\t": { key: "Tab", code: "Tab", windowsVirtualKeyCode: 9 },
};
