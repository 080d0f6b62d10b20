/**
 * The contract of looking through all records: whoever pages to the end is
 * given every value whose name begins with the prefix, and nothing else.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import type { ListableStore, Store } from "../../edge/store/store.ts";
import { field, index, set } from "../support/store/ops.ts";
import type { Register } from "./store_contract.ts";

/** Every name with a prefix, once each, in order. */
async function all(store: Store, prefix: string): Promise<string[]> {
  assert("names" in store);
  const found = new Set<string>();
  let from: string | undefined;
  do {
    const page = await (store as ListableStore).names(prefix, from);
    for (const name of page.names) found.add(name);
    from = page.next ?? undefined;
  } while (from !== undefined);
  return [...found].sort();
}

/** Registers the contract of `names()`. */
export function namesContract(register: Register): void {
  register("names() of an empty store is one empty page", async ({ store }) => {
    assertEquals(await all(store, "a:"), []);
    assertEquals(await all(store, ""), []);
  });

  register(
    "names() gives the values with the prefix, over many pages",
    async ({ store }) => {
      const wanted = Array.from({ length: 2_500 }, (_, i) => `b:${i}`);
      for (let at = 0; at < wanted.length; at += 500) {
        await store.txn({
          checks: [],
          writes: wanted.slice(at, at + 500).map((name) => set(name, "x")),
        });
      }
      await store.txn({
        checks: [],
        writes: [
          set("a:1", "x"),
          set("b", "x"),
          set("b;", "x"),
          set("c:1", "x"),
        ]
          .concat([index("b:index", "m", 1), set(field("b:map", "f"), "x")]),
      });
      assertEquals(await all(store, "b:"), wanted.toSorted());
      assertEquals(await all(store, "b:2499"), ["b:2499"]);
      assertEquals(await all(store, "d"), []);
    },
  );

  register(
    "names() takes a prefix as it is, whatever it holds",
    async ({ store }) => {
      const names = [
        "*x",
        "[ab]x",
        "?x",
        "\\x",
        "^x",
        "{0}x",
        "a\0x",
        "é\u{10ffff}x",
      ];
      await store.txn({
        checks: [],
        writes: [...names, "ax", "bx", "xx"].map((name) => set(name, "1")),
      });
      for (const name of names) {
        assertEquals(await all(store, name.slice(0, -1)), [name], name);
        assertEquals(await all(store, name), [name], name);
      }
    },
  );

  register(
    "names() gives nothing that has expired",
    async ({ store, pass }) => {
      await store.txn({
        checks: [],
        writes: [
          set("e:1", "x", 1_000),
          set("e:2", "x", 100_000),
          set("e:3", "x"),
        ],
      });
      await pass(1_000);
      assertEquals(await all(store, "e:"), ["e:2", "e:3"]);
    },
  );
}
