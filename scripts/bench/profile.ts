/**
 * Where the time of a server goes: a CPU profile of the real one, over TCP
 * Redis, while it verifies codes under load.
 *
 * @module
 */

import { freePort } from "../redis_server.ts";
import { cpuSecondsOf } from "./cpu.ts";
import { startLoad, startServer } from "./http_processes.ts";
import { CLIENTS, CODES_PER_PHONE, raceHttp } from "./http_race.ts";
import { enrolPhones } from "./http_wallets.ts";
import { type ProfiledRun, profileWhile } from "./inspector.ts";
import { PARTS, sharesOf } from "./profile_shares.ts";
import { startWorld } from "./redis_world.ts";
import type { Suite } from "./suite.ts";

const SEEDS_PER_BUCKET = 100;
const PHONES = 6_000;

/** A profile and what the kernel counted meanwhile. */
export interface ServerProfile extends ProfiledRun {
  readonly requests: number;
  /** Processor time of the server for one request, all threads. */
  readonly cpuMicroseconds: number;
}

/** Profiles a server that has served `phones` verifications before. */
export async function profileServer(phones: number): Promise<ServerProfile> {
  const folder = await Deno.makeTempDir({ prefix: "offcode-bench-" });
  try {
    await using world = await startWorld("tcp");
    const store = world.openStore();
    const enrolled = await enrolPhones({
      store,
      count: 2 * phones,
      buckets: Math.ceil(2 * phones / SEEDS_PER_BUCKET),
    });
    await store.close();
    await using load = startLoad();
    const port = freePort();
    await using server = await startServer({
      entry: "edge/main.ts",
      folder,
      env: { ...world.env, ...enrolled.env },
      flags: [`--inspect=127.0.0.1:${port}`],
    });
    const contender = { name: "edge", ...server };
    const run = (from: number) =>
      raceHttp({
        load,
        contenders: [contender],
        phones: enrolled.phones.slice(from, from + phones),
        key: enrolled.walletKey,
        size: { rounds: 1, warmUpRounds: 0, phonesPerRound: phones },
        name: `from-${from}`,
      });
    await run(0);
    const before = cpuSecondsOf(server.pid);
    let cpuSeconds = NaN;
    const profiled = await profileWhile(port, async () => {
      await run(phones);
      cpuSeconds = cpuSecondsOf(server.pid) - before;
    });
    const requests = phones * CODES_PER_PHONE;
    return {
      ...profiled,
      requests,
      cpuMicroseconds: cpuSeconds * 1e6 / requests,
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Shares of time by part of the server. */
export const profileSuite: Suite = async () => {
  const { profile, lineOf, requests, cpuMicroseconds } = await profileServer(
    PHONES,
  );
  const shares = sharesOf(profile, lineOf);
  const totalUs = [...shares.values()].reduce((sum, it) => sum + it);
  return [{
    title: "Where the time of POST /v1/verifications goes, over Redis by TCP",
    columns: ["part", "share", "µs"],
    rows: PARTS.map((part) => [
      part,
      `${(shares.get(part)! * 100 / totalUs).toFixed(0)} %`,
      (shares.get(part)! / requests).toFixed(1),
    ]),
    notes: [
      `V8's profile of the server's JavaScript thread, ${requests} requests from ${CLIENTS} clients`,
      "after as many; on a machine that others use the µs are too many, the shares hold.",
      `Processor time of the whole process, profiler included: ${
        cpuMicroseconds.toFixed(0)
      } µs a request.`,
    ],
  }];
};
