import { assertEquals, assertRejects } from "@std/assert";
import { commit } from "../../../edge/store/commit.ts";
import {
  json,
  plainText,
  readRecords,
  recordKind,
} from "../../../edge/store/record.ts";
import { openSqliteStore } from "../../../edge/store/sqlite/sqlite.ts";
import {
  type Store,
  StoreUnavailableError,
} from "../../../edge/store/store.ts";
import { FaultyStore } from "../../support/store/faulty_store.ts";
import { ManualClock } from "../../support/store/fixture.ts";
import { count, field, set } from "../../support/store/ops.ts";
import { withStorePath } from "../../support/store/sqlite.ts";

const orders = recordKind({
  key: (id: string) => `order:${id}`,
  form: json<{ attempt: string }>(),
});
const uses = recordKind({
  key: (id: string) => field(`account:${id}`, "use"),
  form: plainText,
});
const spent = field("account:a", "spent");

async function withFaulty(
  body: (store: FaultyStore, real: Store) => Promise<void>,
): Promise<void> {
  await withStorePath(async (path) => {
    const real = openSqliteStore({ path, clock: new ManualClock() });
    try {
      await body(new FaultyStore(real), real);
    } finally {
      await real.close();
    }
  });
}

const pay = (store: Store, attempt: string) =>
  commit(store, {
    guards: [
      orders("1").absent("order"),
      {
        kind: "within",
        counter: spent,
        period: "0",
        delta: 4,
        max: 9,
        label: "limit",
      },
    ],
    writes: [orders("1").set({ attempt }), count(spent, "0", 4)],
    reads: [spent],
  });

Deno.test("commit() says which guard refused, and what it found", async () => {
  await withFaulty(async (store) => {
    assertEquals(await pay(store, "a"), { committed: true, values: ["0:4"] });
    assertEquals(await pay(store, "b"), {
      committed: false,
      refusedBy: "order",
      value: '{"attempt":"a"}',
      values: ["0:4"],
    });
    await store.txn({
      checks: [],
      writes: [orders("1").delete(), set(spent, "0:6")],
    });
    const refused = await pay(store, "b");
    assertEquals(refused, {
      committed: false,
      refusedBy: "limit",
      value: "0:6",
      values: ["0:6"],
    });
  });
});

Deno.test("commit() that a transport repeated is a success, once", async () => {
  await withFaulty(async (store) => {
    store.plan({ at: 0, mode: "twice" });
    assertEquals(await pay(store, "a"), { committed: true, values: ["0:4"] });
    // So is one that is sent again after its reply was lost.
    assertEquals(await pay(store, "a"), { committed: true, values: ["0:4"] });
    assertEquals((await pay(store, "b")).committed, false);
    store.plan({ at: 0, mode: "after" });
    await assertRejects(() => pay(store, "a"), StoreUnavailableError);
  });
});

Deno.test("commit() knows its own change of a field, and its own removal", async () => {
  await withFaulty(async (store, real) => {
    const [none] = await readRecords(store, [uses("a")]);
    const first = {
      guards: [none.unchanged("use")],
      writes: [none.set("one"), none.set("two")],
    };
    store.plan({ at: 0, mode: "twice" });
    assertEquals((await commit(store, first)).committed, true);
    // Another field of the map, and another map, are not the same record.
    for (const other of ["one", "three"]) {
      await real.txn({ checks: [], writes: [uses("a").set(other)] });
      assertEquals((await commit(store, first)).committed, false);
    }
    const [use] = await readRecords(store, [uses("a")]);
    const removal = {
      guards: [use.unchanged("use")],
      writes: [use.delete(), set(field("account:a", "other"), "three")],
    };
    store.plan({ at: 0, mode: "twice" });
    assertEquals((await commit(store, removal)).committed, true);
    await real.txn({ checks: [], writes: [uses("a").set("four")] });
    assertEquals(await commit(store, removal), {
      committed: false,
      refusedBy: "use",
      value: "four",
      values: [],
    });
  });
});

Deno.test("commit() takes a refusal by a later guard for none of its own", async () => {
  await withFaulty(async (store, real) => {
    await real.txn({ checks: [], writes: [uses("a").set("mine")] });
    const [order] = await readRecords(store, [orders("1")]);
    const result = await commit(store, {
      guards: [order.unchanged("order"), uses("a").absent("use")],
      writes: [order.set({ attempt: "a" }), uses("a").set("mine")],
    });
    assertEquals(result, {
      committed: false,
      refusedBy: "use",
      value: "mine",
      values: [],
    });
  });
});

Deno.test("commit() asks `mine` where the writes do not tell, and insists on one of both", async () => {
  await withFaulty(async (store) => {
    const counting = {
      guards: [{
        kind: "within",
        counter: spent,
        period: "0",
        delta: 5,
        max: 5,
        label: "limit",
      }],
      writes: [count(spent, "0", 5)],
    } as const;
    await assertRejects(() => commit(store, counting), TypeError);
    assertEquals(store.trace, []);
    const mine = (value: string | null) => value === "0:5";
    store.plan({ at: 0, mode: "twice" });
    assertEquals((await commit(store, { ...counting, mine })).committed, true);
    const never = { ...counting, mine: () => false };
    assertEquals((await commit(store, never)).committed, false);
    const unwritten = {
      guards: [orders("1").absent("order")],
      writes: [uses("a").set("1")],
    };
    await assertRejects(() => commit(store, unwritten), TypeError);
    const blind = await commit(store, { guards: [], writes: unwritten.writes });
    assertEquals(blind.committed, true);
  });
});
