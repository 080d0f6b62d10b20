import { assert, assertEquals } from "@std/assert";
import type { FaultRule } from "../support/redis/gateway_faults.ts";
import { openRegions } from "../support/world/regions/regions.ts";
import {
  FaultyLink,
  type LinkFault,
} from "../support/world/regions/regions_link.ts";
import {
  drawer,
  openShop,
  runPayments,
} from "../support/world/regions/run_payments.ts";
import { checkBooks } from "../support/world/regions/run_payments_books.ts";

const CUSTOMERS = 100;
const ROUNDS = 20;
const TILLS = 8;
/** Of the messages to the store. */
const SHARE = 0.1;
/** Short, because what hangs waits for it; a busy machine answers within it. */
const TIMEOUT_MS = 300;

/** Somewhat more than the share; those that wait for a deadline are rare. */
const RULES: readonly FaultRule[] = [
  { kind: "drop", probability: 0.03 },
  { kind: "drop", executed: true, probability: 0.03 },
  { kind: "status", status: 500, probability: 0.015 },
  { kind: "status", status: 503, executed: true, probability: 0.015 },
  { kind: "html", probability: 0.01 },
  { kind: "html", executed: true, probability: 0.01 },
  { kind: "hang", probability: 0.005 },
  { kind: "hang", executed: true, probability: 0.005 },
  { kind: "delay", ms: 2 * TIMEOUT_MS, executed: true, probability: 0.005 },
];

Deno.test("2 000 payments over REST with a fault in ten requests: the books agree", async () => {
  await using world = await openRegions("REST");
  const { clock, gateway } = world;
  const healthy = await world.edge();
  const shop = await openShop(healthy.api, CUSTOMERS);
  const edges = [];
  for (let i = 0; i < TILLS; i++) {
    edges.push(await world.edge({ timeoutMs: TIMEOUT_MS }));
  }
  gateway.resetStats();
  gateway.setFaults(RULES, 1);
  const notes = await runPayments({
    tills: edges.map(({ api }) => api),
    shop,
    clock,
    rounds: ROUNDS,
    seed: 1,
  });
  const { requests, faults } = gateway.stats();
  gateway.setFaults();
  const befallen = Object.values(faults).reduce((sum, n) => sum + n, 0);
  assert(befallen / requests >= SHARE, `${befallen} of ${requests}`);
  assertEquals(Object.keys(faults).length, 5);

  const counts = await world.raw((redis) =>
    checkBooks(healthy, shop, notes, redis)
  );
  assert(notes.orders.size >= CUSTOMERS * ROUNDS);
  // What a busy machine does not finish in time is reversed.
  assert(counts.succeeded > 500, JSON.stringify(counts));
});

/** Those that wait for a deadline are rare. */
const LINK_FAULTS: readonly LinkFault[] = [
  ...Array<LinkFault>(5).fill("cut before"),
  ...Array<LinkFault>(6).fill("cut after"),
  ...["silent before", "silent after", "late"] as const,
];

Deno.test("2 000 payments over TCP with a fault in ten messages: the books agree", async () => {
  await using world = await openRegions("TCP");
  const { clock } = world;
  const healthy = await world.edge();
  const shop = await openShop(healthy.api, CUSTOMERS);
  // One for all tills, each with a connection of its own.
  await using link = new FaultyLink(world.place);
  const draw = drawer(2);
  link.plan(() =>
    draw() < 1.3 * SHARE
      ? LINK_FAULTS[Math.floor(draw() * LINK_FAULTS.length)]
      : undefined
  );
  const edges = [];
  for (let i = 0; i < TILLS; i++) {
    edges.push(await world.edge({ through: link, timeoutMs: TIMEOUT_MS }));
  }
  const notes = await runPayments({
    tills: edges.map(({ api }) => api),
    shop,
    clock,
    rounds: ROUNDS,
    seed: 2,
  });
  const { messages, faults } = link;
  assert(faults / messages >= SHARE, `${faults} of ${messages}`);
  link.plan();
  await link.settled();

  const counts = await world.raw((redis) =>
    checkBooks(healthy, shop, notes, redis)
  );
  assert(notes.orders.size >= CUSTOMERS * ROUNDS);
  // What a busy machine does not finish in time is reversed.
  assert(counts.succeeded > 500, JSON.stringify(counts));
});
