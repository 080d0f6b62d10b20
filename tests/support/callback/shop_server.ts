/**
 * A merchant's server for tests of delivery: it keeps every callback that it
 * gets, verified as the Standard Webhooks library does, and answers by a rule.
 *
 * @module
 */

import { Webhook } from "standardwebhooks";

/** A callback that arrived. */
export interface Received {
  readonly id: string;
  readonly timestamp: number;
  readonly signatures: readonly string[];
  readonly body: string;
  /** How many callbacks of this id there were before. */
  readonly earlier: number;
  // deno-lint-ignore no-explicit-any
  readonly event: any;
}

/** A running server. */
export interface ShopServer extends AsyncDisposable {
  readonly url: string;
  /** All that arrived, in order. */
  readonly received: readonly Received[];
  /** Most requests that it worked on at one time. */
  readonly mostAtOnce: number;
  /** What it answers; 204 unless changed. */
  answer: (received: Received) => Response | Promise<Response>;
  /** Whether one of the signatures is by this secret. */
  verifies(received: Received, secret: string): boolean;
  /** Ids of what arrived, in order. */
  ids(): string[];
}

/** Starts a server on a free port of 127.0.0.1. */
export function startShopServer(): ShopServer {
  const received: Received[] = [];
  let now = 0;
  let most = 0;
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      now++;
      most = Math.max(most, now);
      try {
        const body = await request.text();
        const header = (name: string) => request.headers.get(name) ?? "";
        const id = header("webhook-id");
        const one: Received = {
          id,
          timestamp: Number(header("webhook-timestamp")),
          signatures: header("webhook-signature").split(" "),
          body,
          earlier: received.filter((it) => it.id === id).length,
          event: JSON.parse(body),
        };
        received.push(one);
        return await shop.answer(one);
      } finally {
        now--;
      }
    },
  );
  const shop: ShopServer = {
    url: `http://127.0.0.1:${server.addr.port}/offcode`,
    received,
    get mostAtOnce() {
      return most;
    },
    answer: () => new Response(null, { status: 204 }),
    verifies({ id, timestamp, signatures, body }, secret) {
      // The library's own signature, since its clock is the machine's.
      const at = new Date(timestamp * 1000);
      return signatures.includes(new Webhook(secret).sign(id, at, body));
    },
    ids: () => received.map(({ id }) => id),
    async [Symbol.asyncDispose]() {
      await server.shutdown();
    },
  };
  return shop;
}

/** An answer of this status. */
export function status(
  code: number,
  headers: Record<string, string> = {},
): Response {
  return new Response(null, { status: code, headers });
}
