/**
 * A process that guesses: it opens a store and takes guess permits, many
 * at once, at a time that stands still, until it is throttled. It prints how
 * many it was given.
 *
 * @module
 */

import { systemRandom } from "../../../../edge/base/clock.ts";
import { createGuessPermits } from "../../../../edge/risk/guess_permits.ts";
import type { Ration } from "../../../../edge/risk/permit_pool.ts";
import { openStoreAt } from "../../store/process/process_stores.ts";

const [location, nowMs, perMinute, tries, perTerminal] = Deno.args;
const clock = { nowMs: () => Number(nowMs) };
// It is to wait for the others, not to give up.
const store = openStoreAt(location!, clock, { busyTimeoutMs: 60_000 });
const permits = createGuessPermits({
  store,
  clock,
  random: systemRandom,
});
/** Ten tries for each till, where a till has a limit of its own. */
const rations = (till: number): Ration[] => [
  ...(perTerminal === undefined ? [] : [{
    name: `merchant mer_1 till ${Math.floor(till / 10)}`,
    perMinute: Number(perTerminal),
  }]),
  {
    name: "merchant mer_1",
    perMinute: Number(perMinute),
    perDay: 1_000_000,
  },
];
// All processes begin together.
await Deno.stdin.read(new Uint8Array(1));
let given = 0;
await Promise.all(Array.from({ length: Number(tries) }, async (_, i) => {
  const permit = await permits.take(rations(i));
  if (permit.kind === "throttled") return;
  await Promise.resolve();
  if (await permit.release("miss") === null) given++;
}));
await store.close();
console.log(given);
