import { assertEquals } from "@std/assert";
import { createBackOff } from "../../../edge/base/backoff.ts";

/** The pauses of losers who draw this. */
async function pausesOf(draw: number, lost: number): Promise<number[]> {
  const asked: number[] = [];
  const backOff = createBackOff({
    random: {
      bytes: (length) => {
        const bytes = new Uint8Array(length);
        new DataView(bytes.buffer).setUint16(0, draw);
        return bytes;
      },
    },
    pause: (ms) => {
      asked.push(ms);
      return Promise.resolve();
    },
  });
  for (let i = 1; i <= lost; i++) await backOff(i);
  return asked;
}

Deno.test("createBackOff() draws from spans that double, up to 400 ms", async () => {
  assertEquals(await pausesOf(2 ** 15, 9), [
    ...[4, 8, 16, 32, 64, 128, 200, 200, 200],
  ]);
  assertEquals(await pausesOf(0, 9), Array(9).fill(0));
  const longest = 400 * (2 ** 16 - 1) / 2 ** 16;
  assertEquals((await pausesOf(2 ** 16 - 1, 12)).at(-1), longest);
});
