/**
 * Merchants with a server of their own, for tests of callbacks: a real
 * receiver on this machine, and an application whose sender may reach it.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { listCallbacks } from "../../../edge/http/native/callback/list.ts";
import { createHttpSender } from "../../../edge/callback_http/sender.ts";
import type { Inbox, Taken } from "../../../scripts/till/inbox.ts";
import type { SignatureHeaders } from "../../../edge/base/signature.ts";
import type { Answer, Api, TestMerchant } from "../world/api.ts";
import {
  NOON_MS,
  startApp,
  type TestApp,
  type TestAppOptions,
  TestClock,
} from "../world/app.ts";
import type { ReceivedRequest } from "./hostile/hostile_behaviors.ts";
import { setScene } from "../world/scene.ts";
import { verifiers } from "./webhook_verifiers.ts";

/** Starts an application that reaches receivers on this machine. */
export async function startCallbackApp(
  options: TestAppOptions = {},
): Promise<TestApp> {
  const clock = options.clock ?? new TestClock(NOON_MS);
  const sender = createHttpSender({ clock, insecure: true });
  const app = await startApp({ ...options, clock, sender });
  return {
    ...app,
    async [Symbol.asyncDispose]() {
      await app[Symbol.asyncDispose]();
      await sender.close();
    },
  };
}

/** The calls of one merchant about its callbacks. */
export class Shop {
  constructor(readonly api: Api, readonly merchant: TestMerchant) {}

  /** A merchant that was made just now. */
  static async open(api: Api, name?: string): Promise<Shop> {
    return new Shop(api, await api.merchant(name));
  }

  call(method: string, path: string, body?: unknown): Promise<Answer> {
    return this.api.call(method, `/v1/${path}`, {
      key: this.merchant.key,
      ...(body !== undefined && { body }),
    });
  }

  /** A call that must succeed with `status`. */
  must(
    status: number,
    method: string,
    path: string,
    body?: unknown,
  ): Promise<Answer["body"]> {
    return this.api.must(status, method, `/v1/${path}`, {
      key: this.merchant.key,
      ...(body !== undefined && { body }),
    });
  }

  /** Makes a URL the endpoint; its secret. */
  async register(url: string): Promise<string> {
    const made = await this.must(201, "PUT", "callback-endpoint", { url });
    return made.secret;
  }
}

/** A shop whose payments end as the test wants. */
export async function openTill(
  app: TestApp,
  url = "http://127.0.0.1:9/offcode",
) {
  const { merchant, phone } = await setScene(app.api);
  const shop = new Shop(app.api, merchant);
  const secret = await shop.register(url);
  return {
    shop,
    secret,
    /** Pays an order with the phone's next code; the payment. */
    async pay(orderId: string, amountMinor = 1) {
      app.clock.advance(30_000);
      return await shop.call("POST", "payments", {
        code: phone.code(app.clock.ms),
        order_id: orderId,
        amount_minor: amountMinor,
        currency: "EUR",
      });
    },
    reverse: (orderId: string) =>
      shop.must(200, "POST", "reversals", { order_id: orderId }),
    list: (query = "") => shop.must(200, "GET", `callbacks${query}`),
  };
}

/** All pages of a list. */
export async function pages(
  shop: Shop,
  query: string,
  // deno-lint-ignore no-explicit-any
): Promise<any[][]> {
  // deno-lint-ignore no-explicit-any
  const found: any[][] = [];
  let cursor: string | undefined;
  do {
    const page = await shop.must(
      200,
      "GET",
      `callbacks?${query}${cursor === undefined ? "" : `&cursor=${cursor}`}`,
    );
    listCallbacks.answers[200].schema.parse(page);
    found.push(page.callbacks);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return found;
}

/** Whether every published verifier takes a request with a secret. */
export function isSignedBy(
  secret: string,
  request: ReceivedRequest,
  nowMs: number,
): boolean {
  const headers = Object.fromEntries(request.headers);
  const answers = verifiers.map(([, verify]) =>
    verify(
      secret,
      headers as unknown as SignatureHeaders,
      request.body,
      nowMs,
    )
  );
  assertEquals(new Set(answers).size, 1);
  return answers[0]!;
}

/** What a shop makes of a request that comes at `nowMs`. */
export function takeAt(
  inbox: Inbox,
  { headers, body }: ReceivedRequest,
  nowMs: number,
): Taken {
  const { now } = Date;
  // The library that verifies reads the clock of the machine.
  Date.now = () => nowMs;
  try {
    const named = headers.map(([name, value]): [string, string] => [
      name,
      value,
    ]);
    return inbox.take(body, new Headers(named));
  } finally {
    Date.now = now;
  }
}

/** A header of a request; it must be there. */
export function headerOf(request: ReceivedRequest, name: string): string {
  const value = request.headers.find(([it]) => it === name)?.[1];
  assert(value !== undefined, name);
  return value;
}
