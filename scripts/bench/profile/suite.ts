/**
 * Where the time of a server goes: a CPU profile of the real one, over TCP
 * Redis, while it verifies codes under load.
 *
 * @module
 */

import { freePort } from "../../redis_server.ts";
import { layGround } from "../kit/ground.ts";
import { CLIENTS, CODES_PER_PHONE, VERIFICATION } from "../kit/race.ts";
import { cpuSecondsOf } from "../kit/rounds.ts";
import { profileWhile } from "./inspector.ts";
import { PARTS, sharesOf } from "./shares.ts";
import type { Suite } from "../../table.ts";

const PHONES = 6_000;

/** Profiles a server that has served `phones` verifications before. */
export async function profileServer(phones: number) {
  await using ground = await layGround("tcp", 2 * phones);
  const port = freePort();
  const server = await ground.start({
    entry: "edge/main.ts",
    flags: [`--inspect=127.0.0.1:${port}`],
  });
  const run = (from: number) =>
    ground.race({
      call: VERIFICATION,
      contenders: [{ name: "edge", ...server }],
      phones: ground.phones.slice(from, from + phones),
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
    /** Processor time of the server for one request, all threads. */
    cpuMicroseconds: cpuSeconds * 1e6 / requests,
  };
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
