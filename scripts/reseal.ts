/**
 * `deno task reseal [--per-second n]`: seals anew, under the first master key,
 * all that is sealed under another one, while edges serve. It reads the settings
 * that the server reads. Ended at any time, it goes on when it is started again;
 * at its end it counts everything once more and says what is sealed under which
 * key. It ends with 0 when nothing is sealed under another key than the first.
 *
 * @module
 */

import { boot, type Server, startFault } from "../edge/main.ts";
import { StoreUnavailableError } from "../edge/store/store.ts";
import {
  countByKey,
  type Resealed,
  type SealedPart,
  type SealedRecords,
} from "../edge/vault/sealed_records.ts";
import { InputError, readArguments, runCommand } from "./command.ts";
import { createPace, readPerSecond } from "./pace.ts";
import { progressOnStderr } from "./progress.ts";

const USAGE = "Usage: deno task reseal [--per-second n]";
/** The number of parts under way at the same time. They share a commit of the store. */
const AT_ONCE = 4;

function staleIn(counts: SealedPart["counts"], kid: string): number {
  let stale = 0;
  for (const [it, n] of counts) if (it !== kid) stale += n;
  return stale;
}

/** Seals anew what is not under `kid`. Calls `at` with the number so far. */
async function reseal(
  sealed: readonly SealedRecords[],
  kid: string,
  perSecond: number,
  at: (done: number) => void,
): Promise<Resealed> {
  const result = { resealed: 0, unopened: 0 };
  const pace = createPace(perSecond);
  let begun = 0;
  async function work(parts: AsyncIterable<SealedPart>): Promise<void> {
    for await (const part of parts) {
      const stale = staleIn(part.counts, kid);
      if (stale === 0) continue;
      begun += stale;
      await pace(begun - stale);
      const { resealed, unopened } = await part.reseal();
      result.resealed += resealed;
      result.unopened += unopened;
      at(result.resealed);
    }
  }
  for (const kind of sealed) {
    // All of them take their parts from one list.
    const list = kind.parts()[Symbol.asyncIterator]();
    const parts = { [Symbol.asyncIterator]: () => list };
    await Promise.all(Array.from({ length: AT_ONCE }, () => work(parts)));
  }
  return result;
}

/**
 * How many of all kinds are not under `kid`.
 *
 * @throws {InputError} If nothing is sealed at all. The path may be mistyped, and an
 * empty store must not make anybody remove the old key.
 */
async function countStale(sealed: readonly SealedRecords[], kid: string) {
  const counts = [...(await countByKey(sealed)).values()];
  if (counts.some((it) => it.size > 0)) {
    return counts.reduce((stale, it) => stale + staleIn(it, kid), 0);
  }
  throw new InputError(
    "This store holds nothing that is sealed. Set OFFCODE_STORE as the edges do.",
  );
}

async function main(args: readonly string[]): Promise<number> {
  const { "per-second": limit } = readArguments(args, USAGE, {
    "per-second": { type: "string", default: "0" },
  });
  const perSecond = readPerSecond(limit, USAGE);
  const server = await boot({ development: false, background: false })
    .catch((error) => {
      throw new InputError(startFault(error));
    });
  try {
    return await resealAll(server, perSecond);
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error;
    throw new InputError(`${error.message}; start again to go on`);
  } finally {
    await server.close();
  }
}

async function resealAll(
  { sealed, kids: [first, ...others] }: Server,
  perSecond: number,
): Promise<number> {
  const kid = first!;
  const progress = progressOnStderr();
  progress.begin("Sealing anew", await countStale(sealed, kid));
  const startedMs = performance.now();
  const at = (done: number) => progress.at(done, `${done}`);
  const { resealed, unopened } = await reseal(sealed, kid, perSecond, at);
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  progress.end(
    `${resealed} were sealed anew in ${seconds} s, ${unopened} do not open`,
  );
  const left = new Set<string>();
  for (const [kind, counts] of await countByKey(sealed)) {
    for (const [it, n] of counts) {
      console.log(`${n} ${kind} are sealed under ${it}`);
      if (it !== kid) left.add(it);
    }
  }
  for (const it of others.filter((it) => !left.has(it))) {
    console.log(`Nothing is sealed under ${it}`);
  }
  return left.size === 0 ? 0 : 1;
}

if (import.meta.main) await runCommand(main);
