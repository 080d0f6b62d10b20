/**
 * `deno run -A scripts/bench/callbacks_memory.ts [minutes]`: the memory of a
 * process whose merchants' servers never read, ten minutes unless said
 * otherwise, a line a minute.
 *
 * Payments go on and their callbacks fail; since breakers would soon keep all
 * but probes away, as many requests as a process ever makes at a time are kept
 * under way past them, until the deadline cuts each.
 *
 * @module
 */

import { createHttpSender } from "../../edge/callback_http/sender.ts";
import { systemClock } from "../../edge/clock.ts";
import { openBenchStore, openCallbacks } from "./callbacks_world.ts";
import { startServer } from "./http_processes.ts";
import { median } from "./suite.ts";

const MINUTES = 10;
const MERCHANTS = 64;
const IN_FLIGHT = 256;
const PAYMENTS_PER_SECOND = 20;
const SAMPLES_PER_MINUTE = 30;
/** Larger than any callback. */
const BODY = "x".repeat(20_000);

/** Memory of one minute. */
export interface MemoryMinute {
  /** Medians of the minute's samples, bytes. */
  readonly rss: number;
  readonly heapUsed: number;
  /** Requests that had ended by then. */
  readonly ended: number;
}

/**
 * Runs for so many minutes; tells of each.
 *
 * @throws {Error} If a request ends otherwise than by its deadline.
 */
export async function measureMemory(
  minutes: number,
  tell: (minute: MemoryMinute) => void,
): Promise<void> {
  await using opened = await openBenchStore("SQLite");
  const entry = "scripts/bench/callbacks_sink.ts";
  await using sink = await startServer({ entry, folder: Deno.cwd(), env: {} });
  const urls = Array.from(
    { length: MERCHANTS },
    (_, n) => `${sink.origin}/${n}`,
  );
  await using world = await openCallbacks(opened.store, urls);
  const sender = createHttpSender({ clock: systemClock, insecure: true });
  let isOver = false;
  let ended = 0;

  async function press(url: string): Promise<void> {
    while (!isOver) {
      const outcome = await sender.send({ url, headers: {}, body: BODY });
      ended++;
      if (outcome.kind !== "failed" || outcome.fault !== "timeout") {
        throw new Error(`It ended by ${JSON.stringify(outcome)}`);
      }
    }
  }

  const pressing = Promise.all(
    Array.from({ length: IN_FLIGHT }, (_, n) => press(urls[n % MERCHANTS]!)),
  );
  world.dispatcher.start();
  let paid = 0;
  const payments = setInterval(() => {
    void world.end(world.merchants[paid++ % MERCHANTS]!);
    world.dispatcher.dispatchSoon();
  }, 1000 / PAYMENTS_PER_SECOND);
  const sampling = (async () => {
    for (let minute = 0; minute < minutes; minute++) {
      const samples: Deno.MemoryUsage[] = [];
      for (let i = 0; i < SAMPLES_PER_MINUTE; i++) {
        const pauseMs = 60_000 / SAMPLES_PER_MINUTE;
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
        samples.push(Deno.memoryUsage());
      }
      tell({
        rss: median(samples.map(({ rss }) => rss)),
        heapUsed: median(samples.map(({ heapUsed }) => heapUsed)),
        ended,
      });
    }
  })();
  try {
    await Promise.race([sampling, pressing]);
  } finally {
    isOver = true;
    clearInterval(payments);
    await pressing.catch(() => {});
    await sender.close();
  }
}

if (import.meta.main) {
  const [minutes = `${MINUTES}`] = Deno.args;
  console.log("minute   RSS MB   heap MB   requests ended");
  let minute = 0;
  await measureMemory(Number(minutes), ({ rss, heapUsed, ended }) => {
    const mb = (bytes: number) => (bytes / 1e6).toFixed(1).padStart(8);
    console.log(
      `${`${++minute}`.padStart(6)} ${mb(rss)}  ${mb(heapUsed)}   ${ended}`,
    );
  });
}
