/**
 * The window of `deno task demo --pages`: a page that shows what the screens of two
 * phones and a till show, as it happens, and a line of text below. The phones and the
 * till are pages of a browser that nobody sees, each a visitor of its own.
 *
 * @module
 */

import { setTimeout as sleep } from "node:timers/promises";
import type { Page } from "playwright-core";

/** The screens in the window, from left to right, with their titles. */
const SCREENS = {
  anna: "Anna’s phone",
  till: "The till",
  ming: "Li Ming’s phone",
} as const;

/** One of them. */
export type ScreenName = keyof typeof SCREENS;

/** The page looks so often, ms: enough to see everything move. */
const LOOK_MS = 80;
/** The longest wait for its last look, ms. */
const LAST_LOOK_MS = 1_000;

const PAGE = `<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>Offcode: two phones and a till</title>
<style>
body { margin: 0; height: 100vh; display: flex; flex-direction: column;
  font: 1.1rem/1.4 system-ui, sans-serif; background: #20262c; color: #f2f4f6; }
main { flex: 1; min-height: 0; display: flex; gap: 1.5rem; padding: 1rem;
  justify-content: center; }
figure { margin: 0; display: flex; flex-direction: column; min-width: 0; }
figcaption { text-align: center; padding-bottom: 0.25rem; }
img { flex: 1; min-height: 0; object-fit: contain; object-position: top;
  max-width: 100%; border-radius: 1rem; }
img:not([src]) { visibility: hidden; }
#says { margin: 0; padding: 1rem; min-height: 3.5rem; font-size: 1.4rem;
  text-align: center; background: #14171a; }
</style>
<main>
${
  Object.entries(SCREENS).map(([id, title]) =>
    `<figure><figcaption>${title}</figcaption><img id="${id}" alt="${title}"></figure>`
  ).join("\n")
}
</main>
<p id="says" role="status"></p>
<script>
async function look() {
  const response = await fetch("/seen");
  for (const [id, members] of Object.entries(await response.json())) {
    Object.assign(document.getElementById(id), members);
  }
  setTimeout(begin, ${LOOK_MS});
}
// Without an answer the demo is over, and what is shown stays.
const begin = () => look().catch(() => {});
begin();
</script>
</html>`;

/** The window, served on a free port of this machine. */
export class DemoWindow implements AsyncDisposable {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  /** What the elements of the page are to have, by their ids. */
  readonly #seen: Record<string, Record<string, string>> = {};
  #look = Promise.withResolvers<void>();

  constructor() {
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      (request) => this.#answer(new URL(request.url).pathname),
    );
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}/`;
  }

  get opened(): Promise<void> {
    return this.#look.promise;
  }

  says(text: string): void {
    this.#seen.says = { textContent: text };
  }

  /** Shows a page in one of the screens from now on. */
  async film(name: ScreenName, page: Page): Promise<void> {
    const session = await page.context().newCDPSession(page);
    session.on("Page.screencastFrame", ({ data, sessionId }) => {
      this.#seen[name] = { src: `data:image/jpeg;base64,${data}` };
      // The page may have been closed meanwhile.
      session.send("Page.screencastFrameAck", { sessionId }).catch(() => {});
    });
    await session.send("Page.startScreencast", {
      ...{ format: "jpeg", quality: 75, everyNthFrame: 5 },
    });
  }

  #answer(path: string): Response {
    if (path === "/seen") {
      this.#look.resolve();
      return Response.json(this.#seen);
    }
    if (path !== "/") return new Response(null, { status: 404 });
    return new Response(PAGE, {
      headers: { "content-type": "text/html; charset=utf-8" },
    });
  }

  /** Lets the page see the end, and stops. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#look = Promise.withResolvers();
    const stop = new AbortController();
    const late = sleep(LAST_LOOK_MS, undefined, { signal: stop.signal }).catch(
      () => {},
    );
    await Promise.race([this.opened, late]);
    stop.abort();
    await this.#server.shutdown();
  }
}
