/**
 * The whole edge in this process, for the demo: the application that the
 * server runs, over a new SQLite file, on a free port of this machine. Only
 * its clock can be moved, its log is kept instead of printed, and callbacks go
 * to servers on this machine, too.
 *
 * @module
 */

import {
  type Clock,
  systemClock,
  systemRandom,
} from "../../edge/base/clock.ts";
import { newId } from "../../edge/base/ids.ts";
import { createLog } from "../../edge/base/log.ts";
import { createApp } from "../../edge/boot/app.ts";
import { createHttpSender } from "../../edge/callback_http/sender.ts";
import type { Sender } from "../../edge/callback/sender.ts";
import type { Settings } from "../../edge/boot/settings.ts";
import { openSqliteStore } from "../../edge/store/sqlite/sqlite.ts";
import { composeEdge, type EdgeParts } from "../edge.ts";

/** The machine's clock, which can be put forward. */
export class MovableClock implements Clock {
  #aheadMs = 0;

  nowMs(): number {
    return systemClock.nowMs() + this.#aheadMs;
  }

  /** Puts the clock forward by `ms` >= 0. */
  advance(ms: number): void {
    this.#aheadMs += ms;
  }
}

/** A running edge. */
export type DemoEdge = Awaited<ReturnType<typeof startEdge>>;

/** What a test may replace. */
export interface DemoEdgeOptions
  extends Pick<EdgeParts, "wrapLedger" | "settings"> {
  readonly hasPages?: boolean;
  /** Puts something in front of the way to the shops' servers. */
  readonly wrapSender?: (sender: Sender) => Sender;
}

/** Starts an edge; disposing of it stops the server and removes its file. */
export async function startEdge(
  { wrapSender = (it) => it, hasPages = false, ...parts }: DemoEdgeOptions = {},
) {
  const clock = new MovableClock();
  /** Every line so far. */
  const logged: string[] = [];
  const folder = await Deno.makeTempDir({ prefix: "offcode-demo-" });
  const store = openSqliteStore({ path: `${folder}/offcode.db`, clock });
  const sender = createHttpSender({ clock, insecure: true });
  const start = (more: Partial<EdgeParts>) => {
    const edge = composeEdge({
      ...{ store, clock, sender: wrapSender(sender), ...parts, ...more },
      log: createLog({ clock, write: (line) => logged.push(line) }),
    });
    const newRequestId = () => newId("req", systemRandom);
    const app = createApp({ ...edge, newRequestId, hasPages });
    edge.dispatcher.start();
    return { ...edge, app };
  };
  let running = start({});
  const { adminKey, core, env: keys } = running;
  const stop = async () => {
    await running.dispatcher.stop();
    await running.coreFollower.stop();
  };
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => running.app.fetch(request),
  );
  return {
    ...{ adminKey, clock, core, logged },
    origin: `http://127.0.0.1:${server.addr.port}`,
    /** Looks once which core is to serve; a server looks every second. */
    followCores: () => running.coreFollower.look(),
    /** Continues with other settings, as a server that was restarted with them. */
    async restart(settings: Partial<Settings>) {
      await stop();
      running = start({ keys, settings });
      await running.coreFollower.begin();
    },
    async [Symbol.asyncDispose]() {
      await server.shutdown();
      await stop();
      await sender.close();
      await store.close();
      await Deno.remove(folder, { recursive: true });
    },
  };
}
