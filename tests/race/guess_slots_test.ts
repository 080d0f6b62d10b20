import { assert, assertEquals } from "@std/assert";
import { guessesKey } from "../../edge/store/keys.ts";
import { openSqliteStore } from "../../edge/store/sqlite.ts";
import { NOON_MS, TestClock } from "../support/app.ts";
import { tally } from "../support/desk.ts";
import { startServer } from "../support/server.ts";
import { withStorePath } from "../support/store_sqlite.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const MINUTE_MS = 60_000;

/** Starts a process that guesses, and lets it begin when `go` is called. */
function guesser(path: string, perMinute: number, tries: number) {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "--config", `${ROOT}deno.json`],
      `${ROOT}tests/support/guesser.ts`,
      ...[path, NOON_MS, perMinute, tries].map(String),
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

for (const [processes, perMinute, tries] of [[4, 20, 50], [3, 5, 100]]) {
  Deno.test(`take() gives ${processes} processes of ${tries} tries ${perMinute} slots in all`, () =>
    withStorePath(async (path) => {
      const clock = new TestClock(NOON_MS);
      const store = openSqliteStore({ path, clock });
      try {
        const children = Array.from(
          { length: processes! },
          () => guesser(path, perMinute!, tries!),
        );
        const given = await Promise.all(children.map((child) => child.go()));
        assertEquals(given.reduce((a, b) => a + b), perMinute);
        const key = guessesKey("merchant mer_1", `m${NOON_MS / MINUTE_MS}`);
        const { values } = await store.read({ keys: [key] });
        assertEquals(values, [`${perMinute}`]);
      } finally {
        await store.close();
      }
    }));
}

Deno.test("servers with OFFCODE_BAD_CODE_LIMIT search no more bad codes than that", async () => {
  const LIMIT = 5;
  const env = { OFFCODE_BAD_CODE_LIMIT: `${LIMIT}` };
  await using one = await startServer({ workers: 3, env });
  await using two = await startServer({ folder: one.folder, env });
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
  const { "too-many-attempts": throttled = 0, "store-unavailable": busy = 0 } =
    rest;
  assertEquals(searched + throttled + busy, 100);
  assert(throttled > 0);
});
