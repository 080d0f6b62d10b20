/**
 * `deno task gateway`: the REST API of Upstash in front of a plain Redis, to run
 * and test the REST path without an account. It takes commands in the bodies of
 * requests to `/`, `/pipeline` and `/multi-exec`. Not for production: it has no
 * TLS and one connection.
 *
 * @module
 */

import {
  InputError,
  interrupted,
  readArguments,
  runCommand,
} from "./command.ts";
import { startRedis } from "./redis_server.ts";
import { startGateway } from "./upstash/gateway.ts";

const USAGE = `Usage: deno task gateway

Serves the REST API of Upstash on loopback. Settings, all optional:

  REDIS_URL  the Redis behind it, redis://host:port; without it a redis-server
             of its own is started, whose data go with it
  PORT       8079
  TOKEN      a random one`;

async function main(args: readonly string[]): Promise<number> {
  readArguments(args, USAGE, {});
  const env = (name: string) => Deno.env.get(name) || undefined;
  await using stack = new AsyncDisposableStack();
  const url = env("REDIS_URL");
  if (url !== undefined && URL.parse(url)?.protocol !== "redis:") {
    throw new InputError("REDIS_URL must be redis://host:port");
  }
  const redis = url === undefined
    ? stack.use(await startRedis({ limitMs: Infinity }))
    : { url };
  const token = env("TOKEN") ?? crypto.randomUUID();
  const port = Number(env("PORT") ?? 8079);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new InputError("PORT must be a number from 0 to 65535");
  }
  const gateway = stack.use(
    await startGateway({ redis, token, port }).catch((error) => {
      if (error instanceof Deno.errors.AddrInUse) throw error;
      throw new InputError("The Redis of REDIS_URL does not answer");
    }),
  );
  console.log(
    `The gateway listens on ${gateway.url}, in front of Redis on ` +
      `${new URL(redis.url).host}. Start Offcode on it with

  OFFCODE_STORE=upstash \\
  UPSTASH_REDIS_REST_URL=${gateway.url} \\
  UPSTASH_REDIS_REST_TOKEN=${token} deno task start
`,
  );
  await interrupted();
  return 0;
}

if (import.meta.main) await runCommand(main);
