import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  amountIn,
  counter,
  integer,
  json,
  plainText,
  readRecords,
  recordKind,
} from "../../../edge/store/record.ts";
import { openSqliteStore } from "../../../edge/store/sqlite/sqlite.ts";
import {
  type Check,
  type Store,
  StoreUnavailableError,
  type Write,
} from "../../../edge/store/store.ts";
import { ManualClock } from "../../support/store/fixture.ts";
import { field, set } from "../../support/store/ops.ts";
import { withStorePath } from "../../support/store/sqlite.ts";

interface Order {
  readonly state: "open" | "paid";
  readonly amount: number;
}

const orders = recordKind({
  key: (merchant: string, id: string) => `order:${merchant}:${id}`,
  form: json<Order>(),
  ttlMs: ({ state }) => state === "open" ? undefined : 1_000,
});
const uses = recordKind({
  key: (account: string) => field(`account:${account}`, "use"),
  form: plainText,
});
const scans = recordKind({
  key: (id: string) => `scan:${id}`,
  form: plainText,
  ttlMs: 60_000,
});

async function withStore(
  body: (store: Store, clock: ManualClock) => Promise<void>,
): Promise<void> {
  await withStorePath(async (path) => {
    const clock = new ManualClock();
    const store = openSqliteStore({ path, clock });
    try {
      await body(store, clock);
    } finally {
      await store.close();
    }
  });
}

const OPEN: Order = { state: "open", amount: 5 };

Deno.test("readRecords() gives what is there, each of its type, in one snapshot", async () => {
  await withStore(async (store) => {
    await store.txn({
      checks: [],
      writes: [orders("m", "1").set(OPEN), uses("a").set("code 1")],
    });
    const [order, use, none] = await readRecords(store, [
      orders("m", "1"),
      uses("a"),
      orders("m", "2"),
    ]);
    const amount: number | undefined = order.value?.amount;
    const text: string | null = use.value;
    assertEquals([amount, text, none.value], [5, "code 1", null]);
  });
});

Deno.test("a place makes the guards of numbers, counters and values, and adds", async () => {
  await withStore(async (store) => {
    const marks = recordKind({ key: () => "mark", form: integer })();
    const counts = recordKind({ key: () => "count", form: counter })();
    const day = (delta: number) => ({ period: "2026-01-02", delta });
    const holds = async (check: Check, ...writes: Write[]) =>
      (await store.txn({ checks: [check], writes })).committed;
    assertEquals(await holds(marks.above("mark", -1)), false);
    assertEquals(await holds(marks.absent("mark"), marks.set(7)), true);
    assertEquals(await holds(marks.equals("mark", 7)), true);
    assertEquals(await holds(marks.equals("mark", 8)), false);
    assertEquals(await holds(marks.below("mark", 8)), true);
    assertEquals(await holds(marks.below("mark", 7)), false);
    assertEquals(await holds(marks.above("mark", 6)), true);
    assertEquals(await holds(marks.above("mark", 7)), false);
    const within = counts.within("count", day(2), 3);
    assertEquals(await holds(within, counts.add(day(2))), true);
    assertEquals(await holds(within, counts.add(day(2))), false);
    const [{ value }] = await readRecords(store, [counts]);
    assertEquals(amountIn(value, "2026-01-02"), 2);
    assertEquals([amountIn(value, "2026-01-03"), amountIn(null, "0")], [0, 0]);
  });
});

Deno.test("unchanged() holds while the record is as it was read, and no longer", async () => {
  await withStore(async (store) => {
    const places = [orders("m", "1"), uses("a")] as const;
    const guards = async () => {
      const [order, use] = await readRecords(store, places);
      return [order.unchanged("order"), use.unchanged("use")];
    };
    const commit = async (checks: Awaited<ReturnType<typeof guards>>) => {
      const result = await store.txn({ checks, writes: [] });
      return result.committed || result.label;
    };
    const absent = await guards();
    assertEquals(await commit(absent), true);
    await store.txn({ checks: [], writes: [uses("a").set("1")] });
    assertEquals(await commit(absent), "use");
    const before = await guards();
    assertEquals(await commit(before), true);
    await store.txn({ checks: [], writes: [orders("m", "1").set(OPEN)] });
    assertEquals(await commit(before), "order");
    const [order] = await readRecords(store, places);
    await store.txn({ checks: [], writes: [order.delete()] });
    assertEquals(await commit(before), true);
  });
});

Deno.test("set() gives a record the lifetime of its kind", async () => {
  await withStore(async (store, clock) => {
    const places = [orders("m", "1"), orders("m", "2"), scans("s"), uses("a")];
    const [open, paid] = await readRecords(store, [
      orders("m", "1"),
      orders("m", "2"),
    ]);
    await store.txn({
      checks: [],
      writes: [
        open.set(OPEN),
        paid.set({ ...OPEN, state: "paid" }),
        scans("s").set("1"),
        uses("a").set("1"),
      ],
    });
    const there = async () => {
      const { values } = await store.read({ keys: places.map((it) => it.ref) });
      return values.map((value) => value !== null);
    };
    clock.ms += 999;
    assertEquals(await there(), [true, true, true, true]);
    clock.ms += 1;
    assertEquals(await there(), [true, false, true, true]);
    clock.ms += 59_000;
    assertEquals(await there(), [true, false, false, true]);
  });
});

Deno.test("a text that is not of its form is corrupt, and no error repeats it", async () => {
  await withStore(async (store) => {
    const place = orders("m", "1");
    await store.txn({ checks: [], writes: [set(place.ref, "SECRET")] });
    const error = await assertRejects(
      () => readRecords(store, [place]),
      StoreUnavailableError,
    );
    assertEquals([error.fault, error.cause], ["corrupt", undefined]);
    assertThrows(() => place.held("{"), StoreUnavailableError);
    assertEquals(place.held(null).value, null);
  });
});

Deno.test("put() gives the write and what is held once it is committed", async () => {
  await withStore(async (store) => {
    const { write, held } = orders("m", "1").put(OPEN);
    await store.txn({ checks: [], writes: [write] });
    const [read] = await readRecords(store, [orders("m", "1")]);
    assertEquals([held.isSame(read), held.isAbsent], [true, false]);
    assertEquals(held.unchanged("order"), read.unchanged("order"));
    const [none] = await readRecords(store, [orders("m", "2")]);
    assertEquals([held.isSame(none), none.isAbsent], [false, true]);
  });
});

Deno.test("a lifetime that is given with a value goes before the one of its kind", () => {
  const ttlOf = (write: { kind: string; ttlMs?: number }) => write.ttlMs;
  assertEquals(ttlOf(scans("s").set("x")), 60_000);
  assertEquals(ttlOf(scans("s").set("x", 5)), 5);
  assertEquals(ttlOf(scans("s").held("y").set("x", 5)), 5);
});

Deno.test("a record that its form reads as nothing is held, and may be removed as it was read", () => {
  const lenient = recordKind({
    key: (id: string) => `lenient:${id}`,
    form: { write: (value: number) => `${value}`, read: () => null },
  });
  const held = lenient("1").held("no number");
  assertEquals([held.value, held.isAbsent], [null, false]);
  assertEquals(held.unchanged("it"), {
    kind: "equals",
    key: "lenient:1",
    value: "no number",
    label: "it",
  });
});
