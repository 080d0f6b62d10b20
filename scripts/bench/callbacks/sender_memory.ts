/**
 * Memory of a process whose callbacks go to receivers that never read, and to
 * some that do worse. `OFFCODE_BENCH_MINUTES` says for how long, 1 unless
 * given.
 *
 * @module
 */

import { createHttpSender } from "../../../edge/callback_http/sender.ts";
import { systemClock } from "../../../edge/base/clock.ts";
import { startServer } from "../kit/processes.ts";
import { RECEIVER } from "./world.ts";
import { setTimeout as sleep } from "node:timers/promises";
import type { Suite } from "../../table.ts";

/** As many as a process has in flight over all endpoints. */
const DEAF_IN_FLIGHT = 256;
/** Each of these is asked again as soon as it has answered or was given up. */
const HOSTILE = [
  ...["drips-head", "drips-body", "drips-chunks", "stalls-in-body"],
  ...["header-flood", "interim-flood", "status-without-end", "endless-body"],
  ...["endless-chunks", "gzip-bomb", "closes-in-body", "garbage", "200"],
];
/** So that floods leave the machine some time. */
const PAUSE_MS = 250;
/** A callback's most is 20 kB. */
const BODY = JSON.stringify({ filler: "x".repeat(19_000) });
const SAMPLES = 10;
const MB = 1024 * 1024;

/** Resident and heap memory over time. */
export const senderMemorySuite: Suite = async () => {
  const minutes = Number(Deno.env.get("OFFCODE_BENCH_MINUTES") ?? "1");
  const start = (kind: string) =>
    startServer({ entry: RECEIVER, env: { RECEIVER: kind } });
  await using deaf = await start("deaf");
  await using hostile = await start("hostile");
  const sender = createHttpSender({ clock: systemClock, insecure: true });
  const outcomes = new Map<string, number>();
  let running = true;
  let attempts = 0;

  const send = async (url: string) => {
    const headers = { "webhook-id": "cb_1" };
    const outcome = await sender.send({ url, headers, body: BODY });
    attempts++;
    const what = outcome.kind === "failed"
      ? outcome.fault
      : `${outcome.status}`;
    outcomes.set(what, (outcomes.get(what) ?? 0) + 1);
  };
  const loops = [
    ...Array.from({ length: DEAF_IN_FLIGHT }, async (_, n) => {
      while (running) await send(`${deaf.origin}/${n % 32}`);
    }),
    ...HOSTILE.map(async (name) => {
      while (running) {
        await send(`${hostile.origin}/${name}`);
        await sleep(PAUSE_MS);
      }
    }),
  ];
  const rows: string[][] = [];
  const startMs = performance.now();
  for (let sample = 0; sample <= SAMPLES; sample++) {
    const atMs = sample * minutes * 60_000 / SAMPLES;
    await sleep(Math.max(0, startMs + atMs - performance.now()));
    const { rss, heapUsed, external } = Deno.memoryUsage();
    rows.push([
      `${(atMs / 60_000).toFixed(2)}`,
      ...[rss, heapUsed, external].map((it) => (it / MB).toFixed(1)),
      `${attempts}`,
    ]);
  }
  running = false;
  await Promise.all(loops);
  await sender.close();
  const all = [...outcomes].map(([what, count]) => `${what} ${count}`);
  return [{
    title:
      `Memory while ${DEAF_IN_FLIGHT} callbacks wait for receivers that never read`,
    columns: ["minute", "RSS MB", "heap MB", "external MB", "attempts"],
    rows,
    notes: [
      `Beside them, one at a time: ${HOSTILE.join(", ")}.`,
      `Came to: ${all.join(", ")}.`,
    ],
  }];
};
