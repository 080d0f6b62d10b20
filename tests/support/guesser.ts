/**
 * A process that guesses: it opens a store and takes guess slots, many
 * at once, at a time that stands still, until it is throttled. It prints how
 * many it was given.
 *
 * @module
 */

import { createGuessSlots } from "../../edge/risk/guess_slots.ts";
import { openStoreAt } from "./process_stores.ts";

const [location, nowMs, perMinute, tries] = Deno.args;
const clock = { nowMs: () => Number(nowMs) };
// It is to wait for the others, not to give up.
const store = openStoreAt(location!, clock, { busyTimeoutMs: 60_000 });
const slots = createGuessSlots({
  store,
  clock,
  limits: { perMinute: Number(perMinute), perDay: 1_000_000 },
});
// All processes begin together.
await Deno.stdin.read(new Uint8Array(1));
let given = 0;
await Promise.all(Array.from({ length: Number(tries) }, async () => {
  const slot = await slots.take("merchant mer_1");
  if (slot.kind === "throttled") return;
  given++;
  await Promise.resolve();
  slot.release("miss");
}));
await store.close();
console.log(given);
