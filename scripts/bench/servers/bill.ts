/**
 * The bill of a day of a million payments: how long it takes, and what memory a
 * server needs for it. The events are written straight into the store.
 *
 * @module
 */

import { setTimeout as sleep } from "node:timers/promises";
import { systemClock, systemRandom } from "../../../edge/base/clock.ts";
import { createEventConsequence } from "../../../edge/bill/events.ts";
import type { PaymentEnd } from "../../../edge/payment/consequence.ts";
import { orderName, paymentIdOf } from "../../../edge/payment/payment_id.ts";
import type { Store } from "../../../edge/store/store.ts";
import { Api, CURRENCY } from "../../client.ts";
import type { Suite } from "../../table.ts";
import { type ServerProcess, startServer } from "../kit/processes.ts";
import { newMasterKey } from "../kit/steady_payments.ts";
import {
  openBenchStore,
  STORE_NAMES,
  type StoreKind,
  useFolder,
} from "../kit/store.ts";

const DAY_MS = 86_400_000;
/** A bill before the one that is measured, which warms the server. */
const WARM_LINES = 10_000;
const LINES = 1_000_000;
/** A transaction takes a thousand writes. */
const BATCH = 1_000;
const SAMPLE_MS = 50;
const MB = 1024 * 1024;

/** Writes payments of the day that begins at `fromMs`, evenly spread over it. */
async function writePayments(
  store: Store,
  merchantId: string,
  fromMs: number,
  count: number,
): Promise<void> {
  const { plan } = createEventConsequence();
  for (let first = 0; first < count; first += BATCH) {
    const writes = Array.from({ length: BATCH }, (_, i) => {
      const order_id = `order-${fromMs}-${first + i}`;
      const tail = systemRandom.bytes(8).toHex();
      const after = {
        payment_id: paymentIdOf(orderName(merchantId, order_id), tail),
        ...{ status: "succeeded", merchant_id: merchantId, order_id },
        ...{ amount_minor: 100 + i, currency: CURRENCY },
        ...{ store_id: `shop-${i % 3}`, terminal_id: `till-${i % 40}` },
      };
      const nowMs = Math.floor(fromMs + (first + i) * DAY_MS / count);
      return plan({ before: after, after, nowMs } as unknown as PaymentEnd, [])
        .writes;
    }).flat();
    await store.txn({ checks: [], writes });
  }
}

async function residentBytes({ pid }: ServerProcess): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return 1024 * Number(/VmRSS:\s+(\d+)/.exec(status)![1]);
}

/** Reads a bill; its size, its time, and the most memory that it took. */
async function readBill(server: ServerProcess, key: string, day: string) {
  const startedMs = performance.now();
  const response = await fetch(`${server.origin}/v1/bills/${day}`, {
    headers: { authorization: `Bearer ${key}`, accept: "text/csv" },
  });
  let isOver = false;
  let most = await residentBytes(server);
  const sampling = (async () => {
    while (!isOver) {
      await sleep(SAMPLE_MS);
      most = Math.max(most, await residentBytes(server));
    }
  })();
  let [bytes, lines] = [0, 0];
  for await (const chunk of response.body!) {
    bytes += chunk.length;
    for (const byte of chunk) if (byte === 10) lines++;
  }
  isOver = true;
  await sampling;
  const seconds = (performance.now() - startedMs) / 1_000;
  return { bytes, lines, seconds, most };
}

async function benchBill(kind: StoreKind) {
  await using stack = new AsyncDisposableStack();
  const { store, env } = stack.use(await openBenchStore(kind));
  const adminKey = crypto.randomUUID();
  const server = stack.use(
    await startServer({
      ...{ entry: "edge/main.ts", folder: await useFolder(stack) },
      env: {
        ...{ ...env, OFFCODE_TIME_ZONE: "UTC", OFFCODE_ADMIN_KEY: adminKey },
        OFFCODE_MASTER_KEYS: newMasterKey("k1"),
      },
    }),
  );
  const { id, key } = await new Api(server.origin)
    .openShop(adminKey, "Corner Shop");
  const day = (daysAgo: number) => {
    const today = Math.floor(systemClock.nowMs() / DAY_MS);
    return new Date((today - daysAgo) * DAY_MS);
  };
  const textOf = (date: Date) => date.toISOString().slice(0, 10);
  const [warm, whole] = [day(3), day(2)];
  await writePayments(store, id, warm.getTime(), WARM_LINES);
  await writePayments(store, id, whole.getTime(), LINES);
  const first = await readBill(server, key, textOf(warm));
  // The first reading closes the bill, which reads the events once more.
  const closing = await readBill(server, key, textOf(whole));
  const again = await readBill(server, key, textOf(whole));
  if (closing.lines < LINES || again.bytes !== closing.bytes) {
    throw new Error("The bill is not whole");
  }
  return [first, closing, again];
}

/** The bill of a day of a million payments. */
export const billSuite: Suite = async () => {
  const rows: string[][] = [];
  for (const kind of ["sqlite", "tcp"] as const) {
    const names = [
      `${WARM_LINES} payments, closed by it`,
      `${LINES} payments, closed by it`,
      `${LINES} payments again`,
    ];
    (await benchBill(kind)).forEach(({ bytes, seconds, most }, i) => {
      rows.push([
        STORE_NAMES[kind],
        names[i]!,
        seconds.toFixed(1),
        (bytes / MB).toFixed(0),
        (most / MB).toFixed(0),
      ]);
    });
  }
  return [{
    title: "The bill of a day, as CSV",
    columns: ["store", "bill", "s", "MB", "resident memory at most, MB"],
    rows,
    notes: [
      "Resident memory is the whole server's, sampled 20 times a second.",
    ],
  }];
};
