/**
 * From a CPU profile to shares of time: each function has a part of the server
 * that it belongs to. What the runtime does in native code counts where it was
 * called from, and lines that call `JSON` count as JSON wherever they stand.
 *
 * @module
 */

import type { Profile, ProfileNode } from "./inspector.ts";

/** Parts of the server, in the order of a request. */
export const PARTS = [
  "HTTP: server, Hono, headers, responses",
  "parsing: bodies, codes",
  "validation: zod",
  "crypto: keys, fingerprints, random",
  "core: WASM search and its door",
  "rules: who, guess slots, limits, claim",
  "store client: requests, RESP, socket",
  "JSON",
  "logging",
  "garbage collection",
  "runtime: event loop, timers, promises",
] as const;

/** A part of the server. */
export type Part = (typeof PARTS)[number];

/** By where a function stands; the first that fits. */
const BY_URL: readonly (readonly [RegExp, Part])[] = [
  [/^wasm:|\/edge\/core\//, "core: WASM search and its door"],
  [
    /\/edge\/http\/kit\/(body|strict_json)\.ts|\/edge\/code\//,
    "parsing: bodies, codes",
  ],
  [/\/zod\/|\/edge\/http\/kit\/fields\.ts/, "validation: zod"],
  [
    /\/edge\/vault\/|\/edge\/base\/(ids|clock)\.ts|deno_node\/(internal\/)?crypto|deno_crypto|deno-std/,
    "crypto: keys, fingerprints, random",
  ],
  [/\/edge\/base\/log\.ts/, "logging"],
  [
    /\/edge\/store\/|@redis\/client|@upstash|deno_node\/.*(net|stream|tcp)/,
    "store client: requests, RESP, socket",
  ],
  [
    /\/edge\/(verification|payment|risk|merchant|health|ledger|base\/request_age)/,
    "rules: who, guess slots, limits, claim",
  ],
  [
    /\/hono\/|\/edge\/|deno_http|deno_fetch|deno_web|deno_webidl/,
    "HTTP: server, Hono, headers, responses",
  ],
];

const RUNTIME: Part = "runtime: event loop, timers, promises";

/** The part that a function belongs to; `undefined`: to its caller's. */
export function partOf({ callFrame }: ProfileNode): Part | undefined {
  const { functionName, url } = callFrame;
  if (functionName === "(garbage collector)") return "garbage collection";
  if (functionName === "writeText") return "logging";
  if (url === "") return undefined;
  return BY_URL.find(([pattern]) => pattern.test(url))?.[1] ?? RUNTIME;
}

/** Microseconds of each part; idle time is left out. */
export function sharesOf(
  profile: Profile,
  /** The text of a line of a script, from 1; for finding calls of `JSON`. */
  lineOf: (scriptId: string, line: number) => string = () => "",
): ReadonlyMap<Part, number> {
  const selfUs = new Map<number, number>();
  profile.samples.forEach((id, i) =>
    selfUs.set(id, (selfUs.get(id) ?? 0) + profile.timeDeltas[i]!)
  );
  const shares = new Map<Part, number>(PARTS.map((part) => [part, 0]));
  const add = (part: Part, us: number) =>
    shares.set(part, shares.get(part)! + us);
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const walk = (node: ProfileNode, caller: Part) => {
    const part = partOf(node) ?? caller;
    const us = node.callFrame.functionName === "(idle)"
      ? 0
      : selfUs.get(node.id) ?? 0;
    const ticks = node.positionTicks ?? [];
    const all = ticks.reduce((sum, it) => sum + it.ticks, 0);
    const json = ticks
      .filter(({ line }) =>
        lineOf(node.callFrame.scriptId, line).includes("JSON.")
      )
      .reduce((sum, it) => sum + it.ticks, 0);
    const jsonUs = all === 0 ? 0 : us * json / all;
    add("JSON", jsonUs);
    add(part, us - jsonUs);
    for (const id of node.children ?? []) walk(nodes.get(id)!, part);
  };
  const [root] = profile.nodes;
  if (root !== undefined) walk(root, RUNTIME);
  return shares;
}
