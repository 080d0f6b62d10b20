/**
 * A link: the connection to one Redis server, or the connections to the nodes of a
 * cluster. It sends commands and knows which node has a name. It has no deadlines, except
 * for connecting, and does not connect again: `tcp.ts` does both.
 *
 * @module
 */

import {
  createClient,
  createCluster,
  RootNodesUnavailableError,
} from "@redis/client";
import { slotOf } from "../cells.ts";
import { storeFault } from "./transport.ts";

/** Where a Redis listens. */
export interface RedisAddress {
  readonly host: string;
  readonly port: number;
}

/** What a link is made from. */
export interface LinkOptions {
  /** One server, or some nodes of a cluster, from which the others are found. */
  readonly nodes: readonly RedisAddress[];
  readonly tls?: boolean;
  readonly username?: string;
  readonly password?: string;
}

/** How long a connection may be idle before it is closed. */
const IDLE_MS = 60_000;

/**
 * A signal that is never aborted. With a signal the runtime listens to the errors of a socket
 * from the beginning. Without one the client listens only a moment after the handshake, and an
 * alert in between, for example from a server that wants a certificate, would end the process
 * (@redis/client 6.3.1, Deno 2.9.6).
 */
const NEVER = new AbortController().signal;

/** A connection to one server, or the connections to the nodes of a cluster. */
export interface Link {
  /**
   * Whether its commands go to several nodes, so that some may answer while another one
   * does not.
   */
  readonly isShared: boolean;
  /** The commands that are under way. */
  underWay: number;
  /** Resolves when commands can be sent. */
  connect(): Promise<unknown>;
  /**
   * Sends a short command. A server that wants a password answers it with an error, but closes
   * the connection after a long command.
   */
  greet(): Promise<unknown>;
  /** Sends a command. In a cluster `key` decides to which node. */
  send(key: string, command: string[]): Promise<unknown>;
  /** Sends a command to the primary that has the names with this hash tag. */
  sendToNodeOf(tag: string, command: string[]): Promise<unknown>;
  /** The address of the primary that has the names with this hash tag, if that is known. */
  nodeOf(tag: string): string | undefined;
  /** The addresses of all primaries, in a fixed order. */
  nodes(): readonly string[];
  /** Sends a command to the primary with this address. */
  sendTo(node: string, command: string[]): Promise<unknown>;
  destroy(): void;
}

/**
 * Makes a link, which is not connected yet.
 *
 * @param connectTimeout Deadline for connecting, milliseconds.
 * @param onBroken Called when a connection of the link has ended by itself.
 */
export function makeLink(
  given: LinkOptions,
  connectTimeout: number,
  onBroken: () => void,
): Link {
  const make = given.nodes.length > 1 ? clusterLink : serverLink;
  return make(given, clientOptions(given, connectTimeout), onBroken);
}

/** The options of the client: how it connects, and what it must not do. */
function clientOptions(
  { tls = false, username, password }: LinkOptions,
  connectTimeout: number,
) {
  const socket = {
    ...(tls ? { tls: true, signal: NEVER } as const : {}),
    connectTimeout,
    socketTimeout: IDLE_MS,
    // The client must not reconnect: this file does, when there is a command.
    reconnectStrategy: false,
  } as const;
  const options = {
    RESP: 2,
    maintNotifications: "disabled",
    disableClientInfo: true,
    disableOfflineQueue: true,
    // The client's timeout covers only the wait before sending, and costs a signal
    // for each command.
    commandOptions: { timeout: 0 },
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
  } as const;

  return { socket, options };
}

function clusterLink(
  { nodes }: LinkOptions,
  { socket, options }: ReturnType<typeof clientOptions>,
  onBroken: () => void,
): Link {
  const cluster = createCluster({
    rootNodes: nodes.map((node) => ({ socket: { ...node, ...socket } })),
    defaults: { ...options, socket },
    RESP: 2,
    minimizeConnections: true,
  });
  let nodeError: unknown;
  const slots = new Map<string, number>();
  const nodeOf = (tag: string) => {
    let slot = slots.get(tag);
    if (slot === undefined) {
      slot = slotOf(tag.slice(1, -1));
      slots.set(tag, slot);
    }
    return cluster.slots[slot]?.master;
  };
  type Node = (typeof cluster.masters)[number];
  const ask = async (node: Node, command: string[]) => {
    const client = await cluster.nodeClient(node);
    return await client.sendCommand(command);
  };
  cluster.on("error", (error) => nodeError = error)
    .on("node-error", onBroken);
  return {
    ...{ isShared: true, underWay: 0 },
    async connect() {
      try {
        return await cluster.connect();
      } catch (error) {
        // The client's error says only that no node answers. The error of a node says why.
        throw error instanceof RootNodesUnavailableError && nodeError
          ? nodeError
          : error;
      }
    },
    // The client is connected to one node, from which it has read the slots. Other
    // nodes may not answer.
    greet: () => Promise.resolve(),
    send: (key, command) => cluster.sendCommand(key, false, command),
    async sendToNodeOf(tag, command) {
      const node = nodeOf(tag);
      if (node === undefined) {
        throw storeFault("unreachable", "No node has the slot");
      }
      return await ask(node, command);
    },
    nodeOf: (tag) => nodeOf(tag)?.address,
    nodes: () => cluster.masters.map(({ address }) => address).sort(),
    async sendTo(address, command) {
      const node = cluster.masters.find((it) => it.address === address);
      // A cursor is of no use on another node, so the list must be begun again.
      if (node === undefined) {
        throw storeFault("unreachable", "The node is no primary any more");
      }
      return await ask(node, command);
    },
    destroy: () => cluster.destroy(),
  };
}

function serverLink(
  { nodes }: LinkOptions,
  { socket, options }: ReturnType<typeof clientOptions>,
  onBroken: () => void,
): Link {
  const client = createClient({
    ...options,
    socket: { ...nodes[0]!, ...socket },
  });
  client.on("error", () => {}).on("terminated", onBroken);
  return {
    ...{ isShared: false, underWay: 0 },
    connect: () => client.connect(),
    greet: () => client.sendCommand(["PING"]),
    send: (_key, command) => client.sendCommand(command),
    sendToNodeOf: (_tag, command) => client.sendCommand(command),
    nodeOf: () => undefined,
    nodes: () => [""],
    sendTo: (_node, command) => client.sendCommand(command),
    destroy: () => client.destroy(),
  };
}
