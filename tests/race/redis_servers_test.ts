import { assertEquals } from "@std/assert";
import type { Answer, Api } from "../support/api.ts";
import { startWorld, TOKEN, WAYS, type World } from "../support/regions.ts";
import { setScene } from "../support/scene.ts";
import { startServer, type TestServer } from "../support/server.ts";

const RACERS = 200;

/** A process that keeps its records in the Redis of this world. */
function startOn(world: World): Promise<TestServer> {
  return startServer({
    env: world.way === "TCP" ? { OFFCODE_STORE: world.redis.url } : {
      OFFCODE_STORE: "upstash",
      UPSTASH_REDIS_REST_URL: world.gateway.url,
      UPSTASH_REDIS_REST_TOKEN: TOKEN,
    },
  });
}

/** All at once; what there was no time for (503) is repeated. */
function race(
  servers: readonly TestServer[],
  call: (api: Api, i: number) => Promise<Answer>,
): Promise<Answer[]> {
  return Promise.all(Array.from({ length: RACERS }, async (_, i) => {
    for (let tries = 1;; tries++) {
      const answer = await call(servers[i % servers.length]!.api, i);
      if (answer.status !== 503 || tries === 20) return answer;
    }
  }));
}

function tally(answers: readonly Answer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status, body } of answers) {
    const name = body?.code ?? `${status}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

for (const way of WAYS) {
  Deno.test(`two servers on one Redis over ${way} take a code once of 200 requests at once`, async () => {
    await using world = await startWorld(way);
    await using one = await startOn(world);
    await using two = await startOn(world);
    const servers = [one, two];
    const { merchant, phone, walletKey } = await setScene(one.api);
    const bob = await setScene(one.api, "bob");

    const code = phone.code(Date.now());
    const orders = await race(
      servers,
      (api, i) =>
        i % 4 < 2
          ? api.pay(merchant, { code, order_id: `order-${i}` })
          : api.verify(walletKey, code, `order-${i}`),
    );
    const { "200": verified = 0, "201": bought = 0, ...rest } = tally(orders);
    assertEquals(verified + bought, 1);
    assertEquals(rest, { "code-replayed": RACERS - 1 });
    assertEquals(await two.api.balance("alice"), 10_000 - bought * 1_250);

    const bobs = bob.phone.code(Date.now());
    const tries = await race(
      servers,
      (api) => api.pay(bob.merchant, { code: bobs, order_id: "one-order" }),
    );
    const { "201": paid, "200": repeated = 0, "payment-pending": open = 0 } =
      tally(tries);
    assertEquals([paid, repeated + open], [1, RACERS - 1]);
    assertEquals(new Set(tries.map(({ body }) => body.payment_id)).size, 1);
    assertEquals(await two.api.balance("bob"), 8_750);
  });
}
