/**
 * `deno task gateway`: the REST API of Upstash in front of a plain Redis, to
 * run and test the REST path without an account. It serves
 * commands in bodies, to `/`, `/pipeline` and `/multi-exec`, with base64 and the
 * sync token. Not for production: it has no TLS and one connection.
 *
 * Over a second port, or in the same process, it can be told to go wrong:
 * replies lost after the command was executed, delays, errors, pages of a
 * proxy, old data, no listener at all.
 *
 * @module
 */

import { interrupted, readArguments, runCommand } from "./command.ts";
import { type RedisServer, startRedis } from "./redis_server.ts";
import type { Address } from "./upstash/backend.ts";
import { startGateway } from "./upstash/gateway.ts";

const USAGE = `Usage: deno task gateway

Serves the REST API of Upstash on loopback. Settings, all optional:

  REDIS_URL        the Redis behind it, redis://host:port; without it a
                   redis-server of its own is started, whose data go with it
  PORT             8079
  ADMIN_PORT       8078: POST {"faults": [...], "seed": 1, "stale": true,
                   "refusing": true, "reset": true}; GET tells what was asked
  TOKEN            a random one`;

async function main(args: readonly string[]): Promise<number> {
  if (args[0] === "--help") {
    console.log(USAGE);
    return 0;
  }
  readArguments(args, USAGE, {});
  const env = (name: string) => Deno.env.get(name) || undefined;
  await using stack = new AsyncDisposableStack();
  const url = env("REDIS_URL");
  const redis: Address | RedisServer = url === undefined
    ? stack.use(await startRedis())
    : parseRedisUrl(url);
  const token = env("TOKEN") ?? crypto.randomUUID();
  const gateway = stack.use(
    await startGateway({
      redis,
      token,
      port: Number(env("PORT") ?? 8079),
      adminPort: Number(env("ADMIN_PORT") ?? 8078),
    }),
  );
  console.log(
    `The gateway listens on ${gateway.url}, in front of Redis on ` +
      `${redis.host}:${redis.port}. Start Offcode on it with

  OFFCODE_STORE=upstash \\
  UPSTASH_REDIS_REST_URL=${gateway.url} \\
  UPSTASH_REDIS_REST_TOKEN=${token} deno task start

Make it go wrong, say lose every tenth reply, with

  curl ${gateway.adminUrl} -d '{"faults":[{"kind":"drop","executed":true,"every":10}]}'
`,
  );
  await interrupted();
  return 0;
}

function parseRedisUrl(text: string): Address {
  const url = new URL(text);
  if (url.protocol !== "redis:") {
    throw new TypeError("REDIS_URL: redis:// only");
  }
  return {
    host: url.hostname,
    port: Number(url.port || 6379),
    ...(url.username !== "" && { username: decodeURIComponent(url.username) }),
    ...(url.password !== "" && { password: decodeURIComponent(url.password) }),
  };
}

if (import.meta.main) await runCommand(main);
