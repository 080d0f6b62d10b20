/**
 * What this machine's own addresses are, and that requests to them never go
 * through a proxy: what is plain `http:` there is a secret on any other way.
 *
 * The runtime's `fetch` honours `HTTP_PROXY`, `HTTPS_PROXY` and `ALL_PROXY` for
 * loopback too (Deno 2.9.6), and reads them once, when it is first used.
 *
 * @module
 */

/**
 * Loopback as `NO_PROXY` has it (RFC 6890, RFC 6761 §6.3): a name stands for the
 * names below it, too; the last one is 127.0.0.0/8 mapped into IPv6.
 */
const LOOPBACK = [
  ...["localhost", "localhost.", "127.0.0.0/8"],
  ...["::1", "::ffff:127.0.0.0/104"],
];

/**
 * Whether plain `http:` to the host of a URL, as the URL standard normalizes
 * it, stays on this machine. A name below `localhost` does not count: resolvers
 * may send it elsewhere.
 */
export function isLoopback(hostname: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
}

/** Where the proxy variables are. */
export interface Environment {
  get(name: string): string | undefined;
  set(name: string, value: string): void;
}

/**
 * Has `fetch` connect to loopback directly, whatever the proxy variables say;
 * other exceptions that are set stay. Must run before the first `fetch` of the
 * process, and may run again.
 */
export function keepLoopbackDirect(env: Environment): void {
  const set = env.get("NO_PROXY") || env.get("no_proxy") || "";
  const known = set.split(",").map((it) => it.trim()).filter((it) => it !== "");
  const missing = LOOPBACK.filter((it) => !known.includes(it));
  if (missing.length > 0) {
    env.set("NO_PROXY", [...known, ...missing].join(","));
  }
}
