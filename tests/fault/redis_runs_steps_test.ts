import { assert, assertEquals } from "@std/assert";
import { createHash } from "node:crypto";
import { type Api, insist, type TestPhone } from "../support/world/api.ts";
import { NOON_MS, TestClock } from "../support/world/app.ts";
import { openRegions, WAYS } from "../support/world/regions/regions.ts";
import {
  type Edges,
  startEdges,
} from "../support/world/regions/regions_steps.ts";
import { nameOf } from "../support/world/regions/run_payments.ts";
import { oneBucket, setScene } from "../support/world/scene.ts";

const STEP_MS = 30_000;

/**
 * Pays an order until it has ended or is known to be open, and finds the
 * answers, the record and the ledger agreeing.
 */
async function payOnce(
  { near, far }: Edges,
  order: { code: string; order_id: string },
  merchant: { id: string; key: string },
  accountId: string,
): Promise<void> {
  const balance = await far.api.balance(accountId);
  const first = await insist(() => near.api.pay(merchant, order));
  const name = nameOf(first);
  assert(["201", "200", "402 payment-pending"].includes(name), name);
  const query = () =>
    near.api.call("GET", `/v1/payments?order_id=${order.order_id}`, {
      key: merchant.key,
    });
  const payment = (await insist(query)).body;
  assertEquals(payment.payment_id, first.body.payment_id);
  const again = await insist(() => near.api.pay(merchant, order));
  assertEquals(again.body.payment_id, payment.payment_id);
  // Whoever is told that it is paid may rely on it.
  if (name !== "402 payment-pending") assertEquals(again.status, 200);
  const { status } = (await insist(query)).body;
  const taken = balance - await far.api.balance(accountId);
  if (again.status < 300) assertEquals([status, taken], ["succeeded", 1250]);
  else assert(status === "processing" && (taken === 0 || taken === 1250));
}

/** The code buys nothing more, here or there, now or later. */
async function isSpent(
  { near, far }: Edges,
  clock: TestClock,
  { code, order_id }: { code: string; order_id: string },
  merchant: { id: string; key: string },
  walletKey: string,
): Promise<void> {
  for (const [i, { api }] of [near, far].entries()) {
    const later = `${order_id}-${i}`;
    const paid = await insist(() =>
      api.pay(merchant, { code, order_id: later })
    );
    assertEquals(nameOf(paid), "409 code-replayed");
    const verified = await insist(() => api.verify(walletKey, code, later));
    assertEquals(nameOf(verified), "409 code-replayed");
  }
  // Across the boundaries of its steps, until it is nobody's any more.
  for (const end of ["409 code-replayed", "422 code-not-accepted"]) {
    clock.advance(STEP_MS);
    const paid = await insist(() =>
      near.api.pay(merchant, { code, order_id: `${order_id}-late` })
    );
    assertEquals(nameOf(paid), end);
  }
}

for (const way of WAYS) {
  Deno.test(`over ${way}, a payment with a fault at any step is paid once and its code spent`, async () => {
    await using world = await openRegions(way);
    await using edges = await startEdges(world);
    const { clock } = world;
    const steps = await edges.play(async ({ name, begin }) => {
      const scene = await setScene(edges.far.api, `alice-${name}`);
      const { merchant, phone, walletKey } = scene;
      const order = { code: phone.code(clock.ms), order_id: `order-${name}` };
      begin();
      await payOnce(edges, order, merchant, phone.accountId);
      await isSpent(edges, clock, order, merchant, walletKey);
    });
    assert(steps > 12);
  });

  Deno.test(`over ${way}, a verification with a fault at any step has one result`, async () => {
    await using world = await openRegions(way);
    await using edges = await startEdges(world);
    const { near, far, play } = edges;
    const { clock } = world;
    await play(async ({ name, begin }) => {
      const scene = await setScene(far.api, `alice-${name}`);
      const { merchant, phone, walletKey } = scene;
      const code = phone.code(clock.ms);
      begin();
      const results = new Set<string>();
      for (const { api } of [near, near, far]) {
        const answer = await insist(() => api.verify(walletKey, code, name));
        assertEquals(nameOf(answer), "200");
        results.add(JSON.stringify(answer.body));
      }
      assertEquals(results.size, 1);
      const order = { code, order_id: name };
      await isSpent(edges, clock, order, merchant, walletKey);
    });
  });

  Deno.test(`over ${way}, wrong codes and spellings take nothing whatever fails`, async () => {
    await using world = await openRegions(way);
    await using edges = await startEdges(world);
    const { near, far, play } = edges;
    const { clock } = world;
    await play(async ({ name, begin }) => {
      const { merchant, phone } = await setScene(far.api, `alice-${name}`);
      const code = phone.code(clock.ms);
      begin();
      for (const spelling of [`${code} `, `+${code}`, `${code}\u0000`]) {
        const order = { code: spelling, order_id: name };
        const paid = await insist(() => near.api.pay(merchant, order));
        assertEquals(nameOf(paid), "422 code-malformed");
      }
      const wrong = [
        phone.code(clock.ms - 2 * STEP_MS),
        phone.code(clock.ms + 2 * STEP_MS),
      ];
      for (const code of wrong) {
        const order = { code, order_id: name };
        const paid = await insist(() => near.api.pay(merchant, order));
        assertEquals(nameOf(paid), "422 code-not-accepted");
      }
      assertEquals(await far.api.balance(phone.accountId), 10_000);
      const order = { code, order_id: name };
      await payOnce(edges, order, merchant, phone.accountId);
    });
  });

  Deno.test(`over ${way}, a new phone ends the old one's codes whatever fails`, async () => {
    await using world = await openRegions(way);
    await using edges = await startEdges(world);
    const { near, far, play } = edges;
    const { clock } = world;
    await play(async ({ name, begin }) => {
      const scene = await setScene(far.api, `alice-${name}`);
      const { merchant, phone, walletKey } = scene;
      // Both edges hold the old seed.
      for (const [i, { api }] of [near, far].entries()) {
        const code = phone.code(clock.ms + (i - 1) * STEP_MS);
        const answer = await insist(() =>
          api.verify(walletKey, code, `${name}-${i}`)
        );
        assertEquals(nameOf(answer), "200");
      }
      begin();
      const renewed = await insist(() =>
        enrolAgain(near.api, walletKey, phone)
      );
      assertEquals(nameOf(renewed), "201");
      const code = phone.code(clock.ms + STEP_MS);
      for (const [i, { api }] of [far, near].entries()) {
        const order = { code, order_id: `${name}-${i}` };
        const paid = await insist(() => api.pay(merchant, order));
        assertEquals(nameOf(paid), "422 code-not-accepted");
        const verified = await insist(() => api.verify(walletKey, code, name));
        assertEquals(nameOf(verified), "422 code-not-accepted");
      }
      assertEquals(await far.api.balance(phone.accountId), 10_000);
    });
  });

  Deno.test(`over ${way}, a customer's used code never blocks another's equal one`, async () => {
    await using world = await openRegions(way);
    await using edges = await startEdges(world);
    const { play } = edges;
    const { clock } = world;
    // Seeds by the SHA-256 of "offcode collision " and a number, found by
    // trying: the first shows at noon what the second shows ten steps later.
    const seeds = [634_414, 160_974].map((n) =>
      new Uint8Array(
        createHash("sha256").update(`offcode collision ${n}`).digest(),
      )
    );
    let next: Uint8Array<ArrayBuffer> | undefined;
    const chosen = await world.edge({
      random: {
        bytes(length) {
          if (length !== 32 || next === undefined) {
            return oneBucket.bytes(length);
          }
          const seed = next;
          next = undefined;
          return seed;
        },
      },
    });
    const { api } = chosen;
    const walletKey = await api.walletKey();
    await play(async ({ name, begin }) => {
      clock.ms = NOON_MS;
      const merchant = await api.merchant();
      const phones: TestPhone[] = [];
      for (const [i, seed] of seeds.entries()) {
        // A copy, as it is wiped.
        next = seed.slice();
        // The same ones every time, as others would make their codes
        // ambiguous.
        phones.push(await api.enrol(walletKey, `acct-${i}`, `phone-${i}`));
        await api.setBalance(`acct-${i}`, 10_000);
      }
      begin();
      const code = phones[0]!.code(clock.ms);
      for (const [i, { accountId }] of phones.entries()) {
        const order = { code, order_id: `${name}-${i}` };
        await payOnce(edges, order, merchant, accountId);
        if (i === 0) clock.advance(10 * STEP_MS);
      }
      const order = { code, order_id: `${name}-end` };
      const replayed = await insist(() => edges.near.api.pay(merchant, order));
      assertEquals(nameOf(replayed), "409 code-replayed");
    });
  });

  Deno.test(`over ${way}, clocks that differ end every success whatever fails`, async () => {
    const storeClock = new TestClock(NOON_MS);
    await using world = await openRegions(way, { storeClock });
    await using edges = await startEdges(world);
    const { near, far, play } = edges;
    const { clock } = world;
    const offsets = [3_600_000, 2_100, -2_100];
    let plays = 0;
    const steps = await play(async ({ name: id, begin }) => {
      const offsetMs = offsets[plays++ % offsets.length]!;
      storeClock.ms = clock.ms;
      const scene = await setScene(far.api, `alice-${id}`);
      const { merchant, phone, walletKey } = scene;
      clock.advance(offsetMs);
      begin();
      const code = phone.code(clock.ms);
      const order = { code, order_id: id };
      const answers = [
        await insist(() => near.api.pay(merchant, order)),
        await insist(() => near.api.verify(walletKey, code, id)),
        await insist(() => near.api.call("GET", "/readyz")),
      ];
      for (const answer of answers) {
        assertEquals(nameOf(answer), "503 clock-unsure");
      }
      const { detail } = answers[2]!.body;
      assertEquals(/differ by -?[0-9]+ ms/.test(detail), true, detail);
      assertEquals(await far.api.balance(phone.accountId), 10_000);
      // Both are right again: nothing was taken meanwhile.
      storeClock.ms = clock.ms;
      await payOnce(edges, order, merchant, phone.accountId);
    });
    assert(steps > 8);
  });
}

/** A second phone for the same account. */
async function enrolAgain(api: Api, key: string, phone: TestPhone) {
  return await api.call("POST", "/v1/enrolments", {
    key,
    body: {
      account_id: phone.accountId,
      device_id: `new-${phone.deviceId}`,
      device_key: phone.device.publicJwk,
    },
  });
}
