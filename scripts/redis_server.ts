/**
 * A `redis-server` for one task: on a free loopback port, in a folder that is removed
 * with it, without persistence unless that is asked for. For the gateway, the bench and
 * the tests; a Redis that is already running is never touched.
 *
 * @module
 */

/** A running server. */
export type RedisServer = Awaited<ReturnType<typeof startRedis>>;

/** How to start one. */
export interface RedisServerOptions {
  readonly host?: string;
  /** A port; a free one if not given. */
  readonly port?: number;
  /** Settings as words of the command line, such as `--appendonly yes`. */
  readonly settings?: readonly string[];
  /**
   * The server is killed after this time, so that a test ends that waits for it in vain.
   * It is as long as other processes of tests may run if not given, and may be `Infinity`.
   */
  readonly limitMs?: number;
}

/** Longer than any process of the tests takes beside a load. */
const LIMIT_MS = 540_000;
/** The longest time of a timer. */
const MOST_MS = 2 ** 31 - 1;

/**
 * Starts a server and waits until it answers.
 *
 * @throws {Error} If it ends instead, with what it said.
 */
export async function startRedis(options: RedisServerOptions = {}) {
  const { host = "127.0.0.1", settings = [], limitMs = LIMIT_MS } = options;
  const port = options.port ?? freePort(host);
  const folder = await Deno.makeTempDir({ prefix: "offcode-redis-" });
  const log = `${folder}/redis.log`;
  let child: Deno.ChildProcess;

  async function start(): Promise<void> {
    const started = child = new Deno.Command("redis-server", {
      args: [
        ...["--bind", host, "--port", `${port}`, "--dir", folder],
        ...["--logfile", log, "--save", "", "--appendonly", "no"],
        ...["--daemonize", "no", ...settings],
      ],
      ...{ stdin: "null", stdout: "null", stderr: "null" },
    }).spawn();
    let isRunning = true;
    const limit = setTimeout(
      () => started.kill("SIGKILL"),
      Math.min(limitMs, MOST_MS),
    );
    // A program may end before its server does.
    Deno.unrefTimer(limit);
    started.status.finally(() => {
      isRunning = false;
      clearTimeout(limit);
    });
    await until(async () => {
      if (isRunning) return await answers(host, port);
      const text = await Deno.readTextFile(log).catch(() => "");
      throw new Error(`redis-server ended:\n${text}`);
    }, "redis-server does not answer");
  }

  /** Sends a signal, and after one that ends it awaits the end. */
  async function kill(signal: Deno.Signal): Promise<void> {
    try {
      child.kill(signal);
    } catch (error) {
      // It has ended already.
      if (!(error instanceof TypeError)) throw error;
    }
    if (signal !== "SIGSTOP" && signal !== "SIGCONT") await child.status;
  }

  await start().catch(async (error) => {
    await Deno.remove(folder, { recursive: true });
    throw error;
  });
  return {
    ...{ host, port, folder, kill },
    /** Starts it again, on the same port and in the same folder. */
    restart: start,
    url: `redis://${host}:${port}`,
    get pid() {
      return child.pid;
    },
    async [Symbol.asyncDispose]() {
      await kill("SIGKILL");
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/**
 * A port that was free a moment ago. It is below those that the kernel gives to
 * connections and to listeners on port 0, because one of those could take it
 * before the program that is to listen there has started.
 */
export function freePort(hostname = "127.0.0.1"): number {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    try {
      Deno.listen({ hostname, port }).close();
      return port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
}

/**
 * Comes back once `condition` holds; for processes, which cannot be awaited.
 *
 * @throws {Error} With `complaint`, if it does not hold within 20 s.
 */
export async function until(
  condition: () => boolean | Promise<boolean>,
  complaint: string,
): Promise<void> {
  for (let waitedMs = 0; !(await condition()); waitedMs += 5) {
    if (waitedMs >= 20_000) throw new Error(complaint);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Whether a server there is up and has read its data. */
async function answers(hostname: string, port: number): Promise<boolean> {
  try {
    using connection = await Deno.connect({ hostname, port });
    await connection.write(new TextEncoder().encode("PING\r\n"));
    const buffer = new Uint8Array(64);
    const length = await connection.read(buffer) ?? 0;
    const reply = new TextDecoder().decode(buffer.subarray(0, length));
    // A server that wants a password is up, too.
    return reply.startsWith("+PONG") || reply.startsWith("-NOAUTH");
  } catch (error) {
    const isDown = error instanceof Deno.errors.ConnectionRefused ||
      error instanceof Deno.errors.ConnectionReset;
    if (!isDown) throw error;
    return false;
  }
}
