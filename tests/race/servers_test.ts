import { assertEquals } from "@std/assert";
import type { Answer, Api } from "../support/world/api.ts";
import { tally } from "../support/world/desk.ts";
import { setScene } from "../support/world/scene.ts";
import {
  SERVER_STORES,
  type ServerStore,
} from "../support/store/process/server_stores.ts";

const RACERS = 200;

/** Servers under test: where the calls go, in turn. */
interface Servers extends AsyncDisposable {
  readonly apis: readonly [Api, ...Api[]];
}

/** One process of several threads. */
async function workers(store: ServerStore): Promise<Servers> {
  const server = await store.server({ workers: 4 });
  return {
    apis: [server.api],
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** Two processes. */
async function processes(store: ServerStore): Promise<Servers> {
  await using starting = new AsyncDisposableStack();
  const one = starting.use(await store.server());
  const two = starting.use(await store.server());
  const stack = starting.move();
  return {
    apis: [one.api, two.api],
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/**
 * All calls at once. What the store had no time for (503) has changed nothing
 * that a repetition would not find, so it is repeated.
 */
function race(
  { apis }: Servers,
  call: (api: Api, i: number) => Promise<Answer>,
): Promise<Answer[]> {
  return Promise.all(Array.from({ length: RACERS }, async (_, i) => {
    for (let tries = 1;; tries++) {
      const answer = await call(apis[i % apis.length]!, i);
      if (answer.status !== 503 || tries === 20) return answer;
    }
  }));
}

const KINDS = {
  "a server of four workers": workers,
  "two servers": processes,
};

for (
  const [what, engine] of Object.keys(KINDS).flatMap((what) =>
    Object.keys(SERVER_STORES).map((engine) => [what, engine] as const)
  )
) {
  Deno.test(`${what} take a code once of 200 requests at once, over ${engine}`, async () => {
    await using store = await SERVER_STORES[engine]!();
    await using servers = await KINDS[what as keyof typeof KINDS](store);
    const [api] = servers.apis;
    const { merchant, phone, walletKey } = await setScene(api);
    const bob = await api.enrol(walletKey, "bob", "phone-b");
    const carol = await api.enrol(walletKey, "carol", "phone-c");
    await api.setBalance("bob", 10_000);
    await api.setBalance("carol", 10_000);

    // Every request is another order.
    const code = phone.code(Date.now());
    const orders = await race(
      servers,
      (it, i) => it.pay(merchant, { code, order_id: `order-${i}` }),
    );
    assertEquals(tally(orders), { "201": 1, "code-replayed": RACERS - 1 });
    assertEquals(await api.balance("alice"), 8_750);

    // All are the same order.
    const bobs = bob.code(Date.now());
    const tries = await race(
      servers,
      (it) => it.pay(merchant, { code: bobs, order_id: "one-order" }),
    );
    const { "201": paid, "200": repeated = 0, "payment-pending": open = 0 } =
      tally(tries);
    assertEquals([paid, repeated + open], [1, RACERS - 1]);
    const ids = new Set(tries.map(({ body }) => body.payment_id));
    assertEquals(ids.size, 1);
    assertEquals(await api.balance("bob"), 8_750);

    // Half of them pay, half of them only ask who it is.
    const carols = carol.code(Date.now());
    const mixed = await race(
      servers,
      (it, i) =>
        i % 4 < 2
          ? it.pay(merchant, { code: carols, order_id: `mixed-${i}` })
          : it.verify(walletKey, carols, `mixed-${i}`),
    );
    const { "200": verified = 0, "201": bought = 0, ...rest } = tally(mixed);
    assertEquals(verified + bought, 1);
    assertEquals(rest, { "code-replayed": RACERS - 1 });
    assertEquals(
      await api.balance("carol"),
      bought === 1 ? 8_750 : 10_000,
    );
  });
}
