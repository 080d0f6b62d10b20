import { assertEquals } from "@std/assert";
import { indexKind } from "../../../edge/store/indexes.ts";
import { NOON_MS, TestClock } from "../../support/world/app.ts";
import { ModelStore } from "../../support/store/model.ts";

const due = indexKind((merchant: string) => `due:${merchant}`);

Deno.test("an index takes members, keeps a lower score where it is asked to, and is read in pages", async () => {
  const store = new ModelStore(new TestClock(NOON_MS));
  const index = due("m");
  const write = (...writes: ReturnType<typeof index.put>[]) =>
    store.txn({ checks: [index.empty("empty")], writes });
  assertEquals(
    (await write(index.put("a", 5), index.put("b", 7), index.put("c", 9)))
      .committed,
    true,
  );
  const again = await write(index.put("d", 1));
  assertEquals(!again.committed && again.label, "empty");
  await store.txn({
    checks: [],
    writes: [
      index.putLower("a", 6),
      index.putLower("b", 6),
      index.put("c", 10),
      index.remove("d"),
    ],
  });
  const all = [
    { member: "a", score: 5 },
    { member: "b", score: 6 },
    { member: "c", score: 10 },
  ];
  assertEquals(await store.range(index.page(9)), all);
  assertEquals(await store.range(index.page(1)), all.slice(0, 1));
  assertEquals(await store.range(index.page(9, { min: 6 })), all.slice(1));
  assertEquals(await store.range(index.page(9, { max: 6 })), all.slice(0, 2));
  const after = all[0]!;
  assertEquals(await store.range(index.page(9, { after })), all.slice(1));
  await store.txn({ checks: [], writes: [index.remove("b")] });
  assertEquals(await store.range(index.page(9)), [all[0]!, all[2]!]);
});
