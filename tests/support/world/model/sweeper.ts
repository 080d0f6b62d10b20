/**
 * What tests of the sweeper share: each runs on every store, and begins with an
 * edge that a crash has stopped.
 *
 * @module
 */

import { UNLIMITED } from "../app.ts";
import { HoldAt } from "../points/fail_points.ts";
import { calls, crashed } from "../desk.ts";
import { openPaymentWorld, type PaymentWorld } from "../world.ts";
import { everyStore } from "../../store/stores.ts";

const STORES = everyStore();

/** How long what is under way is left alone. */
export const RECOVER_MS = 10_000;

/** 12.50 EUR are confirmed by the customer. */
export const STEP_UP = {
  limits: {
    ...UNLIMITED.limits,
    normal: { ...UNLIMITED.limits.normal, stepUpAboveMinor: 1_000 },
  },
};

/** Registers a test over every store. */
export function testSweep(
  name: string,
  body: (world: PaymentWorld) => Promise<void>,
  settings = {},
): void {
  for (const [engine, factory] of STORES) {
    Deno.test(`sweep() ${name}, over ${engine}`, async () => {
      await using world = await openPaymentWorld(factory, settings);
      await body(world);
    });
  }
}

/** Pays order-1 on an edge that stops at `point` for good. */
export async function crashPaying(
  world: PaymentWorld,
  point: string,
): Promise<void> {
  const hold = new HoldAt(point);
  const dying = await world.start({ reach: hold.reach });
  await crashed(
    hold,
    calls(world, dying).pay("order-1", world.phone.code(world.clock.ms)),
  );
}
