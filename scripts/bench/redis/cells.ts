/**
 * What cells and primaries do to payments: deployments of one cell, of many in
 * one Redis and on clusters, each with an edge of its own, race in one run. At
 * each as many merchants take payments, one in each cell.
 *
 * @module
 */

import { systemClock, systemRandom } from "../../../edge/base/clock.ts";
import { accountKey } from "../../../edge/store/keys.ts";
import type { Cells } from "../../../edge/store/store.ts";
import { composeEdge } from "../../edge.ts";
import { type Suite, type Table, tableOf } from "../../table.ts";
import { layGround } from "../kit/ground.ts";
import {
  callAll,
  type HttpFigures,
  type HttpSize,
  PAYMENT,
  phonesFor,
  type RacedCall,
  raceHttp,
  slicesNote,
  sum,
} from "../kit/race.ts";
import { type Division, redisCounts } from "../kit/store.ts";
import { callFigures } from "./calls.ts";
import { fleetTable, primaryOf } from "./fleet.ts";

const CELLS = 64;

/** Who pays whom in a deployment. */
interface Way {
  readonly name: string;
  /** Whether a customer of a cell pays a merchant of a cell. */
  readonly fits?: (customer: number, merchant: number) => boolean;
  /** Whether the merchant of a cell takes payments. */
  readonly takes?: (merchant: number) => boolean;
}

const ONE: Division = { cells: 1, primaries: 1 };
const [ALL_ON_1, ALL_ON_3, ALL_ON_6] = [1, 3, 6]
  .map((primaries): Division => ({ cells: CELLS, primaries }));
const IN_ONE_CELL: Way = {
  name: "in one cell",
  fits: (customer, merchant) => customer === merchant,
};
const ANYWHERE: Way = { name: "anywhere" };
/** What a payment takes of its merchant's primary, and of its customer's. */
const APART: Way = {
  name: "first to last",
  fits: (customer) => primaryOf(customer, ALL_ON_3!) === 2,
  takes: (merchant) => primaryOf(merchant, ALL_ON_3!) === 0,
};
/** All that is measured. */
export const DEPLOYMENTS: readonly (readonly [Division, ...Way[]])[] = [
  [ONE, ANYWHERE],
  [ALL_ON_1!, IN_ONE_CELL, ANYWHERE],
  [ALL_ON_3!, IN_ONE_CELL, ANYWHERE, APART],
  [ALL_ON_6!, ANYWHERE],
];

/** How much is measured; phones are a multiple of 64. */
const SIZE = { rounds: 5, warmUpRounds: 3, phonesPerRound: 320 };
const STEADY_PER_SECOND = 400;
/** Payments that come alone: how many, and how often as many. */
const [ALONE, TIMES] = [8, 7];

/** What was found of a way. */
export interface CellsFigures {
  readonly division: Division;
  readonly way: string;
  readonly fast: HttpFigures;
  readonly steady: HttpFigures;
  /** Of payments whose merchant and customer are in two cells. */
  readonly crossing: number;
  /** Runs of scripts and commands inside of one payment that comes alone. */
  readonly trips: number;
  readonly commands: number;
}

type Ground = Awaited<ReturnType<typeof layGround>>;

/** Keys of merchants, one in each of 64 places, in their order. */
async function openShops({ store, env }: Ground): Promise<string[]> {
  const shops: string[] = [];
  const random = {
    bytes(length: number) {
      const bytes = systemRandom.bytes(length);
      // The first twelve bits of an id are its place.
      if (length === 16) {
        new DataView(bytes.buffer).setUint16(0, shops.length << 4);
      }
      return bytes;
    },
  };
  const { useCases } = composeEdge({ store, random, keys: env });
  while (shops.length < CELLS) {
    const made = await useCases.merchants.create({ name: "Corner Shop" });
    if ("kind" in made) throw new Error("A merchant was refused");
    shops.push(made.apiKey);
  }
  return shops;
}

/** Lays the ground of a deployment; what races there, `each` phones for a way. */
async function layWays(
  stack: AsyncDisposableStack,
  [division, ...ways]: typeof DEPLOYMENTS[number],
  each: number,
) {
  const accounts: string[] = [];
  const cellOf = (account: string, cells?: Cells) =>
    cells?.cellOf(accountKey(account)) ?? 0;
  const accountOf = (n: number, cells?: Cells) => {
    const { fits = () => true } = ways[Math.floor(n / each)]!;
    for (let i = 0; accounts[n] === undefined; i++) {
      const account = `account-${n}-${i}`;
      const isFit = fits(cellOf(account, cells), n % each % CELLS);
      if (isFit) accounts[n] = account;
    }
    return accounts[n];
  };
  const options = { division, accountOf };
  const ground = stack.use(
    await layGround("tcp", ways.length * each, options),
  );
  const { store: { cells }, primaries = [] } = ground;
  const edge = await ground.start();
  const shops = await openShops(ground);
  return ways.map(({ name, takes = () => true }, way) => {
    const [from, to] = [way * each, (way + 1) * each];
    const taking = [...shops.keys()].filter(takes);
    const crossed = accounts.slice(from, to).filter((account, n) =>
      cells && cellOf(account, cells) !== taking[n % taking.length]
    );
    return {
      ...{ ...edge, name, division, primaries },
      key: taking.map((cell) => shops[cell]!),
      storePids: primaries.map(({ pid }) => pid),
      phones: ground.phones.slice(from, to),
      crossing: crossed.length / each,
    };
  });
}

type Contender = Awaited<ReturnType<typeof layWays>>[number];

/** Scripts and commands of payments that come alone, at the phones from `first`. */
async function countTrips(server: Contender, first: number) {
  const look = () => Promise.all(server.primaries.map(redisCounts));
  const found: Pick<CellsFigures, "trips" | "commands">[] = [];
  for (let time = 0; time < TIMES; time++) {
    const from = first + time * ALONE;
    const bodies = server.phones.slice(from, from + ALONE).map((phone) => ({
      code: phone.show(systemClock.nowMs()).digits,
      ...PAYMENT.body(crypto.randomUUID(), 0),
    }));
    const before = await look();
    // The first of these phones is not the first of its way.
    const at = from % server.key.length;
    const key = [...server.key.slice(at), ...server.key.slice(0, at)];
    await callAll({ ...PAYMENT, clients: 1 }, { ...server, key }, bodies);
    const calls = (await look())
      .map((after, i) => callFigures(before[i]!, after, ALONE));
    found.push({
      trips: sum(calls.map(({ scripts }) => scripts)),
      commands: sum(calls.map(({ inner }) => inner)),
    });
  }
  // What the edge does by itself meanwhile only adds to them.
  const least = (of: "trips" | "commands") =>
    Math.min(...found.map((it) => it[of]));
  return { trips: least("trips"), commands: least("commands") };
}

/** Measures all ways, in the order of the deployments. */
export async function measureCells(
  size: HttpSize,
  deployments = DEPLOYMENTS,
): Promise<readonly CellsFigures[]> {
  await using stack = new AsyncDisposableStack();
  const steadySize = { ...size, warmUpRounds: 0 };
  const [first, steadily] = [phonesFor(size), phonesFor(steadySize)];
  const each = first + steadily + TIMES * ALONE;
  const contenders: Contender[] = [];
  for (const deployment of deployments) {
    contenders.push(...await layWays(stack, deployment, each));
  }
  const race = (call: RacedCall, size: HttpSize, name: string, from: number) =>
    raceHttp(
      ...[call, size] as const,
      contenders.map((it) => ({
        ...it,
        phones: it.phones.slice(from, from + phonesFor(size)),
      })),
      name,
    );
  const fast = await race(PAYMENT, size, "fast", 0);
  const call = { ...PAYMENT, perSecond: STEADY_PER_SECOND };
  const steady = await race(call, steadySize, "steady", first);
  const figures: CellsFigures[] = [];
  for (const [i, it] of contenders.entries()) {
    const { division, name: way, crossing } = it;
    figures.push({
      ...{ division, way, crossing, fast: fast[i]!, steady: steady[i]! },
      ...await countTrips(it, first + steadily),
    });
  }
  return figures;
}

function waysTable(all: readonly CellsFigures[]): Table {
  const rows = all.map((it) => {
    const { division: { cells, primaries }, fast } = it;
    const one = all.find(({ division, way }) =>
      division === it.division && way === IN_ONE_CELL.name
    )?.fast.cpuMicroseconds;
    const each = it.steady.storeCpuMicroseconds;
    return {
      "cells, primaries": `${cells} on ${primaries}, ${it.way}`,
      "payments/s": fast.requestsPerSecond,
      "p99 ms": fast.p99Ms,
      "crossing": `${(it.crossing * 100).toFixed(0)} %`,
      "edge CPU µs": fast.cpuMicroseconds,
      "÷ one cell": one === undefined ? "" : fast.cpuMicroseconds / one,
      "Redis CPU µs": sum(fast.storeCpuMicroseconds),
      "trips": it.trips,
      "commands": it.commands,
      "each primary, µs": each.map(Math.round).join(" "),
      "largest ÷ mean": Math.max(...each) * each.length / sum(each),
    };
  });
  return tableOf(
    "POST /v1/payments by cells and primaries, over Redis by TCP",
    rows,
    [
      `${slicesNote(SIZE, PAYMENT)}; ${CELLS} merchants, appendfsync always;`,
      "in one cell: each customer in the merchant's; first to last: merchants on the first primary,",
      `customers on the last. Each primary: at ${STEADY_PER_SECOND} payments/s, with what it does without them.`,
      "Trips and commands: runs of the script, and commands inside, of a payment that comes",
      "alone, with the sandbox ledger's debit. All processes share the machine's cores, so",
      "more primaries bring no more payments here.",
    ],
  );
}

/** Payments by cells and primaries, and a simulation of more of them. */
export const cellsSuite: Suite = async () => {
  const all = await measureCells(SIZE);
  const [merchantUs = 0, , customerUs = 0] = all
    .find(({ way }) => way === APART.name)!.fast.storeCpuMicroseconds;
  return [waysTable(all), fleetTable({ merchantUs, customerUs })];
};
