import { assertEquals } from "@std/assert";
import { spanOfDay } from "../../edge/base/day.ts";
import type { Ledger } from "../../edge/ledger/ledger.ts";
import { refundName } from "../../edge/payment/refund.ts";
import type { TestMerchant, TestPhone } from "../support/world/api.ts";
import { TestClock } from "../support/world/app.ts";
import { oneBucket } from "../support/world/scene.ts";
import { openWorld } from "../support/world/world.ts";

/** `BILL_PAYMENTS=100000` runs the full size. */
const PAYMENTS = Number(Deno.env.get("BILL_PAYMENTS") ?? 200);
const HOUR_MS = 3_600_000;
/** Longer than a time step, so that a phone has a new code. */
const PHONE_RESTS_MS = 31_000;

/** A movement of money, as bill and book are compared. */
interface Movement {
  readonly kind: string;
  readonly atMs: number;
  readonly paymentId: string;
  /** The ledger's name of a refund. */
  readonly refund: string;
  readonly amountMinor: number;
}

const textOf = ({ kind, atMs, paymentId, refund, amountMinor }: Movement) =>
  `${
    new Date(atMs).toISOString()
  } ${kind} ${paymentId} ${refund} ${amountMinor}`;

/** A ledger that keeps a book of what it moved. */
function bookOf(ledger: Ledger, clock: TestClock, book: Movement[]): Ledger {
  const amounts = new Map<string, number>();
  const enter = (
    kind: string,
    paymentId: string,
    amountMinor: number,
    refund = "",
  ) => book.push({ kind, atMs: clock.ms, paymentId, refund, amountMinor });
  return {
    query: (id) => ledger.query(id),
    queryRefund: (id, refundId) => ledger.queryRefund(id, refundId),
    async debit(debit, options) {
      const answer = await ledger.debit(debit, options);
      if (answer.kind === "approved") {
        enter("payment", debit.paymentId, debit.amountMinor);
        amounts.set(debit.paymentId, debit.amountMinor);
      }
      return answer;
    },
    async reverse(paymentId) {
      const answer = await ledger.reverse(paymentId);
      const amount = amounts.get(paymentId);
      if (answer.kind === "reversed" && amount !== undefined) {
        enter("reversal", paymentId, amount);
      }
      return answer;
    },
    async refund(refund) {
      const answer = await ledger.refund(refund);
      if (answer.kind === "refunded") {
        const { paymentId, amountMinor, refundId } = refund;
        enter("refund", paymentId, amountMinor, refundId);
      }
      return answer;
    },
  };
}

/** A world with a merchant in a zone. */
async function openShop(timeZone: string, nowMs: number) {
  const clock = new TestClock(nowMs);
  const book: Movement[] = [];
  const world = await openWorld({
    ...{ clock, random: oneBucket },
    ledger: (sandbox) => bookOf(sandbox, clock, book),
  });
  const { api } = world.edge;
  const made = await api.must(201, "POST", "/v1/admin/merchants", {
    key: api.adminKey,
    body: { name: "Shop", time_zone: timeZone },
  });
  assertEquals(made.time_zone, timeZone);
  const merchant: TestMerchant = { id: made.merchant_id, key: made.api_key };
  return { world, api, clock, merchant, book };
}

type Shop = Awaited<ReturnType<typeof openShop>>;

/** Takes payments, reverses some and refunds some, until `toMs`. */
async function trade({ api, clock, merchant }: Shop, toMs: number) {
  const everyMs = (toMs - clock.ms) / PAYMENTS;
  const walletKey = await api.walletKey();
  const phones: TestPhone[] = [];
  for (let i = 0; i <= PHONE_RESTS_MS / everyMs; i++) {
    phones.push(await api.enrol(walletKey, `a${i}`, `d${i}`));
    await api.setBalance(`a${i}`, 999_999_999_999);
  }
  const startMs = clock.ms;
  const call = (path: string, body: object) =>
    api.must(path === "/v1/reversals" ? 200 : 201, "POST", path, {
      key: merchant.key,
      body,
    });
  for (let i = 0; i < PAYMENTS; i++) {
    clock.ms = Math.floor(startMs + i * everyMs);
    await call("/v1/payments", {
      order_id: `order-${i}`,
      code: phones[i % phones.length]!.code(clock.ms),
      amount_minor: 100 + i % 977,
      currency: "EUR",
      ...(i % 3 > 0 && { store_id: `store-${i % 3}` }),
      ...(i % 4 > 0 && { terminal_id: `till-${i % 4}` }),
    });
    clock.ms++;
    // What was paid a while ago, and so perhaps on the day before.
    const order_id = `order-${i - 3}`;
    if (i >= 3 && i % 10 === 0) {
      const refund_id = `refund-${i}`;
      await call("/v1/refunds", { order_id, refund_id, amount_minor: 50 });
    } else if (i >= 3 && i % 7 === 0) await call("/v1/reversals", { order_id });
  }
}

/** The lines of a bill as movements, and the net total; flat in memory. */
async function readBill({ api, merchant }: Shop, day: string) {
  const response = await api.fetch(
    new Request(`${api.origin}/v1/bills/${day}`, {
      headers: { authorization: `Bearer ${merchant.key}`, accept: "text/csv" },
    }),
  );
  assertEquals(response.status, 200);
  assertEquals(response.headers.get("offcode-bill"), "closed");
  const text = await response.text();
  const [head, ...rows] = text.trimEnd().split("\r\n")
    .map((row) => row.split(","));
  const cells = rows.map((row) =>
    Object.fromEntries(row.map((cell, i) => [head![i]!, cell]))
  );
  return {
    lines: cells.filter(({ payment_id }) => payment_id !== "").map((it) =>
      textOf({
        kind: it.line!,
        atMs: Date.parse(it.at!),
        paymentId: it.payment_id!,
        refund: it.refund_id && refundName(merchant.id, it.refund_id),
        amountMinor: Number(it.amount_minor),
      } as Movement)
    ),
    netMinor: Number(
      cells.find(({ line }) => line === "total by currency")!.net_minor,
    ),
  };
}

for (
  const [timeZone, days, hours] of [
    ["Europe/Berlin", ["2026-03-28", "2026-03-29", "2026-03-30"], 23],
    ["America/New_York", ["2026-10-31", "2026-11-01", "2026-11-02"], 25],
  ] as const
) {
  Deno.test(`bills of ${PAYMENTS} payments are the ledger's book, line by line, in ${timeZone}, whose day has ${hours} hours`, async () => {
    const { fromMs, toMs } = spanOfDay(days[1], timeZone)!;
    assertEquals(toMs - fromMs, hours * HOUR_MS);
    const shop = await openShop(timeZone, fromMs - HOUR_MS);
    await using _ = shop.world;
    const startedMs = performance.now();
    await trade(shop, toMs + HOUR_MS);
    const tradedMs = performance.now();
    shop.clock.ms = spanOfDay(days[2], timeZone)!.toMs + HOUR_MS;
    for (const day of days) {
      const span = spanOfDay(day, timeZone)!;
      const book = shop.book.filter(({ atMs }) =>
        atMs >= span.fromMs && atMs < span.toMs
      );
      const { lines, netMinor } = await readBill(shop, day);
      assertEquals(lines.toSorted(), book.map(textOf).sort(), day);
      assertEquals(
        netMinor,
        book.reduce(
          (sum, { kind, amountMinor }) =>
            sum + (kind === "payment" ? amountMinor : -amountMinor),
          0,
        ),
      );
    }
    if (PAYMENTS > 10_000) {
      const seconds = (ms: number) => (ms / 1_000).toFixed(1);
      console.log(
        `${PAYMENTS} payments ${seconds(tradedMs - startedMs)} s, bills ${
          seconds(performance.now() - tradedMs)
        } s, ${shop.book.length} lines`,
      );
    }
  });
}
