import { assertEquals } from "@std/assert";
import { countCustomer, readCustomers } from "../../../edge/risk/customers.ts";
import { ManualClock } from "../../support/store/fixture.ts";
import { ModelStore } from "../../support/store/model.ts";

const DAY_SECONDS = 86_400;
const TTL_SECONDS = 30 * DAY_SECONDS;
/** 2026-01-15T00:00:00Z */
const MIDNIGHT_SECONDS = 1_768_435_200;

/** A store in which customers come and go, and how many count on a day. */
function world() {
  const store = new ModelStore(new ManualClock(0));
  return {
    count: (afterDays: number, delta: 1 | -1, profile = 1) =>
      store.txn({
        checks: [],
        writes: [
          countCustomer({
            profile,
            expires: MIDNIGHT_SECONDS + afterDays * DAY_SECONDS,
          }, delta),
        ],
      }),
    of: (afterDays: number) =>
      readCustomers(
        store,
        (MIDNIGHT_SECONDS + afterDays * DAY_SECONDS) * 1_000,
        TTL_SECONDS,
      ),
    async on(afterDays: number) {
      return (await this.of(afterDays)).get(1) ?? 0;
    },
  };
}

Deno.test("readCustomers() counts to the day of their expiry", async () => {
  const days = world();
  const { count } = days;
  const on = (day: number) => days.on(day);
  for (const day of [0, 1, 1, 30]) await count(day, 1);
  assertEquals(await on(0), 4);
  assertEquals(await on(0.999), 4);
  assertEquals(await on(1), 3);
  assertEquals(await on(2), 1);
  await count(30, -1);
  assertEquals(await on(2), 0);
  // What has ended already is not taken from who comes later.
  await count(0, -1);
  assertEquals(await on(0), 2);
  // Nor does it count for the day that has its record next.
  assertEquals(await on(129), 0);
});

Deno.test("readCustomers() counts years of customers in records that do not grow in number", async () => {
  const store = new ModelStore(new ManualClock(0));
  const names = new Set<string>();
  for (let day = 0; day < 1_000; day++) {
    const expires = MIDNIGHT_SECONDS + (day + 30) * DAY_SECONDS;
    const write = countCustomer({ profile: 1, expires }, 1);
    await store.txn({ checks: [], writes: [write] });
    names.add(JSON.stringify(write.kind === "add" && write.counter));
    const nowMs = (MIDNIGHT_SECONDS + day * DAY_SECONDS) * 1_000;
    assertEquals(
      (await readCustomers(store, nowMs, TTL_SECONDS)).get(1),
      Math.min(day + 1, 31),
    );
  }
  assertEquals(names.size, 128);
});

Deno.test("readCustomers() counts each profile by itself", async () => {
  const { count, of } = world();
  for (const profile of [1, 2, 2, 9]) await count(3, 1, profile);
  assertEquals([...await of(0)], [[1, 1], [2, 2], [9, 1]]);
  await count(3, -1, 9);
  assertEquals([...await of(0)], [[1, 1], [2, 2]]);
  assertEquals([...await of(4)], []);
});
