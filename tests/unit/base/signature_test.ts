import { assertEquals, assertThrows } from "@std/assert";
import { systemRandom } from "../../../edge/base/clock.ts";
import { createSecret, createSigner } from "../../../edge/base/signature.ts";
import { verifiers } from "../../support/callback/webhook_verifiers.ts";

const NOW_MS = 1_750_000_000_000;
const DAY_MS = 86_400_000;
const ID = "cb_00112233445566778899aabbccddeeff";
const BODY = JSON.stringify({ type: "payment.succeeded", data: { é: "€ 🥝" } });
const secretOf = (bytes: number) => `whsec_${btoa("x".repeat(bytes))}`;
const [OLD, NEW, OTHER] = [1, 2, 3].map(() => createSecret(systemRandom)) as [
  string,
  string,
  string,
];

Deno.test("createSigner() makes the vector that Standard Webhooks publish", () => {
  // "sign function works", tests of the reference libraries.
  const sign = createSigner("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  assertEquals(
    sign(
      "msg_p5jXN8AQM9LWM0D4loKWxJek",
      1_614_265_330_000,
      '{"test": 2432232314}',
    ),
    {
      "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
      "webhook-timestamp": "1614265330",
      "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    },
  );
});

Deno.test("createSigner() signs whole seconds, as openssl does", () => {
  // printf '%s' 'pay_1_query.1750000000.{"payment_id":"pay_1"}' |
  //   openssl dgst -sha256 -hmac 'the secret of a reference ledger' -binary |
  //   base64
  assertEquals(
    createSigner(`whsec_${btoa("the secret of a reference ledger")}`)(
      "pay_1_query",
      NOW_MS + 999,
      '{"payment_id":"pay_1"}',
    ),
    {
      "webhook-id": "pay_1_query",
      "webhook-timestamp": "1750000000",
      "webhook-signature": "v1,DpQsHjLZqsU97a5MBfzmsFzGMsthyugD2akSR2Qu7No=",
    },
  );
});

Deno.test("createSigner() signs with both secrets while one is exchanged", () => {
  const both = createSigner(NEW, OLD)(ID, NOW_MS, BODY);
  assertEquals(
    both["webhook-signature"].split(" "),
    [NEW, OLD].map((it) =>
      createSigner(it)(ID, NOW_MS, BODY)["webhook-signature"]
    ),
  );
  for (const [name, verify] of verifiers) {
    assertEquals(verify(NEW, both, BODY, NOW_MS), true, `${name}, new`);
    assertEquals(verify(OLD, both, BODY, NOW_MS), true, `${name}, old`);
    assertEquals(verify(OTHER, both, BODY, NOW_MS), false, `${name}, other`);
  }
});

Deno.test("a retry days later verifies, its first signature does not", () => {
  const sign = createSigner(NEW);
  const first = sign(ID, NOW_MS, BODY);
  for (const days of [1, 3, 30]) {
    const nowMs = NOW_MS + days * DAY_MS;
    const retry = sign(ID, nowMs, BODY);
    assertEquals(retry["webhook-id"], first["webhook-id"]);
    for (const [name, verify] of verifiers) {
      assertEquals(verify(NEW, retry, BODY, nowMs), true, name);
      assertEquals(verify(NEW, first, BODY, nowMs), false, name);
    }
  }
});

Deno.test("no verifier takes a signature that is empty, or another's", () => {
  const good = createSigner(NEW)(ID, NOW_MS, BODY);
  const signature = good["webhook-signature"];
  const refused = {
    "no signature": "",
    "a version alone": "v1,",
    "two of them": "v1, v1,",
    "no comma": "v1",
    "another version": signature.replace("v1,", "v2,"),
    "a part": signature.slice(0, -4),
    "more": `${signature}A`,
    "zeros": `v1,${btoa("\0".repeat(32))}`,
    "another secret": createSigner(OTHER)(ID, NOW_MS, BODY)[
      "webhook-signature"
    ],
    "another id": createSigner(NEW)(`${ID}0`, NOW_MS, BODY)[
      "webhook-signature"
    ],
    "another second": createSigner(NEW)(ID, NOW_MS + 1000, BODY)[
      "webhook-signature"
    ],
  };
  for (const [name, verify] of verifiers) {
    assertEquals(verify(NEW, good, BODY, NOW_MS), true, name);
    assertEquals(verify(NEW, good, `${BODY} `, NOW_MS), false, name);
    for (const [what, text] of Object.entries(refused)) {
      const headers = { ...good, "webhook-signature": text };
      assertEquals(
        verify(NEW, headers, BODY, NOW_MS),
        false,
        `${name}, ${what}`,
      );
    }
  }
});

Deno.test("createSigner() refuses secrets that are empty, short, long or misspelled", () => {
  const refused = [
    [],
    [""],
    ["whsec_"],
    [secretOf(0)],
    [secretOf(1)],
    [secretOf(23)],
    [secretOf(65)],
    [secretOf(32).replace("whsec_", "")],
    [secretOf(32).replace("=", "")],
    [`${secretOf(32)} `],
    [NEW, ""],
    [NEW, secretOf(23)],
  ];
  for (const secrets of refused) {
    const error = assertThrows(() => createSigner(...secrets), RangeError);
    assertEquals(
      error.message,
      "A secret must be whsec_ and 24 to 64 bytes in padded base64",
    );
    assertEquals(error.cause, undefined);
  }
  for (const bytes of [24, 32, 64]) createSigner(secretOf(bytes));
});

Deno.test("createSecret() writes down 32 random bytes", () => {
  const asked: number[] = [];
  const secret = createSecret({
    bytes(length) {
      asked.push(length);
      return new Uint8Array(length).fill(0xff);
    },
  });
  assertEquals(asked, [32]);
  assertEquals(secret, `whsec_${btoa("\xff".repeat(32))}`);
  createSigner(secret);
});
