import { assertEquals, assertNotEquals } from "@std/assert";
import { encodeBase64 } from "@std/encoding/base64";
import { NO_SENDER } from "../../scripts/edge.ts";
import { createApp } from "../../edge/boot/app.ts";
import { compose } from "../../edge/boot/compose.ts";
import { type Core, openCore } from "../../edge/core/core.ts";
import { hashApiKey, newId } from "../../edge/base/ids.ts";
import { createSandboxLedger } from "../../edge/ledger/sandbox/sandbox.ts";
import { createLog } from "../../edge/base/log.ts";
import { DEFAULT_SETTINGS } from "../../edge/boot/settings.ts";
import { openSqliteStore } from "../../edge/store/sqlite/sqlite.ts";
import { parseKeyring } from "../../edge/vault/keyring.ts";
import { createVault } from "../../edge/vault/seal.ts";
import { type Answer, Api, type TestPhone } from "../support/world/api.ts";
import { NOON_MS, TestClock, UNLIMITED } from "../support/world/app.ts";
import { FaultyStore } from "../support/store/faulty_store.ts";
import { places } from "../support/world/guesses/guess_permits.ts";
import { oneBucket } from "../support/world/scene.ts";

const STEP_MS = 30_000;
const ADMIN_KEY = "an-admin-key-of-a-test-long-enough";
const CORE = await Deno.readFile(
  new URL("../../wasm/release/core.wasm", import.meta.url),
);

/** An edge whose core and store count what they do; all are in bucket 0. */
function countedEdge(path: string, clock: TestClock) {
  const core: Core = openCore(CORE);
  const opened = openSqliteStore({ path, clock });
  const store = new FaultyStore(opened);
  const random = places(oneBucket);
  const log = createLog({ clock, write: () => {} });
  const sandbox = createSandboxLedger({ store, random });
  const monotonicMs = () => 0;
  const { useCases } = compose({
    store,
    core,
    coreWasm: CORE,
    vault: createVault({
      keyring: parseKeyring(`t:${encodeBase64(new Uint8Array(32).fill(7))}`),
      random,
    }),
    ledger: sandbox,
    sandbox,
    sender: NO_SENDER,
    clock,
    random,
    monotonicMs,
    log,
  }, {
    adminKeyHash: hashApiKey(ADMIN_KEY),
    ...DEFAULT_SETTINGS,
    ...UNLIMITED,
  });
  const app = createApp({
    useCases,
    log,
    newRequestId: () => newId("req", random),
    monotonicMs,
  });
  return {
    api: new Api((request) => app.fetch(request), "http://edge", ADMIN_KEY),
    /** What `call` made the core and the store do. */
    async work(call: () => Promise<Answer>) {
      const before = core.work();
      store.plan();
      const answer = await call();
      const after = core.work();
      return {
        answer,
        work: {
          groups: after.groups - before.groups,
          compares: after.compares - before.compares,
          store: [...store.trace],
        },
      };
    },
    close: () => opened.close(),
  };
}

/** Five customers: a group of four lanes, and a tail of one. */
const CUSTOMERS = ["alice", "bob", "carol", "dave", "erin"];

async function customers(api: Api) {
  const walletKey = await api.walletKey();
  const merchant = await api.merchant();
  const phones: TestPhone[] = [];
  for (const account of CUSTOMERS) {
    phones.push(await api.enrol(walletKey, account, `phone-of-${account}`));
    await api.setBalance(account, 10_000);
  }
  return { walletKey, merchant, phones };
}

/** Codes of bucket 0 that no one may pay with now, each wrong in its way. */
function misses(phones: readonly TestPhone[]): Record<string, string> {
  const first = phones[0]!;
  const last = phones.at(-1)!;
  const head = first.code(NOON_MS).slice(0, 7);
  const next = (code: string) =>
    head + `${(BigInt(code.slice(7)) + 1n) % 10n ** 11n}`.padStart(11, "0");
  return {
    "unknown": `${head}00000000000`,
    "the last of all": `${head}99999999999`,
    "one off the first customer's": next(first.code(NOON_MS)),
    "one off the last customer's": next(last.code(NOON_MS)),
    "the first customer's, a step too old": first.code(NOON_MS - 2 * STEP_MS),
    "the last customer's, a step too old": last.code(NOON_MS - 2 * STEP_MS),
    "the first customer's, a step too early": first.code(
      NOON_MS + 2 * STEP_MS,
    ),
    "the last customer's, a year old": last.code(
      NOON_MS - 365 * 86_400_000,
    ),
  };
}

/** The answer without what names its request. */
function bytes({ status, headers, body }: Answer): string {
  const { instance: _, ...rest } = body;
  const shown = [...headers].filter(([name]) => name !== "x-request-id");
  return JSON.stringify([status, shown, rest]);
}

async function withFolder(
  test: (path: string, clock: TestClock) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "offcode-uniform-" });
  try {
    await test(`${folder}/offcode.db`, new TestClock(NOON_MS));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

for (const endpoint of ["payments", "verifications"] as const) {
  Deno.test(`POST /v1/${endpoint} answers every code that is not accepted alike`, () =>
    withFolder(async (path, clock) => {
      const first = countedEdge(path, clock);
      const { walletKey, merchant, phones } = await customers(first.api);
      await first.close();
      const cold: unknown[] = [];
      const warm: unknown[] = [];
      const answers = new Set<string>();
      const codes = misses(phones);
      for (const [what, code] of Object.entries(codes)) {
        // A new edge for each, so that each is the first one it searches for.
        const edge = countedEdge(path, clock);
        const call = () =>
          endpoint === "payments"
            ? edge.api.pay(merchant, { code, order_id: "order-1" })
            : edge.api.verify(walletKey, code, "ref-1");
        for (const found of [cold, warm]) {
          const { answer, work } = await edge.work(call);
          assertEquals(answer.body.code, "code-not-accepted", what);
          answers.add(bytes(answer));
          found.push(work);
        }
        await edge.close();
      }
      assertEquals(answers.size, 1);
      // Two groups in three steps, then the tags alone.
      const [once, again] = [cold[0], warm[0]] as [
        { groups: bigint; compares: bigint },
        { groups: bigint; compares: bigint },
      ];
      assertEquals([once.groups, once.compares], [6n, 6n]);
      assertEquals([again.groups, again.compares], [0n, 6n]);
      assertEquals(cold, Array(cold.length).fill(once));
      assertEquals(warm, Array(warm.length).fill(again));
    }));

  Deno.test(`POST /v1/${endpoint} searches as long for a hit as for a miss`, () =>
    withFolder(async (path, clock) => {
      const first = countedEdge(path, clock);
      const { walletKey, merchant, phones } = await customers(first.api);
      await first.close();
      const hits = phones.flatMap((phone) =>
        [-1, 0, 1].map((drift) => phone.code(NOON_MS + drift * STEP_MS))
      );
      const found: unknown[] = [];
      for (const code of hits) {
        const edge = countedEdge(path, clock);
        const { answer, work } = await edge.work(() =>
          endpoint === "payments"
            ? edge.api.pay(merchant, { code, order_id: code, amount_minor: 1 })
            : edge.api.verify(walletKey, code, code)
        );
        assertEquals(answer.status, endpoint === "payments" ? 201 : 200);
        const { groups, compares, store } = work;
        found.push([groups, compares]);
        assertNotEquals(store.filter((op) => op.startsWith("txn")), []);
        await edge.close();
      }
      assertEquals(found, Array(hits.length).fill([6n, 6n]));
    }));
}

Deno.test("a code of an empty bucket is answered as one of a full bucket", () =>
  withFolder(async (path, clock) => {
    const edge = countedEdge(path, clock);
    const { walletKey, merchant, phones } = await customers(edge.api);
    const elsewhere = `9010001${phones[0]!.code(NOON_MS).slice(7)}`;
    const here = Object.values(misses(phones))[0]!;
    // After a miss an edge holds more than one guess permit.
    await edge.api.pay(merchant, { code: here, order_id: "1" });
    await edge.api.verify(walletKey, here, "1");
    const answers = new Set<string>();
    const traces = new Set<string>();
    for (const code of [elsewhere, here]) {
      for (
        const call of [
          () => edge.api.pay(merchant, { code, order_id: "1" }),
          () => edge.api.verify(walletKey, code, "1"),
        ]
      ) {
        const { answer } = await edge.work(call);
        answers.add(bytes(answer));
        // Once the bucket is there, the store is asked the same.
        const { work } = await edge.work(call);
        traces.add(JSON.stringify(work.store));
      }
    }
    assertEquals(answers.size, 1);
    assertEquals([...traces].toSorted(), ['["read order"]', "[]"]);
    await edge.close();
  }));
