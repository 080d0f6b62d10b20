/**
 * The bill of a day of a million payments: how long it takes, and what memory a
 * server needs for it. The events are written straight into the store.
 *
 * @module
 */

import { systemClock, systemRandom } from "../../../edge/base/clock.ts";
import { createEventConsequence } from "../../../edge/bill/events.ts";
import type { PaymentEnd } from "../../../edge/payment/consequence.ts";
import { orderName, paymentIdOf } from "../../../edge/payment/payment_id.ts";
import type { Store } from "../../../edge/store/store.ts";
import { CURRENCY } from "../../client.ts";
import { type Row, type Suite, tableOf } from "../../table.ts";
import { layGround } from "../kit/ground.ts";
import type { ServerProcess } from "../kit/processes.ts";
import { STORE_NAMES } from "../kit/store.ts";

const DAY_MS = 86_400_000;
/** A bill before the one that is measured, which warms the server. */
const WARM_LINES = 10_000;
const LINES = 1_000_000;
/** A transaction takes a thousand writes. */
const BATCH = 1_000;

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

/** Reads a bill; what came, and the most memory that the server has had so far. */
async function readBill(
  { origin, pid }: ServerProcess,
  key: string,
  day: Date,
) {
  const startedMs = performance.now();
  const path = `/v1/bills/${day.toISOString().slice(0, 10)}`;
  const response = await fetch(origin + path, {
    headers: { authorization: `Bearer ${key}`, accept: "text/csv" },
  });
  let [bytes, lines] = [0, 0];
  for await (const chunk of response.body!) {
    bytes += chunk.length;
    for (const byte of chunk) if (byte === 10) lines++;
  }
  const seconds = (performance.now() - startedMs) / 1_000;
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  const mostKb = Number(/VmHWM:\s+(\d+)/.exec(status)![1]);
  return {
    ...{ lines, seconds, "MB": bytes / 2 ** 20 },
    "resident memory of the server at most, MB": mostKb / 2 ** 10,
  };
}

export const billSuite: Suite = async () => {
  const rows: Row[] = [];
  for (const kind of ["sqlite", "tcp"] as const) {
    await using ground = await layGround(kind, 0);
    const server = await ground.start({ env: { OFFCODE_TIME_ZONE: "UTC" } });
    const { id, key } = await ground.openShop(server);
    const today = Math.floor(systemClock.nowMs() / DAY_MS);
    const [warm, whole] = [3, 2].map((ago) => new Date((today - ago) * DAY_MS));
    await writePayments(ground.store, id, warm!.getTime(), WARM_LINES);
    await writePayments(ground.store, id, whole!.getTime(), LINES);
    // The first reading closes a bill, which reads the events once more.
    for (const day of [warm!, whole!, whole!]) {
      const bill = await readBill(server, key, day);
      if (day === whole && bill.lines < LINES) throw new Error("Not whole");
      rows.push({ "store": STORE_NAMES[kind], ...bill });
    }
  }
  return [tableOf("The bill of a day, as CSV, read first and again", rows)];
};
