/**
 * The merchants of a run under load and their servers: five that do well, one
 * that fails half of the time, one that nobody answers for, one that is slower
 * than any sender waits.
 *
 * @module
 */

import { freePort } from "../../../../scripts/redis_server.ts";
import { answers, type HostileExchange } from "../hostile/hostile_behaviors.ts";
import {
  type HostileReceiver,
  startHostileReceiver,
} from "../hostile/hostile_receiver.ts";

/** How a merchant's server does. */
export type ShopKind = "healthy" | "failing" | "dead" | "slow";

/** All of them, one each. */
export const SHOP_KINDS: readonly ShopKind[] = [
  ...Array(5).fill("healthy"),
  "failing",
  "dead",
  "slow",
];

/** A merchant's server. */
export interface LoadShop extends AsyncDisposable {
  readonly kind: ShopKind;
  readonly url: string;
  /** What came; nothing while the server is dead. */
  readonly requests: HostileReceiver["requests"];
  /** Most requests that were open at one time. */
  readonly mostAtOnce: number;
  /** From now on a dead one is up and a slow one answers at once. */
  recover(): void;
}

/** Turns of the event loop in which what has happened is seen. */
const TURNS = 3;

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    await new Promise((resolve) => setTimeout(resolve));
  }
}

/** Starts a server; `onRequest` is told of every request. */
export function startShop(
  kind: ShopKind,
  random: () => number,
  onRequest: () => void,
): LoadShop {
  const port = freePort();
  let [open, most] = [0, 0];
  let isWell = kind === "healthy" || kind === "failing";
  let receiver: HostileReceiver | null = null;

  async function behave(exchange: HostileExchange): Promise<void> {
    onRequest();
    // Whoever has left before this one came is gone by then.
    await turns(TURNS);
    let isOpen = true;
    open++;
    most = Math.max(most, open);
    const close = () => {
      if (isOpen) open--;
      isOpen = false;
    };
    // A dispatcher that has given up waiting is not at it any more, though this
    // side has not come to its answer.
    exchange.untilLeft().then(close);
    try {
      if (!isWell) return await exchange.untilLeft();
      // As long as answers take that are some work.
      await turns(Math.floor(random() * 4));
      const fails = kind === "failing" && random() < 0.5;
      await answers(fails ? 500 : 204)(exchange);
    } finally {
      close();
    }
  }

  function start(): void {
    receiver = startHostileReceiver({ port });
    receiver.rule = () => behave;
  }

  if (kind !== "dead") start();
  return {
    kind,
    url: `http://127.0.0.1:${port}/offcode`,
    get requests() {
      return receiver?.requests ?? [];
    },
    get mostAtOnce() {
      return most;
    },
    recover() {
      isWell = true;
      if (receiver === null) start();
    },
    async [Symbol.asyncDispose]() {
      await receiver?.[Symbol.asyncDispose]();
    },
  };
}
