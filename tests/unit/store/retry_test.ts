import { assertEquals, assertRejects } from "@std/assert";
import { LOST, retry } from "../../../edge/store/retry.ts";
import { StoreUnavailableError } from "../../../edge/store/store.ts";

/** An attempt that loses so often, and what became of it. */
function loser(losses: number) {
  const log: string[] = [];
  const backOff = (lost: number) => {
    log.push(`pause ${lost}`);
    return Promise.resolve();
  };
  const attempt = () => {
    log.push("try");
    return Promise.resolve(losses-- > 0 ? LOST : null);
  };
  return { log, backOff, attempt };
}

Deno.test("retry() pauses after each loss and before no other try", async () => {
  const { log, backOff, attempt } = loser(2);
  assertEquals(await retry(attempt, { backOff }), null);
  assertEquals(log, ["try", "pause 1", "try", "pause 2", "try"]);
});

Deno.test("retry() gives up after so many tries", async () => {
  for (const [tries, expected] of [[undefined, 12], [3, 3]] as const) {
    const { log, backOff, attempt } = loser(Infinity);
    const options = { backOff, ...(tries !== undefined && { tries }) };
    const { fault } = await assertRejects(
      () => retry(attempt, options),
      StoreUnavailableError,
    );
    assertEquals(fault, "refused");
    assertEquals(log.filter((it) => it === "try").length, expected);
    assertEquals(log.at(-1), "try");
  }
});

Deno.test("retry() tries nothing again after a fault", async () => {
  const { log, backOff } = loser(0);
  const attempt = () => Promise.reject(new StoreUnavailableError("timeout"));
  await assertRejects(() => retry(attempt, { backOff }), StoreUnavailableError);
  assertEquals(log, []);
});

Deno.test("retry() gives what is said for the case that every try loses", async () => {
  const { log, attempt } = loser(2);
  const otherwise = () => Promise.resolve("otherwise");
  assertEquals(await retry(attempt, { tries: 2, otherwise }), "otherwise");
  assertEquals(await retry(attempt, { tries: 2, otherwise }), null);
  assertEquals(log.length, 3);
});
