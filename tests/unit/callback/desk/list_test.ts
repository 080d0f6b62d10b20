import { assert, assertEquals } from "@std/assert";
import { listCallbacks } from "../../../../edge/callback/desk/list.ts";
import { callbacksKey, deadCallbacksKey } from "../../../../edge/store/keys.ts";
import { NOON_MS, TestClock } from "../../../support/world/app.ts";
import {
  callbackRecord,
  storeCallbacks,
} from "../../../support/callback/records.ts";
import { ModelStore } from "../../../support/store/model.ts";

const MERCHANT = `mer_${"0".repeat(32)}`;

Deno.test("listCallbacks() goes on where a page and what was read for it end with the same callback", async () => {
  const store = new ModelStore(new TestClock(NOON_MS));
  // Latest first: 150 that are dead, then 55 that were delivered. The fiftieth
  // of these is the last of the 200 that are read at a time.
  const records = Array.from(
    { length: 205 },
    (_, i) =>
      callbackRecord(MERCHANT, i, NOON_MS, i < 55 ? "delivered" : "dead"),
  );
  await storeCallbacks(store, records);
  const pages: number[][] = [];
  let cursor: string | undefined;
  do {
    const page = await listCallbacks(store, MERCHANT, {
      status: "delivered",
      ...(cursor !== undefined && { cursor }),
    });
    assert("callbacks" in page);
    pages.push(
      page.callbacks.map(({ orderId }) => Number(orderId.split("-")[1])),
    );
    cursor = page.cursor;
  } while (cursor !== undefined);
  const downFrom = (from: number, length: number) =>
    Array.from({ length }, (_, i) => from - i);
  assertEquals(pages, [downFrom(54, 50), downFrom(4, 5)]);
});

Deno.test("listCallbacks() shows no callback of another merchant, though it is in the merchant's list", async () => {
  const store = new ModelStore(new TestClock(NOON_MS));
  const own = callbackRecord(MERCHANT, 1, NOON_MS, "dead");
  const other = callbackRecord(`mer_${"1".repeat(32)}`, 2, NOON_MS, "dead");
  await storeCallbacks(store, [own, other]);
  // As somebody who writes into the store could leave it.
  await store.txn({
    checks: [],
    writes: [callbacksKey, deadCallbacksKey].map((key) => ({
      kind: "index",
      index: key(MERCHANT),
      member: other.callback_id,
      score: 0,
    })),
  });
  for (const query of [{}, { status: "dead" }] as const) {
    const page = await listCallbacks(store, MERCHANT, query);
    assert("callbacks" in page);
    assertEquals(page.callbacks.map((it) => it.callbackId), [own.callback_id]);
  }
});
