/**
 * Knows this machine's own addresses, and keeps requests to them away from
 * proxies. Requests to loopback may be plain `http:` with secrets in them, and a
 * proxy would carry those over the network.
 *
 * The runtime's `fetch` honours `HTTP_PROXY`, `HTTPS_PROXY` and `ALL_PROXY` for
 * loopback too (Deno 2.9.6), and reads them once, when it is first used.
 *
 * @module
 */

/**
 * Loopback in the notation of `NO_PROXY` (RFC 6890, RFC 6761 §6.3). A name also
 * covers its subdomains; the last entry is 127.0.0.0/8 mapped into IPv6.
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

/** The environment that holds the proxy variables. */
export interface Environment {
  get(name: string): string | undefined;
  set(name: string, value: string): void;
}

/**
 * Makes `fetch` connect to loopback directly, whatever the proxy variables say;
 * other exceptions that are set stay. Must be called before the first `fetch` of
 * the process; calling it again changes nothing.
 */
export function keepLoopbackDirect(env: Environment): void {
  const set = env.get("NO_PROXY") || env.get("no_proxy") || "";
  const known = set.split(",").map((it) => it.trim()).filter((it) => it !== "");
  const missing = LOOPBACK.filter((it) => !known.includes(it));
  if (missing.length > 0) {
    env.set("NO_PROXY", [...known, ...missing].join(","));
  }
}
