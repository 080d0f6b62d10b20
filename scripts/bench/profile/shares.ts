/**
 * From a CPU profile to shares of time: each function has a part of the server
 * that it belongs to. What the runtime does in native code counts where it was
 * called from, and lines that call `JSON` count as JSON wherever they stand.
 *
 * @module
 */

import type { Profile, ProfileNode } from "./inspector.ts";

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
    "rules: who, guess slots, limits, claim",
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
export const PARTS = BY_URL.map(([name]) => name);
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
