/**
 * A gateway in front of a Redis of its own, and the official client in front of
 * it, for tests of the gateway and of what goes through it.
 *
 * @module
 */

import { Redis } from "@upstash/redis/cloudflare";
import { startRedis } from "../../../scripts/redis_server.ts";
import { type FaultyGateway, startFaultyGateway } from "./faulty_gateway.ts";
import { connectRaw, type RawRedis } from "./raw.ts";

/** The token that may do everything. */
export const TOKEN = "a-token-of-a-test";

/** What a test is given. */
export interface GatewayTest {
  readonly gateway: FaultyGateway;
  /** The Redis behind the gateway, asked directly. */
  readonly raw: RawRedis;
  /** The official client, with its defaults but for retries. */
  readonly redis: Redis;
}

/** Registers a test that gets a gateway. */
export function register(
  sentence: string,
  body: (test: GatewayTest) => Promise<void>,
): void {
  Deno.test(sentence, async () => {
    await using server = await startRedis();
    using raw = await connectRaw(server);
    await using gateway = await startFaultyGateway({
      redis: server,
      token: TOKEN,
    });
    await body({ gateway, raw, redis: client(gateway) });
  });
}

/** The official client. */
export function client(
  gateway: FaultyGateway,
  options: Partial<ConstructorParameters<typeof Redis>[0]> = {},
): Redis {
  return new Redis({
    url: gateway.url,
    token: TOKEN,
    retry: { retries: 0 },
    enableTelemetry: false,
    ...options,
  });
}

/** Any request, past the client. */
export async function post(
  gateway: FaultyGateway,
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
) {
  const response = await fetch(gateway.url + path, {
    method: "POST",
    headers: { authorization: `Bearer ${TOKEN}`, ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  return {
    status: response.status,
    headers: response.headers,
    body: await response.json(),
  };
}

/** What a call was refused with. */
export function messageOf(call: Promise<unknown>): Promise<string> {
  return call.then(() => "It was answered", (error) => error.message);
}
