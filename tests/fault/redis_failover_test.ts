/**
 * A primary that dies and a replica that takes over: what acknowledged payments
 * are lost, how it is noticed, and what prevents it.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { createRedisStore } from "../../edge/store/redis/redis.ts";
import { openRedisTcp } from "../../edge/store/redis/tcp.ts";
import { audit, type LedgerDebit } from "../../scripts/audit.ts";
import {
  type RedisServer,
  startRedis,
  until,
} from "../../scripts/redis_server.ts";
import type { TestMerchant, TestPhone } from "../support/world/api.ts";
import {
  NOON_MS,
  startApp,
  type TestApp,
  TestClock,
} from "../support/world/app.ts";
import { said } from "../support/world/desk.ts";
import { JournalLedger } from "../support/ledger/journal_ledger.ts";
import { connectRaw, type RawRedis } from "../support/redis/raw.ts";
import { PATIENT_MS, stretchTime } from "../support/redis/time.ts";
import { setScene } from "../support/world/scene.ts";
import { TcpProxy } from "../support/http/tcp_proxy.ts";

const PHONES = 12;
/** Of the payments, those that were replicated before the line was cut. */
const REPLICATED = 8;

/** A primary, a replica at the end of a line, and one edge on each. */
interface Pair extends AsyncDisposable {
  readonly clock: TestClock;
  readonly ledger: JournalLedger;
  /** Of replication. */
  readonly line: TcpProxy;
  readonly primary: RedisServer;
  readonly raw: RawRedis;
  /** On the primary. */
  readonly edge: TestApp;
  readonly merchant: TestMerchant;
  readonly phones: readonly TestPhone[];
  /** How many replicas have everything that was written until now. */
  replicas(waitMs?: number): Promise<number>;
  /** Kills the primary and promotes the replica; an edge on that. */
  failOver(): Promise<TestApp>;
}

async function enrolPhones({ api }: TestApp) {
  const { merchant, walletKey } = await setScene(api);
  const phones: TestPhone[] = [];
  for (let i = 0; i < PHONES; i++) {
    phones.push(await api.enrol(walletKey, `acct-${i}`, `phone-${i}`));
  }
  return { merchant, phones };
}

async function startPair(settings: readonly string[] = []): Promise<Pair> {
  await using starting = new AsyncDisposableStack();
  const primary = starting.use(
    await startRedis({
      // For more replicas to come it need not wait.
      settings: ["--repl-diskless-sync-delay", "0", ...settings],
    }),
  );
  const line = starting.use(new TcpProxy(primary));
  const replica = starting.use(
    await startRedis({
      settings: ["--replicaof", `${line.host} ${line.port}`],
    }),
  );
  const raw = starting.use(await connectRaw(primary));
  const replicaRaw = starting.use(await connectRaw(replica));
  const linkIs = (status: string) =>
    until(async () => {
      const info: string = await replicaRaw.send("INFO", "replication");
      return info.includes(`master_link_status:${status}`);
    }, `The replica is not ${status}`);
  await linkIs("up");
  // The primary hears of it a moment later.
  await until(async () => {
    const info: string = await raw.send("INFO", "replication");
    return info.includes("state=online") && !info.includes("good_slaves:0");
  }, "The primary has no replica");
  const replicas = async (waitMs = 0) => {
    // WAIT speaks of what its own connection has written, and replication
    // keeps the order: what came before is there when this is.
    await raw.send("SET", "fence", "passed");
    return await raw.send("WAIT", "1", `${waitMs}`) as number;
  };
  assertEquals(await replicas(), 1);

  const [seconds] = await raw.send("TIME");
  const clock = new TestClock(NOON_MS);
  const ledger = new JournalLedger();
  const edgeOn = ({ host, port }: RedisServer) =>
    startApp({
      clock,
      openStore: () =>
        createRedisStore(stretchTime(
          openRedisTcp({ nodes: [{ host, port }], timeoutMs: PATIENT_MS }),
          clock,
          Number(seconds) * 1000,
        )),
      wrapLedger: () => ledger,
    });
  const edge = starting.use(await edgeOn(primary));
  const { merchant, phones } = await enrolPhones(edge);
  assertEquals(await replicas(), 1);
  const stack = starting.move();
  return {
    clock,
    ledger,
    line,
    primary,
    raw,
    edge,
    merchant,
    phones,
    replicas,
    async failOver() {
      await primary.kill("SIGKILL");
      await linkIs("down");
      await replicaRaw.send("REPLICAOF", "NO", "ONE");
      return stack.use(await edgeOn(replica));
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** What the ledger tells an audit. */
function debitsOf({ lines, stateOf }: JournalLedger): LedgerDebit[] {
  return lines.flatMap((line) =>
    line.kind === "debit"
      ? [{
        payment_id: line.paymentId,
        state: stateOf.call({ lines }, line.paymentId) === "debited"
          ? "debited" as const
          : "reversed" as const,
        amount_minor: line.amountMinor,
        currency: "EUR",
      }]
      : []
  );
}

/** How many payments of the ledger got each verdict. */
async function auditAll(
  { store, clock }: TestApp,
  ledger: JournalLedger,
): Promise<Record<string, string[]>> {
  const ids: Record<string, string[]> = {};
  for await (
    const { debit, verdict } of audit(store, debitsOf(ledger), clock.ms)
  ) (ids[verdict] ??= []).push(debit.payment_id);
  return ids;
}

const LOST = "money was taken, the store does not know the payment";

Deno.test("a fail-over loses what was not replicated, and an audit finds each of it", async () => {
  await using pair = await startPair();
  const { clock, edge, ledger, line, merchant, phones } = pair;
  const paid: string[] = [];
  for (const [i, phone] of phones.entries()) {
    if (i === REPLICATED) {
      assertEquals(await pair.replicas(), 1);
      line.cut();
    }
    const { status, body } = await edge.api.pay(merchant, {
      code: phone.code(clock.ms),
      order_id: `order-${i}`,
    });
    // Nobody is told that the replica is gone.
    assertEquals(status, 201);
    paid.push(body.payment_id);
  }
  // Whoever waits for a replica is told.
  assertEquals(await pair.replicas(50), 0);
  assertEquals(await auditAll(edge, ledger), { agrees: paid });

  const after = await pair.failOver();
  const lost = paid.slice(REPLICATED);
  assertEquals(await auditAll(after, ledger), {
    agrees: paid.slice(0, REPLICATED),
    [LOST]: lost,
  });
  for (const [i, id] of paid.entries()) {
    const query = await after.api.call("GET", `/v1/payments/${id}`, {
      key: merchant.key,
    });
    assertEquals(query.status, i < REPLICATED ? 200 : 404);
  }

  // The till repeats a lost order, with the code that was used for it: its mark
  // is lost as well, so it counts once more.
  const repeat = async () => {
    const { status, body } = await after.api.pay(merchant, {
      code: phones.at(-1)!.code(clock.ms),
      order_id: `order-${PHONES - 1}`,
    });
    return [status, body.payment_id];
  };
  const [status, again] = await repeat();
  assertEquals([status, again === paid.at(-1)], [201, false]);
  assertEquals(await repeat(), [200, again]);
  assertEquals(ledger.takenFrom(`acct-${PHONES - 1}`), 2 * 1_250);
  // It is the lost one that the audit names; given back, the books agree.
  assertEquals((await auditAll(after, ledger))[LOST], lost);
  for (const id of lost) await ledger.reverse(id);
  assertEquals(Object.keys(await auditAll(after, ledger)), ["agrees"]);
  assertEquals(ledger.takenFrom(`acct-${PHONES - 1}`), 1_250);
});

Deno.test("a fail-over while a payment ends leaves it under way, and it ends once", async () => {
  await using pair = await startPair();
  const { clock, edge, ledger, line, merchant, phones } = pair;
  // What claims is replicated, what ends is not.
  const { debit } = ledger;
  ledger.debit = async (...asked) => {
    const answer = await debit.apply(ledger, asked);
    assertEquals(await pair.replicas(), 1);
    line.cut();
    return answer;
  };
  const order = { code: phones[0]!.code(clock.ms), order_id: "order-1" };
  const { status, body: { payment_id } } = await edge.api.pay(merchant, order);
  assertEquals(status, 201);

  const after = await pair.failOver();
  ledger.debit = debit;
  assertEquals(await auditAll(after, ledger), { "under way": [payment_id] });
  const repeated = await after.api.pay(merchant, order);
  assertEquals(said(repeated), "payment-pending");
  clock.advance(11_000);
  await after.sweeper.sweep();
  assertEquals(await auditAll(after, ledger), { agrees: [payment_id] });
  assertEquals(said(await after.api.pay(merchant, order)), "200");
  assertEquals(ledger.debitsOf(payment_id), 1);
});

Deno.test("a primary that must have a replica acknowledges nothing without, and loses nothing", async () => {
  await using pair = await startPair([
    ...["--min-replicas-to-write", "1", "--min-replicas-max-lag", "10"],
  ]);
  const { clock, edge, ledger, line, merchant, phones, raw } = pair;
  const answers: string[] = [];
  for (const [i, phone] of phones.entries()) {
    if (i === REPLICATED) {
      line.cut();
      await until(async () => {
        const info: string = await raw.send("INFO", "replication");
        return info.includes("connected_slaves:0");
      }, "The primary does not notice");
    }
    answers.push(said(
      await edge.api.pay(merchant, {
        code: phone.code(clock.ms),
        order_id: `order-${i}`,
      }),
    ));
  }
  assertEquals(answers, [
    ...Array(REPLICATED).fill("201"),
    ...Array(PHONES - REPLICATED).fill("store-unavailable"),
  ]);
  const after = await pair.failOver();
  const { agrees = [], ...rest } = await auditAll(after, ledger);
  assertEquals([agrees.length, rest], [REPLICATED, {}]);
  // The others are served now, each with the code that was refused.
  for (let i = REPLICATED; i < PHONES; i++) {
    const answer = await after.api.pay(merchant, {
      code: phones[i]!.code(clock.ms),
      order_id: `order-${i}`,
    });
    assertEquals(said(answer), "201");
  }
  assert(ledger.lines.every(({ kind }) => kind === "debit"));
  assertEquals(ledger.lines.length, PHONES);
});
