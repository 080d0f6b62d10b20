import { assertEquals } from "@std/assert";
import { createPermits } from "../../../../edge/callback/delivery/permits.ts";

/** What a promise has come to by now. */
async function now<T>(promise: Promise<T>): Promise<T | "waits"> {
  let value: T | "waits" = "waits";
  void promise.then((it) => value = it);
  await new Promise((resolve) => setTimeout(resolve, 0));
  return value;
}

Deno.test("a merchant may have fewer permits the fewer are left", async () => {
  const permits = createPermits(16);
  const most = () => {
    let held = 0;
    while (permits.takeMore(held)) held++;
    return held;
  };
  // Of sixteen one takes eight: half of them stay for others.
  assertEquals(most(), 8);
  assertEquals(most(), 2);
  assertEquals(most(), 2);
  assertEquals(most(), 1);
  assertEquals(most(), 1);
  assertEquals(most(), 1);
  assertEquals(most(), 1);
  assertEquals(most(), 0);
  assertEquals(await now(permits.take()), "waits");
});

Deno.test("whoever has none is served in turn, before anybody who has some", async () => {
  const permits = createPermits(1);
  assertEquals(await permits.take(), true);
  assertEquals(permits.isWanted(), false);
  const [first, second] = [permits.take(), permits.take()];
  assertEquals(permits.isWanted(), true);
  permits.give();
  assertEquals([await now(first), await now(second)], [true, "waits"]);
  assertEquals(permits.takeMore(0), false);
  permits.give();
  assertEquals(await now(second), true);
  assertEquals(permits.isWanted(), false);
  permits.give();
  assertEquals(permits.takeMore(0), true);
});

Deno.test("stop() lets nobody wait and gives nothing more", async () => {
  const permits = createPermits(1);
  await permits.take();
  const waiting = permits.take();
  permits.stop();
  assertEquals(await now(waiting), false);
  permits.give();
  assertEquals(await permits.take(), false);
  assertEquals(permits.takeMore(0), false);
});
