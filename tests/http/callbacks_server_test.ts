/**
 * Callbacks by the server itself and by `deno task dispatch`: processes, their
 * environment and their ends. Time is the machine's here.
 *
 * @module
 */

import { LimitedCommand } from "../support/http/command.ts";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { encodeBase64 } from "@std/encoding/base64";
import { createHttpSender } from "../../edge/callback_http/sender.ts";
import { systemClock } from "../../edge/base/clock.ts";
import { callbackKey } from "../../edge/store/keys.ts";
import type { Api, TestMerchant } from "../support/world/api.ts";
import { startApp, TestClock } from "../support/world/app.ts";
import { endPayment } from "../support/callback/world.ts";
import { Rendezvous } from "../support/world/points/rendezvous.ts";
import { setScene } from "../support/world/scene.ts";
import { startServer } from "../support/world/server.ts";
import {
  type Received,
  type ShopServer,
  startShopServer,
  status,
} from "../support/callback/shop_server.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const INSECURE = { OFFCODE_CALLBACKS_INSECURE: "1" };

/** Resolves with the first callback that a server gets from now on. */
function nextCallback(server: ShopServer): Promise<Received> {
  const { answer } = server;
  return new Promise((resolve) => {
    server.answer = (received) => {
      resolve(received);
      return answer(received);
    };
  });
}

/** An edge of this process on the file of a server's folder. */
async function openBeside(folder: string) {
  await Deno.mkdir(`${folder}/data`, { recursive: true });
  const sender = createHttpSender({ clock: systemClock, insecure: true });
  const app = await startApp({
    path: `${folder}/data/offcode.db`,
    clock: new TestClock(Date.now()),
    sender,
  });
  return {
    ...app,
    async endpoint(merchant: TestMerchant, url: string): Promise<string> {
      const { authenticator, callbackEndpoints } = app.useCases;
      const caller = await authenticator.authenticate(merchant.key, "merchant");
      assert(!("kind" in caller));
      const put = await callbackEndpoints.put(caller, url);
      assert(!("kind" in put));
      return put.secret!;
    },
    async statusOf(id: string): Promise<string> {
      const { values } = await app.store.read({ keys: [callbackKey(id)] });
      return JSON.parse(values[0]!).status;
    },
    async [Symbol.asyncDispose]() {
      await app[Symbol.asyncDispose]();
      await sender.close();
    },
  };
}

/** A folder for a server, gone afterwards. */
async function serverFolder() {
  const path = await Deno.makeTempDir({ prefix: "offcode-callbacks-" });
  return {
    path,
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

async function pay(
  api: Api,
  merchant: TestMerchant,
  phone: { code(ms: number): string },
): Promise<void> {
  const paid = await api.pay(merchant, {
    code: phone.code(Date.now()),
    order_id: "order-1",
  });
  assertEquals(paid.status, 201);
}

for (const workers of [1, 2]) {
  Deno.test(`a server of ${workers} delivers as soon as a payment ends, and says that it may go anywhere`, async () => {
    await using folder = await serverFolder();
    await using shop = startShopServer();
    await using server = await startServer({
      folder: folder.path,
      workers,
      env: INSECURE,
    });
    if (workers === 1) {
      assertStringIncludes(server.output(), "OFFCODE_CALLBACKS_INSECURE is on");
    }
    await using beside = await openBeside(folder.path);
    const { merchant, phone } = await setScene(server.api);
    const secret = await beside.endpoint(merchant, shop.url);
    const arrives = nextCallback(shop);
    await pay(server.api, merchant, phone);
    const received = await arrives;
    assertEquals(received.event.type, "payment.succeeded");
    assertEquals(received.event.data.order_id, "order-1");
    assert(shop.verifies(received, secret));
  });

  Deno.test(`a server of ${workers} delivers what others have left when it starts`, async () => {
    await using folder = await serverFolder();
    await using shop = startShopServer();
    await using beside = await openBeside(folder.path);
    const merchant = await beside.api.merchant();
    await beside.endpoint(merchant, shop.url);
    const { store, clock } = beside;
    const id = await endPayment(store, clock, merchant.id, "left");
    const arrives = nextCallback(shop);
    await using _server = await startServer({
      folder: folder.path,
      workers,
      env: INSECURE,
    });
    assertEquals((await arrives).id, id);
  });

  Deno.test(`a server of ${workers} that is stopped finishes the deliveries that are under way`, async () => {
    await using folder = await serverFolder();
    await using shop = startShopServer();
    await using server = await startServer({
      folder: folder.path,
      workers,
      // However busy the machine is, nothing is cut off.
      env: { ...INSECURE, OFFCODE_STOP_SECONDS: "120" },
    });
    await using beside = await openBeside(folder.path);
    const { merchant, phone } = await setScene(server.api);
    await beside.endpoint(merchant, shop.url);
    const hall = new Rendezvous();
    shop.answer = async () => {
      await hall.wait();
      return status(200);
    };
    await pay(server.api, merchant, phone);
    await hall.reached(1);
    const ended = server.kill("SIGTERM");
    // Nobody is served any more; what was begun goes on.
    while (await canConnect(server.origin));
    hall.open();
    assertEquals((await ended).code, 0);
    assertEquals(await beside.statusOf(shop.received[0]!.id), "delivered");
  });
}

async function canConnect(origin: string): Promise<boolean> {
  try {
    const { port } = new URL(origin);
    (await Deno.connect({ hostname: "127.0.0.1", port: Number(port) })).close();
    return true;
  } catch {
    return false;
  }
}

/** Runs the task in a folder. */
function dispatchTask(
  folder: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Deno.ChildProcess {
  return new LimitedCommand(Deno.execPath(), {
    args: [
      ...["run", "-A", "--config", `${ROOT}deno.json`],
      `${ROOT}edge/dispatch.ts`,
      ...args,
    ],
    cwd: folder,
    env: {
      NO_COLOR: "1",
      OFFCODE_STORE: "",
      OFFCODE_ADMIN_KEY: "an-admin-key-of-a-test-long-enough",
      OFFCODE_MASTER_KEYS: `test:${encodeBase64(new Uint8Array(32).fill(7))}`,
      ...INSECURE,
      ...env,
    },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

Deno.test("deno task dispatch delivers what is due and ends", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile(`${ROOT}deno.json`));
  assertEquals(tasks.dispatch, "deno run -A edge/dispatch.ts");
  await using folder = await serverFolder();
  await using shop = startShopServer();
  await using beside = await openBeside(folder.path);
  const merchant = await beside.api.merchant();
  await beside.endpoint(merchant, shop.url);
  const { store, clock } = beside;
  const ids = [];
  for (let i = 0; i < 20; i++) {
    ids.push(await endPayment(store, clock, merchant.id, `o${i}`));
  }
  for (
    const [delivered, line] of [
      [20, "20 of 20 attempts delivered a callback"],
      [20, "0 of 0 attempts delivered a callback"],
    ] as const
  ) {
    const { code, stdout, stderr } = await dispatchTask(folder.path, [])
      .output();
    const text = new TextDecoder().decode(stdout);
    assertEquals(code, 0, new TextDecoder().decode(stderr));
    assertStringIncludes(text, line);
    assertEquals(shop.received.length, delivered);
  }
  assertEquals(shop.ids().toSorted(), ids.toSorted());
});

Deno.test("deno task dispatch --watch delivers until it is told to end", async () => {
  await using folder = await serverFolder();
  await using shop = startShopServer();
  await using beside = await openBeside(folder.path);
  const merchant = await beside.api.merchant();
  await beside.endpoint(merchant, shop.url);
  const task = dispatchTask(folder.path, ["--watch"]);
  const output = task.output();
  for (let i = 0; i < 2; i++) {
    const arrives = nextCallback(shop);
    const { store, clock } = beside;
    const id = await endPayment(store, clock, merchant.id, `o${i}`);
    assertEquals((await arrives).id, id);
  }
  task.kill("SIGTERM");
  assertEquals((await output).code, 0);
});

Deno.test("deno task dispatch ends with 2 where it cannot begin", async () => {
  await using folder = await serverFolder();
  for (
    const [args, env, said] of [
      [["--bogus"], {}, "Usage"],
      [["--watch", "--watch"], {}, "Usage"],
      [[], { OFFCODE_CALLBACKS_INSECURE: "yes" }, "must be 0 or 1"],
      [[], { OFFCODE_STORE: "sqlite:/proc/none/offcode.db" }, "is not there"],
      [["--watch"], { OFFCODE_STORE: "sqlite:./none.db" }, "is not there"],
    ] as const
  ) {
    const task = dispatchTask(folder.path, args, env);
    const { code, stderr } = await task.output();
    assertEquals(code, 2);
    assertStringIncludes(new TextDecoder().decode(stderr), said);
  }
  // It has made neither a store nor keys.
  assertEquals([...Deno.readDirSync(folder.path)], []);
});
