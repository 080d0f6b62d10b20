/**
 * What each request costs in round trips to the store and in commands of Redis,
 * which are what a payment costs there. Round trips are counted where they
 * arrive: at the gateway. Left out are comparisons of the clocks (`TIME`),
 * made every ten seconds whatever is asked, and the ledger, which keeps its
 * accounts in a store of its own here and is counted for itself.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { createRedisStore } from "../../edge/store/redis/redis.ts";
import { openRedisRest } from "../../edge/store/redis/rest.ts";
import type { SandboxAccounts } from "../../edge/ledger/ledger.ts";
import { createSandboxLedger } from "../../edge/ledger/sandbox/sandbox.ts";
import { systemRandom } from "../../edge/base/clock.ts";
import { startRedis } from "../../scripts/redis_server.ts";
import { startFaultyGateway } from "../support/redis/faulty_gateway.ts";
import type { TestMerchant, TestPhone } from "../support/world/api.ts";
import { startApp, type TestApp } from "../support/world/app.ts";
import { storedCallbacks, storeEndpoint } from "../support/callback/queue.ts";
import { openMonitor } from "../support/redis/monitor.ts";
import { PATIENT_MS, stretchTime } from "../support/redis/time.ts";
import { oneBucket } from "../support/world/scene.ts";
import { sqliteFactory } from "../support/store/sqlite.ts";

const TOKEN = "a-token-of-a-test";

interface Test {
  readonly app: TestApp;
  readonly walletKey: string;
  readonly merchant: TestMerchant;
  /** All in one bucket, which is loaded and fresh. */
  readonly phones: readonly TestPhone[];
  /** A code of the bucket that is nobody's. */
  readonly unknown: string;
  /** What `work` has cost. */
  cost(
    work: () => Promise<unknown>,
  ): Promise<{ store: number; ledger: number }>;
  /** The commands that the store's scripts give meanwhile. */
  commands(work: () => Promise<unknown>): Promise<string[]>;
}

/**
 * Enrols customers with money, and verifies and pays once. Afterwards the keys
 * are known, the bucket is loaded, the clocks are compared, the scripts are
 * there, and the edge has a guess permit of the wallet key and of the merchant.
 */
async function warmUp({ api, clock }: TestApp, accounts: SandboxAccounts) {
  const walletKey = await api.walletKey();
  const merchant = await api.merchant();
  const phones: TestPhone[] = [];
  for (let i = 0; i < 5; i++) {
    phones.push(await api.enrol(walletKey, `a${i}`, `d${i}`));
    const balance = { balanceMinor: 10_000, currency: "EUR" };
    await accounts.setAccount(`a${i}`, balance);
  }
  const code = phones[0]!.code(clock.ms);
  assertEquals((await api.verify(walletKey, code, "first")).status, 200);
  const warm = await api.pay(merchant, {
    code: phones[0]!.code(clock.ms + 30_000),
    order_id: "warm",
  });
  assertEquals(warm.status, 201);
  return { walletKey, merchant, phones, unknown: `${code.slice(0, -3)}000` };
}

function register(
  sentence: string,
  body: (test: Test) => Promise<void>,
): void {
  Deno.test(sentence, async () => {
    await using server = await startRedis();
    await using monitor = await openMonitor(server);
    await using gateway = await startFaultyGateway({
      redis: server,
      token: TOKEN,
    });
    const transport = openRedisRest({
      url: gateway.url,
      token: TOKEN,
      timeoutMs: PATIENT_MS,
    });
    const serverMs = await transport.timeMs();
    let debits = 0;
    let ledgerClock = { nowMs: () => 0 };
    const books = await sqliteFactory({ nowMs: () => ledgerClock.nowMs() });
    const sandbox = createSandboxLedger({
      store: books.store,
      random: systemRandom,
    });
    try {
      await using app = await startApp({
        random: oneBucket,
        settings: { doubleScanMs: 60_000 },
        openStore: (clock) => {
          ledgerClock = clock;
          return createRedisStore(stretchTime(transport, clock, serverMs));
        },
        wrapLedger: () => ({
          ...sandbox,
          debit: (...args) => {
            debits++;
            return sandbox.debit(...args);
          },
        }),
      });
      await body({
        app,
        ...await warmUp(app, sandbox),
        async cost(work) {
          gateway.resetStats();
          debits = 0;
          await work();
          const { TIME = 0, EVALSHA = 0, ...others } = gateway.stats().commands;
          assertEquals(others, {});
          assertEquals(gateway.stats().requests, TIME + EVALSHA);
          return { store: EVALSHA, ledger: debits };
        },
        commands: (work) => monitor.inScripts(work),
      });
    } finally {
      await books.dispose();
    }
  });
}

register(
  "a verification in a warm bucket costs one round trip",
  async ({ app, walletKey, phones, cost }) => {
    const { api, clock } = app;
    const verify = (i: number) => async () => {
      const code = phones[i]!.code(clock.ms);
      const { status } = await api.verify(walletKey, code, `r${i}`);
      assertEquals(status, 200);
    };
    assertEquals(await cost(verify(1)), { store: 1, ledger: 0 });
    // Nor does a bucket that is loaded but no longer fresh cost more.
    clock.advance(6_000);
    await api.verify(walletKey, "1", "key");
    assertEquals(await cost(verify(2)), { store: 1, ledger: 0 });
  },
);

register(
  "a verification of a malformed code, or of one that is nobody's in a fresh bucket, costs none, but for the first bad code of a minute",
  async ({ app, walletKey, phones, unknown, cost }) => {
    const { api, clock } = app;
    const refused = (code: string, expected: string) => async () => {
      const { body } = await api.verify(walletKey, code, "reference");
      assertEquals(body.code, expected);
    };
    const none = { store: 0, ledger: 0 };
    assertEquals(await cost(refused("12", "code-malformed")), none);
    assertEquals(await cost(refused("x".repeat(18), "code-malformed")), none);
    const one = { store: 1, ledger: 0 };
    // The first bad code takes the permit off the record, and leases two more with it.
    const hit = async (i: number) => {
      const code = phones[i]!.code(clock.ms);
      const { status } = await api.verify(walletKey, code, `hit-${i}`);
      assertEquals(status, 200);
    };
    for (let i = 1; i <= 3; i++) {
      const cheap = await cost(refused(unknown, "code-not-accepted"));
      assertEquals(cheap, i === 1 ? one : none);
      await hit(i);
    }
    // After five seconds the bucket is asked for once, for all that follow.
    clock.advance(5_000);
    await api.verify(walletKey, "1", "key");
    assertEquals(await cost(refused(unknown, "code-not-accepted")), one);
    await hit(4);
    assertEquals(await cost(refused(unknown, "code-not-accepted")), none);
  },
);

register(
  "a payment costs two round trips and the ledger",
  async ({ app, merchant, phones, cost }) => {
    const pay = (orderId: string, i: number, expected: unknown) => async () => {
      const code = phones[i]!.code(app.clock.ms);
      const { status, body } = await app.api.pay(merchant, {
        code,
        order_id: orderId,
      });
      assertEquals([status, body.code ?? body.status], expected);
    };
    const paid = await cost(pay("o1", 1, [201, "succeeded"]));
    assertEquals(paid, { store: 2, ledger: 1 });
    // A paid order again: its record refuses the claim and says all.
    const again = await cost(pay("o1", 2, [200, "succeeded"]));
    assertEquals(again, { store: 1, ledger: 0 });
    // A code that was used: the claim is refused, order first.
    const replayed = await cost(pay("o2", 1, [409, "code-replayed"]));
    assertEquals(replayed, { store: 1, ledger: 0 });
  },
);

register(
  "a payment of a merchant with a callback endpoint costs no more",
  async ({ app, merchant, phones, cost }) => {
    await storeEndpoint(app.store, merchant.id);
    const paid = await cost(async () => {
      const code = phones[1]!.code(app.clock.ms);
      const { status } = await app.api.pay(merchant, { code, order_id: "o1" });
      assertEquals(status, 201);
    });
    assertEquals(paid, { store: 2, ledger: 1 });
    const { first } = await storedCallbacks(app.store, merchant.id);
    assertEquals(first.length, 1);
  },
);

register(
  "a payment whose code is refused costs one read, of the order, and the first bad code of a minute one more",
  async ({ app, merchant, unknown, cost }) => {
    const refused = (code: string, expected: string) => async () => {
      const { body } = await app.api.pay(merchant, { code, order_id: "o" });
      assertEquals(body.code, expected);
    };
    const one = { store: 1, ledger: 0 };
    assertEquals(await cost(refused("12", "code-malformed")), one);
    // The first bad code of a minute also takes the permit off the record.
    const first = { store: 2, ledger: 0 };
    assertEquals(await cost(refused(unknown, "code-not-accepted")), first);
    assertEquals(await cost(refused(unknown, "code-not-accepted")), one);
  },
);

register(
  "each call gives Redis the commands of its table and no others",
  async ({ app, walletKey, merchant, phones, commands }) => {
    const { api, clock } = app;
    const { credentialId } = phones[1]!;
    const pay =
      (orderId: string, i: number, expected: unknown, amount_minor = 1_250) =>
      async () => {
        const { status, body } = await api.pay(merchant, {
          code: phones[i]!.code(clock.ms),
          order_id: orderId,
          amount_minor,
        });
        assertEquals([status, body.code ?? body.status], expected);
      };
    const call =
      (status: number, key: string, method: string, path: string, body = {}) =>
      () =>
        api.must(status, method, path, {
          key,
          ...(method !== "DELETE" && { body }),
        });
    const verify = async () => {
      const code = phones[1]!.code(clock.ms);
      const { status } = await api.verify(walletKey, code, "r1");
      assertEquals(status, 200);
    };
    const claim = "MGET HMGET ZADD SET HSET SET";
    const paid = `${claim} MGET ZADD SET ZREM`;
    // What a call needs is left by those before it.
    const table: [string, () => Promise<unknown>, string][] = [
      ["verification", verify, "MGET HMGET SET HSET"],
      ["payment", pay("o2", 2, [201, "succeeded"]), paid],
      ["order paid before", pay("o2", 3, [200, "succeeded"]), "MGET HMGET"],
      ["code used before", pay("o3", 2, [409, "code-replayed"]), "MGET HMGET"],
      [
        "payment declined",
        pay("o4", 3, [422, "payment-declined"], 10_001),
        `${claim} MGET HMGET ZADD HSET SET ZREM UNLINK`,
      ],
      [
        "online code",
        call(201, walletKey, "POST", "/v1/online-codes", {
          credential_id: credentialId,
        }),
        "GET GET HMGET SET HSET",
      ],
      [
        "revocation",
        call(204, walletKey, "DELETE", `/v1/enrolments/${credentialId}`),
        "GET HGET MGET HMGET ZADD HSET SET SET SET HDEL ZREM UNLINK",
      ],
      ["look for destroyed seeds", () => app.destroyedSeeds.look(), "ZRANGE"],
      [
        "reversal",
        call(200, merchant.key, "POST", "/v1/reversals", { order_id: "o2" }),
        "GET MGET GET ZADD SET MGET HMGET ZADD HSET SET ZREM UNLINK",
      ],
    ];
    const given = [];
    for (const [name, work] of table) {
      given.push([name, (await commands(work)).join(" ")]);
    }
    assertEquals(given, table.map(([name, , expected]) => [name, expected]));
    // The revocation has changed the bucket: this call reads it again.
    await pay("o5", 0, [409, "code-replayed"])();
    await storeEndpoint(app.store, merchant.id);
    const queued = (await commands(pay("o5", 4, [201, "succeeded"]))).join(" ");
    assertEquals(queued, `${claim} MGET ZADD ZADD ZADD ZADD SET SET SET ZREM`);
    const told = [table[0]![2], paid, table[4]![2], queued].map(countWords);
    assertEquals(told, await commandsOnPage());
  },
);

const countWords = (text: string) => text.split(" ").length;

/**
 * The numbers of commands in the table of OPERATIONS.md: of a verification, a payment, one
 * that is declined, and one that queues a callback.
 */
async function commandsOnPage(): Promise<number[]> {
  const page = new URL("../../edge/OPERATIONS.md", import.meta.url);
  const rows = (await Deno.readTextFile(page)).matchAll(
    /^\| (?:verification,|payment,|… declined|… with a callback).* (\d+) +\|$/gm,
  );
  return Array.from(rows, ([, commands]) => Number(commands));
}

register(
  "a renewal costs a payment nothing: the same commands by the old seed and by the new one",
  async ({ app, walletKey, merchant, phones, commands }) => {
    const { api, clock } = app;
    let amount = 100;
    const pay = (phone: TestPhone, orderId: string) => async () => {
      // Into the next minute, so that each payment leases its permits anew.
      clock.advance(60_000);
      const code = phone.code(clock.ms);
      const { status } = await api.pay(merchant, {
        code,
        order_id: orderId,
        // Another one each time, since the same would be a double scan.
        amount_minor: ++amount,
      });
      assertEquals(status, 201);
    };
    const before = await commands(pay(phones[3]!, "before"));
    const renewed = await api.renew(walletKey, phones[3]!);
    // Its bucket is loaded by another one's code, as any bucket in use is.
    const other = await api.renew(walletKey, phones[1]!);
    const loading = await api.verify(walletKey, other.code(clock.ms), "other");
    assertEquals(loading.status, 200);
    await pay(phones[2]!, "loads")();
    assertEquals(await commands(pay(phones[3]!, "old")), before);
    assertEquals(await commands(pay(renewed, "first")), before);
    assertEquals(await commands(pay(renewed, "second")), before);
  },
);
