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
import { BILL_FORMS, type BillForm } from "../edge/bill/bill_text.ts";
import { type Bill, type Bills, createBills } from "../edge/bill/bills.ts";
import type { Config } from "../edge/boot/config.ts";
import { createClockGuard } from "../edge/health/clock_guard.ts";
import { entriesOf } from "../edge/store/indexes.ts";
import { MERCHANTS_KEY } from "../edge/store/keys.ts";
import type { Store } from "../edge/store/store.ts";
import { InputError, readArguments, runCommand } from "./command.ts";
import { progressOnStderr } from "./progress.ts";
import { readServerConfig, whilePresent, withStore } from "./task_store.ts";

const USAGE =
  "Usage: deno task bills --day YYYY-MM-DD [--out folder] [--form csv|json]";
const PAGE = 100;

/** How many bills of a day were written, and in which state. */
export interface BillCounts {
  merchants: number;
  closed: number;
  open: number;
  /** Merchants whose day has no line, or no bill. */
  none: number;
}

/** What is written, and where. */
export interface BillRun {
  readonly store: Store;
  readonly bills: Pick<Bills, "billOf">;
  readonly day: string;
  readonly form: BillForm;
  readonly folder: string;
  /** Called after each merchant. */
  readonly at: (counts: BillCounts) => void;
}

/** Writes the bills of all merchants. */
export async function writeBills(
  { store, bills, day, form, folder, at }: BillRun,
): Promise<BillCounts> {
  await Deno.mkdir(folder, { recursive: true });
  const counts = { merchants: 0, closed: 0, open: 0, none: 0 };
  using sums = await Deno.create(`${folder}/SHA256SUMS`);
  for await (const page of entriesOf(store, MERCHANTS_KEY, PAGE)) {
    for (const { member } of page) {
      const bill = await bills.billOf(member, day, form);
      counts.merchants++;
      if ("kind" in bill) {
        if (bill.code !== "not-found") throw new InputError(bill.code);
        counts.none++;
      } else if (bill.lines === 0) counts.none++;
      else {
        const { isClosed } = bill.head;
        const file = `${member}${isClosed ? "" : ".open"}.${form}`;
        const sum = await writeBill(bill, `${folder}/${file}`);
        await sums.write(new TextEncoder().encode(`${sum}  ${file}\n`));
        counts[isClosed ? "closed" : "open"]++;
      }
      at(counts);
    }
  }
  return counts;
}

/**
 * Writes a bill under another name first, so that a file with the right name is
 * whole. Returns the SHA-256 in hex.
 */
async function writeBill(bill: Bill, path: string): Promise<string> {
  const hash = createHash("sha256");
  const text = ReadableStream.from(bill.text())
    .pipeThrough(
      new TransformStream<string, string>({
        transform(chunk, controller) {
          hash.update(chunk);
          controller.enqueue(chunk);
        },
      }),
    ).pipeThrough(new TextEncoderStream());
  const part = `${path}.part`;
  await Deno.writeFile(part, text);
  await Deno.rename(part, path);
  return hash.digest("hex");
}

function readOptions(args: readonly string[]) {
  const { day = "", out, form } = readArguments(args, USAGE, {
    day: { type: "string" },
    out: { type: "string", default: "data/bills" },
    form: { type: "string", default: "csv" },
  });
  const known = BILL_FORMS.find((it) => it === form);
  if (known === undefined || !/^\d{4}-\d{2}-\d{2}$/.test(day)) {
    throw new InputError(USAGE);
  }
  return { day, form: known, folder: `${out}/${day}` };
}

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  const config = await readServerConfig();
  return await withStore(
    config.store,
    (store) =>
      whilePresent(store, () => billAll(store, config.settings, options)),
  );
}

async function billAll(
  store: Store,
  { limits: { timeZone }, times: { recordMs } }: Config["settings"],
  options: ReturnType<typeof readOptions>,
): Promise<number> {
  const clock = systemClock;
  const monotonicMs = () => performance.now();
  const bills = createBills({
    ...{ store, clock, timeZone, recordMs },
    clockGuard: createClockGuard({ store, clock, monotonicMs }),
    backOff: createBackOff({ random: systemRandom, pause: systemPause }),
    onDiffers: (merchantId, day) =>
      console.error(`${merchantId} ${day}: not what it was when it was closed`),
  });
  let all = 0;
  for await (const page of entriesOf(store, MERCHANTS_KEY, PAGE)) {
    all += page.length;
  }
  const progress = progressOnStderr();
  progress.begin(`Bills of ${options.day}`, all);
  const counts = await writeBills({
    ...{ ...options, store, bills },
    at: ({ merchants }) => progress.at(merchants, `${merchants}`),
  });
  progress.end(
    `${counts.closed} closed, ${counts.open} open, ` +
      `${counts.none} merchants without one: ${options.folder}`,
  );
  return counts.open === 0 ? 0 : 1;
}

if (import.meta.main) await runCommand(main);
