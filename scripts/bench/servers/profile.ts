/**
 * Where the time of a server goes: a CPU profile of the real one by V8's own
 * profiler over the inspector protocol, over TCP Redis, while it verifies codes
 * under load; and from it the shares of time. Each function has a part of the
 * server that it belongs to. What the runtime does in native code counts where
 * it was called from, and lines that call `JSON` count as JSON wherever they
 * stand.
 *
 * @module
 */

import { freePort } from "../../redis_server.ts";
import { layGround } from "../kit/ground.ts";
import { CLIENTS, CODES_PER_PHONE, VERIFICATION } from "../kit/race.ts";
import { cpuSecondsOf } from "../kit/rounds.ts";
import type { Suite } from "../../table.ts";

/** A function that was seen running. */
interface ProfileNode {
  readonly id: number;
  readonly callFrame: {
    readonly functionName: string;
    readonly scriptId: string;
    readonly url: string;
  };
  readonly children?: readonly number[];
  /** How often which line was seen, from 1. */
  readonly positionTicks?: readonly { line: number; ticks: number }[];
}

/** What V8's profiler tells. */
interface Profile {
  /** The first one is the root. */
  readonly nodes: readonly ProfileNode[];
  /** The node that ran, for each sample. */
  readonly samples: readonly number[];
  /** Microseconds since the sample before. */
  readonly timeDeltas: readonly number[];
}

/** How often is looked, microseconds. */
const INTERVAL_US = 200;

/** A call of a protocol that numbers its messages. */
type Call = <T>(method: string, params?: object) => Promise<T>;

/** The inspector of a process; closed with the stack. */
async function connect(
  port: number,
  stack: AsyncDisposableStack,
): Promise<Call> {
  const list = await fetch(`http://127.0.0.1:${port}/json/list`);
  const [target] = await list.json() as { webSocketDebuggerUrl: string }[];
  const socket = new WebSocket(target!.webSocketDebuggerUrl);
  const replies = new Map<number, (result: unknown) => void>();
  socket.onmessage = ({ data }) => {
    const { id, result } = JSON.parse(data);
    replies.get(id)?.(result);
  };
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = () => reject(new Error("No inspector answers"));
  });
  stack.defer(() =>
    new Promise((resolve) => {
      socket.onclose = () => resolve();
      socket.close();
    })
  );
  return <T>(method: string, params = {}) =>
    new Promise<T>((resolve) => {
      const id = replies.size + 1;
      replies.set(id, resolve as (result: unknown) => void);
      socket.send(JSON.stringify({ id, method, params }));
    });
}

/**
 * Profiles the process that was started with `--inspect=127.0.0.1:<port>`
 * while `work` runs; `lineOf` is a line of a script as it ran, from 1.
 *
 * @throws {Error} If no inspector answers there.
 */
async function profileWhile(port: number, work: () => Promise<void>) {
  await using stack = new AsyncDisposableStack();
  const call = await connect(port, stack);
  await call("Profiler.enable");
  await call("Profiler.setSamplingInterval", { interval: INTERVAL_US });
  await call("Profiler.start");
  await work();
  const { profile } = await call<{ profile: Profile }>("Profiler.stop");
  // Only now: a debugger that looks on would be measured as well.
  await call("Debugger.enable");
  const lines = new Map<string, readonly string[]>();
  for (const { callFrame: { scriptId } } of profile.nodes) {
    if (scriptId === "0" || lines.has(scriptId)) continue;
    const found = await call<{ scriptSource?: string } | undefined>(
      ...["Debugger.getScriptSource", { scriptId }] as const,
    );
    lines.set(scriptId, found?.scriptSource?.split("\n") ?? []);
  }
  const lineOf = (scriptId: string, line: number) =>
    lines.get(scriptId)?.[line - 1] ?? "";
  return { profile, lineOf };
}

/**
 * Parts of the server in the order of a request, with what the addresses of
 * their files look like; where two fit, the later one counts.
 */
const BY_URL: readonly (readonly [string, RegExp | null])[] = [
  [
    "HTTP: server, Hono, headers, responses",
    /\/hono\/|\/edge\/|deno_http|deno_fetch|deno_web|deno_webidl/,
  ],
  [
    "parsing: bodies, codes",
    /\/edge\/http\/kit\/(body|strict_json)\.ts|\/edge\/code\//,
  ],
  ["validation: zod", /\/zod\/|\/edge\/http\/kit\/fields\.ts/],
  [
    "crypto: keys, fingerprints, random",
    /\/edge\/(vault\/|base\/(ids|clock)\.ts)|deno_(node\/(internal\/)?)?crypto|deno-std/,
  ],
  ["core: WASM search and its door", /^wasm:|\/edge\/core\//],
  [
    "rules: who, guess permits, limits, claim",
    /\/edge\/(verification|payment|risk|merchant|health|ledger|base\/request_age)/,
  ],
  [
    "store client: requests, RESP, socket",
    /\/edge\/store\/|@redis\/client|@upstash|deno_node\/.*(net|stream|tcp)/,
  ],
  ["JSON", null],
  ["logging", /\/edge\/base\/log\.ts/],
  ["garbage collection", null],
  ["runtime: event loop, timers, promises", null],
];

/** The names of the parts. */
const PARTS = BY_URL.map(([name]) => name);
const RUNTIME = PARTS.at(-1)!;

/** The part that a function belongs to; `undefined`: to its caller's. */
export function partOf({ callFrame }: ProfileNode): string | undefined {
  const { functionName, url } = callFrame;
  if (functionName === "(garbage collector)") return "garbage collection";
  if (functionName === "writeText") return "logging";
  if (url === "") return undefined;
  return BY_URL.findLast(([, it]) => it?.test(url))?.[0] ?? RUNTIME;
}

/** Microseconds of each part; idle time is left out. */
export function sharesOf(
  profile: Profile,
  /** The text of a line of a script, from 1; for finding calls of `JSON`. */
  lineOf: (scriptId: string, line: number) => string = () => "",
): ReadonlyMap<string, number> {
  const selfUs = new Map<number, number>();
  profile.samples.forEach((id, i) =>
    selfUs.set(id, (selfUs.get(id) ?? 0) + profile.timeDeltas[i]!)
  );
  const shares = new Map(PARTS.map((part) => [part, 0]));
  const add = (part: string, us: number) =>
    shares.set(part, shares.get(part)! + us);
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const walk = (node: ProfileNode, caller: string) => {
    const part = partOf(node) ?? caller;
    const { functionName, scriptId } = node.callFrame;
    const us = functionName === "(idle)" ? 0 : selfUs.get(node.id) ?? 0;
    let all = 0;
    let json = 0;
    for (const { line, ticks } of node.positionTicks ?? []) {
      all += ticks;
      if (lineOf(scriptId, line).includes("JSON.")) json += ticks;
    }
    const jsonUs = all === 0 ? 0 : us * json / all;
    add("JSON", jsonUs);
    add(part, us - jsonUs);
    for (const id of node.children ?? []) walk(nodes.get(id)!, part);
  };
  const [root] = profile.nodes;
  if (root !== undefined) walk(root, RUNTIME);
  return shares;
}

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
