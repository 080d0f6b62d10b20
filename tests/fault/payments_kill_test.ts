import { assert, assertEquals } from "@std/assert";
import type { Api, TestMerchant, TestPhone } from "../support/world/api.ts";
import { SERVER_STORES } from "../support/store/process/server_stores.ts";

const PHONES = 40;

/** How many payments the bills have, and what they say that the merchant got. */
async function addUp(api: Api, { key }: TestMerchant) {
  const day = (ms: number) => new Date(Date.now() + ms).toISOString();
  const span = `from=${day(-86_400_000)}&to=${day(86_400_000)}`;
  const path = `/v1/totals?${span}`;
  const { totals: [all] } = await api.must(200, "GET", path, { key });
  return [all.paid_count, all.net_minor];
}

/** Sees that the order's end, the answer to its repetition and the money agree. */
function mustAgree(
  status: string,
  { status: answered, body }: Awaited<ReturnType<Api["pay"]>>,
  balance: number,
  isCelled: boolean,
): void {
  // What was cut off ends by itself once it has been idle for long enough, on a slow
  // machine between the two calls.
  const isPending = body.code === "payment-pending";
  switch (status) {
    case "succeeded":
      assert(
        [200, 201].includes(answered) || isPending,
        `${answered} ${body.code}: ${body.detail}`,
      );
      return assertEquals(balance, 8_750);
    case "declined":
      // It was opened and not claimed.
      assert(isCelled && isPending, `${answered} ${body.code}`);
      return assertEquals(balance, 10_000);
    case "reversed":
    case "reversing":
      // Its deadline was over before a slow machine came to ask.
      assert(isPending || body.code === "payment-reversed", body.code);
      break;
    default:
      // Cut off between claim and end: open, and debited once at the most.
      assertEquals([status, body.code], ["processing", "payment-pending"]);
  }
  assert(balance === 10_000 || (balance === 8_750 && status !== "reversed"));
}

for (const [engine, start] of Object.entries(SERVER_STORES)) {
  Deno.test(`a server that is killed while it pays loses no payment that it answered, over ${engine}`, async () => {
    await using store = await start();
    const phones: TestPhone[] = [];
    const answered = new Set<number>();
    let merchant;
    {
      await using server = await store.server();
      const { api } = server;
      const walletKey = await api.walletKey();
      merchant = await api.merchant();
      for (let i = 0; i < PHONES; i++) {
        phones.push(await api.enrol(walletKey, `acct-${i}`, `phone-${i}`));
        await api.setBalance(`acct-${i}`, 10_000);
      }
      // After the tenth answer it is gone in the middle of the others.
      const killed = Promise.withResolvers<void>();
      await Promise.all(phones.map(async (phone, i) => {
        try {
          const payment = {
            code: phone.code(Date.now()),
            order_id: `order-${i}`,
          };
          const { status, body } = await api.pay(merchant!, payment);
          // After an answer that a busy machine did not give in time.
          if (body.code === "payment-pending") return;
          assert([200, 201].includes(status), `${status} ${body.code}`);
          answered.add(i);
        } catch (error) {
          // Its connection broke; any other error is the test's.
          if (!(error instanceof TypeError)) throw error;
        }
        if (answered.size === 10) {
          killed.resolve(server.kill("SIGKILL").then(() => {}));
        }
      }));
      assert(answered.size >= 10);
      await killed.promise;
    }

    await using server = await store.server();
    const { api } = server;
    const ends: Record<string, number> = { succeeded: 0, processing: 0 };
    for (const [i, phone] of phones.entries()) {
      const order_id = `order-${i}`;
      // The till does not know, so it repeats the order.
      const repeated = { code: phone.code(Date.now()), order_id };
      const again = await api.pay(merchant, repeated);
      const { status } = await api.must(
        200,
        "GET",
        `/v1/payments?order_id=${order_id}`,
        { key: merchant.key },
      );
      const balance = await api.balance(phone.accountId);
      if (answered.has(i)) assertEquals(again.status, 200);
      mustAgree(status, again, balance, engine.endsWith("cells"));
      ends[status] = (ends[status] ?? 0) + 1;
    }
    // What was open when it was asked for may have ended since.
    const [count, net] = await addUp(api, merchant);
    assert(count >= ends.succeeded!, `${count} of ${ends.succeeded}`);
    assert(count <= ends.succeeded! + ends.processing!);
    assertEquals(net, 1_250 * count);
    assert(ends.succeeded! >= answered.size);
  });
}
