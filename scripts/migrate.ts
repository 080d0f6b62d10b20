/**
 * `deno task migrate --from <store> --to <store>`: moves all records to an empty store while
 * no edge serves. A store is written as in `OFFCODE_STORE`, or as `file:<path>` of a file that
 * holds it, so that a password is not seen among the processes. Killed at any time, it goes on
 * when it is started again. At its end it counts both stores and compares their digests, and
 * edges start on the new store alone. It ends with 0 then, and with 1 if the stores differ.
 *
 * @module
 */

import { resolve as resolvePath } from "node:path";
import { newRevision } from "../edge/base/ids.ts";
import { systemClock, systemPause, systemRandom } from "../edge/base/clock.ts";
import type { StoreConfig } from "../edge/boot/store_config.ts";
import { createStoreCheck } from "../edge/health/store_check.ts";
import type { ListableStore } from "../edge/store/store.ts";
import { InputError, readArguments, runCommand } from "./command.ts";
import { patientStore } from "./migrate/patient.ts";
import { createRecell } from "./migrate/recell.ts";
import { type Counted, runMigration } from "./migrate/run.ts";
import { giveUp, type Side } from "./migrate/stores.ts";
import { totalOf } from "./migrate/tally.ts";
import { createPace, readPerSecond } from "./pace.ts";
import { progressOnStderr } from "./progress.ts";
import { readStoreConfig, withNewStore, withStore } from "./task_store.ts";

const USAGE =
  `Usage: deno task migrate --from <store> --to <store> [--per-second n]
                         [--cells n]
       deno task migrate --from <store> --give-up

  <store>  as in OFFCODE_STORE, or file:<path> of a file that holds it
  --cells  divides one cell among so many, by OFFCODE_CELL_KEY`;

/** A store of the command line, and its name for people. */
type NamedStore = Awaited<ReturnType<typeof readNamed>>;

/** The name of a store for people: without user name and password. */
function toldOf(config: StoreConfig): string {
  switch (config.kind) {
    case "sqlite":
      return `sqlite:${resolvePath(config.path)}`;
    case "redis": {
      const hosts = config.nodes.map(({ host, port }) =>
        host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`
      );
      return `redis${config.tls ? "s" : ""}://${hosts}`;
    }
    case "upstash":
      return `upstash ${new URL(config.url).host}`;
    case "upstash-fleet":
      return `upstash ${config.databases.map(({ url }) => new URL(url).host)}`;
  }
}

/**
 * Reads a store of the command line.
 *
 * @throws {InputError} If it cannot be used.
 */
async function readNamed(
  option: string,
  word: string | undefined,
  cells: string | undefined,
) {
  if (word === undefined) throw new InputError(USAGE);
  const path = /^file:([^]+)$/.exec(word)?.[1];
  const text = path === undefined
    ? word
    : await Deno.readTextFile(path).then((it) => it.trim(), () => {
      throw new InputError(`${option}: there is no file ${path}`);
    });
  try {
    const config = readStoreConfig({
      ...{ ...Deno.env.toObject(), OFFCODE_STORE: text },
      ...(cells !== undefined && { OFFCODE_CELLS: cells }),
    });
    return { config, told: toldOf(config) };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(error.message.replaceAll("OFFCODE_STORE", option));
  }
}

const sideOf = (store: ListableStore, { told }: NamedStore): Side => ({
  ...{ told, store: patientStore(store, told, systemPause) },
});

/**
 * Refuses a store on which no edge would start.
 *
 * @throws {InputError} If it drops records.
 */
async function refuseUnfit({ store, told }: Side): Promise<void> {
  const check = createStoreCheck({
    store,
    log: (_level, _message, fields) =>
      console.error(`${told}: ${fields?.detail}`),
    allowsEviction: false,
  });
  const { refusal } = await check.look();
  if (refusal !== null) throw new InputError(`${told} must not be used`);
}

function tell(from: Side, to: Side, { tallies, kinds }: Counted): void {
  for (const [i, { told }] of [from, to].entries()) {
    const { records, members, digest } = totalOf(tallies[i]!);
    console.log(
      `${told}: ${records} records, ${members} members of indexes, digest ${
        digest.toString(16).padStart(32, "0")
      }`,
    );
  }
  for (const kind of kinds) {
    const counts = tallies.map(({ counts: it }) => it.get(kind)?.records ?? 0);
    console.log(`The records of the kind ${kind} differ: ${counts.join(", ")}`);
  }
}

/** Moves the records of a store. Returns the exit code. */
async function migrate(
  from: Side,
  to: Side,
  perSecond: number,
  isDivided: boolean,
): Promise<number> {
  await refuseUnfit(to);
  const { cells } = to.store;
  if (isDivided && cells === undefined) throw new InputError(USAGE);
  const result = await runMigration({
    ...{ from, to },
    nowMs: () => systemClock.nowMs(),
    newId: () => newRevision(systemRandom),
    recell: isDivided ? createRecell(cells!) : undefined,
    pace: createPace(perSecond),
    progress: progressOnStderr(),
  });
  if (result.kind === "done") {
    console.log(`The records of ${from.told} were moved to ${to.told}`);
    return 0;
  }
  tell(from, to, result);
  if (result.kind === "differs") {
    console.log(
      "No edge starts on either store. Start again to copy everything once more, " +
        "or give the migration up.",
    );
    return 1;
  }
  if (isDivided) {
    console.log("Seeds and devices stayed behind: customers enrol again");
  }
  console.log(`Edges start on ${to.told} now, and no more on ${from.told}`);
  return 0;
}

async function main(args: readonly string[]): Promise<number> {
  const { cells, ...options } = readArguments(args, USAGE, {
    "from": { type: "string" },
    "to": { type: "string" },
    "per-second": { type: "string", default: "0" },
    "cells": { type: "string" },
    "give-up": { type: "boolean", default: false },
  });
  const perSecond = readPerSecond(options["per-second"], USAGE);
  const from = await readNamed("--from", options.from, cells && "1");
  return await withStore(from.config, async (store) => {
    const source = sideOf(store, from);
    if (options["give-up"]) {
      const { other } = await giveUp(source);
      console.log(`Edges start on ${from.told} again. Empty ${other}.`);
      return 0;
    }
    const to = await readNamed("--to", options.to, cells);
    return await withNewStore(to.config, (store) => {
      const target = sideOf(store, to);
      return migrate(source, target, perSecond, cells !== undefined);
    });
  }, `There is no ${from.told}`);
}

if (import.meta.main) await runCommand(main);
