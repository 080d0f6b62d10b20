/**
 * Connections that wait for another request. Each is kept under the whole URL
 * and the address it goes to: no other address is reached through it, and no
 * other endpoint hears what was left on it.
 *
 * @module
 */

import type { Connection } from "./sender_connection.ts";

/** Idle connections. */
export interface IdleConnections {
  /** One for a URL to one of the addresses, which is idle no more. */
  take(href: string, addresses: readonly string[]): Connection | undefined;
  /** Keeps one; where there are too many, the oldest is let go. */
  put(href: string, connection: Connection): void;
  /** All of them, which are idle no more. */
  takeAll(): readonly Connection[];
}

/** Makes an empty one that holds at most `most`; `letGo` closes one. */
export function createIdleConnections(
  most: number,
  letGo: (connection: Connection) => void,
): IdleConnections {
  /** Where each is kept, in the order in which they became idle. */
  const keys = new Map<Connection, string>();
  const kept = new Map<string, Connection[]>();

  /** Whether it was there. */
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
        // The one used last is the least likely to be dead.
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
