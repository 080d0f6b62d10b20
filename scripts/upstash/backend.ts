/**
 * The gateway's side of Redis: one shared connection, and a second one that
 * answers plain reads out of an old copy of the data, as a replica that is
 * behind would.
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

/** How soon a lost connection is tried again; commands fail meanwhile. */
const RECONNECT_MS = 5;

/** Connects, again and again when the connection is lost. */
async function connect(address: Address, database: number) {
  const { host, port, username, password } = address;
  let isFirst = true;
  const client = createClient({
    socket: {
      ...{ host, port, connectTimeout: 2_000 },
      reconnectStrategy: () => isFirst ? false : RECONNECT_MS,
    },
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
  await client.connect();
  isFirst = false;
  return client;
}

type Client = Awaited<ReturnType<typeof connect>>;

const AS_BYTES = {
  typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer },
};

/** Redis, as the gateway sees it. */
export class Backend {
  /** Answers plain reads out of the old copy, once there was one. */
  #copy: Client | null = null;
  #isStale = false;

  private constructor(
    readonly address: Address,
    readonly primary: Client,
    /** Names of the commands that read and do not write. */
    readonly reads: ReadonlySet<string>,
  ) {}

  /** Connects and learns which commands there are. */
  static async open(address: Address): Promise<Backend> {
    const client = await connect(address, 0);
    const commands = await client.sendCommand([
      "COMMAND",
    ]) as unknown as readonly (readonly [string, number, readonly string[]])[];
    const reads = commands.filter(([, , flags]) => flags.includes("readonly"))
      .map(([name]) => name.toUpperCase());
    return new Backend(address, client, new Set(reads));
  }

  isRead(name: string): boolean {
    return this.reads.has(name);
  }

  /**
   * Sends a command; bulk strings come as bytes. With `isFresh`, a read is
   * answered by the primary also while others see an old copy.
   */
  async send(command: string[], isFresh: boolean): Promise<unknown> {
    const isOld = this.#isStale && !isFresh &&
      this.isRead(command[0]!.toUpperCase());
    const client = isOld ? this.#copy! : this.primary;
    return await client.sendCommand(command, AS_BYTES);
  }

  /** Sends commands as one transaction; each gives its reply or its error. */
  async transaction(commands: readonly string[][]): Promise<unknown[]> {
    // All in one turn: nothing of others comes between them.
    const queued = [["MULTI"], ...commands]
      .map((command) => this.primary.sendCommand(command));
    const done = this.primary.sendCommand(["EXEC"], AS_BYTES);
    await Promise.allSettled(queued);
    return await done as unknown as unknown[];
  }

  /** From now on plain reads see the data as they are at this moment. */
  async setStale(isStale: boolean): Promise<void> {
    this.#copy ??= await connect(this.address, COPY);
    await this.#copy.sendCommand(["FLUSHDB"]);
    if (isStale) await this.primary.sendCommand(["EVAL", COPY_ALL, "0"]);
    this.#isStale = isStale;
  }

  close(): void {
    this.primary.destroy();
    this.#copy?.destroy();
  }
}
