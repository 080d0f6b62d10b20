import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { createSigner } from "../../../../edge/base/signature.ts";
import { readSigned } from "../../../support/ledger/signature.ts";
import { LEDGER_SECRET } from "../../../support/ledger/server.ts";

const NOW_MS = 1_750_000_000_000;
const OTHER_SECRET = `whsec_${btoa("another secret of at least 24 bytes")}`;

const sample = await Deno.readTextFile(
  new URL("../../../support/ledger/signature.ts", import.meta.url),
);
const readme = await Deno.readTextFile(
  new URL("../../../../edge/ledger/README.md", import.meta.url),
);

interface Sent {
  path: string;
  id: string;
  body: string;
  headers: Record<string, string>;
}

/** A signed call, changed by `change` on its way. */
function request(
  name: string,
  change: (sent: Sent) => Partial<Sent> = () => ({}),
): Request {
  const path = {
    debit: "debits",
    debit_confirmed: "debits",
    reverse: "reversals",
    refund: "refunds",
    refund_query: "queries",
    query: "queries",
  }[name]!;
  const body = JSON.stringify({
    payment_id: "pay_1",
    ...(path === "debits" && { confirmed: name === "debit_confirmed" }),
    ...(name.startsWith("refund") && { refund_id: "ref_1" }),
  });
  const id = {
    refund: "pay_1_ref_1_refund",
    refund_query: "pay_1_ref_1_query",
  }[name] ?? `pay_1_${name}`;
  const headers = { ...createSigner(LEDGER_SECRET)(id, NOW_MS, body) };
  const sent = { path, id, body, headers };
  const changed = { ...sent, ...change(sent) };
  return new Request(`http://core.example/v1/${changed.path}`, {
    method: "POST",
    body: changed.body,
    headers: changed.headers,
  });
}

const reads = async (
  sent: Request,
  secrets = [LEDGER_SECRET],
  nowMs = NOW_MS,
) => (await readSigned(sent, secrets, nowMs)) !== null;

Deno.test("readSigned() reads each of the six calls", async () => {
  for (
    const name of [
      ...["debit", "debit_confirmed", "reverse", "query"],
      ...["refund", "refund_query"],
    ]
  ) {
    assert(await reads(request(name)), name);
  }
});

Deno.test("readSigned() takes either secret while one is being exchanged", async () => {
  assert(await reads(request("debit"), [OTHER_SECRET, LEDGER_SECRET]));
  assert(!await reads(request("debit"), [OTHER_SECRET]));
  assert(!await reads(request("debit"), []));
});

Deno.test("readSigned() refuses a call older or newer than five minutes", async () => {
  for (
    const [ms, fine] of [
      [300_000, true],
      [-300_000, true],
      [300_001, false],
      [-300_001, false],
    ] as const
  ) {
    assertEquals(
      await reads(request("debit"), [LEDGER_SECRET], NOW_MS + ms),
      fine,
    );
  }
});

Deno.test("readSigned() refuses a call that was changed on its way", async () => {
  const header = (name: string, value: string) => ({ headers }: Sent) => ({
    headers: { ...headers, [name]: value },
  });
  const changes: ((sent: Sent) => Partial<Sent>)[] = [
    // Another body, path, id or time under the same signature.
    ({ body }) => ({ body: body.replace("pay_1", "pay_2") }),
    ({ body }) => ({ body: `${body} ` }),
    () => ({ path: "reversals" }),
    () => ({ path: "debits" }),
    () => ({ path: "elsewhere" }),
    header("webhook-id", "pay_1_reverse"),
    header("webhook-timestamp", "1750000001"),
    header("webhook-timestamp", "1750000000.0"),
    header("webhook-timestamp", ""),
    header("webhook-signature", ""),
    header("webhook-signature", "v1,"),
    header("webhook-signature", "v1"),
    header("webhook-signature", `v1,${btoa("0".repeat(32))}`),
    ({ headers }) => ({
      headers: {
        ...headers,
        "webhook-signature": headers["webhook-signature"]!
          .replace("v1,", "v2,"),
      },
    }),
    () => ({ headers: {} }),
  ];
  for (const change of changes) {
    assert(!await reads(request("query", change)), `${change}`);
  }
  // The question about a refund does not pass as the refund itself, nor as one
  // about another.
  for (
    const change of [
      () => ({ path: "refunds" }),
      ({ body }: Sent) => ({ body: body.replace("ref_1", "ref_2") }),
      ({ body }: Sent) => ({ body: body.replace("refund_id", "refund") }),
    ]
  ) {
    assert(!await reads(request("refund_query", change)), `${change}`);
  }
  // An unconfirmed debit does not pass as a confirmed one.
  assert(
    !await reads(
      request("debit", ({ body }) => ({ body: body.replace("false", "true") })),
    ),
  );
});

Deno.test("the README shows the very code that the reference ledger runs", () => {
  const code = sample.slice(sample.indexOf("import "));
  assertStringIncludes(readme, "```ts\n" + code + "```\n");
});
