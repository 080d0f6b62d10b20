import { assert, assertEquals } from "@std/assert";
import { ORDERS_PREFIX } from "../../edge/store/keys.ts";
import type { FaultRule } from "../support/redis/gateway_faults.ts";
import type { Answer } from "../support/world/api.ts";
import type { TestApp } from "../support/world/app.ts";
import { said, tally } from "../support/world/desk.ts";
import { openRegions, WAYS } from "../support/world/regions/regions.ts";
import { FaultyLink } from "../support/world/regions/regions_link.ts";
import { drawer } from "../support/world/regions/run_payments.ts";
import { setScene } from "../support/world/scene.ts";

const RACERS = 200;
const EDGES = 4;
/** Every other request: what is asked for at once is one. */
const FAULTS: readonly FaultRule[] = [
  { kind: "drop", probability: 0.15 },
  { kind: "drop", executed: true, probability: 0.15 },
  { kind: "status", executed: true, probability: 0.1 },
  { kind: "html", probability: 0.1 },
];

for (const way of WAYS) {
  Deno.test(`over ${way}, edges take a code once of 200 requests at once`, async () => {
    await using world = await openRegions(way);
    const { clock } = world;
    const edges: TestApp[] = [];
    for (let i = 0; i < EDGES; i++) edges.push(await world.edge());
    const race = (call: (api: TestApp["api"], i: number) => Promise<Answer>) =>
      Promise.all(
        Array.from(
          { length: RACERS },
          (_, i) => call(edges[i % EDGES]!.api, i),
        ),
      );
    const home = edges[0]!.api;
    const { merchant, phone, walletKey } = await setScene(home);
    // Plain reads are answered by a copy that knows none of what follows.
    if (way === "REST") await world.gateway.setStale(true);

    // Every request is another order.
    let code = phone.code(clock.ms);
    const orders = await race((api, i) =>
      api.pay(merchant, { code, order_id: `order-${i}` })
    );
    assertEquals(tally(orders), { "201": 1, "code-replayed": RACERS - 1 });

    // All are the same order.
    clock.advance(30_000);
    code = phone.code(clock.ms);
    const same = await race((api) =>
      api.pay(merchant, { code, order_id: "one-order" })
    );
    const { "201": paid, "200": repeated = 0, "payment-pending": open = 0 } =
      tally(same);
    assertEquals([paid, repeated + open], [1, RACERS - 1]);
    assertEquals(new Set(same.map(({ body }) => body.payment_id)).size, 1);

    // One order, and three codes for it.
    clock.advance(90_000);
    const codes = [-1, 0, 1].map((it) => phone.code(clock.ms + it * 30_000));
    const rescans = await race((api, i) =>
      api.pay(merchant, { code: codes[i % 3]!, order_id: "rescanned" })
    );
    assertEquals(tally(rescans)["201"], 1);

    // Half of them pay, half of them only ask who it is.
    clock.advance(90_000);
    code = phone.code(clock.ms);
    const before = await home.balance("alice");
    const mixed = await race((api, i) =>
      i % 8 < 4
        ? api.pay(merchant, { code, order_id: `mixed-${i}` })
        : api.verify(walletKey, code, `mixed-${i}`)
    );
    const { "200": verified = 0, "201": bought = 0, ...rest } = tally(mixed);
    assertEquals(verified + bought, 1);
    assertEquals(rest, { "code-replayed": RACERS - 1 });
    assertEquals(await home.balance("alice"), before - bought * 1_250);
    assertEquals(before, 10_000 - 3 * 1_250);
  });

  Deno.test(`over ${way}, edges take a code once of 200 requests at once, whatever fails`, async () => {
    await using world = await openRegions(way);
    const { clock } = world;
    const healthy = await world.edge();
    const { merchant, phone, walletKey } = await setScene(healthy.api);
    await using link = new FaultyLink(world.place);
    const draw = drawer(5);
    const edges: TestApp[] = [];
    for (let i = 0; i < EDGES; i++) {
      edges.push(
        await world.edge({
          timeoutMs: 500,
          ...(way === "TCP" && { through: link }),
        }),
      );
    }
    // Over REST plain reads are of the past, too.
    if (way === "REST") {
      await world.gateway.setStale(true);
      world.gateway.setFaults(FAULTS, 5);
    } else {
      link.plan(() => {
        // Here, too, what is sent at once is one message.
        const n = draw();
        return n < 0.25 ? "cut before" : n < 0.5 ? "cut after" : undefined;
      });
    }
    const code = phone.code(clock.ms);
    const answers = await Promise.all(
      Array.from({ length: RACERS }, async (_, i) => {
        for (;;) {
          const { api } = edges[i % EDGES]!;
          const answer = i % 4 < 2
            ? await api.pay(merchant, { code, order_id: `order-${i}` })
            : await api.verify(walletKey, code, `ref-${i}`);
          if (answer.status !== 503) return answer;
        }
      }),
    );
    const faults = way === "TCP"
      ? link.faults
      : Object.values(world.gateway.stats().faults).reduce((a, b) => a + b, 0);
    assert(faults >= 5, `${faults} faults`);
    if (way === "REST") world.gateway.setFaults();
    link.plan();
    clock.advance(60_000);
    await healthy.sweeper.sweep();
    const { "code-replayed": replayed, ...one } = tally(answers);
    assertEquals(replayed, RACERS - 1);
    const [[end]] = Object.entries(one) as [[string, number]];
    assert(["200", "201", "payment-pending"].includes(end), end);
    // The books know of one use as well: a payment, or a verification.
    const orders = await world.raw((it) =>
      it.send("KEYS", `${ORDERS_PREFIX}*`)
    );
    assertEquals(orders.length, end === "200" ? 0 : 1);
    // What was pending may have succeeded: the reply to its end was lost.
    const i = answers.findIndex((it) => said(it) === end);
    const { body } = await healthy.api.call(
      "GET",
      `/v1/payments?order_id=order-${i}`,
      { key: merchant.key },
    );
    const isPaid = body.status === "succeeded";
    if (end !== "payment-pending") assertEquals(isPaid, end === "201");
    const balance = await healthy.api.balance("alice");
    assertEquals(balance, isPaid ? 8_750 : 10_000);
  });

  Deno.test(`over ${way}, a used code is refused in every second until it dies`, async () => {
    await using world = await openRegions(way);
    const { clock } = world;
    const [one, two] = [await world.edge(), await world.edge()];
    const { merchant, phone } = await setScene(one.api);
    const code = phone.code(clock.ms + 30_000);
    const first = await one.api.pay(merchant, { code, order_id: "0" });
    assertEquals(first.status, 201);
    const answers: string[] = [];
    for (let second = 1; second <= 95; second++) {
      clock.advance(1_000);
      const { api } = second % 2 === 0 ? one : two;
      const { body } = await api.pay(merchant, { code, order_id: `${second}` });
      answers.push(body.code);
    }
    assertEquals(answers, [
      ...Array(89).fill("code-replayed"),
      ...Array(6).fill("code-not-accepted"),
    ]);
  });
}
