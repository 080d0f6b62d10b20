/**
 * A dispatcher in a process of its own that can be killed at a point of what it
 * does: it prints the name of the point and stays there, or `end`. Its argument
 * is a {@linkcode ChildOrder} as JSON.
 *
 * @module
 */

import { createHttpSender } from "../../../edge/callback_http/sender.ts";
import type { Sender } from "../../../edge/callback/sender.ts";
import { systemClock } from "../../../edge/base/clock.ts";
import { startApp } from "../world/app.ts";
import { openStoreAt } from "../store/process/process_stores.ts";
import { HoldAt, pointedStore } from "../world/points/fail_points.ts";

/** What the process is asked for. */
export interface ChildOrder {
  readonly location: string;
  readonly nowMs: number;
  /** Number of the point where it stays. */
  readonly at: number;
}

/** A sender with a point before and after every attempt. */
function pointedSender(sender: Sender, hold: HoldAt): Sender {
  return {
    ...sender,
    async send(request) {
      await hold.reach("before send");
      const outcome = await sender.send(request);
      await hold.reach("after send");
      return outcome;
    },
  };
}

if (import.meta.main) {
  const order = JSON.parse(Deno.args[0]!) as ChildOrder;
  const hold = new HoldAt(order.at);
  const sender = createHttpSender({ clock: systemClock, insecure: true });
  const app = await startApp({
    nowMs: order.nowMs,
    openStore: (clock) => openStoreAt(order.location, clock),
    wrapStore: (store) => pointedStore(store, hold.reach),
    sender: pointedSender(sender, hold),
  });
  // Whoever waits for nothing would end.
  setInterval(() => {}, 60_000);
  const end = await Promise.race([
    hold.held,
    app.dispatcher.dispatch().then(() => "end"),
  ]);
  console.log(end);
}
