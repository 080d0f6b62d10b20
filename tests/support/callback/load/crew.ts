/**
 * Dispatchers in processes of their own that are killed at random while they
 * deliver, and started again: the crew of a run under load.
 *
 * @module
 */

import { LimitedCommand } from "../../http/command.ts";
import { TextLineStream } from "@std/streams/text-line-stream";
import type { LoadChildOrder, LoadChildReport } from "./load_child.ts";

/** Some dispatchers. */
export interface Crew extends AsyncDisposable {
  /** How many were killed. */
  readonly killed: number;
  /** Replies of the store that were lost, as far as the living told. */
  readonly lost: number;
  /** Has everyone deliver who does not; resolves when nobody finds anything. */
  deliver(nowMs: number): Promise<void>;
  /** Lets who ended early look again. */
  nudge(): void;
  /** Kills one of them, by its number. */
  kill(number: number): void;
}

const CHILD = new URL("load_child.ts", import.meta.url).pathname;

/** Starts as many as asked for; `order` makes what the nth to start is given. */
export function startCrew(
  count: number,
  order: (started: number) => LoadChildOrder,
): Crew {
  let [started, killed, lost, nowMs] = [0, 0, 0, 0];
  let isDelivering = false;
  let hasEnded = false;
  let changed = () => {};
  let fault: unknown = null;

  /** One place, in which one process follows the other. */
  function place() {
    let child!: Deno.ChildProcess;
    let input!: WritableStreamDefaultWriter<Uint8Array>;
    let ended!: Promise<void>;
    const it = {
      /** Whether it was asked and has not answered. */
      isBusy: false,
      /** Whether its last answer was that nothing is to be done. */
      isDone: false,
      start() {
        it.isBusy = false;
        child = new LimitedCommand(Deno.execPath(), {
          args: [
            ...["run", "--allow-all", "--no-check", "--no-lock"],
            CHILD,
            JSON.stringify(order(started++)),
          ],
          stdin: "piped",
          stdout: "piped",
          stderr: "inherit",
        }).spawn();
        input = child.stdin.getWriter();
        ended = listen(child).catch((error) => {
          fault ??= error;
          changed();
        });
        if (isDelivering) it.ask();
      },
      ask() {
        it.isBusy = true;
        it.isDone = false;
        // Who is killed meanwhile hears nothing.
        input.write(new TextEncoder().encode(`${nowMs}\n`)).catch(() => {});
      },
      kill: () => child.kill("SIGKILL"),
      async end() {
        await input.close().catch(() => {});
        await ended;
      },
    };

    async function listen(child: Deno.ChildProcess): Promise<void> {
      const lines = child.stdout.pipeThrough(new TextDecoderStream())
        .pipeThrough(new TextLineStream());
      for await (const line of lines) {
        const report = JSON.parse(line) as LoadChildReport;
        lost += report.lost;
        it.isBusy = false;
        it.isDone = report.attempts === 0;
        changed();
      }
      const { signal } = await child.status;
      // Who is killed reads no end of its input.
      await input.close().catch(() => {});
      if (signal === "SIGKILL" && !hasEnded) it.start();
      else if (!hasEnded) throw new Error("A dispatcher ended by itself");
    }
    it.start();
    return it;
  }

  const places = Array.from({ length: count }, place);
  return {
    get killed() {
      return killed;
    },
    get lost() {
      return lost;
    },
    async deliver(atMs) {
      nowMs = atMs;
      isDelivering = true;
      // Once more whoever did something, and all whenever one did: what was
      // held by that one may be free.
      for (;;) {
        for (const it of places) if (!it.isBusy) it.ask();
        while (places.some(({ isBusy }) => isBusy)) {
          await new Promise<void>((resolve) => changed = resolve);
          if (fault !== null) throw fault;
        }
        if (places.every(({ isDone }) => isDone)) break;
      }
      isDelivering = false;
    },
    nudge() {
      if (!isDelivering) return;
      for (const it of places) if (!it.isBusy) it.ask();
    },
    kill(number) {
      killed++;
      places[number % count]!.kill();
    },
    async [Symbol.asyncDispose]() {
      hasEnded = true;
      for (const it of places) await it.end();
    },
  };
}
