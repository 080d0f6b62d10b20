import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  createCells,
  inCell,
  isCellCount,
  MOST_CELLS,
  slotOf,
  tagsOf,
} from "../../../edge/store/cells.ts";
import * as keys from "../../../edge/store/keys.ts";
import {
  createCelledStore,
  withCells,
} from "../../../edge/store/celled/celled.ts";
import { commit } from "../../../edge/store/commit.ts";
import { placeIn, placeOfId, withPlace } from "../../../edge/store/place.ts";
import { orderName } from "../../../edge/payment/payment_id.ts";
import { openSqliteStore } from "../../../edge/store/sqlite/sqlite.ts";
import type { Transaction } from "../../../edge/store/store.ts";
import { ManualClock } from "../../support/store/fixture.ts";
import { ModelStore } from "../../support/store/model.ts";
import { withStorePath } from "../../support/store/sqlite.ts";

const KEY = new Uint8Array(32).fill(3);
const OTHER_KEY = new Uint8Array(32).fill(4);
const MERCHANT = `mer_${"7ab".padEnd(32, "0")}`;
const PLACE = 0x3ab;

Deno.test("slotOf() is the slot that Redis computes", () => {
  // 0x31C3 is the check value of CRC16/XMODEM; the other is by CLUSTER KEYSLOT.
  assertEquals(slotOf("123456789"), 0x31c3);
  assertEquals(slotOf("0"), 13_907);
});

Deno.test("tagsOf() puts each cell into the middle of its part of the slots", () => {
  for (const count of [2, 8, 64, MOST_CELLS]) {
    const width = 16_384 / count;
    assertEquals(
      tagsOf(count).map(slotOf),
      Array.from({ length: count }, (_, i) => width * i + width / 2),
    );
  }
});

Deno.test("isCellCount() takes powers of two up to 1024", () => {
  const taken = Array.from({ length: 2_000 }, (_, i) => i).filter(isCellCount);
  assertEquals(taken, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024]);
  for (const count of [0, 3, 2_048, 1.5, NaN]) {
    assertThrows(() => createCells(count, KEY), RangeError);
  }
});

Deno.test("withPlace() changes the place and no other bit", () => {
  assertEquals(placeIn("fff0"), 1_023);
  assertEquals(withPlace("fff0", 1), "c010");
  assertEquals(withPlace("0001", 1_023), "3ff1");
  assertEquals([placeOfId(MERCHANT), placeIn("mer")], [PLACE, 0]);
});

/** Every name that keys.ts can make, with parts of the usual forms. */
function everyName(): string[] {
  const names: string[] = [];
  for (const value of Object.values(keys)) {
    const made = typeof value === "function"
      ? (value as (...parts: unknown[]) => unknown)(
        ...[MERCHANT, 5, "EUR", 1],
      )
      : value;
    const name = typeof made === "object" && made !== null && "map" in made
      ? made.map
      : made;
    const isName = typeof name === "string" &&
      name.startsWith(`${keys.CELL}:`);
    if (isName) names.push(name as string);
  }
  return names;
}

Deno.test("every name of keys.ts has a home, or is local", () => {
  const cells = createCells(64, KEY);
  const names = everyName();
  assertEquals(names.length > 50, true);
  for (const name of names) {
    const place = cells.placeOf(name);
    assertEquals(
      place === null || (Number.isInteger(place) && place >= 0 && place < 1024),
      true,
      name,
    );
  }
  assertThrows(() => cells.placeOf("oc:{0}:nothing:1"), TypeError);
  assertThrows(() => cells.placeOf("order:1"), TypeError);
});

Deno.test("what belongs to a merchant shares a cell, whatever the number of cells", () => {
  const order = orderName(MERCHANT, "order-1");
  const names = [
    ...[keys.merchantKey, keys.merchantKeysKey, keys.eventsKey]
      .concat([keys.callbackEndpointKey, keys.callbacksKey])
      .map((it) => it(MERCHANT)),
    ...[keys.orderKey(order), keys.sweepKey(order)],
    keys.refundKey(`ref_${order}`),
    keys.deadKey(`pay_${order}${"f".repeat(16)}`),
    keys.guessesField(`merchant ${MERCHANT} till 7`, "day").map,
    keys.guessesField(`merchant ${MERCHANT}`, "day").map,
  ];
  for (const count of [2, 64, 1024]) {
    const cells = createCells(count, KEY);
    assertEquals(
      new Set(names.map((it) => cells.cellOf(it))),
      new Set([PLACE % count]),
    );
  }
});

Deno.test("what belongs to an account shares a cell, by the cell key", () => {
  const homes = [KEY, OTHER_KEY].map((key) => {
    const cells = createCells(1024, key);
    const names = [
      keys.accountKey("alice"),
      keys.confirmationsKey("alice"),
      keys.sandboxSpentKey("alice"),
      keys.doubleScanKey(MERCHANT, "alice", "EUR", 5),
    ];
    const found = new Set(names.map((it) => cells.cellOf(it)));
    assertEquals(found.size, 1);
    return [...found][0];
  });
  assertEquals(new Set(homes).size, 2);
  const cells = createCells(64, KEY);
  const all = new Set(
    Array.from(
      { length: 1_000 },
      (_, i) => cells.cellOf(keys.accountKey(`a${i}`)),
    ),
  );
  assertEquals(all.size, 64);
});

/** Runs `body` with a store of eight cells in one file. */
async function withEight(
  body: (
    open: (count?: number, key?: Uint8Array, prefix?: string) => ReturnType<
      typeof createCelledStore
    >,
  ) => Promise<void>,
): Promise<void> {
  await withStorePath(async (path) => {
    const clock = new ManualClock();
    const file = openSqliteStore({ path, clock });
    await body((count = 8, key = KEY, prefix = "90") =>
      createCelledStore({
        cells: createCells(count, key),
        stores: new Array(count).fill(file),
        prefix,
      })
    );
    await file.close();
  });
}

const put = (...names: string[]): Transaction => ({
  checks: [],
  writes: names.map((key) => ({ kind: "set", key, value: key })),
});

Deno.test("a transaction cannot name two cells, nor none", async () => {
  await withEight(async (open) => {
    const store = open();
    const { cells } = store;
    const [a, b] = Array.from(
      { length: 99 },
      (_, i) => keys.accountKey(`a${i}`),
    )
      .toSorted((x, y) => cells!.cellOf(x)! - cells!.cellOf(y)!)
      .filter((_, i) => i === 0 || i === 98);
    await assertRejects(() => store.txn(put(a!, b!)), TypeError, "two cells");
    await assertRejects(
      () =>
        commit(store, {
          guards: [{ kind: "absent", key: a!, label: "a" }],
          writes: put(a!).writes,
          reads: [b!],
        }),
      TypeError,
      "two cells",
    );
    await assertRejects(
      () => store.txn(put(keys.ERASURE_KEY)),
      TypeError,
      "no cell",
    );
    assertEquals((await store.read({ keys: [a!, b!] })).values, [null, null]);
    await store.txn(put(a!, keys.ERASURE_KEY));
    // A local record is in the cell of the others, and only there.
    const local = [a!, b!].map(async (it) =>
      (await store.read({ keys: [it, keys.ERASURE_KEY] })).values[1]
    );
    assertEquals(await Promise.all(local), [keys.ERASURE_KEY, null]);
  });
});

Deno.test("a page of a local index is merged from all cells, in order", async () => {
  await withEight(async (open) => {
    const store = open();
    const expected: { score: number; member: string }[] = [];
    for (let i = 0; i < 40; i++) {
      const id = `mer_${(i * 37 % 1024).toString(16).padStart(3, "0")}`;
      const entry = { score: i % 7, member: `${id}-${i}` };
      expected.push(entry);
      await store.txn({
        checks: [{ kind: "absent", key: keys.merchantKey(id) }],
        writes: [{ kind: "index", index: keys.MERCHANTS_KEY, ...entry }],
      });
    }
    expected.sort((a, b) =>
      a.score - b.score || (a.member < b.member ? -1 : 1)
    );
    const query = { index: keys.MERCHANTS_KEY, min: 0, max: 9, limit: 15 };
    const first = await store.range(query);
    assertEquals(first, expected.slice(0, 15));
    const { ranges } = await store.read({
      ranges: [{ ...query, after: first.at(-1)!, limit: 100 }],
    });
    assertEquals(ranges[0], expected.slice(15));
    await store.txn({
      checks: [],
      writes: [{
        kind: "unindex",
        index: keys.MERCHANTS_KEY,
        member: expected[0]!.member,
      }],
    });
    assertEquals((await store.range(query))[0], expected[1]);
  });
});

Deno.test("names() lists the names of all cells as keys.ts makes them", async () => {
  await withEight(async (open) => {
    const store = open();
    const names = Array.from(
      { length: 30 },
      (_, i) => keys.orderKey(orderName(`mer_${i}00`, "order")),
    );
    for (const name of names) await store.txn(put(name));
    await store.txn(put(keys.deadKey("pay_1")));
    const page = await store.names(keys.ORDERS_PREFIX);
    assertEquals(page.next, null);
    assertEquals(page.names.toSorted(), names.toSorted());
  });
});

Deno.test("records() lists records that end like those about a cell, and none about a cell", async () => {
  await withEight(async (open) => {
    const store = open();
    const names = [
      keys.accountKey("cell"),
      keys.deviceKey("cells-used"),
      keys.verificationKey("key_1", "cell"),
    ];
    for (const name of names) await store.txn(put(name));
    // Values come first, then indexes, of which there are none.
    const { records } = await store.records(keys.CELL);
    assertEquals(
      records.map(({ name }) => name).toSorted(),
      names.toSorted(),
    );
  });
});

Deno.test("a store that was used with other cells is refused, and says what differs", async () => {
  await withEight(async (open) => {
    const store = open();
    assertEquals(await store.refusal!(), null);
    assertEquals(await open().refusal!(), null);
    const others: [ReturnType<typeof open>, string][] = [
      [open(16), "OFFCODE_CELLS"],
      [open(4), "OFFCODE_CELLS"],
      [open(8, OTHER_KEY), "OFFCODE_CELL_KEY"],
      [open(8, KEY, "91"), "OFFCODE_PREFIX"],
    ];
    for (const [other, word] of others) {
      const fault = await other.refusal!();
      assertEquals(fault?.includes(word), true, `${word}: ${fault}`);
      await assertRejects(() => other.read({ keys: [keys.MODE_KEY] }), Error);
      await assertRejects(
        () => other.txn(put(keys.accountKey("a"))),
        Error,
        "refused",
      );
    }
  });
});

Deno.test("a store of one cell cannot be divided, nor a divided one be used as one cell", async () => {
  await withEight(async (open) => {
    await open().refusal!();
    await withStorePath(async (path) => {
      const one = openSqliteStore({ path, clock: new ManualClock() });
      await one.txn(put(keys.MODE_KEY));
      const cells = createCells(8, KEY);
      const many = createCelledStore({
        cells,
        stores: new Array(8).fill(one),
        prefix: "90",
      });
      assertEquals(
        await many.refusal!(),
        "The store was first used with one cell: it cannot be divided.",
      );
      await one.close();
    });
  });
});

Deno.test("inCell() pins a name to a cell", () => {
  const cells = createCells(8, KEY);
  assertEquals(cells.cellOf(inCell(keys.ERASURE_KEY, 5)), 5);
  assertEquals(
    cells.stored(inCell(keys.ERASURE_KEY, 5), 5),
    `oc:{${tagsOf(8)[5]}}:erasure-key`,
  );
});

Deno.test("timeMs() is that of the database whose clock is farthest from the machine's", async () => {
  const clock = new ManualClock();
  for (
    const [offsets, worst] of [
      [[0, 10_000], 10_000],
      [[10_000, 0], 10_000],
      [[0, -9_000, 100], -9_000],
      [[5_000, 5_000, -1], 5_000],
    ] as const
  ) {
    const stores = offsets.map((it) =>
      new ModelStore({ nowMs: () => clock.ms + it })
    );
    const count = 8;
    const store = withCells({
      ...{ cells: createCells(count, KEY), clock },
      stores: Array.from(
        { length: count },
        (_, i) => stores[i % stores.length]!,
      ),
    });
    const found = await store.timeMs() - clock.ms;
    // The machine's timer went on meanwhile.
    assert(Math.abs(found - worst) < 500, `${offsets}: ${found}`);
  }
});
