/**
 * A dispatcher in a process of its own, over a store that loses replies. Its
 * argument is a {@linkcode LoadChildOrder} as JSON; each line of its input is
 * what time it is, upon which it delivers what is due and prints a
 * {@linkcode LoadChildReport} as JSON.
 *
 * @module
 */

import { TextLineStream } from "@std/streams/text-line-stream";
import { createHttpSender } from "../../../../edge/callback_http/sender.ts";
import { systemClock } from "../../../../edge/base/clock.ts";
import {
  type Store,
  StoreUnavailableError,
} from "../../../../edge/store/store.ts";
import { startApp } from "../../world/app.ts";
import { openStoreAt } from "../../store/process/process_stores.ts";
import { LossyStore } from "../../store/lossy_store.ts";
import { seeded } from "../../world/points/seeded.ts";

/** What the process is made with. */
export interface LoadChildOrder {
  readonly location: string;
  readonly nowMs: number;
  readonly seed: number;
  /** Which part of the store's replies is lost. */
  readonly share: number;
  /** Of an attempt. */
  readonly deadlineMs: number;
}

/** What it did since it was told the time. */
export interface LoadChildReport {
  readonly attempts: number;
  /** Replies of the store that were lost. */
  readonly lost: number;
}

if (import.meta.main) {
  const { location, nowMs, seed, share, deadlineMs } = JSON.parse(
    Deno.args[0]!,
  ) as LoadChildOrder;
  let lossy!: LossyStore;
  const sender = createHttpSender({
    clock: systemClock,
    insecure: true,
    deadlineMs,
  });
  let attempts = 0;
  const app = await startApp({
    nowMs,
    openStore: (clock) => openStoreAt(location, clock),
    wrapStore: (store: Store) =>
      lossy = new LossyStore(store, seeded(seed), share),
    sender: {
      ...sender,
      send(request) {
        attempts++;
        return sender.send(request);
      },
    },
  });
  const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream());
  for await (const line of lines) {
    app.clock.ms = Number(line);
    [attempts, lossy.lost] = [0, 0];
    for (let isDone = false; !isDone;) {
      try {
        await app.dispatcher.dispatch();
        isDone = true;
      } catch (error) {
        if (!(error instanceof StoreUnavailableError)) throw error;
      }
    }
    const report: LoadChildReport = { attempts, lost: lossy.lost };
    console.log(JSON.stringify(report));
  }
  // A connection to the store would keep the process alive.
  await app[Symbol.asyncDispose]();
  await sender.close();
}
