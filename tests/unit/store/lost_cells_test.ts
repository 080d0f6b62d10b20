/**
 * Databases of several cells that are other ones than before, or have lost their records.
 *
 * @module
 */

import { assertEquals, assertRejects } from "@std/assert";
import { createCelledStore } from "../../../edge/store/celled/celled.ts";
import { createCells, inCell } from "../../../edge/store/cells.ts";
import { ALL_PREFIX, ERASURE_KEY } from "../../../edge/store/keys.ts";
import { openSqliteStore } from "../../../edge/store/sqlite/sqlite.ts";
import {
  type ListableStore,
  StoreUnavailableError,
} from "../../../edge/store/store.ts";
import { until } from "../../../scripts/redis_server.ts";
import { ManualClock } from "../../support/store/fixture.ts";
import { withStorePath } from "../../support/store/sqlite.ts";

/** The database of each of eight cells: the first and the second cell are in 0 and 2. */
const HOMES = [0, 0, 1, 1, 2, 2, 2, 3] as const;
const cells = createCells(8, new Uint8Array(32).fill(3));

/** Databases behind addresses, at which another one or none may be. */
class Fleet {
  readonly #clock = new ManualClock();
  readonly #made: ListableStore[] = [];
  readonly #at: (ListableStore | null)[] = [];
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    for (let i = 0; i < 4; i++) this.replace(i);
  }

  /** Puts a new database at an address. */
  replace(address: number): void {
    const path = `${this.#folder}/${this.#made.length}.db`;
    const store = openSqliteStore({ path, clock: this.#clock });
    this.#made.push(store);
    this.#at[address] = store;
  }

  /** Takes the database from an address; returns how it is put back. */
  remove(address: number): () => void {
    const store = this.#at[address]!;
    this.#at[address] = null;
    return () => this.#at[address] = store;
  }

  /** A process that uses them. */
  open() {
    const addresses = [0, 1, 2, 3].map((i) =>
      new Proxy({} as ListableStore, {
        get: (_, name) => {
          const store = this.#at[i];
          if (store === null) {
            return () => Promise.reject(new StoreUnavailableError("timeout"));
          }
          const own = Reflect.get(store!, name);
          return typeof own === "function" ? own.bind(store) : own;
        },
      })
    );
    const stores = HOMES.map((it) => addresses[it]!);
    return createCelledStore({
      cells,
      stores,
      clock: this.#clock,
      prefix: "90",
    });
  }

  /** Deletes the records that a sentence names in braces; returns how many there are. */
  async deleteNamed(sentence: string): Promise<number> {
    const names = sentence.match(/oc:\{\d+\}:cells-used/g) ?? [];
    for (const store of this.#at) {
      for (const key of names) {
        await store!.txn({ checks: [], writes: [{ kind: "delete", key }] });
      }
    }
    return names.length;
  }

  pass(ms: number): void {
    this.#clock.ms += ms;
  }

  async close(): Promise<void> {
    for (const store of this.#made) await store.close();
  }
}

const withFleet = (play: (fleet: Fleet) => Promise<void>) =>
  withStorePath(async (_, folder) => {
    const fleet = new Fleet(folder);
    try {
      await play(fleet);
    } finally {
      await fleet.close();
    }
  });

for (
  const [address, lost] of [[0, "cells 0, 1"], [1, "cells 2, 3"], [
    2,
    "cells 4, 5, 6",
  ], [3, "cell 7"]] as const
) {
  Deno.test(`an empty database in place of the one with ${lost} is refused until the operator gives its records up`, () =>
    withFleet(async (fleet) => {
      assertEquals(await fleet.open().refusal!(), null);
      const putBack = fleet.remove(address);
      fleet.replace(address);
      const found = await fleet.open().refusal!() ?? "none";
      assertEquals(found.includes(`has no record of ${lost}:`), true, found);
      putBack();
      assertEquals(await fleet.open().refusal!(), null);
      fleet.replace(address);
      const again = await fleet.open().refusal!() ?? "none";
      assertEquals(await fleet.deleteNamed(again), 2);
      assertEquals(await fleet.open().refusal!(), null);
      // All cells are used again.
      fleet.replace(address);
      assertEquals(await fleet.open().refusal!() !== null, true);
    }));
}

Deno.test("a database that was away while a store was first used joins it later", () =>
  withFleet(async (fleet) => {
    const putBack = fleet.remove(1);
    const store = fleet.open();
    assertEquals(await store.refusal!(), null);
    putBack();
    assertEquals(await store.refusal!(), null);
    assertEquals(await fleet.open().refusal!(), null);
  }));

Deno.test("an empty database is not used while nobody can say whether its cells were used", () =>
  withFleet(async (fleet) => {
    await fleet.open().refusal!();
    fleet.replace(1);
    const putBack = [fleet.remove(0), fleet.remove(2)];
    const store = fleet.open();
    const key = inCell(ERASURE_KEY, 2);
    await assertRejects(() => store.read({ keys: [key] }), Error, "timeout");
    // One of the two is enough.
    putBack[1]!();
    await assertRejects(() => store.read({ keys: [key] }), Error, "refused");
  }));

Deno.test("a process that runs sees within a minute that a database has lost its records", () =>
  withFleet(async (fleet) => {
    const store = fleet.open();
    const read = (cell: number) =>
      store.read({ keys: [inCell(ERASURE_KEY, cell)] });
    await read(2);
    await read(4);
    await store.refusal!();
    // What is kept about the cells is no record of the deployment.
    assertEquals((await store.records(ALL_PREFIX)).records, []);
    fleet.replace(1);
    await read(2);
    fleet.pass(60_000);
    // This request looks, and does not wait for what it sees.
    await read(2);
    await until(
      () => read(2).then(() => false, () => true),
      "The loss is not seen",
    );
    await assertRejects(() => read(2), Error, "refused");
    await read(4);
  }));
