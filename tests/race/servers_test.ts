import { assert, assertEquals } from "@std/assert";
import { type Answer, type Api, MOST_TRIES } from "../support/world/api.ts";
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

/** Repeats a call until it is decided whether the code is taken, as a till does. */
async function untilDecided(call: () => Promise<Answer>): Promise<Answer> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const answer = await call();
    if (answer.body.code !== "payment-pending") return answer;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new Error("It is not decided");
}

/** All calls at once. */
const race = (
  { apis }: Servers,
  call: (api: Api, i: number) => Promise<Answer>,
): Promise<Answer[]> =>
  Promise.all(Array.from(
    { length: RACERS },
    (_, i) => untilDecided(() => call(apis[i % apis.length]!, i)),
  ));

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
    // A success whose answer was late is told to the till that repeats the order.
    const { "201": told = 0, "200": toldLater = 0, ...refused } = tally(orders);
    assertEquals(told + toldLater, 1);
    assertEquals(refused, { "code-replayed": RACERS - 1 });
    assertEquals(await api.balance("alice"), 8_750);

    // All are the same order.
    const bobs = bob.code(Date.now());
    const tries = await race(
      servers,
      (it) => it.pay(merchant, { code: bobs, order_id: "one-order" }),
    );
    const { "201": paid = 0, "200": repeated = 0 } = tally(tries);
    assert(paid <= 1);
    assertEquals(paid + repeated, RACERS);
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
    const isTaken = ({ status }: Answer) => status === 200 || status === 201;
    assertEquals(mixed.filter(isTaken).length, 1);
    assertEquals(tally(mixed)["code-replayed"], RACERS - 1);
    assertEquals(
      await api.balance("carol"),
      mixed.findIndex(isTaken) % 4 < 2 ? 8_750 : 10_000,
    );
  });
}
