import { assert, assertEquals } from "@std/assert";
import {
  giveBack,
  takeShare,
  type TierLimits,
} from "../../edge/risk/limits.ts";
import type { Settings } from "../../edge/boot/settings.ts";
import { doubleScanKey } from "../../edge/store/keys.ts";
import type { Store } from "../../edge/store/store.ts";
import type { Answer } from "../support/world/api.ts";
import {
  NOON_MS,
  startApp,
  type TestApp,
  TestClock,
  UNLIMITED,
} from "../support/world/app.ts";
import {
  type Desk,
  limited,
  openDesk,
  said,
  tally,
} from "../support/world/desk.ts";
import { peekAccount } from "../support/world/peek.ts";
import type { StoreFactory } from "../support/store/fixture.ts";
import { everyStoreAndCells } from "../support/store/stores.ts";

const PAYMENTS = 50;

/** A desk, and a second edge on its store. */
interface TwoEdges extends Desk {
  readonly second: TestApp;
}

async function openTwo(
  factory: StoreFactory,
  settings: Partial<Settings>,
): Promise<TwoEdges> {
  await using starting = new AsyncDisposableStack();
  const clock = new TestClock(NOON_MS);
  const { store, reopen, dispose } = await factory(clock);
  starting.defer(dispose);
  const second = starting.use(
    await startApp({ clock, settings, openStore: () => reopen!() }),
  );
  const desk = await openDesk({ clock, settings, openStore: () => store });
  const stack = starting.move();
  return {
    ...desk,
    second,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** What the counters of a day's limits say. */
async function counters({ app }: Desk): Promise<Record<string, string>> {
  const { spent, count } = await peekAccount(app.store, "alice");
  return { payments: `${count?.amount}`, spent: `${spent.EUR?.amount}` };
}

/**
 * 50 payments under way at once: each has claimed its code and its share, or
 * was refused, before the first debit is begun.
 */
async function allAtOnce(desk: Desk, prefix = "order"): Promise<Answer[]> {
  const go = Promise.withResolvers<void>();
  let arrived = Promise.withResolvers<void>();
  desk.ledger.beforeDebit = () => {
    arrived.resolve();
    return go.promise;
  };
  const running: Promise<Answer>[] = [];
  for (let i = 0; i < PAYMENTS; i++) {
    arrived = Promise.withResolvers();
    const payment = desk.pay(`${prefix}-${i}`, desk.next());
    running.push(payment);
    await Promise.race([payment, arrived.promise]);
  }
  go.resolve();
  return await Promise.all(running);
}

const ROOMS: readonly (readonly [Partial<TierLimits>, number])[] = [
  [{ perDayMinor: 20 * 1_250 + 1_249 }, 20],
  [{ countPerDay: 7 }, 7],
  [{ offlineUses: 11 }, 11],
  [{ perDayMinor: 9 * 1_250, countPerDay: 30 }, 9],
];

for (const [engine, factory] of everyStoreAndCells()) {
  Deno.test(`of 50 payments at once as many succeed as a daily limit has room for, over ${engine}`, async () => {
    for (
      const [settings, room] of [
        [limited({ perDayMinor: 20 * 1_250 + 1_249 }), 20],
        [limited({ countPerDay: 7 }), 7],
        [limited({ offlineUses: 11 }), 11],
      ] as const
    ) {
      await using desk = await openTwo(factory, settings);
      await desk.api.setBalance("alice", 1_000_000);
      assertEquals(tally(await allAtOnce(desk)), {
        "201": room,
        "limit-exceeded": PAYMENTS - room,
      });
      assertEquals(await desk.balance(), 1_000_000 - room * 1_250);
      assertEquals(await counters(desk), {
        payments: `${room}`,
        spent: `${room * 1_250}`,
      });
    }
  });

  Deno.test(`what declined payments give back fits others, of 50 at once too, over ${engine}`, async () => {
    await using desk = await openTwo(
      factory,
      limited({ perDayMinor: 20 * 1_250 }),
    );
    await desk.api.setBalance("alice", 8 * 1_250);
    assertEquals(tally(await allAtOnce(desk)), {
      "201": 8,
      "payment-declined": 12,
      "limit-exceeded": 30,
    });
    assertEquals(await counters(desk), {
      payments: "8",
      spent: `${8 * 1_250}`,
    });
    await desk.api.setBalance("alice", 1_000_000);
    assertEquals(tally(await allAtOnce(desk, "again")), {
      "201": 12,
      "limit-exceeded": 38,
    });
    assertEquals(await counters(desk), {
      payments: "20",
      spent: `${20 * 1_250}`,
    });
  });

  Deno.test(`payments and reversals at once leave exactly what was not reversed, over ${engine}`, async () => {
    await using desk = await openTwo(
      factory,
      limited({ perDayMinor: PAYMENTS * 1_250 }),
    );
    const { second } = desk;
    await desk.api.setBalance("alice", 1_000_000);
    assertEquals(tally(await allAtOnce(desk)), { "201": PAYMENTS });
    assertEquals(
      said(await desk.pay("one-more", desk.next())),
      "limit-exceeded",
    );
    const answers = await Promise.all(
      Array.from(
        { length: 200 },
        (_, i) =>
          (i % 2 === 0 ? desk : second).api.call("POST", "/v1/reversals", {
            key: desk.merchant.key,
            // Each of 25 orders by eight calls.
            body: { order_id: `order-${i % 25}` },
          }),
      ),
    );
    assertEquals(tally(answers), { "200": 200 });
    assertEquals(await counters(desk), {
      payments: "25",
      spent: `${25 * 1_250}`,
    });
    assertEquals(await desk.balance(), 1_000_000 - 25 * 1_250);
  });

  Deno.test(`50 shares taken at once by three edges are what fits, over ${engine}`, async () => {
    const clock = new TestClock(NOON_MS);
    const { store, reopen, dispose } = await factory(clock);
    const stores: Store[] = [store, await reopen!(), await reopen!()];
    try {
      for (const [n, [limits, room]] of ROOMS.entries()) {
        const share = {
          accountId: `account-${n}`,
          currency: "EUR",
          amountMinor: 1_250,
          day: "2026-01-15",
          offline: true,
        };
        const { guards, writes } = takeShare(share, {
          ...UNLIMITED.limits.normal,
          ...limits,
        });
        const take = (i: number) =>
          stores[i % stores.length]!.txn({
            checks: guards,
            writes: [
              ...writes,
              {
                kind: "set",
                // Any record of the account's cell.
                key: doubleScanKey("mer_1", share.accountId, "EUR", i),
                value: "taken",
              },
            ],
          });
        const results = await Promise.all(
          Array.from({ length: PAYMENTS }, (_, i) => take(i)),
        );
        const took = results.flatMap((it, i) => it.committed ? [i] : []);
        assertEquals(took.length, room);
        // What goes back makes room for exactly as many.
        const back = took.slice(0, 5);
        await Promise.all(back.map((i) =>
          stores[(i + 1) % stores.length]!.txn({
            checks: [],
            writes: giveBack(share, clock.ms, null),
          })
        ));
        const more = await Promise.all(
          Array.from({ length: PAYMENTS }, (_, i) => take(PAYMENTS + i)),
        );
        assertEquals(more.filter((it) => it.committed).length, back.length);
        assert(more.every((it) => it.committed || it.label !== undefined));
      }
    } finally {
      for (const store of stores.slice(1)) await store.close();
      await dispose();
    }
  });
}
