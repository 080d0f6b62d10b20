/**
 * What a hostile receiver does to one request. `BEHAVIORS` has them by name: a
 * receiver does what the path of a request says.
 *
 * Nothing here waits for the machine's clock but what drips, a byte each ten
 * milliseconds; it ends when the other side leaves.
 *
 * @module
 */

import { gzipSync } from "node:zlib";

/** A request as it came. */
export interface ReceivedRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** Names in lower case, in order. */
  readonly headers: readonly (readonly [string, string])[];
  /** The head as text, without the empty line at its end. */
  readonly head: string;
  readonly body: string;
  /** Which connection it came over, from 0. */
  readonly connection: number;
}

/** One request, as a behavior sees it. */
export interface HostileExchange {
  readonly request: ReceivedRequest;
  /** Writes bytes; false where the other side has left. */
  write(bytes: string | Uint8Array): Promise<boolean>;
  /** Waits; false where the other side has left or the receiver stops. */
  pause(ms: number): Promise<boolean>;
  /** Waits until `release()`; false where the other side has left. */
  hold(): Promise<boolean>;
  /** Waits until the other side has left. */
  untilLeft(): Promise<void>;
  /** Ends the connection. */
  close(): void;
}

/** Answers a request, or does something else about it. */
export type Behavior = (exchange: HostileExchange) => Promise<unknown>;

/** A connection of which nothing was read. */
export interface Arrival extends Omit<HostileExchange, "request"> {
  /** Reads at most so many bytes; `null` where the other side has left. */
  read(most: number): Promise<Uint8Array | null>;
}

/** Behaves to a whole connection. */
export type Welcome = (arrival: Arrival) => Promise<unknown>;

const DRIP_MS = 10;

/** An honest answer of this status. */
export function answers(
  status: number,
  headers: Readonly<Record<string, string>> = {},
  body = "",
): Behavior {
  const all = Object.entries({
    ...headers,
    // 204 and 304 have none (RFC 9112 §6.3).
    ...(status !== 204 && status !== 304 &&
      { "content-length": `${new TextEncoder().encode(body).length}` }),
  });
  return sends(
    `HTTP/1.1 ${status} Status\r\n${
      all.map(([name, value]) => `${name}: ${value}\r\n`).join("")
    }\r\n${body}`,
  );
}

/** These bytes, and the connection stays open. */
export function sends(bytes: string | Uint8Array): Behavior {
  return ({ write }) => write(bytes);
}

/** These bytes, and then the end of the connection. */
export function sendsAndCloses(bytes: string | Uint8Array): Behavior {
  return async ({ write, close }) => {
    await write(bytes);
    close();
  };
}

/** These bytes, and then nothing. */
function sendsAndStalls(bytes: string): Behavior {
  return async ({ write, untilLeft }) => {
    await write(bytes);
    await untilLeft();
  };
}

/** The first, then the other again and again, as fast as it goes. */
function floods(first: string, again: string): Behavior {
  const much = new TextEncoder().encode(
    again.repeat(Math.ceil(65_536 / again.length)),
  );
  return async ({ write }) => {
    if (!await write(first)) return;
    while (await write(much));
  };
}

/** The first, then the other again and again, with a pause before each. */
export function drips(first: string, again: string): Behavior {
  return async ({ write, pause }) => {
    await write(first);
    while (await pause(DRIP_MS) && await write(again));
  };
}

/** Answers when the receiver is told to let go on. */
export function holdsThen(then: Behavior): Behavior {
  return async (exchange) => {
    if (await exchange.hold()) await then(exchange);
  };
}

/** Takes the connection and nothing of what comes over it. */
export const neverReads: Welcome = ({ hold }) => hold();

/** Resets as soon as the request begins. */
export const resetsBeforeRequest: Welcome = async ({ read, close }) => {
  // Bytes that came and are not read make the kernel reset.
  await read(1);
  close();
};

/** Resets when all of the request but its last byte was read. */
export const resetsAfterRequest: Welcome = async ({ read, close }) => {
  let text = "";
  let missing = Infinity;
  while (missing > 1) {
    const most = Math.min(missing - 1, text.includes("\r\n\r\n") ? 4096 : 1);
    const chunk = await read(most);
    if (chunk === null) break;
    text += new TextDecoder("latin1").decode(chunk);
    const end = text.indexOf("\r\n\r\n");
    const length = /content-length: (\d+)/i.exec(text)?.[1];
    if (end >= 0) missing = end + 4 + Number(length) - text.length;
  }
  close();
};

const OK = "HTTP/1.1 200 OK\r\n";
const CHUNKED = `${OK}transfer-encoding: chunked\r\n\r\n`;
const BOMB = gzipSync(new Uint8Array(20_000_000));

/** A head that says gzip, and what becomes 20 MB. */
const BOMB_BYTES = (() => {
  const head = new TextEncoder().encode(
    `${OK}content-encoding: gzip\r\ncontent-length: ${BOMB.length}\r\n\r\n`,
  );
  const bytes = new Uint8Array(head.length + BOMB.length);
  bytes.set(head);
  bytes.set(BOMB, head.length);
  return bytes;
})();

/** What never ends or comes to nothing: only a deadline frees from it. */
export const ENDLESS: Readonly<Record<string, Behavior>> = {
  "never-answers": ({ untilLeft }) => untilLeft(),
  "drips-head": drips(OK, "x"),
  "drips-headers": drips(OK, "x: y\r\n"),
  "drips-body": drips(`${OK}content-length: 1000000\r\n\r\n`, "x"),
  "drips-chunks": drips(CHUNKED, "1\r\nx\r\n"),
  "drips-chunk-size": drips(CHUNKED, "0"),
  "drips-trailers": drips(`${CHUNKED}0\r\n`, "x: y\r\n"),
  "stalls-in-head": sendsAndStalls(OK),
  "stalls-after-head": sendsAndStalls(`${OK}content-length: 5\r\n\r\n`),
  "stalls-in-body": sendsAndStalls(`${OK}content-length: 5\r\n\r\nfour`),
  "stalls-in-chunk": sendsAndStalls(`${CHUNKED}ff\r\nhalf`),
  "stalls-before-end": sendsAndStalls(`${CHUNKED}4\r\nfour\r\n`),
  "stalls-without-length": sendsAndStalls(`${OK}\r\nfour`),
};

/** What is much too much; it is cut off at once. */
export const FLOODS: Readonly<Record<string, Behavior>> = {
  "header-flood": floods(OK, "x: y\r\n"),
  "header-without-end": floods(`${OK}x: `, "y"),
  "status-without-end": floods("HTTP/1.1 200 ", "y"),
  "interim-flood": floods("", "HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n"),
  "continue-flood": floods("", "HTTP/1.1 100 Continue\r\n\r\n"),
  "garbage-flood": floods("", "\u0000\u0001\r\n"),
  "trailer-flood": floods(`${CHUNKED}0\r\n`, "x: y\r\n"),
};

/** Bodies of which the beginning is an answer: 200, and no more is read. */
export const ENDLESS_BODIES: Readonly<Record<string, Behavior>> = {
  "endless-body": floods(`${OK}\r\n`, "x"),
  "endless-chunks": floods(CHUNKED, "1\r\nx\r\n"),
  "endless-chunk": floods(`${CHUNKED}7fffffff\r\n`, "x"),
  "huge-body": floods(`${OK}content-length: 99999999999\r\n\r\n`, "x"),
  "gzip-bomb": sends(BOMB_BYTES),
};

/** What is no HTTP, or ends too early. */
export const BROKEN: Readonly<Record<string, Behavior>> = {
  "closes": sendsAndCloses(""),
  "closes-in-head": sendsAndCloses(OK),
  "closes-after-head": sendsAndCloses(`${OK}content-length: 5\r\n\r\n`),
  "closes-in-body": sendsAndCloses(`${OK}content-length: 5\r\n\r\nfour`),
  "closes-in-chunk": sendsAndCloses(`${CHUNKED}ff\r\nhalf`),
  "closes-before-end": sendsAndCloses(`${CHUNKED}4\r\nfour\r\n`),
  "garbage": sendsAndCloses("\u0016\u0003\u0001 no HTTP at all\r\n\r\n"),
  "http-2": sendsAndCloses("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
  "bad-length": sendsAndCloses(`${OK}content-length: -1\r\n\r\n`),
  "two-lengths": sendsAndCloses(
    `${OK}content-length: 1\r\ncontent-length: 2\r\n\r\nxx`,
  ),
  "bad-chunk": sendsAndCloses(`${CHUNKED}zz\r\nxx\r\n`),
  "upgrade": sendsAndStalls(
    "HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n",
  ),
};

/** All of them, by the last part of the path that asks for it. */
export const BEHAVIORS: Readonly<Record<string, Behavior>> = {
  ...ENDLESS,
  ...FLOODS,
  ...ENDLESS_BODIES,
  ...BROKEN,
  "redirects-to-itself": answers(302, { location: "/redirects-to-itself" }),
  "late": holdsThen(answers(200)),
  ...Object.fromEntries(
    [199, 200, 201, 204, 299, 300, 304, 400, 404, 410, 429, 500, 503]
      .map((status) => [`${status}`, answers(status)]),
  ),
};
