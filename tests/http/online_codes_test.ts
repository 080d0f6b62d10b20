import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
} from "@std/assert";
import { openSqliteStore } from "../../edge/store/sqlite/sqlite.ts";
import { startApp } from "../support/world/app.ts";
import {
  type Desk,
  limited,
  openDesk,
  said,
  STEP_MS,
  storedValues,
  tally,
} from "../support/world/desk.ts";
import { pointedStore } from "../support/world/points/fail_points.ts";
import { enrolBob, issue } from "../support/world/guesses/online_codes.ts";
import { peekAccount } from "../support/world/peek.ts";
import { setScene } from "../support/world/scene.ts";
import { dumpStore, storeBytes } from "../support/store/dump.ts";

const DAY_MS = 86_400_000;

Deno.test("POST /v1/online-codes issues 18 digits of profile 0 for a minute", async () => {
  await using desk = await openDesk();
  const { status, body } = await issue(desk, desk.phone.credentialId);
  assertEquals(status, 201);
  assertMatch(body.code, /^900[0-9]{15}$/);
  assertEquals(body, {
    code: body.code,
    expires_at: "2026-01-15T12:01:00.000Z",
  });
  const paid = await desk.pay("order-1", body.code);
  assertEquals([paid.status, paid.body.status], [201, "succeeded"]);
  assertEquals(await desk.balance(), 8_750);
});

Deno.test("an online code is good for 60 seconds, to the millisecond", async () => {
  for (
    const [afterMs, answer] of [
      [59_999, "201"],
      [60_000, "code-not-accepted"],
      [DAY_MS, "code-not-accepted"],
    ] as const
  ) {
    await using desk = await openDesk();
    const code = await desk.onlineCode();
    desk.clock.advance(afterMs);
    const paid = await desk.pay("order-1", code);
    assertEquals(said(paid), answer, `${afterMs}`);
    if (answer !== "201") assertEquals(paid.body.retry, "new-code");
  }
});

Deno.test("an online code ends to the millisecond where the store's clock falls behind", async () => {
  const folder = await Deno.makeTempDir({ prefix: "offcode-test-" });
  try {
    for (const [afterMs, answer] of [[59_999, 200], [60_000, 422]] as const) {
      let behindMs = 0;
      await using app = await startApp({
        openStore: (clock) =>
          openSqliteStore({
            path: `${folder}/${afterMs}.db`,
            clock: { nowMs: () => clock.nowMs() - behindMs },
          }),
      });
      const { walletKey, phone } = await setScene(app.api);
      const body = { credential_id: phone.credentialId };
      const { code } = await app.api.must(201, "POST", "/v1/online-codes", {
        key: walletKey,
        body,
      });
      behindMs = 500;
      app.clock.advance(afterMs);
      const { status } = await app.api.verify(walletKey, code, "ref");
      assertEquals(status, answer, `${afterMs}`);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a refresh kills the code before it, at once and on every edge", async () => {
  await using desk = await openDesk();
  await using second = await startApp({
    path: desk.app.path,
    clock: desk.clock,
  });
  const codes: string[] = [];
  for (let i = 0; i < 5; i++) codes.push(await desk.onlineCode());
  assertEquals(new Set(codes).size, 5);
  for (const code of codes.slice(0, -1)) {
    for (const api of [desk.api, second.api]) {
      const { status, body } = await api.pay(desk.merchant, {
        code,
        order_id: "order-1",
      });
      assertEquals([status, body.code], [422, "code-not-accepted"]);
    }
  }
  assertEquals(said(await desk.pay("order-1", codes.at(-1)!)), "201");
});

Deno.test("each customer has a code of their own", async () => {
  await using desk = await openDesk();
  const bob = await enrolBob(desk);
  const alices = await desk.onlineCode();
  const bobs = await desk.onlineCode(bob.credentialId);
  assertEquals(said(await desk.pay("order-1", alices)), "201");
  assertEquals(said(await desk.pay("order-2", bobs)), "201");
  assertEquals(await desk.balance(), 8_750);
  assertEquals(await desk.api.balance("bob"), 8_750);
});

Deno.test("online codes neither read nor move the mark of the offline ones", async () => {
  await using desk = await openDesk();
  const mark = async () => (await peekAccount(desk.app.store, "alice")).mark;
  const offline = desk.code();
  const before = await mark();
  assertEquals(before, 0);
  assertEquals(said(await desk.pay("order-1", await desk.onlineCode())), "201");
  assertEquals(await mark(), before);
  // The offline code of the same step, after an online one.
  assertEquals(said(await desk.pay("order-2", offline)), "201");
  const moved = await mark();
  assertNotEquals(moved, before);
  // And the other way round, also below a mark that is a step ahead.
  assertEquals(said(await desk.pay("order-3", await desk.onlineCode())), "201");
  const ahead = desk.phone.code(desk.clock.ms + STEP_MS);
  assertEquals(said(await desk.pay("order-4", ahead)), "201");
  const last = await mark();
  assertEquals(said(await desk.pay("order-5", await desk.onlineCode())), "201");
  assertEquals(await mark(), last);
  assertEquals(said(await desk.pay("order-6", offline)), "code-replayed");
});

Deno.test("an online code dies with its credential", async () => {
  const ends: Record<string, (desk: Desk) => Promise<unknown>> = {
    "revoked": ({ api, walletKey, phone }) =>
      api.must(204, "DELETE", `/v1/enrolments/${phone.credentialId}`, {
        key: walletKey,
      }),
    "enrolled on another phone": ({ api, walletKey }) =>
      api.enrol(walletKey, "alice", "phone-2"),
    "enrolled on the same phone": ({ api, walletKey, phone }) =>
      api.enrol(walletKey, "alice", phone.deviceId),
    "its phone enrolled for another account": ({ api, walletKey, phone }) =>
      api.enrol(walletKey, "bob", phone.deviceId),
  };
  for (const [what, end] of Object.entries(ends)) {
    await using desk = await openDesk();
    const code = await desk.onlineCode();
    await end(desk);
    const paid = await desk.pay("order-1", code);
    assertEquals([paid.status, said(paid)], [422, "code-not-accepted"], what);
    const verified = await desk.api.verify(desk.walletKey, code, "ref-1");
    assertEquals(said(verified), "code-not-accepted", what);
    const again = await issue(desk, desk.phone.credentialId);
    assertEquals([again.status, said(again)], [404, "not-found"], what);
    assertEquals(await desk.balance(), 10_000);
  }
});

Deno.test("issue() makes no code of a credential that is revoked meanwhile", async () => {
  let meanwhile: (() => Promise<unknown>) | undefined;
  await using desk = await openDesk({
    wrapStore: (store) =>
      pointedStore(store, async (point) => {
        if (point !== "before txn online") return;
        const first = meanwhile;
        meanwhile = undefined;
        await first?.();
      }),
  });
  const { credentialId } = desk.phone;
  meanwhile = () =>
    desk.app.useCases.enrolments.revoke(credentialId, undefined);
  const { status, body } = await issue(desk, credentialId);
  assertEquals(meanwhile, undefined);
  assertEquals([status, body.code], [404, "not-found"]);
});

Deno.test("an online code dies when its credential expires", async () => {
  await using desk = await openDesk();
  // 30 days after it was enrolled, less half a minute.
  desk.clock.advance(30 * DAY_MS - 30_000);
  const { status, body } = await issue(desk, desk.phone.credentialId);
  assertEquals(status, 201);
  assertEquals(body.expires_at, "2026-02-14T12:00:00.000Z");
  desk.clock.advance(29_999);
  const code = await desk.onlineCode();
  desk.clock.advance(1);
  assertEquals(said(await desk.pay("order-1", code)), "code-not-accepted");
  assertEquals(said(await issue(desk, desk.phone.credentialId)), "not-found");
});

Deno.test("an online code of a blocked account pays nothing, and is not used up", async () => {
  await using desk = await openDesk();
  const code = await desk.onlineCode();
  await desk.setRisk("blocked");
  const paid = await desk.pay("order-1", code);
  assertEquals([paid.status, said(paid)], [422, "payer-blocked"]);
  const verified = await desk.api.verify(desk.walletKey, code, "ref-1");
  assertEquals(said(verified), "payer-blocked");
  await desk.setRisk("restricted");
  assertEquals(said(await desk.pay("order-1", code)), "201");
});

Deno.test("POST /v1/online-codes knows only the credentials that live", async () => {
  await using desk = await openDesk();
  for (
    const unknown of [`cred_${"0".repeat(32)}`, "cred_1", "", "alice", "%00"]
  ) {
    const { status, body } = await issue(desk, unknown);
    assertEquals([status, body.code], [404, "not-found"], unknown);
  }
  for (const bad of [1, null, ["x"], { a: 1 }, "x".repeat(65)]) {
    assertEquals(said(await issue(desk, bad)), "malformed-request");
  }
  for (const key of [desk.merchant.key, desk.api.adminKey]) {
    assertEquals(
      said(await issue(desk, desk.phone.credentialId, key)),
      "forbidden",
    );
  }
});

Deno.test("POST /v1/verifications takes online codes by the same claim", async () => {
  await using desk = await openDesk();
  const code = await desk.onlineCode();
  const first = await desk.api.verify(desk.walletKey, code, "ref-1");
  assertEquals(first.status, 200);
  const { verification_id, ...rest } = first.body;
  assertMatch(verification_id, /^ver_[0-9a-f]{32}$/);
  assertEquals(rest, {
    reference: "ref-1",
    account_id: "alice",
    credential_id: desk.phone.credentialId,
    profile: 0,
    time_step: 0,
    drift_steps: 0,
    verified_at: "2026-01-15T12:00:00.000Z",
  });
  const again = await desk.api.verify(desk.walletKey, code, "ref-1");
  assertEquals([again.status, again.body], [200, first.body]);
  assertEquals(said(await desk.pay("order-1", code)), "code-replayed");
  const other = await desk.onlineCode();
  assertEquals(
    said(await desk.api.verify(desk.walletKey, other, "ref-1")),
    "order-conflict",
  );
  // A refresh kills the code before it, used or not.
  assertEquals(said(await desk.pay("order-1", code)), "code-not-accepted");
  // What conflicted was not used up.
  assertEquals(said(await desk.pay("order-1", other)), "201");
});

Deno.test("online codes of another form are no codes", async () => {
  await using desk = await openDesk();
  const code = await desk.onlineCode();
  const spellings = [
    ` ${code}`,
    `${code} `,
    `${code}\n`,
    code.replace(/^90/, "90 "),
    code.slice(0, -1),
    `${code}0`,
    `91${code.slice(2)}`,
    code.replaceAll("0", "０"),
    code.replaceAll("0", "٠"),
    `+${code}`,
  ];
  for (const spelling of spellings) {
    assertEquals(said(await desk.pay("order-1", spelling)), "code-malformed");
  }
  assertEquals(said(await desk.pay("order-1", code)), "201");
});

Deno.test("no online code stands in the store or in the log", async () => {
  await using desk = await openDesk();
  const codes: string[] = [];
  for (let i = 0; i < 3; i++) codes.push(await desk.onlineCode());
  assertEquals(said(await desk.pay("order-1", codes[2]!)), "201");
  await desk.pay("order-2", codes[2]!);
  codes.push(await desk.onlineCode());
  await desk.api.verify(desk.walletKey, codes[3]!, "ref-1");
  codes.push(await desk.onlineCode());
  const bytes = new TextDecoder("latin1").decode(
    await storeBytes(desk.app.path),
  );
  const dump = dumpStore(desk.app.path).join("\n");
  for (const code of codes) {
    for (const secret of [code, code.slice(3)]) {
      assert(!dump.includes(secret));
      assert(!bytes.includes(secret));
      assert(!desk.app.logged.join("\n").includes(secret));
    }
  }
  // The scan would find it: a code's record is there, under its hash, and the
  // account names the live one.
  const records = storedValues(desk.app.path, "online");
  assertEquals(records.length, codes.length);
  const { online } = await peekAccount(desk.app.store, "alice");
  assert(records.some(({ name }) => name === `online:${online}`));
  assert(bytes.includes(online!));
});

Deno.test("what is stored of an online code ends with it", async () => {
  await using desk = await openDesk();
  const used = await desk.onlineCode();
  await desk.pay("order-1", used);
  await desk.onlineCode();
  const records = storedValues(desk.app.path, "online");
  assertEquals(
    records.map(({ expiresAtMs }) => expiresAtMs),
    Array(2).fill(desk.clock.ms + 60_000),
  );
});

Deno.test("a code issued by one edge is claimed on another", async () => {
  await using desk = await openDesk();
  await using second = await startApp({
    path: desk.app.path,
    clock: desk.clock,
    settings: limited({}),
  });
  const code = await desk.onlineCode();
  const paid = await second.api.pay(desk.merchant, {
    code,
    order_id: "order-1",
  });
  assertEquals(said(paid), "201");
  assertEquals(said(await desk.pay("order-2", code)), "code-replayed");
});

Deno.test("100 codes issued at once leave one that is good", async () => {
  await using desk = await openDesk();
  await using second = await startApp({
    path: desk.app.path,
    clock: desk.clock,
  });
  const issued = await Promise.all(
    Array.from(
      { length: 100 },
      (_, i) =>
        (i % 2 === 0 ? desk : second).api.call("POST", "/v1/online-codes", {
          key: desk.walletKey,
          body: { credential_id: desk.phone.credentialId },
        }),
    ),
  );
  assertEquals(tally(issued), { "201": 100 });
  // Only the one that is the credential's, and no record of the others that
  // could be claimed.
  const answers: Record<string, number> = {};
  for (const [i, { body }] of issued.entries()) {
    const answer = said(await desk.pay(`order-${i}`, body.code));
    answers[answer] = (answers[answer] ?? 0) + 1;
  }
  assertEquals(answers["201"], 1);
  assertEquals(await desk.balance(), 8_750);
});

Deno.test("issue() draws codes evenly, and draws again what would favor some", async () => {
  const drawn: bigint[] = [];
  await using desk = await openDesk({
    random: {
      bytes(length) {
        const bytes = crypto.getRandomValues(new Uint8Array(length));
        const next = length === 8 ? drawn.shift() : undefined;
        if (next !== undefined) {
          // The 50 bits before the last 14, which are of no account.
          const view = new DataView(bytes.buffer);
          const low = view.getBigUint64(0) & 0x3fffn;
          view.setBigUint64(0, next << 14n | low);
        }
        return bytes;
      },
    },
  });
  const codeOf = async (...numbers: bigint[]) => {
    drawn.push(...numbers);
    const code = await desk.onlineCode();
    assertEquals(drawn, []);
    return code;
  };
  const count = 10n ** 15n;
  assertEquals(await codeOf(count - 1n), `900${"9".repeat(15)}`);
  assertEquals(await codeOf(0n), `900${"0".repeat(15)}`);
  assertEquals(await codeOf(count, 2n ** 50n - 1n, 7n), "900000000000000007");
});
