/**
 * The window of `deno task demo --pages`: a page that shows what the screens of two
 * phones and a till show, as it happens, and a line of text below. The phones and the
 * till are pages of a browser that nobody sees, each a visitor of its own; their
 * pictures come as a stream of events (Server-Sent Events).
 *
 * @module
 */

import type { Page } from "playwright-core";

/** The screens in the window, from left to right. */
export const SCREENS = ["anna", "till", "ming"] as const;

/** One of them. */
export type ScreenName = typeof SCREENS[number];

const TITLES: Readonly<Record<ScreenName, string>> = {
  anna: "Anna’s phone",
  till: "The till",
  ming: "Li Ming’s phone",
};

/** The quality of the pictures, in per cent (JPEG). */
const QUALITY = 75;

/** Between two pictures, ms: enough to see everything move. */
const FRAME_MS = 80;

const STYLE = `
body { margin: 0; height: 100vh; display: flex; flex-direction: column;
  font: 1.1rem/1.4 system-ui, sans-serif; background: #20262c; color: #f2f4f6; }
main { flex: 1; min-height: 0; display: flex; gap: 1.5rem; padding: 1rem;
  justify-content: center; }
figure { margin: 0; display: flex; flex-direction: column; min-width: 0; }
figcaption { text-align: center; padding-bottom: 0.25rem; }
img { flex: 1; min-height: 0; object-fit: contain; object-position: top;
  max-width: 100%; border-radius: 1rem; }
#says { margin: 0; padding: 1rem; min-height: 3.5rem; font-size: 1.4rem;
  text-align: center; background: #14171a; }`;

const SCRIPT = `
const events = new EventSource("/events");
events.addEventListener("says", (it) => {
  document.getElementById("says").textContent = JSON.parse(it.data);
});
for (const name of ${JSON.stringify(SCREENS)}) {
  events.addEventListener(name, (it) => {
    document.getElementById(name).src = "data:image/jpeg;base64," + it.data;
  });
}
events.addEventListener("end", () => events.close());`;

const PAGE = `<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>Offcode: two phones and a till</title>
<style>${STYLE}</style>
<main>
${
  SCREENS.map((name) =>
    `<figure><figcaption>${TITLES[name]}</figcaption>
<img id="${name}" alt="${TITLES[name]}"></figure>`
  ).join("\n")
}
</main>
<p id="says" role="status"></p>
<script>${SCRIPT}</script>
</html>`;

/** The window, served on a free port of this machine. */
export class DemoWindow implements AsyncDisposable {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #viewers = new Set<ReadableStreamDefaultController<string>>();
  /** The last event of each name, for who looks in later. */
  readonly #last = new Map<string, string>();
  /** Pictures that are answered in a moment, which is when the next ones come. */
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  #isOver = false;
  readonly #opened = Promise.withResolvers<void>();

  /** Serves the page. */
  constructor() {
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      (request) => this.#answer(new URL(request.url).pathname),
    );
  }

  /** Where a browser finds it. */
  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}/`;
  }

  /** Somebody looks. */
  get opened(): Promise<void> {
    return this.#opened.promise;
  }

  /** Shows a line of text. */
  says(text: string): void {
    this.#send("says", JSON.stringify(text));
  }

  /** Shows a page in one of the screens from now on. */
  async film(name: ScreenName, page: Page): Promise<void> {
    const session = await page.context().newCDPSession(page);
    session.on("Page.screencastFrame", ({ data, sessionId }) => {
      if (this.#isOver) return;
      this.#send(name, data);
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        // The page may have been closed meanwhile.
        session.send("Page.screencastFrameAck", { sessionId }).catch(() => {});
      }, FRAME_MS);
      this.#timers.add(timer);
    });
    await session.send("Page.startScreencast", {
      format: "jpeg",
      quality: QUALITY,
    });
  }

  #send(name: string, data: string): void {
    const event = `event: ${name}\ndata: ${data}\n\n`;
    this.#last.set(name, event);
    for (const viewer of this.#viewers) viewer.enqueue(event);
  }

  #answer(path: string): Response {
    if (path === "/") {
      return new Response(PAGE, {
        headers: { "content-type": "text/html; charset=utf-8" },
      });
    }
    if (path !== "/events") return new Response(null, { status: 404 });
    let viewer: ReadableStreamDefaultController<string>;
    const stream = new ReadableStream<string>({
      start: (controller) => {
        viewer = controller;
        this.#viewers.add(viewer);
        for (const event of this.#last.values()) viewer.enqueue(event);
        this.#opened.resolve();
      },
      cancel: () => void this.#viewers.delete(viewer),
    });
    return new Response(stream.pipeThrough(new TextEncoderStream()), {
      headers: {
        "content-type": "text/event-stream",
        "cache-control": "no-store",
      },
    });
  }

  /** Says the end to whoever looks, and stops. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    this.#send("end", "0");
    for (const viewer of this.#viewers) viewer.close();
    this.#viewers.clear();
    this.#timers.forEach(clearTimeout);
    await this.#server.shutdown();
  }
}
