/**
 * What a callback URL means to the sender: where to connect, which name to
 * prove, what to ask for. The URL is read as the WHATWG URL standard says, so
 * every odd spelling of an address has become the plain one before it is judged.
 *
 * @module
 */

import { isAddress } from "./sender_address.ts";

/** Where a callback goes. */
export interface Target {
  /** The whole URL as it is normalized; connections are kept under it. */
  readonly href: string;
  /** Scheme, name and port, as the `Host` header and TLS take them. */
  readonly origin: string;
  /** A name, or an address without brackets. */
  readonly host: string;
  readonly isAddress: boolean;
  readonly port: number;
  readonly isTls: boolean;
  /** Path and query. */
  readonly path: string;
}

const MAX_URL_LENGTH = 2048;

/** From there on a port is not kept for a service of the system. */
const FIRST_FREE_PORT = 1024;

/** Of those, what is something else: "bad ports" of the Fetch standard. */
const OTHERS_PORTS: ReadonlySet<number> = new Set([
  ...[1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061],
  ...[6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080],
]);

/**
 * Reads a URL, or `null` where it cannot be an endpoint: `https:` (`http:` as
 * well where `insecure`), a name or an address, port 443 or one from 1024 that
 * is not known as something else (any port where `insecure`), no user and no
 * password, no fragment, no name that ends in a dot, at most 2048 characters.
 */
export function parseTarget(text: string, insecure: boolean): Target | null {
  const url = text.length <= MAX_URL_LENGTH ? URL.parse(text) : null;
  if (url === null) return null;
  const isTls = url.protocol === "https:";
  if (!isTls && !(insecure && url.protocol === "http:")) return null;
  if (url.username !== "" || url.password !== "") return null;
  // An empty fragment does not show in `hash`.
  if (url.href.includes("#")) return null;
  const host = url.hostname.replace(/^\[|\]$/g, "");
  // `localhost.` is `localhost`, and no certificate has a name with the dot.
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

/** Most URLs that are remembered. */
const MAX_REMEMBERED = 1_000;

/**
 * The same as {@linkcode parseTarget}, for what is asked again and again: what a
 * text means never changes, and is remembered.
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
