import { assertEquals } from "@std/assert";
import { createCelledStore } from "../../../edge/store/celled/celled.ts";
import { inCell } from "../../../edge/store/cells.ts";
import { commit } from "../../../edge/store/commit.ts";
import { CELL_LEASE_KEY, MODE_KEY } from "../../../edge/store/keys.ts";
import { plainText, recordKind } from "../../../edge/store/record.ts";
import { openSqliteStore } from "../../../edge/store/sqlite/sqlite.ts";
import {
  type ListableStore,
  type StoreFault,
  StoreUnavailableError,
  type Transaction,
} from "../../../edge/store/store.ts";
import { testCells } from "../../support/store/cells.ts";
import { withStorePath } from "../../support/store/sqlite.ts";
import { NOON_MS, TestClock } from "../../support/world/app.ts";

const cells = testCells(8);
const modes = recordKind({ key: () => MODE_KEY, form: plainText });
const places = recordKind({
  key: (cell: number) => inCell(CELL_LEASE_KEY, cell),
  form: plainText,
});

/** A store that is one of several nodes: what names the mark may not be answered. */
function nodeOf(
  store: ListableStore,
  faultOfMark: () => StoreFault | null,
): ListableStore {
  const txn = (transaction: Transaction) => {
    const fault = faultOfMark();
    return fault !== null && JSON.stringify(transaction).includes(MODE_KEY)
      ? Promise.reject(new StoreUnavailableError(fault))
      : store.txn(transaction);
  };
  return {
    txn,
    read: (request) => store.read(request),
    range: (query) => store.range(query),
    timeMs: () => store.timeMs(),
    close: () => Promise.resolve(),
    names: (...page) => store.names(...page),
    records: (...page) => store.records(...page),
    restore: (...records) => store.restore(...records),
  };
}

/** Runs `body` over a cluster whose node with the mark can go away. */
async function withNodes(
  body: (nodes: {
    /** All records, past every node. */
    readonly store: ListableStore;
    /** What the node with the mark answers from now on. */
    setFault(fault: StoreFault | null): void;
    /** Lets ten seconds pass. */
    pass(): void;
    /** Uses these cells as an edge that has just started; says which of them answer. */
    start(prefix?: string): (...cells: number[]) => Promise<string[]>;
  }) => Promise<void>,
): Promise<void> {
  await withStorePath(async (path) => {
    const clock = new TestClock(NOON_MS);
    const store = openSqliteStore({ path, clock });
    let fault: StoreFault | null = null;
    const start = (prefix = "90") => {
      const stores = cells.tags.map(() => nodeOf(store, () => fault));
      const edge = createCelledStore({
        ...{ cells, stores, clock, prefix, lists: stores[0]! },
      });
      const use = (cell: number) =>
        commit(edge, { guards: [], writes: [places(cell).set("used")] }).then(
          () => "used",
          ({ fault }: StoreUnavailableError) => fault,
        );
      return (...cells: number[]) => Promise.all(cells.map(use));
    };
    await body({
      ...{ store, start },
      setFault: (it) => fault = it,
      pass: () => clock.advance(10_000),
    });
    await store.close();
  });
}

Deno.test("a cell that was used before is used while the node with the mark is away, and no other cell", async () => {
  await withNodes(async ({ setFault, start, pass }) => {
    setFault("unreachable");
    const first = start();
    assertEquals(await first(0, 5), ["unreachable", "unreachable"]);
    setFault(null);
    assertEquals(await first(0, 5), ["used", "used"]);
    setFault("unreachable");
    // Another edge starts now.
    const second = start();
    assertEquals(await second(0, 5, 6), ["used", "used", "unreachable"]);
    assertEquals(await second(5, 6), ["used", "unreachable"]);
    setFault(null);
    pass();
    assertEquals(await second(5, 6), ["used", "used"]);
  });
});

Deno.test("once its node is back, a mark that does not fit stops the use of every cell", async () => {
  await withNodes(async ({ store, setFault, start, pass }) => {
    await start()(0, 5);
    await commit(store, { guards: [], writes: [modes().set("live")] });
    assertEquals(await start()(0, 5), ["refused", "refused"]);
    setFault("unreachable");
    const late = start();
    assertEquals(await late(0, 5), ["used", "used"]);
    setFault(null);
    assertEquals(await late(0, 5), ["used", "used"]);
    pass();
    // The first use asks for the mark in the background.
    await late(0);
    assertEquals(await late(0, 5), ["refused", "refused"]);
  });
});

Deno.test("what does not fit, or cannot be read, is refused while the node with the mark is away", async () => {
  await withNodes(async ({ setFault, start }) => {
    await start()(0);
    setFault("timeout");
    assertEquals(await start()(0), ["used"]);
    assertEquals(await start("91")(0), ["refused"]);
    // The node answers, but nobody can say what the mark is.
    setFault("corrupt");
    assertEquals(await start()(0), ["corrupt"]);
  });
});
