import { assertEquals } from "@std/assert";
import { withCells } from "../../../edge/store/celled/celled.ts";
import {
  indexKind,
  IndexPlace,
  pagesOfAnswering,
  placesIn,
} from "../../../edge/store/indexes.ts";
import { DUE_CALLBACKS_KEY } from "../../../edge/store/keys.ts";
import { NOON_MS, TestClock } from "../../support/world/app.ts";
import { testCells } from "../../support/store/cells.ts";
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

Deno.test("entries of several cells come in the order of one index", async () => {
  const cells = testCells(8);
  const model = new ModelStore(new TestClock(NOON_MS));
  const store = withCells({ cells, stores: cells.tags.map(() => model) });
  const index = new IndexPlace(DUE_CALLBACKS_KEY);
  // Of equal scores the lower member is first, in whichever cell it is.
  const entries = [["c", 0, 3], ["a", 1, 5], ["b", 1, 2]] as const;
  for (const [member, score, cell] of entries) {
    const [place] = placesIn(index, [cell]);
    await store.txn({ checks: [], writes: [place!.put(member, score)] });
  }
  const all = entries.map(([member, score]) => ({ member, score }));
  assertEquals(
    await pagesOfAnswering(store, [index.page(2), index.page(9, { min: 1 })]),
    { pages: [all.slice(0, 2), all.slice(1)], silent: 0 },
  );
});
