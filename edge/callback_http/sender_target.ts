/**
 * Reads a callback URL into what the sender needs: where to connect, which name
 * TLS has to prove, and which path to ask for. The URL is parsed as the WHATWG URL
 * standard says, which turns every unusual spelling of an address (octal, hex, one
 * number) into the usual one before the address is judged.
 *
 * @module
 */

import { isAddress } from "./sender_address.ts";

/** The parts of a callback URL. */
export interface Target {
  /** The whole normalized URL; idle connections are kept under it. */
  readonly href: string;
  /** Scheme, host and port. */
  readonly origin: string;
  /** The host name, or an address without brackets. */
  readonly host: string;
  readonly isAddress: boolean;
  readonly port: number;
  readonly isTls: boolean;
  /** Path and query. */
  readonly path: string;
}

const MAX_URL_LENGTH = 2048;

/** The first port that is not reserved for system services (RFC 6335 §6). */
const FIRST_FREE_PORT = 1024;

/**
 * Higher ports that belong to other protocols: "bad ports" of the Fetch
 * standard.
 */
const OTHERS_PORTS: ReadonlySet<number> = new Set([
  ...[1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061],
  ...[6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080],
]);

/**
 * Reads a URL; `null` if it cannot be an endpoint. An endpoint has `https:`, a
 * name or an address, and port 443 or a port from 1024 on that belongs to no other
 * protocol. It has no user, no password, no fragment, no name that ends in a dot,
 * and at most 2048 characters. With `insecure` it may also have `http:` and any
 * port.
 */
export function parseTarget(text: string, insecure: boolean): Target | null {
  const url = text.length <= MAX_URL_LENGTH ? URL.parse(text) : null;
  if (url === null) return null;
  const isTls = url.protocol === "https:";
  if (!isTls && !(insecure && url.protocol === "http:")) return null;
  if (url.username !== "" || url.password !== "") return null;
  // `hash` is empty for an empty fragment, so the URL itself is searched.
  if (url.href.includes("#")) return null;
  const host = url.hostname.replace(/^\[|\]$/g, "");
  // A dot at the end would be a second spelling of the same name (`localhost.`),
  // and no certificate contains one.
  if (host === "" || host.endsWith(".")) return null;
  const port = url.port === "" ? (isTls ? 443 : 80) : Number(url.port);
  if (!insecure && !isPort(port)) return null;
  return {
    href: url.href,
    origin: url.origin,
    host,
    isAddress: isAddress(host),
    port,
    isTls,
    path: url.pathname + url.search,
  };
}

/** The most URLs that are remembered. */
const MAX_REMEMBERED = 1_000;

/**
 * {@linkcode parseTarget} with a memory: the same URLs are parsed again and again,
 * and the result never changes.
 */
export function rememberTargets(
  insecure: boolean,
): (text: string) => Target | null {
  const known = new Map<string, Target | null>();
  return (text) => {
    let target = known.get(text);
    if (target === undefined) {
      if (known.size >= MAX_REMEMBERED) known.clear();
      target = parseTarget(text, insecure);
      known.set(text, target);
    }
    return target;
  };
}

function isPort(port: number): boolean {
  return port === 443 || (port >= FIRST_FREE_PORT && !OTHERS_PORTS.has(port));
}
