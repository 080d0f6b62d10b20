/**
 * What an endpoint costs a payment: `POST /v1/payments` at one server for a
 * merchant without an endpoint, for one whose callbacks are queued only, and
 * for one whose callbacks the same process delivers, slice by slice.
 *
 * @module
 */

import { Api } from "../../client.ts";
import { until } from "../../redis_server.ts";
import type { Table } from "../../table.ts";
import { fundAccounts, layGround } from "../kit/ground.ts";
import { startServer } from "../kit/processes.ts";
import {
  CLIENTS,
  type HttpFigures,
  type HttpSize,
  PAYMENT,
  phonesFor,
  raceTable,
  slicesNote,
} from "../kit/race.ts";
import { STORE_NAMES, type StoreKind } from "../kit/store.ts";
import { RECEIVER } from "./world.ts";

const CALL = { ...PAYMENT, clients: CLIENTS };
/** Merchants by name, and where their callbacks go. */
const MERCHANTS = [
  ["no endpoint", null],
  ["an endpoint, queued only", "/gone"],
  ["an endpoint, delivered by the same process", "/ok/1"],
] as const;

/**
 * Measures payments, without an endpoint first.
 *
 * @throws {Error} If one does not succeed.
 */
export async function benchPayments(
  kind: StoreKind,
  size: HttpSize,
): Promise<HttpFigures[]> {
  const each = phonesFor(size);
  // The last phone pays for the callback that disables an endpoint.
  const count = each * MERCHANTS.length + 1;
  await using ground = await layGround(kind, count);
  await fundAccounts(ground.store, count);
  await using receiver = await startServer({ entry: RECEIVER });
  const edge = await ground.start({
    entry: "edge/main.ts",
    env: { OFFCODE_CALLBACKS_INSECURE: "1" },
  });
  const api = new Api(edge.origin);
  const contenders = [];
  for (const [n, [name, path]] of MERCHANTS.entries()) {
    const key = await ground.openShop(edge, name);
    if (path !== null) {
      const url = receiver.origin + path;
      const put = ["PUT", "/v1/callback-endpoint", key, { url }] as const;
      await api.call("201 active", ...put);
    }
    const phones = ground.phones.slice(n * each, (n + 1) * each);
    contenders.push({ name, ...edge, key, phones });
  }
  // Answered by 410, and so disabled: from then on callbacks are queued only.
  const { key } = contenders[1]!;
  await api.call("201 succeeded", "POST", "/v1/payments", key, {
    code: ground.phones.at(-1)!.show(Date.now()).digits,
    ...PAYMENT.body("first", 0),
  });
  await until(async () => {
    const { body } = await api.ask("GET", "/v1/callback-endpoint", key);
    return body.status === "disabled";
  }, "An endpoint is not disabled by 410");
  return await ground.race({ call: CALL, contenders, size });
}

const SIZE: HttpSize = { rounds: 5, phonesPerRound: 300 };

/** Payments per second with and without an endpoint. */
export async function paymentsTable(): Promise<Table> {
  const tables: Table[] = [];
  for (const kind of ["sqlite", "tcp"] as const) {
    const figures = (await benchPayments(kind, SIZE))
      .map((it) => ({ ...it, name: `${STORE_NAMES[kind]}: ${it.name}` }));
    tables.push(raceTable(figures, ["req/s", "÷ first"], {
      title: "POST /v1/payments with and without a callback endpoint",
      notes: [
        `${slicesNote(SIZE, CALL)}, each 201;`,
        "queued only: the endpoint answered 410 and is parked. Server, receiver and",
        "load generator share the machine's cores.",
      ],
    }));
  }
  return { ...tables[0]!, rows: tables.flatMap((it) => it.rows) };
}
