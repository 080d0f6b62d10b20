/**
 * Holds the connections that wait for another request. Each is kept under its
 * whole URL and its address. It is therefore never used for another address, and
 * bytes that a server sent too much can never be read as another endpoint's answer.
 *
 * @module
 */

import type { Connection } from "./sender_connection.ts";

/** Idle connections. */
export interface IdleConnections {
  /**
   * Takes out a connection for a URL to one of the addresses, if there is one.
   */
  take(href: string, addresses: readonly string[]): Connection | undefined;
  /** Keeps a connection. If there are too many, the oldest is closed. */
  put(href: string, connection: Connection): void;
  /** Takes out all connections. */
  takeAll(): readonly Connection[];
}

/**
 * Makes {@linkcode IdleConnections} for at most `most`; `letGo` closes a
 * connection.
 */
export function createIdleConnections(
  most: number,
  letGo: (connection: Connection) => void,
): IdleConnections {
  /** The key under which each is kept, in the order in which they became idle. */
  const keys = new Map<Connection, string>();
  const kept = new Map<string, Connection[]>();

  /** Removes a connection. Returns whether it was kept. */
  function remove(connection: Connection): boolean {
    const key = keys.get(connection);
    if (key === undefined) return false;
    keys.delete(connection);
    const others = kept.get(key)!.filter((it) => it !== connection);
    if (others.length === 0) kept.delete(key);
    else kept.set(key, others);
    return true;
  }

  return {
    take(href, addresses) {
      for (const address of addresses) {
        // The connection used last is the least likely to have been closed.
        const connection = kept.get(`${href} ${address}`)?.at(-1);
        if (connection === undefined) continue;
        remove(connection);
        return connection;
      }
      return undefined;
    },
    put(href, connection) {
      const key = `${href} ${connection.address}`;
      keys.set(connection, key);
      kept.set(key, [...kept.get(key) ?? [], connection]);
      connection.onEnd = () => {
        if (remove(connection)) letGo(connection);
      };
      if (keys.size <= most) return;
      const [oldest] = keys.keys();
      remove(oldest!);
      letGo(oldest!);
    },
    takeAll() {
      const all = [...keys.keys()];
      keys.clear();
      kept.clear();
      return all;
    },
  };
}
