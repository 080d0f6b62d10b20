/**
 * The gateway's side of Redis: one shared connection, made when it is needed,
 * and a second one that answers plain reads out of an old copy of the data, as
 * a replica that is behind would.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createClient, RESP_TYPES } from "@redis/client";

/** Where Redis listens. */
export interface Address {
  readonly host: string;
  readonly port: number;
  readonly username?: string;
  readonly password?: string;
}

/** Database of the old copy. */
const COPY = 1;

const COPY_ALL = `
for _, key in ipairs(redis.call('KEYS', '*')) do
  redis.call('COPY', key, key, 'DB', ${COPY}, 'REPLACE')
end
return 1
`;

type Client = ReturnType<typeof connect>;

function connect(address: Address, database: number) {
  const { host, port, username, password } = address;
  const client = createClient({
    socket: { host, port, connectTimeout: 2_000, reconnectStrategy: false },
    RESP: 2,
    maintNotifications: "disabled",
    disableClientInfo: true,
    disableOfflineQueue: true,
    database,
    commandOptions: { timeout: 0 },
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
  });
  client.on("error", () => {});
  return client;
}

/** A connection that is made anew when it was lost. */
class Connection {
  readonly #make: () => Client;
  #client: Client | null = null;
  #connecting: Promise<Client> | null = null;

  constructor(make: () => Client) {
    this.#make = make;
  }

  client(): Promise<Client> {
    if (this.#client?.isReady) return Promise.resolve(this.#client);
    this.#connecting ??= this.#connect()
      .finally(() => this.#connecting = null);
    return this.#connecting;
  }

  async #connect(): Promise<Client> {
    this.#client?.destroy();
    this.#client = this.#make();
    await this.#client.connect();
    return this.#client;
  }

  async close(): Promise<void> {
    await this.#connecting?.catch(() => {});
    this.#client?.destroy();
  }
}

const AS_BYTES = {
  typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer },
};

/** Redis, as the gateway sees it. */
export class Backend {
  readonly #primary: Connection;
  readonly #copy: Connection;
  #isStale = false;
  /** Names of the commands that read and do not write. */
  #reads: ReadonlySet<string> = new Set();

  constructor(address: Address) {
    this.#primary = new Connection(() => connect(address, 0));
    this.#copy = new Connection(() => connect(address, COPY));
  }

  /** Connects and learns which commands there are. */
  async open(): Promise<void> {
    const client = await this.#primary.client();
    const commands = await client.sendCommand([
      "COMMAND",
    ]) as unknown as readonly (readonly [string, number, readonly string[]])[];
    this.#reads = new Set(
      commands.filter(([, , flags]) => flags.includes("readonly"))
        .map(([name]) => name.toUpperCase()),
    );
  }

  isRead(name: string): boolean {
    return this.#reads.has(name);
  }

  /**
   * Sends a command; bulk strings come as bytes. With `isFresh`, a read is
   * answered by the primary also while others see an old copy.
   */
  async send(command: string[], isFresh: boolean): Promise<unknown> {
    const isOld = this.#isStale && !isFresh &&
      this.isRead(command[0]!.toUpperCase());
    const client = await (isOld ? this.#copy : this.#primary).client();
    return await client.sendCommand(command, AS_BYTES);
  }

  /** Sends commands as one transaction; each gives its reply or its error. */
  async transaction(commands: readonly string[][]): Promise<unknown[]> {
    const client = await this.#primary.client();
    // All in one turn: nothing of others comes between them.
    const queued = [["MULTI"], ...commands]
      .map((command) => client.sendCommand(command));
    const done = client.sendCommand(["EXEC"], AS_BYTES);
    await Promise.allSettled(queued);
    return await done as unknown as unknown[];
  }

  /** From now on plain reads see the data as they are at this moment. */
  async setStale(isStale: boolean): Promise<void> {
    const copy = await this.#copy.client();
    await copy.sendCommand(["FLUSHDB"]);
    const primary = await this.#primary.client();
    if (isStale) await primary.sendCommand(["EVAL", COPY_ALL, "0"]);
    this.#isStale = isStale;
  }

  async close(): Promise<void> {
    await this.#primary.close();
    await this.#copy.close();
  }
}
