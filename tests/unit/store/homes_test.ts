import { assertEquals } from "@std/assert";
import {
  devices,
  liveCredentials,
  marks,
} from "../../../edge/enrolment/writes.ts";
import { orders } from "../../../edge/payment/order_form.ts";
import { dueOrders } from "../../../edge/payment/transition.ts";
import { createCells } from "../../../edge/store/cells.ts";
import { commit, commitJoined } from "../../../edge/store/commit.ts";
import {
  accountKey,
  bucketEntriesKey,
  callbackEndpointKey,
  claimKey,
  confirmationsKey,
  CORE_SWITCH_KEY,
  credentialKey,
  deadKey,
  DUE_CALLBACKS_KEY,
  DUE_SEEDS_KEY,
  eventsKey,
  merchantKey,
  MODE_KEY,
  orderKey,
  refundKey,
} from "../../../edge/store/keys.ts";
import { withPlace } from "../../../edge/store/place.ts";
import { readRecords } from "../../../edge/store/record.ts";
import type { Home, Name } from "../../../edge/store/store.ts";
import { startApp } from "../../support/world/app.ts";

const ZEROS = "0".repeat(32);
const ORDER = withPlace(ZEROS, 5);

// The types are the test: an error that is expected and is not there is an error.
Deno.test("commit() takes no records of two homes, by its types and by what the store says", async () => {
  await using app = await startApp();
  const { store } = app;
  const [order, mark] = await readRecords(store, [orders(ORDER), marks("a")]);
  const both = async () => {
    // @ts-expect-error An account's record beside a merchant's.
    await commit(store, {
      guards: [order.unchanged("order")],
      writes: [order.delete(), mark.set(1)],
    });
    // @ts-expect-error An account's guard beside a merchant's.
    await commit(store, {
      guards: [order.unchanged("order"), mark.unchanged("mark")],
      writes: [order.delete()],
    });
    // @ts-expect-error A device's record beside an account's.
    await commit(store, {
      guards: [],
      writes: [liveCredentials("a").delete(), devices("d").delete()],
    });
  };
  void both;
  const none = { committed: true, values: [] } as const;
  // What is local is in the cell of the others.
  const local = await commit(store, {
    guards: [],
    writes: [orders(ORDER).delete(), dueOrders.remove(ORDER)],
  });
  assertEquals(local, none);
  const joined = await commitJoined(store, {
    guards: [],
    writes: [liveCredentials("a").delete(), devices("d").delete()],
  });
  assertEquals(joined, none);
});

Deno.test("the types of names say what the cells say", () => {
  const cells = createCells(8, new Uint8Array(32));
  const places = {
    ...{ merchant: 5, account: cells.placeOf(accountKey("a"))! },
    ...{ whole: 0, local: null },
  };
  const merchant = `mer_${ORDER}`;
  const credential = `cred_${withPlace(ZEROS, places.account)}`;
  const payment = `pay_${ORDER}${withPlace("0".repeat(16), places.account)}`;
  const names: { readonly [H in keyof typeof places & Home]: Name<H>[] } = {
    merchant: [
      ...[merchantKey(merchant), eventsKey(merchant), orderKey(ORDER)],
      ...[callbackEndpointKey(merchant), deadKey(payment), refundKey(ORDER)],
    ],
    account: [
      ...[accountKey("a"), confirmationsKey("a"), claimKey(payment)],
      ...[credentialKey(credential), bucketEntriesKey(1, places.account)],
    ],
    whole: [MODE_KEY, CORE_SWITCH_KEY],
    local: [DUE_SEEDS_KEY, DUE_CALLBACKS_KEY],
  };
  for (const [home, of] of Object.entries(names)) {
    const expected = places[home as keyof typeof places];
    for (const it of of) assertEquals(cells.placeOf(it), expected, it);
  }
});
