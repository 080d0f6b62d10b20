import {
  assertEquals,
  assertNotEquals,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { encodeBase64 } from "@std/encoding/base64";
import {
  createHttpLedger,
  type HttpLedgerOptions,
} from "../../../../edge/ledger/http/http.ts";
import type { Debit } from "../../../../edge/ledger/ledger.ts";
import { declines } from "../../../support/ledger/faults.ts";
import {
  LEDGER_SECRET,
  startLedgerServer,
} from "../../../support/ledger/server.ts";

const REFUND = {
  paymentId: "pay_1",
  refundId: "ref_1",
  amountMinor: 500,
  currency: "EUR",
};
const NOW_S = 1_750_000_000;
const clock = { nowMs: () => NOW_S * 1000 + 999 };

const DEBIT: Debit = {
  paymentId: "pay_1",
  accountId: "alice",
  merchantId: "mer_1",
  amountMinor: 1250,
  currency: "EUR",
};

const make = (options: Partial<HttpLedgerOptions>) => () =>
  createHttpLedger({
    url: "https://core.example",
    secret: LEDGER_SECRET,
    clock,
    timeoutMs: 1000,
    ...options,
  });

const secretOf = (bytes: number) =>
  `whsec_${encodeBase64(new Uint8Array(bytes).fill(5))}`;

Deno.test("createHttpLedger() takes secrets of 24 to 64 bytes and no others", () => {
  for (const bytes of [24, 32, 33, 64]) make({ secret: secretOf(bytes) })();
  const refused = [
    "",
    "whsec_",
    secretOf(0),
    secretOf(23),
    secretOf(65),
    // The same bytes without the prefix, with another, unpadded, in base64url,
    // with spaces, with stray bits.
    LEDGER_SECRET.slice("whsec_".length),
    LEDGER_SECRET.replace("whsec_", "whpk_"),
    secretOf(32).replace("=", ""),
    `whsec_${"_-".repeat(16)}`,
    `${secretOf(32)} `,
    secretOf(32).replace(/.=$/, "V="),
    "whsec_not base64 at all, though it is long enough",
  ];
  for (const secret of refused) {
    const error = assertThrows(make({ secret }), RangeError);
    assertEquals(
      error.message,
      "A secret must be whsec_ and 24 to 64 bytes in padded base64",
    );
    assertEquals(error.cause, undefined);
  }
});

Deno.test("createHttpLedger() takes https anywhere and http on loopback only", () => {
  const taken = [
    "https://core.example",
    "https://core.example:8443/offcode/v1/",
    "http://localhost:9000",
    "http://127.0.0.1:9000/",
    "http://127.1.2.3",
    "http://[::1]:9000/x",
  ];
  for (const url of taken) make({ url })();
  const refused = [
    "",
    "core.example",
    "/debits",
    "ftp://core.example",
    "http://core.example",
    "http://10.0.0.1",
    "http://localhost.core.example",
    "http://127.0.0.1.core.example",
    "https://user@core.example",
    "https://:secret@core.example",
    "https://core.example/?key=1",
    "https://core.example/?",
    "https://core.example/#top",
  ];
  for (const url of refused) {
    const error = assertThrows(make({ url }), RangeError);
    assertEquals(
      error.message,
      "The ledger's address must be an https URL without user, query or fragment",
    );
  }
});

Deno.test("createHttpLedger() takes a time of 1 to 60000 ms", () => {
  for (const timeoutMs of [1, 8000, 60_000]) make({ timeoutMs })();
  for (const timeoutMs of [0, -1, 60_001, 1.5, NaN, Infinity]) {
    assertThrows(make({ timeoutMs }), RangeError, "1 to 60000 ms");
  }
});

Deno.test("every call posts what the contract says, signed", async () => {
  await using server = startLedgerServer({ clock });
  server.setAccount("alice", 10_000);
  const ledger = server.connect({ url: `${server.url}/` });
  await ledger.debit(DEBIT, { confirmed: false });
  await ledger.debit(DEBIT, { confirmed: true });
  await ledger.reverse("pay_1");
  await ledger.query("pay_1");

  const debit = {
    payment_id: "pay_1",
    account_id: "alice",
    merchant_id: "mer_1",
    amount_minor: 1250,
    currency: "EUR",
  };
  assertEquals(
    server.requests.map(({ method, path, headers, body }) => ({
      method,
      path,
      id: headers.get("webhook-id"),
      body,
    })),
    [
      {
        method: "POST",
        path: "debits",
        id: "pay_1_debit",
        body: { ...debit, confirmed: false },
      },
      {
        method: "POST",
        path: "debits",
        id: "pay_1_debit_confirmed",
        body: { ...debit, confirmed: true },
      },
      {
        method: "POST",
        path: "reversals",
        id: "pay_1_reverse",
        body: { payment_id: "pay_1" },
      },
      {
        method: "POST",
        path: "queries",
        id: "pay_1_query",
        body: { payment_id: "pay_1" },
      },
    ],
  );
  for (const { headers } of server.requests) {
    assertEquals(headers.get("content-type"), "application/json");
    assertEquals(headers.get("accept"), "application/json");
    assertEquals(headers.get("accept-encoding"), "identity");
    assertEquals(headers.get("webhook-timestamp"), `${NOW_S}`);
  }
});

Deno.test("calls about a refund post what the contract says, signed", async () => {
  await using server = startLedgerServer({ clock });
  const ledger = server.connect();
  await ledger.refund(REFUND);
  await ledger.queryRefund("pay_1", "ref_1");
  assertEquals<unknown>(
    server.requests.map(({ method, path, headers, body }) => ({
      method,
      path,
      id: headers.get("webhook-id"),
      body,
    })),
    [
      {
        method: "POST",
        path: "refunds",
        id: "pay_1_ref_1_refund",
        body: {
          payment_id: "pay_1",
          refund_id: "ref_1",
          amount_minor: 500,
          currency: "EUR",
        },
      },
      {
        method: "POST",
        path: "queries",
        id: "pay_1_ref_1_query",
        body: { payment_id: "pay_1", refund_id: "ref_1" },
      },
    ],
  );
});

Deno.test("a repeated call keeps its id and takes the time of its own", async () => {
  let nowMs = NOW_S * 1000;
  const moving = { nowMs: () => nowMs };
  await using server = startLedgerServer({ clock: moving });
  const ledger = server.connect();
  await ledger.reverse("pay_1");
  nowMs += 86_400_000;
  await ledger.reverse("pay_1");
  assertEquals(
    server.requests.map(({ headers }) => [
      headers.get("webhook-id"),
      headers.get("webhook-timestamp"),
    ]),
    [
      ["pay_1_reverse", `${NOW_S}`],
      ["pay_1_reverse", `${NOW_S + 86_400}`],
    ],
  );
  const [first, second] = server.requests.map(({ headers }) =>
    headers.get("webhook-signature")
  );
  assertNotEquals(first, second);
});

Deno.test("debit() knows the words for a decline, and calls others refused", async () => {
  await using server = startLedgerServer({ clock });
  const ledger = server.connect();
  const reasons = {
    reversed: "reversed",
    insufficient_funds: "insufficient_funds",
    currency_mismatch: "currency_mismatch",
    account_closed: "account_closed",
    refused: "refused",
    fraud_score_9: "refused",
    constructor: "refused",
    INSUFFICIENT_FUNDS: "refused",
    "": "refused",
  };
  let i = 0;
  for (const [word, reason] of Object.entries(reasons)) {
    const paymentId = `pay_${i++}`;
    server.next("debits", declines(word));
    const declined = { kind: "declined", reason };
    assertEquals(
      await ledger.debit({ ...DEBIT, paymentId }, { confirmed: false }),
      declined as Awaited<ReturnType<typeof ledger.debit>>,
    );
    assertEquals(
      await ledger.query(paymentId),
      declined as Awaited<ReturnType<typeof ledger.debit>>,
    );
  }
  server.next(
    "debits",
    () => Response.json({ payment_id: "pay_1", result: "declined" }),
  );
  assertEquals(await ledger.debit(DEBIT, { confirmed: false }), {
    kind: "declined",
    reason: "refused",
  });
});

Deno.test("refund() knows the words for a decline, and calls others refused", async () => {
  await using server = startLedgerServer({ clock });
  const ledger = server.connect();
  const known = [
    ...["reversed", "not_debited", "exceeds_payment"],
    ...["account_closed", "refused"],
  ];
  for (const word of [...known, "insufficient_funds", "toString", undefined]) {
    server.next("refunds", () =>
      Response.json({
        payment_id: "pay_1",
        refund_id: "ref_1",
        result: "declined",
        reason: word,
      }));
    const { kind, ...rest } = await ledger.refund(REFUND);
    const reason = known.includes(word ?? "") ? word : "refused";
    assertEquals<unknown>([kind, rest], ["declined", { reason }]);
  }
});

Deno.test("a payment id that cannot be signed is refused before anything is sent", async () => {
  await using server = startLedgerServer({ clock });
  const ledger = server.connect();
  for (
    const id of ["", "pay.1", "pay 1", "pay\r\nx: y", "päy", "p".repeat(101)]
  ) {
    await assertRejects(() => ledger.query(id), RangeError, "A payment id");
    await assertRejects(() => ledger.reverse(id), RangeError, "A payment id");
    await assertRejects(
      () => ledger.debit({ ...DEBIT, paymentId: id }, { confirmed: true }),
      RangeError,
      "A payment id",
    );
    for (
      const ids of [
        { paymentId: id, refundId: "ref_1" },
        { paymentId: "pay_1", refundId: id },
      ]
    ) {
      await assertRejects(
        () => ledger.refund({ ...REFUND, ...ids }),
        RangeError,
        "a refund id",
      );
    }
  }
  assertEquals(server.requests, []);
});
