/**
 * What the callbacks bench delivers with: the dispatcher of this process on a
 * store, merchants with endpoints, and payments that end without having been
 * made, so that queueing costs one transaction.
 *
 * @module
 */

import { encodeBase64 } from "@std/encoding/base64";
import type { Dispatcher } from "../../edge/callback/delivery/dispatcher.ts";
import { planCallback } from "../../edge/callback/message/queued.ts";
import type { EndpointRecord } from "../../edge/callback/message/record.ts";
import { endpoints } from "../../edge/callback/message/stored.ts";
import type { Sender } from "../../edge/callback/sender.ts";
import { createHttpSender } from "../../edge/callback_http/sender.ts";
import { systemClock, systemRandom } from "../../edge/base/clock.ts";
import { compose } from "../../edge/boot/compose.ts";
import { openCore } from "../../edge/core/core.ts";
import { hashApiKey, newApiKey, newId } from "../../edge/base/ids.ts";
import { createSandboxLedger } from "../../edge/ledger/sandbox/sandbox.ts";
import { createLog } from "../../edge/base/log.ts";
import { newPaymentId, orderName } from "../../edge/payment/payment_id.ts";
import type { PaymentRecord } from "../../edge/payment/record.ts";
import { DEFAULT_SETTINGS } from "../../edge/boot/settings.ts";
import { type Held, readRecords } from "../../edge/store/record.ts";
import { openSqliteStore } from "../../edge/store/sqlite/sqlite.ts";
import type { Store } from "../../edge/store/store.ts";
import { parseKeyring } from "../../edge/vault/keyring.ts";
import { createVault } from "../../edge/vault/seal.ts";
import { inParallel } from "./http_wallets.ts";
import { startWorld } from "./redis_world.ts";

const CORE_URL = new URL("../../wasm/release/core.wasm", import.meta.url);

/** Which store a bench runs over. */
export type StoreKind = "SQLite" | "Redis by TCP";

/** A store of a bench. */
export interface BenchStore extends AsyncDisposable {
  readonly store: Store;
  /** For the environment of a server on the same records. */
  readonly env: Readonly<Record<string, string>>;
}

/** A store of its own for a bench. */
export async function openBenchStore(kind: StoreKind): Promise<BenchStore> {
  await using stack = new AsyncDisposableStack();
  let store: Store;
  let env: BenchStore["env"];
  if (kind === "SQLite") {
    const folder = await Deno.makeTempDir({ prefix: "offcode-bench-" });
    stack.defer(() => Deno.remove(folder, { recursive: true }));
    const path = `${folder}/offcode.db`;
    store = openSqliteStore({ path, clock: systemClock });
    env = { OFFCODE_STORE: `sqlite:${path}` };
  } else {
    const world = stack.use(await startWorld("tcp"));
    store = world.openStore();
    env = world.env;
  }
  stack.defer(() => store.close());
  const owned = stack.move();
  return { store, env, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** A merchant with an endpoint. */
export interface BenchMerchant {
  readonly id: string;
  readonly url: string;
  readonly endpoint: Held<EndpointRecord>;
}

/** Merchants, and who delivers to them. */
export interface CallbacksWorld extends AsyncDisposable {
  readonly dispatcher: Dispatcher;
  readonly merchants: readonly BenchMerchant[];
  /** Ends so many payments of each merchant, interleaved. */
  queue(each: number): Promise<void>;
  /** Ends one payment of a merchant; its body is made at `nowMs`. */
  end(merchant: BenchMerchant): Promise<void>;
}

/** Makes one merchant for each URL. */
export async function openCallbacks(
  store: Store,
  urls: readonly string[],
): Promise<CallbacksWorld> {
  const keys = `bench:${encodeBase64(systemRandom.bytes(32))}`;
  const random = systemRandom;
  const sender: Sender = createHttpSender({
    clock: systemClock,
    insecure: true,
  });
  const { useCases, dispatcher } = compose({
    store,
    core: openCore(await Deno.readFile(CORE_URL)),
    vault: createVault({ keyring: parseKeyring(keys), random }),
    ledger: createSandboxLedger({ store, random }),
    sender,
    clock: systemClock,
    random,
    monotonicMs: () => performance.now(),
    log: createLog({ clock: systemClock, write: () => {} }),
  }, { adminKeyHash: hashApiKey(newApiKey(random)), ...DEFAULT_SETTINGS });
  const merchants: BenchMerchant[] = [];
  for (const url of urls) {
    const made = await useCases.merchants.create({
      name: "Bench",
      callbackUrl: url,
    });
    if ("kind" in made) throw new Error("A merchant was refused");
    const id = made.record.merchant_id;
    const [endpoint] = await readRecords(store, [endpoints(id)]);
    merchants.push({ id, url, endpoint });
  }

  async function end({ id, endpoint }: BenchMerchant): Promise<void> {
    const nowMs = systemClock.nowMs();
    const orderId = newId("req", random);
    const payment: PaymentRecord = {
      payment_id: newPaymentId(orderName(id, orderId), random),
      merchant_id: id,
      merchant_name: "Bench",
      order_id: orderId,
      status: "succeeded",
      amount_minor: 1250,
      currency: "EUR",
      account_id: "alice",
      code_hash: { kid: "t", hash: "h" },
      payer: "payer_1",
      order_version: 2,
      confirmed: false,
      deadline_ms: nowMs,
      taken: { day: "2026-01-15", offline: false },
      created_ms: nowMs,
      updated_ms: nowMs,
    };
    const { guard, writes } = planCallback(payment, endpoint, nowMs);
    const result = await store.txn({ checks: [guard], writes });
    if (!result.committed) throw new Error("An endpoint has changed");
  }

  return {
    dispatcher,
    merchants,
    end,
    queue: (each) =>
      inParallel(
        each * merchants.length,
        (n) => end(merchants[n % merchants.length]!),
      ),
    async [Symbol.asyncDispose]() {
      await dispatcher.stop();
      await sender.close();
    },
  };
}
