/**
 * `deno task bills --day 2026-11-27 [--out folder] [--form csv|json]`: writes the bills of
 * all merchants for one day, each as a file of a folder of that day, and their digests as
 * `SHA256SUMS`, which `sha256sum --check` reads. The day is that of each merchant's time
 * zone. A bill that is not closed yet is written as `.open.csv`. A merchant without a line
 * has no file. It reads the settings that the server reads.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { createBackOff } from "../edge/base/backoff.ts";
import { systemClock, systemPause, systemRandom } from "../edge/base/clock.ts";
import { spanOfDay } from "../edge/base/day.ts";
import { BILL_FORMS } from "../edge/bill/bill_text.ts";
import { type Bill, CLOSES_AFTER_MS, createBills } from "../edge/bill/bills.ts";
import type { Config } from "../edge/boot/config.ts";
import { createClockGuard } from "../edge/health/clock_guard.ts";
import { entriesOf } from "../edge/store/indexes.ts";
import { MERCHANTS_KEY } from "../edge/store/keys.ts";
import type { Store } from "../edge/store/store.ts";
import { InputError, readArguments, runCommand } from "./command.ts";
import { progressOnStderr } from "./progress.ts";
import { withServerStore } from "./task_store.ts";

const USAGE =
  "Usage: deno task bills --day YYYY-MM-DD [--out folder] [--form csv|json]";
const PAGE = 100;
/** The zone in which a day ends last. */
const LAST_ZONE = "Etc/GMT+12";

/**
 * Writes a bill under another name first, so that a file with the right name is
 * whole. Returns the SHA-256 in hex.
 */
async function writeBill(bill: Bill, path: string): Promise<string> {
  const hash = createHash("sha256");
  async function* hashed() {
    for await (const text of bill.text()) {
      hash.update(text);
      yield text;
    }
  }
  const bytes = ReadableStream.from(hashed())
    .pipeThrough(new TextEncoderStream());
  await Deno.writeFile(`${path}.part`, bytes);
  await Deno.rename(`${path}.part`, path);
  return hash.digest("hex");
}

async function main(args: readonly string[]): Promise<number> {
  const { day = "", out, form: asked } = readArguments(args, USAGE, {
    day: { type: "string" },
    out: { type: "string", default: "data/bills" },
    form: { type: "string", default: "csv" },
  });
  const form = BILL_FORMS.find((it) => it === asked);
  const last = spanOfDay(day, LAST_ZONE);
  if (form === undefined || last === null) {
    const fault = form === undefined
      ? "--form takes csv or json"
      : "--day takes a day, such as 2026-11-27";
    throw new InputError(`${USAGE}\n\n${fault}`);
  }
  // Where the day has not begun yet, it is not closed yet.
  const isOver = systemClock.nowMs() >= last.toMs + CLOSES_AFTER_MS;
  const folder = `${out}/${day}`;
  const counts = { closed: 0, open: 0, none: 0 };
  await withServerStore(async (store, { settings }) => {
    const bills = openBills(store, settings);
    const merchants: string[] = [];
    for await (const page of entriesOf(store, MERCHANTS_KEY, PAGE)) {
      merchants.push(...page.map(({ member }) => member));
    }
    const progress = progressOnStderr();
    progress.begin(`Bills of ${day}`, merchants.length);
    await Deno.mkdir(folder, { recursive: true });
    using sums = await Deno.create(`${folder}/SHA256SUMS`);
    for (const [i, merchantId] of merchants.entries()) {
      const bill = await bills.billOf(merchantId, day, form);
      if ("kind" in bill && bill.code !== "not-found") {
        throw new InputError(bill.code);
      }
      if ("kind" in bill) counts[isOver ? "none" : "open"]++;
      else if (bill.lines === 0) counts.none++;
      else {
        const { isClosed } = bill.head;
        const file = `${merchantId}${isClosed ? "" : ".open"}.${form}`;
        const sum = await writeBill(bill, `${folder}/${file}`);
        await sums.write(new TextEncoder().encode(`${sum}  ${file}\n`));
        counts[isClosed ? "closed" : "open"]++;
      }
      progress.at(i + 1, `${i + 1}`);
    }
    progress.end(
      `${counts.closed} closed, ${counts.open} open, ` +
        `${counts.none} merchants without one: ${folder}`,
    );
  });
  return counts.open === 0 ? 0 : 1;
}

function openBills(
  store: Store,
  { limits: { timeZone }, times: { recordMs } }: Config["settings"],
) {
  const clock = systemClock;
  const monotonicMs = () => performance.now();
  return createBills({
    ...{ store, clock, timeZone, recordMs },
    clockGuard: createClockGuard({ store, clock, monotonicMs }),
    backOff: createBackOff({ random: systemRandom, pause: systemPause }),
    onDiffers: (merchantId, day) =>
      console.error(`${merchantId} ${day}: not what it was when it was closed`),
  });
}

if (import.meta.main) await runCommand(main);
