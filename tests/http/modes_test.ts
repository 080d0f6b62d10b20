/**
 * Test money and real money stay apart: keys, codes and stores of one mode are
 * refused in the other. That each answer says its mode is checked by every test
 * with an `Api`.
 */
import { assertEquals, assertMatch } from "@std/assert";
import { openWorld } from "../support/world/world.ts";
import { startApp, type TestApp } from "../support/world/app.ts";
import { Shop, startCallbackApp } from "../support/callback/shop.ts";
import { startHostileReceiver } from "../support/callback/hostile/hostile_receiver.ts";

const MODES = [["test", "live"], ["live", "test"]] as const;

/** What a call is refused with. */
async function refusal(
  { api }: TestApp,
  ...args: Parameters<TestApp["api"]["call"]>
): Promise<unknown[]> {
  const { status, body } = await api.call(...args);
  return [status, body.code, body.detail];
}

for (const [mode, other] of MODES) {
  Deno.test(`an edge of mode ${other} refuses every key of mode ${mode}, and takes no code by a key of its own on a store of mode ${mode}`, async () => {
    await using world = await openWorld({ mode });
    const { edge } = world;
    assertEquals((await edge.api.call("GET", "/readyz")).status, 200);
    const walletKey = await edge.api.walletKey();
    const merchant = await edge.api.merchant();
    const phone = await edge.api.enrol(walletKey, "alice", "phone");
    const merchantKey = new RegExp(`^ock_${mode}_[\\w-]{43}$`);
    assertMatch(merchant.key, merchantKey);
    assertMatch(walletKey, merchantKey);
    const pays = await edge.api.pay(merchant, {
      code: phone.code(edge.clock.ms),
      order_id: "o",
    });
    // Of the edge's own mode they are known; the account has no money.
    assertEquals(pays.body.code, "payment-declined");

    const { clock, path } = edge;
    await using second = await startApp({ clock, path, mode: other });
    const detail =
      `The key is of mode ${mode}; this server is of mode ${other}.`;
    for (
      const [key, path] of [
        [merchant.key, "/v1/payments?order_id=o"],
        [walletKey, "/v1/confirmations?account_id=alice"],
      ] as const
    ) {
      assertEquals(await refusal(second, "GET", path, { key }), [
        401,
        "not-authenticated",
        detail,
      ]);
    }
    const foreign =
      `The store is of mode ${mode} and this server of mode ${other}: use another store.`;
    assertEquals(await refusal(second, "GET", "/readyz"), [
      503,
      "store-unavailable",
      foreign,
    ]);
    // The operator can make a key there, but nobody can use it.
    const own = await second.api.merchant();
    const body = {
      ...{ code: phone.code(clock.ms), order_id: "o2" },
      ...{ amount_minor: 1, currency: "EUR" },
    };
    const key = own.key;
    assertEquals(await refusal(second, "POST", "/v1/payments", { key, body }), [
      401,
      "not-authenticated",
      foreign,
    ]);
    assertEquals((await edge.api.call("GET", "/readyz")).status, 200);
  });
}

Deno.test("callbacks and tests of an endpoint say the mode of their edge", async () => {
  for (const [mode] of MODES) {
    await using receiver = startHostileReceiver();
    await using app = await startCallbackApp({ mode });
    const { api, clock } = app;
    const shop = await Shop.open(api);
    await shop.register(receiver.url);
    await shop.must(200, "POST", "callback-endpoint/test");
    const phone = await api.enrol(await api.walletKey(), "alice", "phone");
    const code = phone.code(clock.ms);
    await api.pay(shop.merchant, { code, order_id: "o" });
    const { callbacks: [{ callback_id: id }] } = await shop.must(
      200,
      "GET",
      "callbacks",
    );
    const { payload } = await shop.must(200, "GET", `callbacks/${id}`);
    const sent = [receiver.requests[0]!.body, payload];
    assertEquals(
      sent.map((it) => JSON.parse(it)).map(({ type, mode }) => [type, mode]),
      [["endpoint.test", mode], ["payment.declined", mode]],
    );
  }
});
