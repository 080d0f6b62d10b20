import { assert, assertEquals } from "@std/assert";
import { nextStep, WalletPool } from "../../../scripts/load/wallet_pool.ts";
import { seeded } from "../../support/world/points/seeded.ts";

const STEP_MS = 30_000;
const START_MS = 1_000_000 * STEP_MS;

/** Shows the step as its code. */
const wallet = { show: (ms: number) => ({ digits: `9010001${ms / STEP_MS}` }) };

function pool(count: number, codesPerWallet = 50): WalletPool {
  return new WalletPool({
    sources: Array.from({ length: count }, () => wallet),
    stepMs: STEP_MS,
    codesPerWallet,
    random: seeded(4),
  });
}

Deno.test("nextStep() leaves out what may be refused on its way, at either edge of a step", () => {
  for (
    const [intoStepMs, steps] of [
      [0, [-1, 0]],
      [4_999, [-1, 0]],
      [5_000, [-1, 0, 1]],
      [24_999, [-1, 0, 1]],
      [25_000, [0, 1]],
      [29_999, [0, 1]],
    ] as const
  ) {
    const found: number[] = [];
    for (let last = -1;;) {
      const step = nextStep(last, START_MS + intoStepMs, STEP_MS);
      if (step === null) break;
      found.push(step - 1_000_000);
      last = step;
    }
    assertEquals(found, [...steps], `${intoStepMs} ms`);
  }
});

Deno.test("WalletPool draws each code once, in order, and no wallet that waits for its answer", () => {
  const drawing = pool(2);
  const nowMs = START_MS + 10_000;
  const first = drawing.draw(nowMs)!;
  const second = drawing.draw(nowMs)!;
  assert(first.wallet !== second.wallet);
  assertEquals(drawing.draw(nowMs), null);
  const digits = [first.digits];
  for (let i = 1; i < 3; i++) {
    drawing.giveBack(first.wallet);
    const again = drawing.draw(nowMs)!;
    assertEquals([again.wallet, again.before], [first.wallet, i]);
    digits.push(again.digits);
  }
  assertEquals(digits, ["9010001999999", "90100011000000", "90100011000001"]);
  drawing.giveBack(first.wallet);
  assertEquals(drawing.draw(nowMs), null);
  // The next step has one more.
  assertEquals(drawing.draw(nowMs + STEP_MS)!.digits, "90100011000002");
});

Deno.test("WalletPool tells until when a drawn code is found, and stops at the limit", () => {
  const drawing = pool(1, 2);
  const { foundUntilMs, wallet } = drawing.draw(START_MS + 10_000)!;
  // The code of the step before is accepted until this step ends.
  assertEquals(foundUntilMs, START_MS + STEP_MS - 5_000);
  drawing.giveBack(wallet);
  drawing.giveBack(drawing.draw(START_MS + 10_000)!.wallet);
  assertEquals(drawing.draw(START_MS + 10_000), null);
  assertEquals(drawing.draw(START_MS + 10 * STEP_MS), null);
});

Deno.test("WalletPool makes a wrong code that spends nothing", () => {
  const drawing = pool(1);
  assertEquals(drawing.wrongCode(START_MS), "90100011000001");
  assertEquals(drawing.draw(START_MS)!.digits, "9010001999999");
});
