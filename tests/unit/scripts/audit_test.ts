import { programOf } from "../../support/http/command.ts";
import { assert, assertEquals } from "@std/assert";
import { encodeBase64 } from "@std/encoding/base64";
import { openStore } from "../../../edge/main.ts";
import { CLAIM_MS, claims } from "../../../edge/payment/crossing.ts";
import { newPaymentId, orderName } from "../../../edge/payment/payment_id.ts";
import { orders } from "../../../edge/payment/order_form.ts";
import type {
  ClaimRecord,
  PaymentRecord,
} from "../../../edge/payment/record.ts";
import { accountKey, orderKey } from "../../../edge/store/keys.ts";
import { TEST_CELL_KEY } from "../../support/store/cells.ts";
import { openSqliteStore } from "../../../edge/store/sqlite/sqlite.ts";
import { systemClock, systemRandom } from "../../../edge/base/clock.ts";
import type { ListableStore, Store } from "../../../edge/store/store.ts";
import {
  audit,
  auditClaims,
  auditStore,
  judge,
  judgeClaim,
  type LedgerDebit,
} from "../../../scripts/audit.ts";
import { NOON_MS } from "../../support/world/app.ts";
import { paymentRecord } from "../../support/world/model/payment_record.ts";
import { withStorePath } from "../../support/store/sqlite.ts";

const NAME = orderName("mer_1", "order-1");
const ID = `pay_${NAME}${"0".repeat(15)}`;

const debit = (
  state: LedgerDebit["state"],
  n = 0,
): LedgerDebit => ({
  payment_id: `${ID}${n}`,
  state,
  amount_minor: 1_250,
  currency: "EUR",
});

const payment = (status: PaymentRecord["status"], n = 0) =>
  paymentRecord(NOON_MS, {
    payment_id: `${ID}${n}`,
    ...{ status, deadline_ms: NOON_MS + 45_000 },
  });

/** Stores the order of this number with its payment; the state is not audited. */
async function storeOrder(store: Store, n: number, payment: PaymentRecord) {
  const write = orders(orderName("mer_1", `order-${n}`)).set({
    merchant_id: "mer_1",
    order_id: `order-${n}`,
    version: 1,
    first_version: 1,
    payment,
    earlier: [],
  });
  await store.txn({ checks: [], writes: [write] });
}

Deno.test("judge() tells what ledger and store disagree about", () => {
  const of = (
    state: LedgerDebit["state"],
    record: PaymentRecord | null,
    nowMs = NOON_MS,
  ) => judge(debit(state), record, nowMs);
  const unknown = "money was taken, the store does not know the payment";
  assertEquals(of("debited", null), unknown);
  assertEquals(of("reversed", null), "agrees");
  assertEquals(of("debited", payment("succeeded")), "agrees");
  assertEquals(
    of("reversed", payment("succeeded")),
    "no money is taken, the store calls the payment succeeded",
  );
  for (const status of ["declined", "reversed"] as const) {
    assertEquals(of("reversed", payment(status)), "agrees");
    assertEquals(
      of("debited", payment(status)),
      "money was taken, the store calls the payment declined or reversed",
    );
  }
  for (
    const record of [
      { ...payment("succeeded"), amount_minor: 1_251 },
      { ...payment("succeeded"), currency: "USD" },
    ]
  ) assertEquals(of("debited", record), "amount or currency differ");
});

Deno.test("judge() compares what was refunded", () => {
  const refund = (
    refund_id: string,
    amount_minor: number,
    status: "processing" | "succeeded" | "declined",
  ) => ({
    ...{ refund_id, amount_minor, status, order_version: 3 },
    ...{ created_ms: NOON_MS, updated_ms: NOON_MS },
  });
  const of = (
    refunded_minor: number | undefined,
    refunds: PaymentRecord["refunds"] = [],
    status: PaymentRecord["status"] = "succeeded",
  ) =>
    judge(
      {
        ...debit("debited"),
        ...(refunded_minor !== undefined && { refunded_minor }),
      },
      { ...payment(status), refunds },
      NOON_MS,
    );
  const given = refund("r-1", 500, "succeeded");
  assertEquals(of(undefined), "agrees");
  assertEquals(of(500, [given]), "agrees");
  assertEquals(of(500, [given, refund("r-2", 750, "declined")]), "agrees");
  const whole = [given, refund("r-2", 750, "succeeded")];
  assertEquals(of(1_250, whole, "refunded"), "agrees");
  for (const [ledger, refunds] of [[0, [given]], [1, []], [1_250, [given]]]) {
    assertEquals(
      of(ledger as number, refunds as PaymentRecord["refunds"]),
      "what was refunded differs",
    );
  }
  // One under way may have reached the ledger or not.
  const open = [given, refund("r-2", 250, "processing")];
  assertEquals([of(500, open), of(750, open), of(751, open)], [
    ...["under way", "under way", "what was refunded differs"],
  ]);
  assertEquals(
    judge(debit("reversed"), payment("refunded"), NOON_MS),
    "no money is taken, the store calls the payment succeeded",
  );
});

Deno.test("judge() leaves a payment a minute after its deadline or its reversal to end", () => {
  const late = "money was taken, the payment should have ended by now";
  for (
    const status of [
      "processing",
      "awaiting_confirmation",
      "reversing",
    ] as const
  ) {
    const end = NOON_MS + 45_000 + 60_000;
    const at = (nowMs: number, updatedMs = NOON_MS) =>
      judge(debit("debited"), {
        ...payment(status),
        updated_ms: updatedMs,
      }, nowMs);
    assertEquals([at(NOON_MS), at(end), at(end + 1)], [
      "under way",
      "under way",
      late,
    ]);
    assertEquals(at(end + 1, NOON_MS + 45_001), "under way");
    assertEquals(
      judge(debit("reversed"), payment(status), end + 1),
      "under way",
    );
  }
});

/** The payment of the merchant's order of this number. */
const idOf = (n: number) =>
  `pay_${orderName("mer_1", `order-${n}`)}${"0".repeat(16)}`;

const listed = (state: LedgerDebit["state"], n: number) => ({
  ...debit(state),
  payment_id: idOf(n),
});

const ONE_SIDE =
  "The store's payments were not looked through: --from and --to do it\n";

Deno.test("judge(null, ) knows what a ledger may leave out of its list", () => {
  const of = (record: PaymentRecord, nowMs = NOON_MS) =>
    judge(null, record, nowMs);
  const lost =
    "the store calls the payment succeeded, the ledger does not list it";
  const late =
    "the payment should have ended by now, the ledger does not list it";
  assertEquals(of(payment("succeeded")), lost);
  assertEquals(of(payment("declined")), "agrees");
  assertEquals(of(payment("reversed")), "agrees");
  const end = NOON_MS + 45_000 + 60_000;
  for (
    const status of [
      "processing",
      "awaiting_confirmation",
      "reversing",
    ] as const
  ) {
    assertEquals(of(payment(status), end), "under way");
    assertEquals(of(payment(status), end + 1), late);
  }
});

Deno.test("judgeClaim() tells which half of a crossing payment is lost", () => {
  const of = (
    status: PaymentRecord["status"],
    state: ClaimRecord["state"] | null,
    { nowMs = NOON_MS, owes }: { nowMs?: number; owes?: true } = {},
  ) =>
    judgeClaim(
      state && { state },
      { ...payment(status), ...(owes && { owes }) },
      nowMs,
    );
  const lost =
    "the payment succeeded, its claim in the customer's cell is lost";
  const kept =
    "the payment is declined or reversed, its limits were not given back";
  const STATES = ["taken", "confirmed", "given_back", "void", null] as const;
  for (const status of ["succeeded", "refunded"] as const) {
    assertEquals(
      STATES.map((it) => of(status, it)),
      ["agrees", "agrees", lost, lost, lost],
    );
    // A claim is kept for four days.
    const nowMs = NOON_MS + CLAIM_MS;
    assertEquals(of(status, null, { nowMs }), "agrees");
  }
  for (const status of ["declined", "reversed"] as const) {
    assertEquals(
      STATES.map((it) => of(status, it)),
      [kept, kept, "agrees", "agrees", "agrees"],
    );
    assertEquals(of(status, "taken", { owes: true }), "agrees");
  }
  assertEquals(
    STATES.map((it) => of("processing", it)),
    STATES.map(() => "agrees"),
  );
});

/** A store of eight cells. An account `near` is in the merchant's cell, one `far` is not. */
async function openCells(path: string) {
  const config = {
    ...{ kind: "sqlite", path } as const,
    cells: { count: 8, key: TEST_CELL_KEY, prefix: "90" },
  };
  const store = await openStore(config, systemClock);
  const cells = store.cells!;
  const home = cells.cellOf(orderKey(orderName("mer_1", "order-0")));
  const accounts = Array.from({ length: 99 }, (_, i) => `customer-${i}`);
  const isNear = (it: string) => cells.cellOf(accountKey(it)) === home;
  const near = accounts.find(isNear)!;
  const far = accounts.find((it) => !isNear(it))!;
  /** A new id for a payment of the merchant's order of this number. */
  const newId = (n: number, account: string) =>
    newPaymentId(
      orderName("mer_1", `order-${n}`),
      account,
      systemRandom,
      cells,
    );
  return { store, near, far, newId };
}

/** The same store, which lists nothing at first, and then each record by itself and twice. */
const listsTwice = (store: ListableStore): ListableStore => ({
  ...store,
  async records(prefix, from = "0") {
    const { records } = await store.records(prefix);
    const twice = [[], ...records, ...records].map((it) => [it].flat());
    const at = Number(from);
    const next = at + 1 < twice.length ? `${at + 1}` : null;
    return { records: twice[at]!, next };
  },
});

/** The halves of a payment in the store, and what the ledger says of it. */
interface Halves {
  readonly status?: PaymentRecord["status"];
  /** Whether the account has the cell that the id says; by default it has. */
  readonly gone?: true;
  readonly near?: true;
  readonly claim?: ClaimRecord["state"];
  readonly ledger: LedgerDebit["state"];
  readonly verdict: string;
}

const AGREES = "agrees";
const HALVES: readonly Halves[] = [
  { status: "succeeded", claim: "taken", ledger: "debited", verdict: AGREES },
  {
    ...{ status: "succeeded", ledger: "debited" },
    verdict: "the payment succeeded, its claim in the customer's cell is lost",
  },
  {
    ...{ status: "declined", claim: "taken", ledger: "reversed" },
    verdict:
      "the payment is declined or reversed, its limits were not given back",
  },
  // Its order was made before the store was divided, or its account is forgotten.
  { status: "succeeded", gone: true, ledger: "debited", verdict: AGREES },
  { status: "succeeded", near: true, ledger: "debited", verdict: AGREES },
  {
    ...{ status: "succeeded", claim: "taken", ledger: "reversed" },
    verdict: "no money is taken, the store calls the payment succeeded",
  },
  {
    ...{ claim: "taken", ledger: "debited" },
    verdict: "money was taken, the store does not know the payment",
  },
  { claim: "void", ledger: "reversed", verdict: AGREES },
];

async function storeHalves(
  { store, near, far, newId }: Awaited<ReturnType<typeof openCells>>,
): Promise<string[]> {
  const ids: string[] = [];
  for (const [n, it] of HALVES.entries()) {
    const id = newId(n, it.near ? near : far);
    ids.push(id);
    if (it.status !== undefined) {
      await storeOrder(store, n, {
        ...payment(it.status),
        ...{ payment_id: id, account_id: it.near || it.gone ? near : far },
      });
    }
    if (it.claim === undefined) continue;
    const writes = [claims(id).set({ state: it.claim })];
    await store.txn({ checks: [], writes });
  }
  return ids;
}

Deno.test("the audit of several cells judges both halves of every payment, each payment once", () =>
  withStorePath(async (path) => {
    const opened = await openCells(path);
    const ids = await storeHalves(opened);
    const store = listsTwice(opened.store);
    const debits = HALVES.map(({ ledger }, n) => ({
      ...debit(ledger),
      payment_id: ids[n]!,
    }));
    const ofList = await Array.fromAsync(audit(store, debits, NOON_MS));
    assertEquals(
      ofList.map(({ debit, verdict }) => [debit.payment_id, verdict]),
      HALVES.map(({ verdict }, n) => [ids[n], verdict]),
    );
    const span = { fromMs: NOON_MS, toMs: NOON_MS + 1 };
    // The list has all but the declined payment.
    const listed = new Set(ids.toSpliced(2, 1));
    const ofStore = await Array.fromAsync(
      auditStore(store, listed, span, NOON_MS),
    );
    assertEquals(
      ofStore.map(({ payment, verdict }) => [payment.payment_id, verdict]),
      [[ids[2], HALVES[2]!.verdict]],
    );
    await opened.store.close();
  }));

Deno.test("the audit names each claim that has no payment of its own, once", () =>
  withStorePath(async (path) => {
    const opened = await openCells(path);
    const ids = await storeHalves(opened);
    const store = listsTwice(opened.store);
    // The order is there, but not this attempt at it.
    const other = opened.newId(0, opened.far);
    const writes = [claims(other).set({ state: "confirmed" })];
    await opened.store.txn({ checks: [], writes });
    const alone = "a code was claimed, the merchant's cell does not know the " +
      "payment";
    const found = async (listed: readonly string[]) =>
      (await Array.fromAsync(auditClaims(store, new Set(listed))))
        .map(({ paymentId, verdict }) => `${paymentId} ${verdict}`).sort();
    assertEquals(
      await found([]),
      [`${ids[6]} ${alone}`, `${other} ${alone}`].sort(),
    );
    assertEquals(await found([ids[6]!]), [`${other} ${alone}`]);
    await opened.store.close();
  }));

/** Runs the task over a store at `path` with these lines. */
async function auditTask(
  path: string,
  lines: readonly unknown[],
  ...args: string[]
) {
  return await auditWith({ OFFCODE_STORE: `sqlite:${path}` }, lines, ...args);
}

async function auditWith(
  env: Record<string, string>,
  lines: readonly unknown[],
  ...args: string[]
) {
  const child = programOf("scripts/audit.ts", args, {
    env,
    stdin: "piped",
  }).spawn();
  const text = lines.map((it) =>
    typeof it === "string" ? it : JSON.stringify(it)
  ).join("\n");
  const input = new Blob([text]).stream().pipeTo(child.stdin);
  const { code, stdout, stderr } = await child.output();
  // One that ends early hears no more.
  await input.catch(() => {});
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

Deno.test("the audit task names what does not agree and ends with 1, or with 0", () =>
  withStorePath(async (path) => {
    const { tasks } = JSON.parse(await Deno.readTextFile("deno.json"));
    assertEquals(tasks.audit, "deno run -A scripts/audit.ts");
    const store = openSqliteStore({ path, clock: systemClock });
    // More than are read in one go.
    const count = 250;
    const ids: string[] = [];
    for (let n = 0; n < count; n++) {
      const name = orderName("mer_1", `order-${n}`);
      ids.push(`pay_${name}${"0".repeat(16)}`);
      await storeOrder(store, n, {
        ...payment("succeeded"),
        payment_id: ids[n]!,
      });
    }
    await store.close();
    const lines = ids.map((payment_id) => ({
      ...debit("debited"),
      payment_id,
      account_id: "passed over",
    }));
    assertEquals(await auditTask(path, [...lines, "", ""]), {
      code: 0,
      out: "250 agree, 0 under way, 0 do not agree\n",
      err: ONE_SIDE,
    });
    // Of an order that is there, but not this attempt at it.
    const lost = `${ids[0]!.slice(0, -1)}f`;
    lines.splice(200, 0, { ...lines[0]!, payment_id: lost });
    assertEquals(await auditTask(path, lines), {
      code: 1,
      out: `${lost} 1250 EUR: money was taken, the store does not know the ` +
        "payment\n250 agree, 0 under way, 1 do not agree\n",
      err: ONE_SIDE,
    });
  }));

Deno.test("the audit task with a span names the payments of the store that the list lacks", () =>
  withStorePath(async (path) => {
    const HOUR_MS = 3_600_000;
    const fromMs = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - 24 * HOUR_MS;
    const toMs = fromMs + HOUR_MS;
    const span = [
      `--from=${new Date(fromMs).toISOString()}`,
      `--to=${new Date(toMs).toISOString()}`,
    ];
    const store = openSqliteStore({ path, clock: systemClock });
    const made: [number, PaymentRecord["status"]][] = [
      [fromMs, "succeeded"],
      [fromMs + 1, "succeeded"],
      [toMs - 1, "succeeded"],
      [fromMs + 2, "declined"],
      [fromMs + 3, "processing"],
      // Outside of the span.
      [fromMs - 1, "succeeded"],
      [toMs, "succeeded"],
    ];
    for (const [n, [createdMs, status]] of made.entries()) {
      await storeOrder(store, n, {
        ...payment(status),
        payment_id: idOf(n),
        deadline_ms: createdMs + 45_000,
        created_ms: createdMs,
        updated_ms: createdMs,
      });
    }
    await store.close();
    const { code, out, err } = await auditTask(
      path,
      [listed("debited", 1)],
      ...span,
    );
    const lost =
      "1250 EUR: the store calls the payment succeeded, the ledger does not list it";
    // The store gives its records in an order of its own.
    const said = out.trimEnd().split("\n");
    assertEquals({ code, err, out: said.toSorted() }, {
      code: 1,
      err: "",
      out: [
        `${idOf(0)} ${lost}`,
        `${idOf(2)} ${lost}`,
        `${
          idOf(4)
        } 1250 EUR: the payment should have ended by now, the ledger ` +
        "does not list it",
        "2 agree, 0 under way, 3 do not agree",
      ].toSorted(),
    });
    const whole = [0, 1, 2].map((n) => listed("debited", n))
      .concat(listed("reversed", 3));
    // What is under way for a day is a fault on whatever side it stands.
    const { out: rest } = await auditTask(path, whole, ...span);
    assertEquals(
      rest.trimEnd().split("\n").at(-1),
      "4 agree, 0 under way, 1 do not agree",
    );
  }));

Deno.test("the audit task with a span names a claim whose order is lost, and a payment whose claim is", () =>
  withStorePath(async (path) => {
    const { store, far, newId } = await openCells(path);
    const [paid, alone] = [newId(0, far), newId(1, far)];
    const nowMs = Date.now();
    await storeOrder(store, 0, {
      ...payment("succeeded"),
      ...{ payment_id: paid, account_id: far },
      ...{ created_ms: nowMs - 900_000, updated_ms: nowMs - 900_000 },
    });
    await store.txn({
      checks: [],
      writes: [claims(alone).set({ state: "taken" })],
    });
    await store.close();
    const { code, out } = await auditWith(
      {
        OFFCODE_STORE: `sqlite:${path}`,
        OFFCODE_CELLS: "8",
        OFFCODE_CELL_KEY: encodeBase64(TEST_CELL_KEY),
      },
      [{ ...debit("debited"), payment_id: paid }],
      `--from=${new Date(nowMs - 3_600_000).toISOString()}`,
      `--to=${new Date(nowMs - 600_000).toISOString()}`,
    );
    assertEquals({ code, out }, {
      code: 1,
      out: `${paid} 1250 EUR: the payment succeeded, its claim in the ` +
        `customer's cell is lost\n${alone}: a code was claimed, the ` +
        "merchant's cell does not know the payment\n" +
        "0 agree, 0 under way, 2 do not agree\n",
    });
  }));

Deno.test("the audit task refuses a span that cannot be", () =>
  withStorePath(async (path) => {
    await openSqliteStore({ path, clock: systemClock }).close();
    const [old, older] = ["2026-02-02T00:00:00Z", "2026-02-01T00:00:00Z"];
    const lately = new Date(Date.now() - 60_000).toISOString();
    for (
      const [args, says] of [
        [["--from", old], "--from and --to go together."],
        [["--to", old], "--from and --to go together."],
        [["--from", older, "--to", "today"], "--to takes a time."],
        [["--from", old, "--to", older], "--from must be earlier than --to"],
        [["--from", old, "--to", old], "--from must be earlier than --to"],
        [["--from", old, "--to", lately], "--to must be five"],
        [["--all"], "Usage: deno task audit"],
        [["debits.jsonl"], "Usage: deno task audit"],
      ] as const
    ) {
      const { code, out, err } = await auditTask(path, [], ...args);
      assertEquals([code, out, err.startsWith(says)], [2, "", true], err);
    }
  }));

Deno.test("the audit task refuses what it cannot read, and makes no store", () =>
  withStorePath(async (path) => {
    assertEquals(await auditTask(path, []), {
      code: 2,
      out: "",
      err: "OFFCODE_STORE names a file that is not there\n",
    });
    await openSqliteStore({ path, clock: systemClock }).close();
    const { code, out, err } = await auditTask(path, []);
    assertEquals([code, out], [2, ""]);
    assert(err.includes("nothing was compared"), err);
    for (
      const [line, says] of [
        ["{", "Line 2 is not JSON"],
        [{ ...debit("debited"), payment_id: "x" }, "Line 2: payment_id is"],
        [{ ...debit("debited"), state: "gone" }, "Line 2: state is"],
        [{ ...debit("debited"), amount_minor: 0.5 }, "Line 2: amount_minor is"],
        ["[]", "Line 2: the line is"],
      ] as const
    ) {
      const { code, err } = await auditTask(path, [debit("reversed"), line]);
      assertEquals([code, err.startsWith(says)], [2, true], err);
    }
  }));
