/**
 * Redis over TCP or TLS: one server or a cluster. Commands follow each other on a
 * connection without waiting for replies.
 *
 * A connection is made when a command needs one. A start without Redis is therefore
 * no fault, and nothing is left running when Redis is gone. Every command has its own
 * deadline, which includes the time for connecting. The deadline is needed, because a
 * connection that loses everything that is sent looks intact to the operating system.
 * The first command without a reply in time closes the connection, and the next command
 * makes a new one.
 *
 * @module
 */

import { ErrorReply } from "@redis/client";
import { connect as connectTls } from "node:tls";
import { certificateFault } from "../../base/certificate_fault.ts";
import { networkReason } from "../../base/network_fault.ts";
import { CELL, cellOfName } from "../keys.ts";
import {
  type Link,
  type LinkOptions,
  makeLink,
  type RedisAddress,
} from "./link.ts";
import { PLAIN_HEADER } from "./script.ts";
import {
  isMoving,
  isNoScript,
  readScan,
  readTime,
  type RedisTransport,
  scanCommand,
  type ScanKind,
  scriptLoader,
  serverFault,
  storeFault,
} from "./transport.ts";
import { StoreUnavailableError } from "../store.ts";

/** What {@linkcode openRedisTcp} needs. */
export interface RedisTcpOptions extends LinkOptions {
  /** Deadline of a command, milliseconds; 2 000 if not given. */
  readonly timeoutMs?: number;
  /** A name on the node that gets commands without a name. */
  readonly key?: string;
}

/** The pause after a failed attempt to connect. */
const PAUSE_MS = 100;

/** How long a command waits before it is sent again to a node whose records are moving. */
const MOVING_MS = 20;

/** The most requests that share a run. All of them share the connection and its faults anyway. */
const MAX_REQUESTS = 64;

/** Makes the transport; it connects when it is first used. */
export function openRedisTcp(options: RedisTcpOptions): RedisTransport {
  return new RedisTcp(options);
}

class RedisTcp implements RedisTransport {
  readonly maxRequests = MAX_REQUESTS;
  readonly isOfOneCell: boolean;
  readonly #options: RedisTcpOptions;
  readonly #timeoutMs: number;
  readonly #key: string;
  /** The nodes that were asked last, by the hash tags of the names. */
  readonly #nodes = new Map<string, string>();
  readonly #load = scriptLoader(PLAIN_HEADER);
  #link: Link | null = null;
  #connecting: Promise<Link> | null = null;
  /** Links that are closed when their commands under way have ended. */
  readonly #dropped = new Set<Link>();
  /** Why the last attempt failed, until the next one may be made. */
  #failure: StoreUnavailableError | null = null;
  #pause: ReturnType<typeof setTimeout> | undefined;

  constructor(options: RedisTcpOptions) {
    this.#options = options;
    this.isOfOneCell = options.nodes.length > 1;
    this.#timeoutMs = options.timeoutMs ?? 2_000;
    this.#key = options.key ?? CELL;
  }

  async run(
    script: string,
    keys: readonly string[],
    args: readonly string[],
  ): Promise<unknown> {
    const { sha, source } = this.#load(script);
    // One array is made and not several, because sixty-four requests have many arguments.
    const command = ["EVALSHA", sha, `${keys.length}`, ...keys, ...args];
    const key = keys[0] ?? this.#key;
    try {
      return await this.#patiently(key, command);
    } catch (error) {
      if (!isNoScript(error)) throw error;
      return await this.#patiently(
        key,
        ["EVAL", source, ...command.slice(2)],
      );
    }
  }

  /**
   * Sends a command again while its records are moving from one node of a cluster to
   * another. A node that has only a part of the records answers with an error and runs
   * nothing, so the command can be sent again.
   */
  async #patiently(key: string, command: string[]): Promise<unknown> {
    for (let leftMs = this.#timeoutMs;; leftMs -= MOVING_MS) {
      try {
        return await this.#command(key, command);
      } catch (error) {
        if (!isMoving(error) || leftMs <= 0) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, MOVING_MS));
    }
  }

  async timeMs(key = this.#key): Promise<number> {
    return readTime(await this.#askNodeOf(key, ["TIME"]));
  }

  async scan(prefix: string, cursor: string, what: ScanKind) {
    const [at = "", node] = cursor.split("@");
    const command = scanCommand(prefix, at, what);
    if (cellOfName(prefix) !== "") {
      return readScan(await this.#command(prefix, command));
    }
    let nodes: readonly string[] = [];
    let asked = node;
    const page = readScan(
      await this.#ask((link) => {
        nodes = link.nodes();
        asked ??= nodes[0]!;
        return link.sendTo(asked, command);
      }),
    );
    const next = page.cursor === "0" ? nodes[nodes.indexOf(asked!) + 1] : asked;
    return {
      ...page,
      cursor: next === undefined ? "0" : `${page.cursor}@${next}`,
    };
  }

  info(key = this.#key): Promise<unknown> {
    return this.#askNodeOf(key, ["INFO"]);
  }

  /**
   * Sends a command without a name to the node that has this name. Without it the
   * client would choose any node.
   */
  #askNodeOf(key: string, command: string[]): Promise<unknown> {
    const tag = cellOfName(key);
    return this.#ask((link) => link.sendToNodeOf(tag, command));
  }

  nodeOf(key = this.#key): string {
    const [first, ...others] = this.#options.nodes;
    const address = `${first!.host}:${first!.port}`;
    if (others.length === 0) return address;
    const tag = cellOfName(key);
    const known = this.#link?.nodeOf(tag);
    if (known !== undefined) this.#nodes.set(tag, known);
    return known ?? this.#nodes.get(tag) ?? address;
  }

  async close(): Promise<void> {
    // A connection attempt may outlive its command; it has its own deadline.
    await this.#connecting?.catch(() => {});
    clearTimeout(this.#pause);
    if (this.#link !== null) this.#drop(this.#link);
  }

  /** Sends one command and awaits its reply until the deadline. */
  #command(key: string, command: string[]): Promise<unknown> {
    return this.#ask((link) => link.send(key, command));
  }

  /** Awaits the reply to what `send` sends until the deadline. */
  #ask(send: (link: Link) => Promise<unknown>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      let link = this.#link;
      let isOver = false;
      const end = () => {
        isOver = true;
        clearTimeout(timer);
        if (link !== null) this.#ended(link);
      };
      const sendOn = (to: Link) => {
        link = to;
        to.underWay++;
        return send(to);
      };
      const timer = setTimeout(() => {
        end();
        if (link !== null) this.#drop(link);
        reject(storeFault("timeout", "No reply in time"));
      }, this.#timeoutMs);
      // If there is a link, the command is sent in this turn of the event loop.
      const reply = link !== null
        ? sendOn(link)
        : this.#connect().then((made) => {
          // The caller was told that the command failed, so it must not be sent.
          if (isOver) throw storeFault("timeout", "Not connected in time");
          return sendOn(made);
        });
      reply.then((value) => {
        if (isOver) return;
        end();
        resolve(value);
      }, (error) => {
        if (isOver) return;
        end();
        const fault = toFault(error);
        if (link !== null && !(error instanceof ErrorReply)) this.#drop(link);
        reject(fault);
      });
    });
  }

  /**
   * Stops using a link. Commands to other nodes that are under way on it can still end.
   */
  #drop(link: Link): void {
    if (this.#link === link) this.#link = null;
    if (link.isShared && link.underWay > 0) this.#dropped.add(link);
    else link.destroy();
  }

  #ended(link: Link): void {
    link.underWay--;
    if (link.underWay === 0 && this.#dropped.delete(link)) link.destroy();
  }

  /** Makes a new link. All callers that wait for one share it. */
  #connect(): Promise<Link> {
    const failure = this.#failure;
    if (failure !== null) {
      // The promise is rejected in a later turn of the event loop. Otherwise a caller that
      // tries again at once would leave no turn in which the pause could end.
      return new Promise((_, reject) => setTimeout(() => reject(failure), 0));
    }
    this.#connecting ??= this.#open().then((link) => {
      this.#link = link;
      return link;
    }, (error) => {
      const failure = toFault(error);
      this.#failure = failure;
      this.#pause = setTimeout(() => this.#failure = null, PAUSE_MS);
      throw failure;
    }).finally(() => this.#connecting = null);
    return this.#connecting;
  }

  async #open(): Promise<Link> {
    const link: Link = makeLink(
      this.#options,
      this.#timeoutMs,
      () => this.#drop(link),
    );
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(storeFault("timeout", "Not connected in time")),
        this.#timeoutMs,
      );
    });
    const connected = link.connect().then(() => link.greet());
    try {
      await Promise.race([connected, late]);
      return link;
    } catch (error) {
      link.destroy();
      // The attempt may still succeed; that connection must be closed.
      connected.then(() => link.destroy(), () => {});
      const [node] = this.#options.nodes;
      const reason = this.#options.tls
        ? await tlsReason(error, node!, this.#timeoutMs)
        : null;
      throw reason === null ? error : storeFault("unreachable", reason);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Whether an error says why the connection failed. */
function isSaid(error: unknown): boolean {
  return error instanceof StoreUnavailableError ||
    error instanceof ErrorReply || isLate(error) ||
    networkReason(error) !== null;
}

/** Whether an error of the client is a time-out. */
function isLate(error: unknown): boolean {
  return error instanceof Error && /TimeoutError$/.test(error.constructor.name);
}

/**
 * Returns why TLS with a server fails where the client's error does not say it, or `null`.
 * The client loses an error after the handshake, so this makes another connection to see it.
 */
async function tlsReason(
  error: unknown,
  { host, port }: RedisAddress,
  timeoutMs: number,
): Promise<string | null> {
  if (networkReason(error) === "tls: unknown_issuer") {
    const fault = await certificateFault(
      { address: host, port, name: host },
      AbortSignal.timeout(timeoutMs),
    );
    return fault && `tls: ${fault}`;
  }
  if (isSaid(error)) return null;
  return await new Promise((resolve) => {
    const socket = connectTls({ host, port });
    socket.on("error", (error) => resolve(networkReason(error)));
    socket.once("close", () => resolve(null));
    socket.setTimeout(timeoutMs, () => socket.destroy());
  });
}

function toFault(error: unknown): StoreUnavailableError {
  if (error instanceof StoreUnavailableError) return error;
  const { name, message } = error instanceof Error
    ? error
    : new Error("Unknown");
  if (error instanceof ErrorReply) return serverFault(message);
  return storeFault(
    isLate(error) ? "timeout" : "unreachable",
    networkReason(error) ?? name,
  );
}
