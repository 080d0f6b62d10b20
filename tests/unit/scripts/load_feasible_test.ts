import { assert, assertEquals } from "@std/assert";
import {
  codesBy,
  faultsOf,
  maxRate,
  walletsFor,
} from "../../../scripts/load/feasible.ts";
import {
  type LoadOptions,
  readOptions,
} from "../../../scripts/load/options.ts";
import { nextStep } from "../../../scripts/load/wallet_pool.ts";

const STEP_MS = 30_000;

function options(text: string): LoadOptions {
  return readOptions(text.split(" ")) as LoadOptions;
}

/** Codes of a wallet that is asked for one again and again, by each moment. */
function codesFrom(phaseMs: number, tickMs: number, ticks: number): number[] {
  let last = -1;
  let codes = 0;
  const startMs = 100 * STEP_MS + phaseMs;
  return Array.from({ length: ticks }, (_, i) => {
    for (;;) {
      const step = nextStep(last, startMs + i * tickMs, STEP_MS);
      if (step === null) return codes;
      assert(step > last);
      last = step;
      codes++;
    }
  });
}

Deno.test("codesBy() is what a wallet has at least, whenever in a step the run began, and no less", () => {
  const tickMs = 500;
  const ticks = 400;
  const least = new Array(ticks).fill(Infinity);
  for (let phaseMs = 0; phaseMs < STEP_MS; phaseMs += 500) {
    for (const [i, codes] of codesFrom(phaseMs, tickMs, ticks).entries()) {
      least[i] = Math.min(least[i], codes);
    }
  }
  assertEquals(
    least,
    Array.from({ length: ticks }, (_, i) => codesBy(i * tickMs / 1000)),
  );
});

Deno.test("walletsFor() and maxRate() are each other's inverse, and faultsOf() agrees", () => {
  for (
    const text of [
      "--rate 50 --seconds 20",
      "--rate 500 --seconds 60 --spacing uniform",
      "--rate 100 --seconds 300 --repeats 20 --queries 20",
      "--rate 3 --seconds 1000 --payments-per-wallet 5",
      "--rate 20 --seconds 3 --tills 4",
      "--rate 0.2 --seconds 9.9",
    ]
  ) {
    const asked = options(text);
    const wallets = walletsFor(asked);
    const enough = { ...asked, wallets };
    assertEquals(faultsOf(enough), [], text);
    assert(maxRate(enough) >= asked.rate, text);
    // One wallet less is one too few.
    const scarce = { ...asked, wallets: wallets - 1 };
    assertEquals(faultsOf(scarce).length, 1, text);
    assert(maxRate(scarce) < asked.rate, text);
  }
});

Deno.test("maxRate() of a long uniform run nears one payment in a step of each wallet", () => {
  const long = options(
    "--wallets 3032 --rate 1 --seconds 3600 --spacing uniform --payments-per-wallet 1000",
  );
  // Right before the 122nd code, 121 of each that does not wait at a till.
  assertEquals(codesBy(3580), 122);
  assertEquals(maxRate(long).toFixed(4), (3000 * 121 / 3580).toFixed(4));
  assertEquals(
    Math.round(maxRate({ ...long, paymentsPerWallet: 50 }) * 3600),
    150_000,
  );
});

Deno.test("faultsOf() says in a sentence what is impossible, and what would do", () => {
  assertEquals(
    faultsOf(
      options("--wallets 1000 --rate 500 --seconds 60 --spacing uniform"),
    ),
    [
      "1000 wallets cannot feed 500 requests a second for 60 s: a wallet pays once in 30 s, and 50 times at most. They feed 64.5 a second. Take 7532 wallets, or a lower --rate.",
    ],
  );
  assertEquals(faultsOf(options("--wallets 32")), [
    "32 tills keep 32 wallets waiting for answers, so 32 wallets leave none to pay. Take 408 wallets, or fewer tills.",
  ]);
  const [fault] = faultsOf(options("--wallets 1000 --rate 19000 --seconds 50"));
  assertEquals(fault!.endsWith("Take more wallets, or a lower --rate."), true);
});

Deno.test("faultsOf() keeps bad codes below what the server takes of a merchant", () => {
  const [fault, ...more] = faultsOf(
    options("--wallets 9000 --rate 100 --seconds 30 --bad 4"),
  );
  assertEquals(more, []);
  assertEquals(
    fault,
    "4 % of bad codes are 52 a minute for each of 4 merchants, bursts included, and the server takes 20 and 1000 a day: it would refuse good codes, too. Take more --merchants or a lower --bad; or start the server with a higher OFFCODE_BAD_CODE_LIMIT and say so with --bad-code-limit.",
  );
  for (const more of ["--merchants 32", "--bad-code-limit 52"]) {
    assertEquals(
      faultsOf(
        options(`--wallets 9000 --rate 100 --seconds 30 --bad 4 ${more}`),
      ),
      [],
    );
  }
  // Each minute has few enough, and the hour too many.
  const hour = "--wallets 90000 --rate 250 --seconds 3600 --bad 30 --tills 4";
  assertEquals(faultsOf(options(`${hour} --bad-code-limit 1300`)).length, 1);
  assertEquals(faultsOf(options(`${hour} --bad-code-limit 1400`)), []);
});
