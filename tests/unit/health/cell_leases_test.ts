import { assert, assertEquals, assertRejects } from "@std/assert";
import { systemRandom } from "../../../edge/base/clock.ts";
import { CellLeases } from "../../../edge/health/cell_leases.ts";
import { inCell, secondCell } from "../../../edge/store/cells.ts";
import { CELL_LEASE_KEY, PROCESSES_KEY } from "../../../edge/store/keys.ts";
import {
  type Store,
  StoreUnavailableError,
} from "../../../edge/store/store.ts";
import { inCells, testCells } from "../../support/store/cells.ts";
import { ManualClock } from "../../support/store/fixture.ts";
import { ModelStore } from "../../support/store/model.ts";

const COUNT = 64;
const LOOK_MS = 2_000;

/** A process that takes leases. */
interface Process {
  readonly leases: CellLeases;
  /** The cells that it cannot reach. */
  readonly away: Set<number>;
  isSure: boolean;
  /** How long the answers of transactions take. */
  lagMs: number;
}

/** A store of many cells, and processes that use it. */
class Scene {
  readonly clock = new ManualClock();
  readonly store = inCells(new ModelStore(this.clock), COUNT);
  /** What was asked for since the last look at it. */
  asked = 0;

  start(): Process {
    const away = new Set<number>();
    const process: Process = {
      ...{ away, isSure: true, lagMs: 0 },
      leases: new CellLeases({
        store: this.#seenBy(away, () => process.lagMs),
        random: systemRandom,
        clock: this.clock,
        clockGuard: { check: () => Promise.resolve({ sure: process.isSure }) },
        monotonicMs: () => this.clock.ms,
      }),
    };
    return process;
  }

  #seenBy(away: ReadonlySet<number>, lagMs: () => number): Store {
    const mustReach = (names: readonly string[]) => {
      this.asked++;
      const isAway = names.some((it) =>
        away.has(this.store.cells!.cellOf(it)!)
      );
      if (isAway) throw new StoreUnavailableError("unreachable");
    };
    return {
      ...this.store,
      range: async (query) => {
        mustReach([query.index]);
        return await this.store.range(query);
      },
      txn: async (transaction) => {
        const { checks, writes } = transaction;
        mustReach(
          [...checks, ...writes].map((it) =>
            "index" in it ? it.index : "key" in it ? it.key as string : ""
          ),
        );
        const result = await this.store.txn(transaction);
        this.clock.ms += lagMs();
        return result;
      },
    };
  }

  /** Who has the lease of a cell; `null` if nobody has it. */
  async holderOf(cell: number): Promise<string | null> {
    const keys = [inCell(CELL_LEASE_KEY, cell)];
    return (await this.store.read({ keys })).values[0]!;
  }

  /** Gives the lease of a cell to a process that these do not see. */
  async giveAway(cell: number): Promise<void> {
    const key = inCell(CELL_LEASE_KEY, cell);
    await this.store.txn({
      checks: [],
      writes: [{ kind: "set", key, value: "another" }],
    });
  }

  /** Lets time pass, in which these processes look. */
  async pass(ms: number, ...processes: readonly Process[]): Promise<void> {
    const endMs = this.clock.ms + ms;
    for (; this.clock.ms < endMs; this.clock.ms += LOOK_MS) {
      for (const { leases } of processes) await leases.look();
    }
    this.clock.ms = endMs;
  }
}

const cellsOf = ({ leases }: Process) => leases.cells()!;
const all = [...testCells(COUNT).tags.keys()];
const sorted = (...processes: readonly Process[]) =>
  processes.flatMap(cellsOf).toSorted((a, b) => a - b);

Deno.test("CellLeases gives each cell to one process, as evenly as it can", async () => {
  const scene = new Scene();
  const processes: Process[] = [];
  for (const most of [64, 32, 22, 16, 13]) {
    processes.push(scene.start());
    await scene.pass(30_000, ...processes);
    assertEquals(sorted(...processes), all);
    const sizes = processes.map((it) => cellsOf(it).length);
    assertEquals([Math.max(...sizes), Math.min(...sizes)], [
      most,
      Math.floor(COUNT / processes.length),
    ]);
  }
});

Deno.test("CellLeases asks for a few requests, however many processes there are", async () => {
  const scene = new Scene();
  const processes = Array.from({ length: 4 }, () => scene.start());
  await scene.pass(30_000, ...processes);
  scene.asked = 0;
  await scene.pass(40_000, ...processes);
  // Two signs and two lists each, twice a lease and a round of the others' cells.
  const looks = 40_000 / LOOK_MS;
  const most = looks * 4 * 4 + COUNT * 10 + COUNT * looks / 8;
  assert(scene.asked <= most, `${scene.asked} of ${most}`);
  // A process that is alone takes no lease.
  const other = new Scene();
  const one = other.start();
  await other.pass(20_000, one);
  assertEquals([other.asked, sorted(one)], [40, all]);
});

Deno.test("CellLeases of a killed process go to the others within 14 s", async () => {
  const scene = new Scene();
  const [a, b, c] = [scene.start(), scene.start(), scene.start()];
  await scene.pass(30_000, a, b, c);
  // It was killed right after a look.
  for (let at = 0; at < 14_000; at += LOOK_MS) {
    await scene.pass(LOOK_MS, a, b);
    // What the living have is never lost meanwhile.
    assert(sorted(a, b).length >= 42);
  }
  assertEquals(sorted(a, b), all);
  await scene.pass(14_000, a);
  assertEquals(sorted(a), all);
});

Deno.test("CellLeases that are given back go to the others with their next look", async () => {
  const scene = new Scene();
  const [a, b, c] = [scene.start(), scene.start(), scene.start()];
  await scene.pass(30_000, a, b, c);
  await c.leases.end();
  assertEquals(cellsOf(c), []);
  await c.leases.look();
  // The first look gives away what is another one's from now on.
  await scene.pass(2 * LOOK_MS, a, b);
  assertEquals(sorted(a, b), all);
  for (const cell of [0, secondCell(testCells(COUNT))]) {
    const index = inCell(PROCESSES_KEY, cell);
    const query = { index, min: 0, max: Infinity, limit: 9 };
    const list = await scene.store.range({ ...query, max: 9e15 });
    assertEquals(list.length, 2);
  }
});

Deno.test("CellLeases are left to the others while the clock is in doubt", async () => {
  const scene = new Scene();
  const [a, b] = [scene.start(), scene.start()];
  await scene.pass(30_000, a, b);
  b.isSure = false;
  await scene.pass(LOOK_MS, b, a);
  assertEquals([cellsOf(b), sorted(a)], [[], all]);
  b.isSure = true;
  await scene.pass(14_000, a, b);
  assertEquals([cellsOf(a).length, sorted(a, b)], [32, all]);
  // A process that is alone looks at no cell either, until it is sure again.
  const other = new Scene();
  const one = other.start();
  one.isSure = false;
  await other.pass(LOOK_MS, one);
  assertEquals(cellsOf(one), []);
  one.isSure = true;
  await other.pass(LOOK_MS, one);
  assertEquals(cellsOf(one), all);
  await one.leases.end();
  assertEquals(cellsOf(one), []);
});

Deno.test("CellLeases are shared while one of the two lists is away, and none is lost while both are", async () => {
  for (const away of [[0], [32], [0, 32]]) {
    const scene = new Scene();
    const [a, b] = [scene.start(), scene.start()];
    await scene.pass(30_000, a, b);
    for (const cell of away) {
      a.away.add(cell);
      b.away.add(cell);
    }
    for (let at = 0; at < 60_000; at += LOOK_MS) {
      await scene.pass(LOOK_MS, a, b);
      // Each looks at its cells, also at those that do not answer.
      assertEquals(sorted(a, b), all);
      assertEquals(cellsOf(a).length, 32);
    }
  }
});

Deno.test("CellLeases of a cell that its process cannot reach are taken by another one for a while", async () => {
  const scene = new Scene();
  const [a, b] = [scene.start(), scene.start()];
  await scene.pass(30_000, a, b);
  const lost = cellsOf(b).find((it) => it !== 0 && it !== 32)!;
  b.away.add(lost);
  let looked = 0;
  for (let at = 0; at < 30_000; at += LOOK_MS) {
    await scene.pass(LOOK_MS, a, b);
    if (cellsOf(a).includes(lost)) looked++;
  }
  assert(looked > 0);
  b.away.delete(lost);
  await scene.pass(30_000, a, b);
  assertEquals(sorted(a, b), all);
});

Deno.test("CellLeases overlap with nobody's, and end with the lease", async () => {
  const scene = new Scene();
  const [a, b] = [scene.start(), scene.start()];
  await scene.pass(30_000, a, b);
  const [cell] = cellsOf(b);
  await scene.giveAway(cell!);
  // It would be renewed with this look.
  await scene.pass(LOOK_MS, a, b);
  assertEquals(sorted(a, b), all.filter((it) => it !== cell));
  // A process that was paused has no lease when it wakes up.
  scene.clock.ms += 60_000;
  assertEquals(cellsOf(a), []);
});

Deno.test("CellLeases end when the store ends them, however late its answers are", async () => {
  const scene = new Scene();
  const [a, b] = [scene.start(), scene.start()];
  await scene.pass(30_000, a, b);
  b.lagMs = 100;
  await scene.pass(LOOK_MS, b);
  await scene.pass(LOOK_MS, b);
  b.lagMs = 0;
  const had = cellsOf(b);
  for (let ms = 0; ms < 10_000; ms += 100) {
    for (const cell of had) {
      if (await scene.holderOf(cell) !== null) continue;
      assert(!cellsOf(b).includes(cell), `${cell} ${ms}`);
    }
    scene.clock.ms += 100;
  }
  assertEquals(cellsOf(b), []);
});

Deno.test("CellLeases that are given back are those of the process alone, and all of them", async () => {
  const scene = new Scene();
  const [a, b] = [scene.start(), scene.start()];
  await scene.pass(30_000, a, b);
  const [lost] = cellsOf(a);
  const tried = cellsOf(b).find((it) => it !== 0 && it !== 32)!;
  b.away.add(tried);
  for (let looks = 0; looks < 20 && !cellsOf(a).includes(tried); looks++) {
    await scene.pass(LOOK_MS, b, a);
  }
  assert(cellsOf(a).includes(tried));
  await scene.giveAway(lost!);
  await a.leases.end();
  assertEquals(await scene.holderOf(tried), null);
  assertEquals(await scene.holderOf(lost!), "another");
});

Deno.test("CellLeases of others are not tried right after a process has come", async () => {
  for (let n = 0; n < 5; n++) {
    const scene = new Scene();
    const [a, b, c] = [scene.start(), scene.start(), scene.start()];
    await scene.pass(30_000, a, b);
    await scene.pass(2 * LOOK_MS, c, a, b);
    await scene.pass(LOOK_MS, c);
    assertEquals(sorted(a, b, c), all);
    const sizes = [a, b, c].map((it) => cellsOf(it).length).sort();
    assertEquals(sizes, [21, 21, 22]);
  }
});

Deno.test("CellLeases of a store of one cell ask for nothing", async () => {
  const scene = new Scene();
  const { cells: _, ...one } = scene.store;
  const leases = new CellLeases({
    ...{ store: one, random: systemRandom, clock: scene.clock },
    clockGuard: { check: () => Promise.reject(new Error("It was asked")) },
    monotonicMs: () => scene.clock.ms,
  });
  await leases.look();
  await leases.end();
  assertEquals(leases.cells(), null);
});

Deno.test("CellLeases report a bug, and do not take it for a store that is away", async () => {
  const scene = new Scene();
  const bug = () => Promise.reject(new TypeError("A bug"));
  const sure = () => Promise.resolve({ sure: true });
  const open = (store: Store, check = sure) =>
    new CellLeases({
      ...{ store, random: systemRandom, clock: scene.clock },
      ...{ clockGuard: { check }, monotonicMs: () => scene.clock.ms },
    });
  await assertRejects(() => open(scene.store, bug).look(), TypeError, "A bug");
  // Without another process no lease is asked for.
  await scene.pass(LOOK_MS, scene.start());
  const txn: Store["txn"] = async (transaction) =>
    transaction.checks.length > 0
      ? await bug()
      : await scene.store.txn(transaction);
  const leases = open({ ...scene.store, txn });
  await assertRejects(() => leases.look(), TypeError, "A bug");
});
