import { assertEquals } from "@std/assert";
import type { Answer } from "../../../../scripts/client.ts";
import { Till } from "../../../../scripts/till/pay.ts";

const answer = (
  status: number,
  body: Answer["body"] = {},
  retryAfterSeconds = 1,
): Answer => ({ status, text: "", body, retryAfterSeconds });

const problem = (status: number, retry: string, more = {}) =>
  answer(status, { retry, cashier: { en: `says ${retry}` }, ...more }, 3);

/** A till whose edge gives these answers, one after the other. */
function tillOf(...answers: (Answer | null)[]) {
  const calls: string[] = [];
  const slept: number[] = [];
  let orders = 0;
  const till = new Till({
    call(method, path, body) {
      const fields = body as Record<string, unknown> | undefined;
      calls.push(
        [method, path, fields?.order_id, fields?.code]
          .filter((it) => it !== undefined).join(" "),
      );
      const next = answers.shift();
      if (next === undefined) {
        throw new Error(`Nothing left for ${calls.at(-1)}`);
      }
      return Promise.resolve(next);
    },
    amountMinor: 1250,
    currency: "EUR",
    newOrderId: () => `o${++orders}`,
    sleep: (ms) => {
      slept.push(ms);
      return Promise.resolve();
    },
  });
  return { till, calls, slept, left: answers };
}

Deno.test("Till.scan() hands over nothing for an order that was paid earlier", async () => {
  const { till, calls } = tillOf(
    problem(409, "query", { code: "order-paid-earlier" }),
    answer(201),
  );
  assertEquals(await till.scan("1"), {
    orderId: "o1",
    end: "closed",
    says: "says query",
  });
  assertEquals((await till.scan("1")).end, "paid");
  assertEquals(calls, ["POST /v1/payments o1 1", "POST /v1/payments o2 1"]);
});

Deno.test("Till.scan() is paid at 201 and 200 and takes a new order after it", async () => {
  const { till, calls } = tillOf(
    answer(201),
    answer(200, { cashier: { en: "already paid" } }),
  );
  assertEquals(await till.scan("1"), {
    orderId: "o1",
    end: "paid",
    says: "Paid.",
  });
  assertEquals(await till.scan("2"), {
    orderId: "o2",
    end: "paid",
    says: "already paid",
  });
  assertEquals(calls, ["POST /v1/payments o1 1", "POST /v1/payments o2 2"]);
});

Deno.test("Till.scan() keeps the order for the next code", async () => {
  const { till, calls, slept } = tillOf(
    problem(422, "new-code"),
    problem(429, "later"),
    answer(201),
  );
  assertEquals((await till.scan("1")).end, "open");
  assertEquals(slept, []);
  assertEquals((await till.scan("2")).end, "open");
  assertEquals(slept, [3000]);
  assertEquals((await till.scan("3")).end, "paid");
  assertEquals(calls, [1, 2, 3].map((it) => `POST /v1/payments o1 ${it}`));
});

Deno.test("Till.scan() sends the same order again after silence and same-order", async () => {
  const { till, calls, slept } = tillOf(
    null,
    problem(503, "same-order"),
    answer(500),
    answer(201),
  );
  assertEquals((await till.scan("1")).end, "paid");
  assertEquals(calls, Array(4).fill("POST /v1/payments o1 1"));
  assertEquals(slept, [1000, 3000, 1000]);
});

Deno.test("Till.scan() undoes an order that nobody can tell about, and says when it cannot", async () => {
  const lost = Array<null>(5).fill(null);
  const undone = tillOf(...lost, null, answer(200, { status: "reversed" }));
  assertEquals(await undone.till.scan("1"), {
    orderId: "o1",
    end: "closed",
    says: "Undone. Nothing was paid.",
  });
  assertEquals(undone.calls.slice(5), Array(2).fill("POST /v1/reversals o1"));
  const unknown = tillOf(...lost, ...lost);
  const { end, says } = await unknown.till.scan("1");
  assertEquals([end, says.startsWith("Not known.")], ["closed", true]);
});

Deno.test("Till.scan() asks for a payment under way until it has ended", async () => {
  const pending = problem(402, "query", { next_query_seconds: 4 });
  const under = answer(200, { status: "processing" });
  const ends: [Answer | null, string][] = [
    [answer(200, { status: "succeeded" }), "paid"],
    [answer(200, { status: "declined" }), "open"],
    [answer(200, { status: "reversed" }), "closed"],
    [problem(409, "never"), "closed"],
  ];
  for (const [last, end] of ends) {
    const { till, calls, slept } = tillOf(pending, under, null, last);
    assertEquals((await till.scan("1")).end, end);
    assertEquals(slept, [4000, 4000, 4000]);
    assertEquals(
      calls.slice(1),
      Array(3).fill("GET /v1/payments?order_id=o1"),
    );
  }
  const { till, calls } = tillOf(
    pending,
    ...Array<Answer>(5).fill(under),
    answer(200, { status: "reversed" }),
  );
  assertEquals((await till.scan("1")).end, "closed");
  assertEquals(calls.at(-1), "POST /v1/reversals o1");
});

Deno.test("Till.scan() ends an order that is refused for good", async () => {
  const { till, calls } = tillOf(problem(409, "never"), answer(201));
  assertEquals(await till.scan("1"), {
    orderId: "o1",
    end: "closed",
    says: "says never",
  });
  assertEquals((await till.scan("2")).orderId, "o2");
  assertEquals(calls.length, 2);
});
