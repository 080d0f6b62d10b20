/**
 * The Chromium of this machine, for the tasks that show pages.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { type Browser, chromium, type LaunchOptions } from "playwright-core";
import { InputError } from "./command.ts";

/** Where distributions and makers install the browser. */
const PATHS = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/**
 * Starts the browser.
 *
 * @throws {InputError} If none is installed.
 */
export async function launchChromium(
  { args = [], ...options }: LaunchOptions = {},
): Promise<Browser> {
  const path = PATHS.find((it) => existsSync(it));
  if (path === undefined) {
    throw new InputError(`No Chromium is installed (${PATHS.join(", ")})`);
  }
  return await chromium.launch({
    executablePath: path,
    // As root there is no sandbox, and the browser refuses to start with one.
    args: [...Deno.uid() === 0 ? ["--no-sandbox"] : [], ...args],
    ...options,
  });
}
