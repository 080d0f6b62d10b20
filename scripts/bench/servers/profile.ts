/**
 * Where the time of a server goes: V8's CPU profile of the real one, which Deno
 * writes at its end, over TCP Redis, while it verifies codes under load; and from
 * it the shares of time. Each function has a part of the server that it belongs
 * to. What the runtime does in native code counts where it was called from.
 *
 * @module
 */

import type { Profiler, Runtime } from "node:inspector";
import { layGround } from "../kit/ground.ts";
import { CODES_PER_PHONE, raceHttp, VERIFICATION } from "../kit/race.ts";
import { useFolder } from "../kit/store.ts";
import { type Suite, tableOf } from "../../table.ts";

/**
 * Parts of the server in the order of a request, with what the addresses of
 * their files look like; where two fit, the later one counts.
 */
const PARTS: readonly (readonly [string, RegExp | null])[] = [
  ["HTTP", /\/hono\/|\/edge\/|deno_http|deno_fetch|deno_web|deno_webidl/],
  ["parsing", /\/edge\/http\/kit\/(body|strict_json)\.ts|\/edge\/code\//],
  ["validation", /\/zod\/|\/edge\/http\/kit\/fields\.ts/],
  ["crypto", /\/edge\/(vault\/|base\/(ids|clock)\.ts)|crypto|deno-std/],
  ["core", /^wasm:|\/edge\/core\//],
  [
    "rules",
    /\/edge\/(verification|payment|risk|merchant|health|ledger|base\/request_age)/,
  ],
  [
    "store client",
    /\/edge\/store\/|@redis|@upstash|deno_node.*(net|stream|tcp)/,
  ],
  ["logging", /\/edge\/base\/log\.ts/],
  ["garbage collection", null],
  ["runtime", null],
];

const RUNTIME = PARTS.at(-1)![0];

/** The part that a function belongs to; `undefined`: to its caller's. */
export function partOf(
  { functionName, url }: Pick<Runtime.CallFrame, "functionName" | "url">,
): string | undefined {
  if (functionName === "(garbage collector)") return "garbage collection";
  if (functionName === "writeText") return "logging";
  if (url === "") return undefined;
  return PARTS.findLast(([, it]) => it?.test(url))?.[0] ?? RUNTIME;
}

/**
 * Microseconds of each part in the last part of a profile; idle time is left
 * out.
 */
export function sharesOf(
  { nodes, samples = [], timeDeltas = [] }: Profiler.Profile,
  lastUs = Infinity,
): ReadonlyMap<string, number> {
  const selfUs = new Map<number, number>();
  for (let i = samples.length - 1, left = lastUs; i >= 0 && left > 0; i--) {
    const [id, us] = [samples[i]!, timeDeltas[i]!];
    selfUs.set(id, (selfUs.get(id) ?? 0) + us);
    left -= us;
  }
  const shares = new Map(PARTS.map(([part]) => [part, 0]));
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const walk = (node: Profiler.ProfileNode, caller: string) => {
    const part = partOf(node.callFrame) ?? caller;
    const isIdle = node.callFrame.functionName === "(idle)";
    const us = isIdle ? 0 : selfUs.get(node.id) ?? 0;
    shares.set(part, shares.get(part)! + us);
    for (const id of node.children ?? []) walk(byId.get(id)!, part);
  };
  walk(nodes[0]!, RUNTIME);
  return shares;
}

const PHONES = 6_000;

/**
 * Profiles a server under the verifications of so many phones, after as many
 * that warm it up; microseconds of a request by part.
 */
export async function profileServer(count: number) {
  await using stack = new AsyncDisposableStack();
  const folder = await useFolder(stack);
  const ground = stack.use(await layGround("tcp", 2 * count));
  const flags = [`--cpu-prof-dir=${folder}`, "--cpu-prof-name=profile"]
    .concat("--cpu-prof-interval=200");
  const server = await ground.start({ flags });
  let startedMs = 0;
  for (const [from, name] of [[0, "warm-up"], [count, "profiled"]] as const) {
    startedMs = performance.now();
    const size = { rounds: 1, warmUpRounds: 0, phonesPerRound: count };
    const phones = ground.phones.slice(from, from + count);
    const contender = ground.contender(server, { name, phones });
    await raceHttp(VERIFICATION, size, [contender], name);
  }
  const lastUs = 1_000 * (performance.now() - startedMs);
  await server[Symbol.asyncDispose]();
  const profile = JSON.parse(await Deno.readTextFile(`${folder}/profile`));
  const requests = count * CODES_PER_PHONE;
  return new Map(
    [...sharesOf(profile, lastUs)].map(([part, us]) => [part, us / requests]),
  );
}

export const profileSuite: Suite = async () => {
  const parts = [...await profileServer(PHONES)];
  const total = parts.reduce((sum, [, us]) => sum + us, 0);
  const rows = parts.map(([part, us]) => ({
    part,
    "share": `${(us * 100 / total).toFixed(0)} %`,
    "µs": us,
  }));
  const title = "Where the time of POST /v1/verifications goes, over Redis";
  return [
    tableOf(title, rows, [
      `V8's profile of the server's JavaScript thread, ${
        PHONES * CODES_PER_PHONE
      } requests after as many`,
      "that warm it up; the µs include the profiler and what others do on the machine.",
    ]),
  ];
};
