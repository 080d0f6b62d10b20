/**
 * Tries to reach servers by every way that the edge has to another server but
 * callbacks, in a process of its own, whose environment says whom it trusts.
 * Takes ports by name as JSON, and prints what each way says, as JSON.
 *
 * @module
 */

import { systemClock } from "../../../../edge/base/clock.ts";
import { createHttpLedger } from "../../../../edge/ledger/http/http.ts";
import { openRedisRest } from "../../../../edge/store/redis/rest.ts";
import { openRedisTcp } from "../../../../edge/store/redis/tcp.ts";
import type { RedisTransport } from "../../../../edge/store/redis/transport.ts";
import { StoreUnavailableError } from "../../../../edge/store/store.ts";
import { LEDGER_SECRET } from "../../ledger/server.ts";

/** What each way says of one server. */
export interface Reached {
  readonly ledger: unknown;
  readonly rest: unknown;
  readonly tcp: unknown;
  readonly cluster: unknown;
}

async function viaStore(open: () => RedisTransport): Promise<unknown> {
  const transport = open();
  try {
    await transport.timeMs();
    return "reached";
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error;
    return error.details;
  } finally {
    await transport.close();
  }
}

async function viaLedger(url: string): Promise<unknown> {
  let said: unknown;
  const ledger = createHttpLedger({
    url,
    secret: LEDGER_SECRET,
    clock: systemClock,
    timeoutMs: 40_000,
    log: (_, __, { call: ___, payment_id: ____, ...rest } = {}) => said = rest,
  });
  await ledger.query("pay_1");
  return said;
}

async function reach(port: number): Promise<Reached> {
  const node = { host: "127.0.0.1", port };
  const url = `https://127.0.0.1:${port}`;
  const tcp = (nodes: readonly typeof node[]) => () =>
    openRedisTcp({ nodes, tls: true, timeoutMs: 40_000 });
  return {
    ledger: await viaLedger(url),
    rest: await viaStore(() =>
      openRedisRest({ url, token: "t", timeoutMs: 40_000 })
    ),
    tcp: await viaStore(tcp([node])),
    cluster: await viaStore(tcp([node, node])),
  };
}

if (import.meta.main) {
  const ports: Record<string, number> = JSON.parse(Deno.args[0]!);
  const results = Object.entries(ports).map(async ([name, port]) =>
    [name, await reach(port)] as const
  );
  console.log(JSON.stringify(Object.fromEntries(await Promise.all(results))));
  Deno.exit();
}
