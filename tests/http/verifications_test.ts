import { assertEquals, assertNotEquals } from "@std/assert";
import { createHash } from "node:crypto";
import { accountKey, verificationKey } from "../../edge/store/keys.ts";
import { testCells } from "../support/store/cells.ts";
import { NOON_MS, startApp, type TestApp } from "../support/world/app.ts";
import type { TestPhone } from "../support/world/api.ts";
import { pointedStore } from "../support/world/points/fail_points.ts";
import { CELLS } from "../support/world/crossing.ts";
import { oneBucket } from "../support/world/scene.ts";

const STEP_MS = 30_000;

async function enrolled(
  app: TestApp,
): Promise<{ wallet: string; phone: TestPhone }> {
  const wallet = await app.api.walletKey();
  return { wallet, phone: await app.api.enrol(wallet, "alice", "phone-a") };
}

Deno.test("POST /v1/verifications names the customer of a code", async () => {
  await using app = await startApp();
  const { wallet, phone } = await enrolled(app);
  const { status, body } = await app.api.verify(
    wallet,
    phone.code(NOON_MS),
    "ref-1",
  );
  assertEquals(status, 200);
  const { verification_id, ...rest } = body;
  assertEquals(/^ver_[0-9a-f]{32}$/.test(verification_id), true);
  assertEquals(rest, {
    reference: "ref-1",
    account_id: "alice",
    credential_id: phone.credentialId,
    profile: 1,
    time_step: NOON_MS / STEP_MS,
    drift_steps: 0,
    verified_at: "2026-01-15T12:00:00.000Z",
  });
});

for (const drift of [-2, -1, 0, 1, 2]) {
  const accepted = Math.abs(drift) <= 1;
  Deno.test(
    `verify() ${accepted ? "accepts" : "refuses"} a phone ${drift} steps ahead`,
    async () => {
      // At both edges of the step: the first and the last millisecond.
      for (const offsetMs of [0, STEP_MS - 1]) {
        await using app = await startApp({ nowMs: NOON_MS + offsetMs });
        const { wallet, phone } = await enrolled(app);
        const { status, body } = await app.api.verify(
          wallet,
          phone.code(NOON_MS + drift * STEP_MS),
          "ref",
        );
        if (accepted) {
          assertEquals(status, 200);
          assertEquals(body.drift_steps, drift);
        } else {
          assertEquals([status, body.code], [422, "code-not-accepted"]);
        }
      }
    },
  );
}

Deno.test("verify() turns at the very millisecond of a step boundary", async () => {
  await using app = await startApp({ nowMs: NOON_MS + 2 * STEP_MS - 1 });
  const { wallet, phone } = await enrolled(app);
  const code = phone.code(NOON_MS);
  app.clock.advance(1);
  assertEquals((await app.api.verify(wallet, code, "late")).status, 422);
  app.clock.advance(-1);
  assertEquals((await app.api.verify(wallet, code, "in-time")).status, 200);
});

Deno.test("verify() refuses a replay in every second until the code dies", async () => {
  await using app = await startApp({ nowMs: NOON_MS - STEP_MS });
  const { wallet, phone } = await enrolled(app);
  const code = phone.code(NOON_MS);
  assertEquals((await app.api.verify(wallet, code, "first")).status, 200);
  const answers = new Set<string>();
  for (let second = 1; second <= 120; second++) {
    app.clock.advance(1000);
    const { status, body } = await app.api.verify(wallet, code, `r${second}`);
    answers.add(`${status} ${body.code}`);
    const inWindow = app.clock.ms < NOON_MS + 2 * STEP_MS;
    assertEquals(body.code, inWindow ? "code-replayed" : "code-not-accepted");
  }
  assertEquals(
    answers,
    new Set(["409 code-replayed", "422 code-not-accepted"]),
  );
});

Deno.test("verify() refuses a used code after the clock went back", async () => {
  await using app = await startApp();
  const { wallet, phone } = await enrolled(app);
  const code = phone.code(NOON_MS);
  assertEquals((await app.api.verify(wallet, code, "first")).status, 200);
  app.clock.advance(-60_000);
  // The step is now in the future; back in the window it is still used.
  assertEquals((await app.api.verify(wallet, code, "back")).status, 422);
  app.clock.advance(35_000);
  const again = await app.api.verify(wallet, code, "nearly");
  assertEquals([again.status, again.body.code], [409, "code-replayed"]);
});

Deno.test("verify() refuses an earlier code once a later one was used", async () => {
  await using app = await startApp();
  const { wallet, phone } = await enrolled(app);
  const later = phone.code(NOON_MS + STEP_MS);
  assertEquals((await app.api.verify(wallet, later, "later")).status, 200);
  const earlier = await app.api.verify(wallet, phone.code(NOON_MS), "earlier");
  assertEquals([earlier.status, earlier.body.code], [409, "code-replayed"]);
});

Deno.test("verify() repeats its result for the same reference and code", async () => {
  await using app = await startApp();
  const { wallet, phone } = await enrolled(app);
  const code = phone.code(NOON_MS);
  const first = await app.api.verify(wallet, code, "ref");
  app.clock.advance(20_000);
  const second = await app.api.verify(wallet, code, "ref");
  assertEquals(second.status, 200);
  assertEquals(second.body, first.body);

  const other = await app.api.verify(
    wallet,
    phone.code(NOON_MS + STEP_MS),
    "ref",
  );
  assertEquals([other.status, other.body.code], [409, "order-conflict"]);
  // The conflicting code was not spent.
  const fresh = await app.api.verify(
    wallet,
    phone.code(NOON_MS + STEP_MS),
    "ref-2",
  );
  assertEquals(fresh.status, 200);
});

Deno.test("verify() remembers a reference for 400 days", async () => {
  const DAY_MS = 86_400_000;
  await using app = await startApp();
  const { wallet, phone } = await enrolled(app);
  const first = await app.api.verify(wallet, phone.code(NOON_MS), "ref");
  assertEquals(first.status, 200);
  for (const [days, status] of [[399, 409], [1, 200]] as const) {
    app.clock.advance(days * DAY_MS);
    const later = await app.api.enrol(wallet, "alice", `phone-${days}`);
    const code = later.code(app.clock.ms);
    const again = await app.api.verify(wallet, code, "ref");
    assertEquals(again.status, status, `${days}`);
  }
});

Deno.test("verify() takes no other code for the one that a reference had", async () => {
  await using app = await startApp({ random: oneBucket });
  const { api } = app;
  const wallet = await api.walletKey();
  const alice = await api.enrol(wallet, "alice", "phone-a");
  const bob = await api.enrol(wallet, "bob", "phone-b");
  const onlineCode = async ({ credentialId }: TestPhone): Promise<string> => {
    const body = { credential_id: credentialId };
    const made = await api.must(201, "POST", "/v1/online-codes", {
      key: wallet,
      body,
    });
    return made.code;
  };
  const said = async (code: string, reference: string): Promise<string> => {
    const { status, body } = await api.verify(wallet, code, reference);
    return status === 200 ? body.credential_id : body.code;
  };
  const offline = alice.code(NOON_MS);
  const online = await onlineCode(bob);
  assertEquals(await said(offline, "offline"), alice.credentialId);
  assertEquals(await said(online, "online"), bob.credentialId);
  const others = [
    { what: "her-next", phone: alice, code: alice.code(NOON_MS + STEP_MS) },
    { what: "his-of-the-same-step", phone: bob, code: bob.code(NOON_MS) },
    { what: "her-online-one", phone: alice, code: await onlineCode(alice) },
    { what: "his-next-online-one", phone: bob, code: await onlineCode(bob) },
  ];
  for (const { what, code } of others) {
    for (const reference of ["offline", "online"]) {
      assertEquals(await said(code, reference), "order-conflict", what);
    }
  }
  assertEquals(await said(offline, "online"), "order-conflict");
  assertEquals(await said(online, "offline"), "order-conflict");
  assertEquals(await said(offline, "offline"), alice.credentialId);
  assertEquals(await said(online, "online"), bob.credentialId);
  // What conflicted was not spent.
  for (const { what, phone, code } of others) {
    assertEquals(await said(code, what), phone.credentialId, what);
  }
});

Deno.test("verify() keeps references apart by the wallet key's name", async () => {
  await using app = await startApp();
  const { wallet, phone } = await enrolled(app);
  const gates = await app.api.walletKey("gates");
  const first = await app.api.verify(wallet, phone.code(NOON_MS), "ref");
  const second = await app.api.verify(
    gates,
    phone.code(NOON_MS + STEP_MS),
    "ref",
  );
  assertEquals([first.status, second.status], [200, 200]);
  assertNotEquals(first.body.verification_id, second.body.verification_id);
});

Deno.test("verify() gives one answer for every code that nobody made", async () => {
  await using app = await startApp();
  const { wallet, phone } = await enrolled(app);
  const right = phone.code(NOON_MS);
  const tag = right.slice(7);
  const wrong = right.slice(0, 7) +
    String((Number(tag) + 1) % 1e11).padStart(11, "0");
  const elsewhere = right.slice(0, 3) +
    String((phone.seed.bucket + 1) % 10_000).padStart(4, "0") + tag;
  const expired = phone.code(NOON_MS - 5 * STEP_MS);
  const early = phone.code(NOON_MS + 5 * STEP_MS);
  const answers = new Set<string>();
  for (const code of [wrong, elsewhere, expired, early]) {
    const { status, body } = await app.api.verify(wallet, code, `ref-${code}`);
    const { instance: _, ...rest } = body;
    answers.add(JSON.stringify([status, rest]));
  }
  assertEquals(answers.size, 1);
  assertEquals([...answers][0]!.includes("code-not-accepted"), true);
});

Deno.test("verify() finds an enrolment at once where its bucket was searched", async () => {
  await using app = await startApp({ random: oneBucket });
  const { wallet, phone } = await enrolled(app);
  await app.api.verify(wallet, phone.code(NOON_MS), "ref-1");
  const second = await app.api.enrol(wallet, "bob", "phone-b");
  assertEquals(second.seed.bucket, phone.seed.bucket);
  const { body } = await app.api.verify(wallet, second.code(NOON_MS), "ref-2");
  assertEquals(body.account_id, "bob");
});

Deno.test("verify() says that the code is not one that is served here", async () => {
  await using app = await startApp();
  const { wallet, phone } = await enrolled(app);
  const right = phone.code(NOON_MS);
  const spellings = [
    ` ${right}`,
    `${right} `,
    `${right}\n`,
    `${right}\t`,
    `${right}\u0000`,
    `\u00a0${right}`,
    `+${right}`,
    right.replace(/(.{4})/g, "$1 "),
    right.replace("9", "９"),
    right.replace("0", "٠"),
    right.replace("0", "⁰"),
    `${right.slice(0, 17)}e`,
    "1e5",
    "",
    right.slice(0, 17),
    `${right}0`,
    `91${right.slice(2)}`,
    `904${right.slice(3)}`,
  ];
  for (const code of spellings) {
    const { status, body } = await app.api.verify(wallet, code, "spelling");
    assertEquals([status, body.code], [422, "code-malformed"], code);
  }
  for (const code of [Number(right), [right], { right }, null, true]) {
    const answer = await app.api.call("POST", "/v1/verifications", {
      key: wallet,
      body: { code, reference: "type" },
    });
    assertEquals([answer.status, answer.body.code], [400, "malformed-request"]);
  }
  // None of them burned it.
  assertEquals((await app.api.verify(wallet, right, "right")).status, 200);
});

Deno.test("verify() refuses a blocked account without spending its code", async () => {
  await using app = await startApp();
  const wallet = await app.api.walletKey();
  const phone = await app.api.enrol(wallet, "mallory", "phone-m", "blocked");
  const { status, body } = await app.api.verify(
    wallet,
    phone.code(NOON_MS),
    "ref",
  );
  assertEquals([status, body.code], [422, "payer-blocked"]);
});

Deno.test("verify() spends nothing once the request is five seconds old", async () => {
  let stall = () => {};
  await using app = await startApp({
    wrapStore: (store) =>
      pointedStore(store, (point) => {
        if (point === "after read bucket-rev") stall();
        return Promise.resolve();
      }),
  });
  const { wallet, phone } = await enrolled(app);
  const code = phone.code(NOON_MS);
  stall = () => app.clock.advance(5_000);
  const late = await app.api.verify(wallet, code, "ref");
  assertEquals([late.status, late.body.code], [503, "store-unavailable"]);
  stall = () => {};
  assertEquals((await app.api.verify(wallet, code, "ref")).status, 200);
});

Deno.test("verify() spends no code whose window closed while it tried", async () => {
  let delayMs = 0;
  await using app = await startApp({
    wrapStore: (store) =>
      pointedStore(store, (point) => {
        // The first try assumes a normal tier and is refused.
        if (point === "after txn verification") app.clock.advance(delayMs);
        return Promise.resolve();
      }),
  });
  const wallet = await app.api.walletKey();
  const phone = await app.api.enrol(wallet, "alice", "phone-a", "restricted");
  const verify = (code: string, reference: string) =>
    app.useCases.verifications.verify({
      caller: { keyId: "key_1", owner: "wallet" },
      code,
      reference,
      isTooOld: () => false,
    });
  app.clock.advance(2 * STEP_MS - 2);
  delayMs = 2;
  assertEquals(await verify(phone.code(NOON_MS), "late"), {
    kind: "refused",
    code: "code-not-accepted",
  });
  app.clock.advance(-2);
  delayMs = 1;
  assertEquals(
    "verificationId" in await verify(phone.code(NOON_MS), "in-time"),
    true,
  );
});

/** A reference of a wallet key with this owner, in another cell than an account. */
function crossingReference(owner: string, accountId: string): string {
  const cells = testCells(CELLS);
  const hash = createHash("sha256").update(owner).digest("base64url");
  for (let i = 0;; i++) {
    const reference = `ref-${i}`;
    const cell = cells.cellOf(verificationKey(hash.slice(0, 22), reference));
    if (cell !== cells.cellOf(accountKey(accountId))) return reference;
  }
}

for (const over of ["the code's window", "the request's time"]) {
  Deno.test(`verify() across cells spends no code if ${over} is over once the reference is bound`, async () => {
    let isBound = false;
    await using app = await startApp({
      cells: CELLS,
      wrapStore: (store) =>
        pointedStore(store, (point) => {
          if (point === "after txn verification" && !isBound) {
            isBound = true;
            if (over === "the code's window") app.clock.advance(2);
          }
          return Promise.resolve();
        }),
    });
    const { phone } = await enrolled(app);
    const verify = (isTooOld: () => boolean) =>
      app.useCases.verifications.verify({
        caller: { keyId: "key_1", owner: "wallet" },
        code: phone.code(NOON_MS),
        reference: crossingReference("wallet", phone.accountId),
        isTooOld,
      });
    app.clock.ms = NOON_MS + 2 * STEP_MS - 2;
    assertEquals(
      await verify(() => isBound && over === "the request's time"),
      { kind: "refused", code: "code-not-accepted" },
    );
    assertEquals(isBound, true);
    // The code is not used up, and the reference is still free for it.
    app.clock.ms = NOON_MS;
    assertEquals("verificationId" in await verify(() => false), true);
  });
}
