/**
 * What a till never loses: an order whose end is not known. Replies get lost in
 * front of a real edge, the network goes, the page is reloaded, and the browser is
 * killed; the customer pays once.
 */
import { assert, assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import { openBrowser, openProfile } from "../support/browser/browser.ts";
import { Cashier } from "../support/browser/till.ts";
import { serveHttp } from "../support/http/server.ts";
import { TcpProxy } from "../support/http/tcp_proxy.ts";
import { startApp } from "../support/world/app.ts";

/** An edge behind a network that loses things, and its merchant. */
async function openEdge() {
  const app = await startApp({
    hasPages: true,
    nowMs: Date.now(),
    settings: { hasTestCodes: true },
  });
  const server = serveHttp(app.fetch);
  const { hostname: host, port } = new URL(server.origin);
  const network = new TcpProxy({ host, port: Number(port) });
  const { key } = await app.api.merchant();
  const call = async (method: string, path: string, body?: unknown) =>
    (await app.api.call(method, path, { key, ...(body ? { body } : {}) })).body;
  return {
    ...{ app, network, key },
    origin: `http://${network.host}:${network.port}`,
    async code(name: string): Promise<string> {
      return (await call("POST", "/v1/sandbox/codes", { case: name })).code;
    },
    /** The payments that have ended. */
    async payments(): Promise<{ order_id: string; status: string }[]> {
      return (await call("GET", "/v1/payments")).payments;
    },
    async [Symbol.asyncDispose]() {
      await network[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
      await app[Symbol.asyncDispose]();
    },
  };
}

type TestEdge = Awaited<ReturnType<typeof openEdge>>;

/** Lets a payment through, and no reply to it. */
async function loseReply(
  edge: TestEdge,
  till: Cashier,
  name = "approved",
): Promise<void> {
  const before = (await edge.payments()).length;
  const code = await edge.code(name);
  await till.charge();
  edge.network.flow = "deaf";
  await till.wedge(code);
  while ((await edge.payments()).length === before) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const paidOf = async (edge: TestEdge) =>
  (await edge.payments()).filter((it) => it.status === "succeeded");

type Step = (edge: TestEdge, till: Cashier) => Promise<void>;

const LOSSES: Readonly<Record<string, Step>> = {
  async "a lost reply is not known, and sent again it was paid before"(
    edge,
    till,
  ) {
    await loseReply(edge, till);
    edge.network.cut();
    const { look, says, presses } = await till.result("NOT KNOWN");
    assertEquals(look, "result notKnown");
    assert(says[0]!.includes("the same sale is never paid twice"), says[0]);
    assertEquals(presses, ["Send again", "Ask again", "Reverse"]);
    edge.network.heal();
    await till.press("Send again");
    const paid = await till.result("TEST: PAID");
    assert(paid.says[1]!.includes("already paid"), paid.says.join());
    assertEquals((await paidOf(edge)).length, 1);
    await till.press("Next sale");
  },

  async "a reload in the middle of a lost reply ends paid once"(edge, till) {
    await loseReply(edge, till);
    const { page } = till;
    const files = /\/(till|pages\/[^/]+)$/;
    await page.route(files, async (route) => {
      const url = route.request().url();
      // The new page asks for its files: the old one, which would try again, is gone.
      if (!url.endsWith("/till")) edge.network.heal();
      const response = await edge.app.fetch(new Request(url));
      await route.fulfill({
        status: response.status,
        headers: Object.fromEntries(response.headers),
        body: Buffer.from(await response.arrayBuffer()),
      });
    });
    await page.reload();
    await page.unroute(files);
    await till.result("TEST: PAID");
    assertEquals((await paidOf(edge)).length, 2);
    await till.press("Next sale");
  },

  async "a request that never arrived is paid with the same order"(edge, till) {
    const code = await edge.code("approved");
    await till.charge();
    edge.network.cut();
    await till.wedge(code);
    await till.result("NOT KNOWN");
    edge.network.heal();
    await till.page.reload();
    const { presses } = await till.result("NOT KNOWN");
    assertEquals(presses, ["Scan the next code", "Ask again", "Reverse"]);
    await till.page.locator("summary").click();
    const orderId = await till.page.locator("details .support").first()
      .innerText();
    await till.wedge(code);
    await till.result("TEST: PAID");
    assert((await paidOf(edge)).some((it) => it.order_id === orderId));
    assertEquals((await paidOf(edge)).length, 3);
    await till.press("Next sale");
  },

  async "without a network it says so, and reverses later"(edge, till) {
    const code = await edge.code("approved");
    await till.charge();
    await till.page.context().setOffline(true);
    await till.page.getByText("No network").waitFor();
    await till.wedge(code);
    await till.result("NOT KNOWN");
    await till.press("Reverse");
    const { says } = await till.result("NOT KNOWN");
    assert(says[0]!.includes("press “Reverse” again"), says[0]);
    await till.page.context().setOffline(false);
    await till.press("Reverse");
    await till.result("REVERSED");
    assertEquals((await paidOf(edge)).length, 3);
    await till.press("Next sale");
  },

  async "a reload shows a result until the cashier goes on"(edge, till) {
    await till.charge();
    await till.wedge(await edge.code("approved"));
    await till.result("TEST: PAID");
    for (let i = 0; i < 2; i++) {
      await till.page.reload();
      await till.result("TEST: PAID");
      const shown = await till.page.locator("section.result").innerText();
      assert(shown.includes("12.50"), shown);
    }
    await till.press("Next sale");
    await till.page.reload();
    await till.page.locator(".keypad").waitFor();
    assertEquals(await till.page.locator("section.result").count(), 0);
  },
};

Deno.test("a till that loses replies, its network or its page has orders paid once", async (t) => {
  await using edge = await openEdge();
  await using browser = await openBrowser();
  const context = await browser.context();
  const till = new Cashier(await context.newPage());
  await till.open(edge.origin, edge.key, { terminal: "till-1" });
  for (const [name, step] of Object.entries(LOSSES)) {
    await t.step(name, () => step(edge, till));
  }
  await context.close();
  assertEquals(browser.faults, []);
});

/** Whoever has the profile's folder open has this process number. */
async function browserPid(profile: string): Promise<number> {
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const line = await Deno.readTextFile(`/proc/${name}/cmdline`)
      .catch(() => "");
    const words = line.split("\0");
    const isMain = !words.some((it) => it.startsWith("--type="));
    if (isMain && words.includes(`--user-data-dir=${profile}`)) {
      return Number(name);
    }
  }
  throw new Error("There is no browser with this profile");
}

/** Every file of a folder, as text. */
async function readAll(folder: string): Promise<string> {
  let text = "";
  for await (const { name, isDirectory, isFile } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) text += await readAll(path);
    else if (isFile) {
      text += new TextDecoder("latin1").decode(await Deno.readFile(path));
    }
  }
  return text;
}

Deno.test("a browser that is killed in the middle of a payment asks for the order", async () => {
  await using edge = await openEdge();
  const profile = await Deno.makeTempDir({ prefix: "offcode-profile-" });
  try {
    const killed = await openProfile(profile);
    const till = new Cashier(killed.pages()[0]!);
    await till.open(edge.origin, edge.key, { terminal: "till-1" });
    await loseReply(edge, till);
    const closed = killed.waitForEvent("close");
    Deno.kill(await browserPid(profile), "SIGKILL");
    await closed;
    edge.network.heal();

    const context = await openProfile(profile);
    const again = new Cashier(context.pages()[0]!);
    await again.page.goto(`${edge.origin}/till`);
    // The key has ended with the tab, the order has not.
    await again.enter(edge.key, { terminal: "till-1" });
    await again.result("TEST: PAID");
    assertEquals((await paidOf(edge)).length, 1);
    await context.close();

    const kept = await readAll(`${profile}/Default/IndexedDB`);
    const [paid] = await paidOf(edge);
    assert(kept.includes(paid!.order_id));
    assert(!kept.includes(edge.key), "No key is beside the orders");
  } finally {
    await Deno.remove(profile, { recursive: true });
  }
});
