import { assertEquals, assertRejects } from "@std/assert";
import { createStoreCheck } from "../../../edge/health/store_check.ts";
import { withCells } from "../../../edge/store/celled/celled.ts";
import { createCells } from "../../../edge/store/cells.ts";
import { readInfo } from "../../../edge/store/redis/transport.ts";
import {
  type Store,
  type StoreFacts,
  StoreUnavailableError,
} from "../../../edge/store/store.ts";

const GOOD: StoreFacts = {
  version: "7.0.15",
  evictionPolicy: "noeviction",
  appendOnly: true,
};

/** A database with these facts. */
const database = (facts: Partial<StoreFacts>) => ({
  facts: () => Promise.resolve([{ ...GOOD, ...facts }]),
});

/** What is found of a database with these facts, and the codes in the log. */
const found = (facts: Partial<StoreFacts>, allowsEviction = false) =>
  foundOf(database(facts), allowsEviction);

async function foundOf(store: Pick<Store, "facts">, allowsEviction = false) {
  const logged: unknown[] = [];
  const check = createStoreCheck({
    store,
    log: (level, _message, fields) => logged.push([level, fields?.["code"]]),
    allowsEviction,
  });
  await check.look();
  const { warnings, refusal } = await check.look();
  const codes = warnings.map(({ code }) => code);
  assertEquals(logged, codes.map((code) => ["warn", code]));
  return { codes, refuses: refusal !== null };
}

Deno.test("look() finds nothing where a store is set as payments need it", async () => {
  assertEquals(await found({}), { codes: [], refuses: false });
  const sqlite = createStoreCheck({
    store: {},
    log: () => {
      throw new Error("There is nothing to say");
    },
    allowsEviction: false,
  });
  assertEquals(await sqlite.look(), { warnings: [], refusal: null });
});

Deno.test("look() refuses each policy that evicts, unless the operator allows it", async () => {
  for (
    const evictionPolicy of ["allkeys-lru", "allkeys-lfu", "allkeys-random"]
      .concat(["volatile-lru", "volatile-lfu", "volatile-random"])
      .concat(["volatile-ttl", "optimistic-volatile"])
  ) {
    const codes = ["store-evicts"] as const;
    assertEquals(await found({ evictionPolicy }), {
      codes: [...codes],
      refuses: true,
    });
    assertEquals(await found({ evictionPolicy }, true), {
      codes: [...codes],
      refuses: false,
    });
  }
});

Deno.test("look() warns of versions below 7.0, and of no append-only file", async () => {
  for (const version of ["6.2.14", "6.9", "2.8.0", "6"]) {
    assertEquals((await found({ version })).codes, ["store-too-old"], version);
  }
  for (const version of ["7.0.0", "7.2.4", "8.0", "10.0.1", "7"]) {
    assertEquals((await found({ version })).codes, [], version);
  }
  assertEquals(await found({ appendOnly: false }), {
    codes: ["store-not-durable"],
    refuses: false,
  });
});

Deno.test("look() judges each database of several, and says the same once", async () => {
  const evicting = database({ evictionPolicy: "allkeys-lru" });
  const silent = database({ evictionPolicy: null });
  for (const [one, other] of [[evicting, silent], [silent, evicting]]) {
    const store = withCells({
      cells: createCells(4, new Uint8Array(32)),
      stores: [one, other, one, { ...other }] as unknown as Store[],
    });
    const { codes, refuses } = await foundOf(store);
    assertEquals(
      [codes.toSorted(), refuses],
      [["store-evicts", "store-settings-unknown"], true],
    );
  }
});

Deno.test("look() says what a store does not tell", async () => {
  const check = createStoreCheck({
    store: { facts: () => Promise.resolve([readInfo(null)]) },
    log: () => {},
    allowsEviction: false,
  });
  assertEquals(await check.look(), {
    warnings: [{
      code: "store-settings-unknown",
      detail: "The Redis does not tell its version, nor whether it evicts, " +
        "nor whether it has an append-only file: ask who runs it.",
    }],
    refusal: null,
  });
});

Deno.test("look() asks until the store answers, and then no more", async () => {
  let asked = 0;
  let isAway = true;
  const check = createStoreCheck({
    store: {
      facts: () => {
        asked++;
        return isAway
          ? Promise.reject(new StoreUnavailableError("unreachable"))
          : Promise.resolve([GOOD]);
      },
    },
    log: () => {},
    allowsEviction: false,
  });
  await assertRejects(() => check.look(), StoreUnavailableError);
  await assertRejects(() => check.look(), StoreUnavailableError);
  isAway = false;
  await Promise.all([check.look(), check.look()]);
  await check.look();
  assertEquals(asked, 3);
});

Deno.test("look() asks a store that evicts again, until it was set right", async () => {
  let evictionPolicy = "allkeys-lru";
  const logged: string[] = [];
  const check = createStoreCheck({
    store: { facts: () => Promise.resolve([{ ...GOOD, evictionPolicy }]) },
    log: (_level, message) => logged.push(message),
    allowsEviction: false,
  });
  for (let i = 0; i < 2; i++) {
    assertEquals((await check.look()).refusal?.includes("allkeys-lru"), true);
  }
  assertEquals(logged.length, 1);
  evictionPolicy = "noeviction";
  assertEquals(await check.look(), { warnings: [], refusal: null });
});

Deno.test("readInfo() takes what it knows and nothing else", () => {
  assertEquals(
    readInfo(
      "# Server\r\nredis_version:7.0.15\r\nredis_git_sha1:0\r\n" +
        "maxmemory_policy:allkeys-lru\r\naof_enabled:0\r\n",
    ),
    { version: "7.0.15", evictionPolicy: "allkeys-lru", appendOnly: false },
  );
  const unknown = { version: null, evictionPolicy: null, appendOnly: null };
  for (
    const reply of ["", null, 7, [], "redis_version:x\r\naof_enabled:2\r\n"]
      .concat("maxmemory_policy:<b>\r\nx_redis_version:7.0\r\n")
  ) assertEquals(readInfo(reply), unknown);
});
