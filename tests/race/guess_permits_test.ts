import { LimitedCommand } from "../support/http/command.ts";
import { assert, assertEquals } from "@std/assert";
import { NOON_MS, TestClock } from "../support/world/app.ts";
import { leasedOf } from "../support/world/guesses/guess_permits.ts";
import { tally } from "../support/world/desk.ts";
import {
  openStoreAt,
  PROCESS_STORES,
  withProcessStore,
} from "../support/store/process/process_stores.ts";
import { SERVER_STORES } from "../support/store/process/server_stores.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const MINUTE_MS = 60_000;

/** Starts a process that guesses, and lets it begin when `go` is called. */
function guesser(
  location: string,
  perMinute: number,
  tries: number,
  ...perTerminal: number[]
) {
  const child = new LimitedCommand(Deno.execPath(), {
    args: [
      ...["run", "-A", "--config", `${ROOT}deno.json`],
      `${ROOT}tests/support/world/guesses/guesser.ts`,
      ...[location, NOON_MS, perMinute, tries, ...perTerminal].map(String),
    ],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  return {
    async go(): Promise<number> {
      const writer = child.stdin.getWriter();
      await writer.write(new Uint8Array(1));
      await writer.close();
      const { success, stdout } = await child.output();
      assert(success);
      return Number(new TextDecoder().decode(stdout));
    },
  };
}

for (const [engine, start] of Object.entries(PROCESS_STORES)) {
  for (const [processes, perMinute, tries] of [[4, 20, 50], [3, 5, 100]]) {
    Deno.test(`take() gives ${processes} processes of ${tries} tries ${perMinute} permits in all, over ${engine}`, () =>
      withProcessStore(start, async (location) => {
        const children = Array.from(
          { length: processes! },
          () => guesser(location, perMinute!, tries!),
        );
        const given = await Promise.all(children.map((child) => child.go()));
        assertEquals(given.reduce((a, b) => a + b), perMinute);
        const store = openStoreAt(location, new TestClock(NOON_MS));
        try {
          assertEquals(
            await leasedOf(store, "merchant mer_1", "minute", NOON_MS),
            perMinute!,
          );
        } finally {
          await store.close();
        }
      }));
  }
}

for (const [engine, start] of Object.entries(PROCESS_STORES)) {
  Deno.test(`take() gives each till its permits and all tills together the merchant's, over ${engine}`, () =>
    withProcessStore(start, async (location) => {
      // Ten tills with ten tries each in each process.
      const [PER_TILL, PER_MERCHANT] = [3, 20];
      const given = await Promise.all(
        Array.from(
          { length: 3 },
          () => guesser(location, PER_MERCHANT, 100, PER_TILL),
        ).map((it) => it.go()),
      );
      const all = given.reduce((a, b) => a + b);
      // Each edge may be left with a lease of the merchant's, a quarter at most,
      // that none of its tills may use any more.
      const idle = given.length * PER_MERCHANT / 4;
      assert(all <= PER_MERCHANT && all >= PER_MERCHANT - idle, `${all}`);
      const store = openStoreAt(location, new TestClock(NOON_MS));
      try {
        const leased = (ration: string) =>
          leasedOf(store, ration, "minute", NOON_MS);
        assertEquals(await leased("merchant mer_1"), PER_MERCHANT);
        for (let till = 0; till < 10; till++) {
          const ofTill = await leased(`merchant mer_1 till ${till}`) ?? 0;
          assert(ofTill <= PER_TILL, `${ofTill}`);
        }
      } finally {
        await store.close();
      }
    }));

  Deno.test(`take() holds a till's limit in several processes, over ${engine}`, () =>
    withProcessStore(start, async (location) => {
      // Ten tries of one till in each process.
      const children = Array.from(
        { length: 4 },
        () => guesser(location, 1_000, 10, 7),
      );
      const given = await Promise.all(children.map((child) => child.go()));
      assertEquals(given.reduce((a, b) => a + b), 7);
    }));
}

for (const [engine, start] of Object.entries(SERVER_STORES)) {
  Deno.test(`servers with OFFCODE_BAD_CODE_LIMIT search no more bad codes than that, over ${engine}`, async () => {
    const LIMIT = 5;
    const env = { OFFCODE_BAD_CODE_LIMIT: `${LIMIT}` };
    await using place = await start();
    await using one = await place.server({ workers: 3, env });
    await using two = await place.server({ env });
    const merchant = await one.api.merchant();
    const minuteOf = () => Math.floor(Date.now() / MINUTE_MS);
    const began = minuteOf();
    const answers = await Promise.all(
      Array.from(
        { length: 100 },
        (_, i) =>
          (i % 2 === 0 ? one : two).api.pay(merchant, {
            code: `9010042${`${i}`.padStart(11, "0")}`,
            order_id: `order-${i}`,
          }),
      ),
    );
    // The servers have a clock of their own: each minute that was touched counts.
    const minutes = minuteOf() - began + 1;
    const { "code-not-accepted": searched = 0, ...rest } = tally(answers);
    assert(searched >= 1 && searched <= LIMIT * minutes, `${searched}`);
    const {
      "too-many-attempts": throttled = 0,
      "store-unavailable": busy = 0,
    } = rest;
    assertEquals(searched + throttled + busy, 100);
    assert(throttled > 0);
  });
}
