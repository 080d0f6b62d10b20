/**
 * The test answers: each row of the table of `SANDBOX.md`, read from the page, is
 * provoked over HTTP with a merchant's key and nothing else.
 */
import { assert, assertEquals } from "@std/assert";
import {
  TEST_CASE_NAMES,
  TEST_CASES,
  type TestCase,
  testTable,
} from "../../edge/ledger/test_answers.ts";
import { storeEndpoint } from "../support/callback/queue.ts";
import { LimitedCommand } from "../support/http/command.ts";
import { serveHttp } from "../support/http/server.ts";
import { STANDARD } from "../support/world/desk.ts";
import { startServer } from "../support/world/server.ts";
import { openWorld, type World } from "../support/world/world.ts";

const PAGES = new URL("../../edge/", import.meta.url);
const page = await Deno.readTextFile(new URL("SANDBOX.md", PAGES));

/** The texts in backticks of a cell. */
const spans = (cell: string) =>
  [...cell.matchAll(/`([^`]+)`/g)].map(([, it]) => it!);

/** The rows of the page's table: the case, what is sent, what comes back. */
const rows = page.split("\n").filter((line) => line.startsWith("|")).slice(2)
  .map((line) => {
    const [, name, calls, answers] = line.split("|");
    return {
      name: spans(name!)[0],
      calls: spans(calls!),
      answers: spans(answers!),
    };
  });

/** What a till has of a purchase. */
interface Purchase {
  readonly code?: string;
  readonly order_id: string;
  readonly amount_minor: number;
  readonly currency: string;
}

type Sent = readonly [method: string, path: string, body?: unknown];

/** The request that a call of the table stands for. */
function requestOf(call: string, it: Purchase): Sent {
  const pay = (more: object): Sent => [
    "POST",
    "/v1/payments",
    { ...it, case: undefined, ...more },
  ];
  const refund = (more: object): Sent => ["POST", "/v1/refunds", {
    order_id: it.order_id,
    refund_id: `refund-of-${it.order_id}`,
    amount_minor: it.amount_minor,
    ...more,
  }];
  switch (call) {
    case "pay":
    case "pay again":
      return pay({});
    case "pay another order":
      return pay({ order_id: `${it.order_id}-2` });
    case "pay another amount":
      return pay({ amount_minor: it.amount_minor + 1 });
    case "pay a second purchase":
      return pay({ second_purchase: true });
    case "pay without a code":
      return pay({ code: undefined });
    case "ask":
    case "ask without a key":
      return ["GET", `/v1/payments?order_id=${it.order_id}`];
    case "reverse":
    case "reverse again":
      return ["POST", "/v1/reversals", { order_id: it.order_id }];
    case "refund":
    case "refund again":
      return refund({});
    case "refund another amount":
      return refund({ amount_minor: it.amount_minor - 1 });
    case "refund too much":
      return refund({ amount_minor: it.amount_minor + 1 });
    default: {
      const [, method, path] = /^([A-Z]+) (\/\S+)$/.exec(call) ?? [];
      assert(method !== undefined, `A call of the table: ${call}`);
      return [method, path!];
    }
  }
}

/** A till that knows the server's address and its own key. */
function openTill(origin: string, key: string) {
  return async (
    [method, path, body]: Sent,
    hasKey = true,
    // deno-lint-ignore no-explicit-any
  ): Promise<{ status: number; body: any }> => {
    const response = await fetch(origin + path, {
      method,
      headers: {
        ...(hasKey && { authorization: `Bearer ${key}` }),
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.json() };
  };
}

/** An answer as the table writes it. */
function said(
  { status, body }: { status: number; body: Record<string, string> },
) {
  const what = body.code ?? (body.repeat ? "repeat" : body.status);
  const why = body.decline_reason ?? body.reason ?? body.waits_for;
  return [status, what, why].filter((it) => it !== undefined).join(" ");
}

/** Lets time pass as it does for a server, which looks at what is due by itself. */
async function wait({ clock, edge }: World, seconds: number) {
  clock.advance(seconds * 1000);
  await edge.sweeper.sweep();
}

Deno.test("every row of the page's table happens with a merchant's key alone", async () => {
  await using world = await openWorld({
    settings: { ...STANDARD, hasTestCodes: true },
  });
  const { api } = world.edge;
  await using server = serveHttp((request) => api.fetch(request));
  const { key } = await api.merchant();
  const till = openTill(server.origin, key);
  const got = [];
  for (const [i, { name, calls }] of rows.entries()) {
    let it: Purchase = {
      ...{ order_id: `order-${i}`, amount_minor: 100, currency: "EUR" },
    };
    if (name !== undefined) {
      const made = await till(["POST", "/v1/sandbox/codes", { case: name }]);
      assertEquals([made.status, made.body.case], [201, name]);
      const { mode, case: _, ...purchase } = made.body;
      assertEquals(mode, "test");
      it = purchase;
    }
    const answers = [];
    for (const call of calls) {
      const [what, seconds] = call.split(/ after (\d+) s$/);
      if (seconds !== undefined) await wait(world, Number(seconds));
      const hasKey = what !== "ask without a key";
      answers.push(said(await till(requestOf(what!, it), hasKey)));
    }
    got.push({ name, calls, answers });
  }
  assertEquals(got, rows);
  const [, curl] = /^```sh\n([\s\S]*?)^```$/m.exec(page)!;
  const { stdout } = await new LimitedCommand("bash", {
    args: ["-eu", "-c", curl!],
    env: { OFFCODE: server.origin, MERCHANT: key },
  }).output();
  const made = JSON.parse(new TextDecoder().decode(stdout));
  assertEquals(made.case, "pending_then_approved");
});

Deno.test("the page has the table that the code has, with every case", () => {
  assert(page.includes(`\n${testTable()}\n`), testTable());
  assertEquals(
    [...new Set(rows.flatMap(({ name }) => name ?? []))],
    TEST_CASE_NAMES,
  );
});

Deno.test("the table provokes every answer that the page for merchants explains", async () => {
  const merchants = await Deno.readTextFile(new URL("MERCHANTS.md", PAGES));
  const [table = ""] = /^\| answer [\s\S]*?\n\n/m.exec(merchants) ?? [];
  const explained = table.split("\n").slice(2).flatMap((line) =>
    spans(line.split("|")[1] ?? "")
  );
  assertEquals(explained.length > 25, true);
  const provoked = rows.flatMap(({ answers }) => answers)
    .map((answer) => answer.split(" ")[1]);
  assertEquals(explained.filter((code) => !provoked.includes(code)), []);
});

Deno.test("what the sandbox has paid ahead causes no callback", async () => {
  await using world = await openWorld({
    settings: { ...STANDARD, hasTestCodes: true },
  });
  const { api, store } = world.edge;
  const { id, key } = await api.merchant();
  await storeEndpoint(store, id);
  const paid = Object.entries<TestCase>(TEST_CASES)
    .filter(([, test]) => test.paid !== undefined);
  assertEquals(paid.length, 3);
  for (const [name] of paid) {
    const body = { case: name };
    await api.must(201, "POST", "/v1/sandbox/codes", { key, body });
  }
  const { callbacks } = await api.must(200, "GET", "/v1/callbacks", { key });
  assertEquals(callbacks, []);
});

Deno.test("a server with keys of its own gives no test codes, nor says that it does", async () => {
  await using server = await startServer();
  const { api } = server;
  const { key } = await api.merchant();
  const body = { case: "approved" };
  const { status } = await api.call("POST", "/v1/sandbox/codes", { key, body });
  const document = await api.call("GET", "/openapi.json");
  assertEquals([status, "/v1/sandbox/codes" in document.body.paths], [
    404,
    false,
  ]);
});
