import { assertEquals } from "@std/assert";
import { encodeBase64 } from "@std/encoding/base64";
import { type Profile, PROFILE_1 } from "../../edge/code/profile.ts";
import { NOON_MS, startApp } from "../support/world/app.ts";
import { oneBucket, setScene } from "../support/world/scene.ts";
import { codeAt } from "../support/world/wallet.ts";

const STEP_MS = 30_000;

Deno.test("pay() refuses a replay in every second until the code dies", async () => {
  await using app = await startApp({ nowMs: NOON_MS - STEP_MS });
  const { api, clock } = app;
  const { merchant, phone } = await setScene(api);
  const code = phone.code(NOON_MS);
  assertEquals((await api.pay(merchant, { code, order_id: "0" })).status, 201);
  const answers: string[] = [];
  for (let second = 1; second <= 95; second++) {
    clock.advance(1000);
    const { status, body } = await api.pay(merchant, {
      code,
      order_id: `${second}`,
    });
    answers.push(`${status} ${body.code}`);
  }
  // From 11:59:31 to 12:00:59 it is in its window, at 12:01:00 it is not.
  assertEquals(
    answers,
    [
      ...Array(89).fill("409 code-replayed"),
      ...Array(6).fill("422 code-not-accepted"),
    ],
  );
  assertEquals(await api.balance("alice"), 8_750);
});

Deno.test("pay() refuses a used code after the clock went back", async () => {
  await using app = await startApp();
  const { api, clock } = app;
  const { merchant, phone } = await setScene(api);
  const used = phone.code(NOON_MS + STEP_MS);
  assertEquals(
    (await api.pay(merchant, { code: used, order_id: "0" })).status,
    201,
  );
  for (const backMs of [1, 1_000, 29_000, 30_000, 60_000]) {
    clock.ms = NOON_MS - backMs;
    const now = Math.floor(clock.ms / STEP_MS);
    const noon = NOON_MS / STEP_MS;
    for (const step of [noon - 3, noon - 2, noon - 1, noon, noon + 1]) {
      const { status, body } = await api.pay(merchant, {
        code: phone.code(step * STEP_MS),
        order_id: `${backMs}-${step}`,
      });
      assertEquals(
        [status, body.code],
        Math.abs(step - now) <= 1
          ? [409, "code-replayed"]
          : [422, "code-not-accepted"],
      );
    }
  }
  assertEquals(await api.balance("alice"), 8_750);
  clock.ms = NOON_MS + 2 * STEP_MS;
  const next = await api.pay(merchant, {
    code: phone.code(clock.ms),
    order_id: "next",
  });
  assertEquals(next.status, 201);
});

Deno.test("pay() refuses everything while the edge's clock is an hour ahead", async () => {
  let storeMs = NOON_MS;
  await using app = await startApp({
    wrapStore: (store) => ({
      read: (request) => store.read(request),
      range: (query) => store.range(query),
      txn: (transaction) => store.txn(transaction),
      timeMs: () => Promise.resolve(storeMs),
      close: () => store.close(),
    }),
  });
  const { api, clock } = app;
  const { merchant, phone, walletKey } = await setScene(api);
  const statuses = async (order_id: string) => {
    const code = phone.code(clock.ms);
    const paid = await api.pay(merchant, { code, order_id });
    const ready = await api.call("GET", "/readyz");
    return [paid, ready].map(({ status, body }) => [status, body.code]);
  };
  assertEquals(await statuses("1"), [[201, undefined], [200, undefined]]);

  clock.advance(3_600_000);
  const unsure = [[503, "clock-unsure"], [503, "clock-unsure"]];
  assertEquals(await statuses("2"), unsure);
  const verified = await api.verify(walletKey, phone.code(clock.ms), "2");
  assertEquals(
    [verified.status, verified.body.code, verified.body.retry],
    [503, "clock-unsure", "same-order"],
  );
  assertEquals(verified.headers.get("retry-after"), "5");
  assertEquals(await api.balance("alice"), 8_750);

  // A difference of two seconds is borne, one of more is not.
  clock.ms = storeMs + 2_100;
  assertEquals(await statuses("2"), unsure);
  clock.ms = storeMs - 2_100;
  assertEquals(await statuses("2"), unsure);
  clock.ms = storeMs;
  storeMs += 2 * STEP_MS;
  clock.ms = storeMs - 1_900;
  assertEquals(await statuses("2"), [[201, undefined], [200, undefined]]);
});

/** `OFFCODE_MASTER_KEYS` with these keys, the first one seals. */
const ring = (...bytes: number[]) =>
  bytes.map((byte) =>
    `${byte === 7 ? "test" : `key-${byte}`}:${
      encodeBase64(new Uint8Array(32).fill(byte))
    }`
  ).join(",");

Deno.test("marks, orders and references outlive a rotation of the master key", async () => {
  await using old = await startApp({ masterKeys: ring(7) });
  const { phone, merchant, walletKey } = await setScene(old.api);
  const code = phone.code(NOON_MS);
  const verifiedCode = phone.code(NOON_MS - STEP_MS);
  const verified = await old.api.verify(walletKey, verifiedCode, "ref");
  const paid = await old.api.pay(merchant, { code, order_id: "order-1" });
  await old.api.setBalance("alice", 0);
  const poor = phone.code(NOON_MS + STEP_MS);
  const declined = await old.api.pay(merchant, {
    code: poor,
    order_id: "order-2",
  });
  assertEquals([verified.status, paid.status, declined.status], [
    200,
    201,
    422,
  ]);

  await using next = await startApp({
    path: old.path,
    clock: old.clock,
    masterKeys: ring(9, 7),
  });
  const { api, clock } = next;
  await api.setBalance("alice", 10_000);
  const replayed = await api.pay(merchant, { code, order_id: "order-3" });
  assertEquals(replayed.body.code, "code-replayed");
  const repeated = await api.pay(merchant, { code, order_id: "order-1" });
  assertEquals([repeated.status, repeated.body.payment_id], [
    200,
    paid.body.payment_id,
  ]);
  const again = await api.verify(walletKey, verifiedCode, "ref");
  assertEquals([again.status, again.body], [200, verified.body]);
  const other = await api.verify(walletKey, code, "ref");
  assertEquals(other.body.code, "order-conflict");
  const sameDecline = await api.pay(merchant, {
    code: poor,
    order_id: "order-2",
  });
  assertEquals(sameDecline.body.payment_id, declined.body.payment_id);
  assertEquals(await api.balance("alice"), 10_000);

  clock.advance(2 * STEP_MS);
  const fresh = { code: phone.code(clock.ms), order_id: "order-4" };
  assertEquals((await api.pay(merchant, fresh)).status, 201);
  // Sealed under the new key, and the old edges go on with theirs.
  const bob = await api.enrol(walletKey, "bob", "phone-b");
  const bobs = await api.verify(walletKey, bob.code(clock.ms), "bob");
  assertEquals(bobs.body.account_id, "bob");
  const replay = await old.api.pay(merchant, { ...fresh, order_id: "x" });
  assertEquals(replay.body.code, "code-replayed");
});

Deno.test("marks outlive a change of the profile's step size", async () => {
  const profiles = (changes: Partial<Profile>) => {
    const profile = { ...PROFILE_1, ...changes };
    return {
      profiles: new Map([[1, profile]]),
      enrolmentProfile: profile,
    };
  };
  await using app = await startApp();
  const { merchant, phone, walletKey } = await setScene(app.api);
  const { path, clock } = app;
  const first = await app.api.pay(merchant, {
    code: phone.code(NOON_MS),
    order_id: "order-1",
  });
  assertEquals(first.status, 201);

  for (const timeStepSeconds of [60, 15, 1]) {
    await using edge = await startApp({
      path,
      clock,
      settings: profiles({ timeStepSeconds }),
    });
    const stepMs = timeStepSeconds * 1000;
    const seed = { ...phone.seed, time_step_seconds: timeStepSeconds };
    // The mark stands at 12:00:30, whatever a step is called now.
    clock.ms = NOON_MS + 29_999;
    const answers: Record<string, unknown> = {};
    for (const drift of [-1, 0]) {
      const { status, body } = await edge.api.verify(
        walletKey,
        codeAt(seed, clock.ms + drift * stepMs),
        `${timeStepSeconds}${drift}`,
      );
      answers[drift] = body.code ?? status;
    }
    // A step of 60 s that is under way ends later than that.
    assertEquals(answers, {
      "-1": "code-replayed",
      "0": timeStepSeconds === 60 ? 200 : "code-replayed",
    });
    if (timeStepSeconds !== 60) continue;
    // From here the mark stands at 12:01:00, also for steps of 30 s.
    const late = await app.api.verify(
      walletKey,
      phone.code(NOON_MS + STEP_MS),
      "late",
    );
    assertEquals(late.body.code, "code-replayed");
  }
  clock.ms = NOON_MS + 2 * STEP_MS;
  const next = await app.api.pay(merchant, {
    code: phone.code(clock.ms),
    order_id: "next",
  });
  assertEquals(next.status, 201);
  assertEquals(await app.api.balance("alice"), 7_500);
});

Deno.test("two edges on one store verify the same customers, each code once", async () => {
  await using one = await startApp();
  await using two = await startApp({ path: one.path, clock: one.clock });
  const { merchant, phone, walletKey } = await setScene(one.api);
  const bob = await two.api.enrol(walletKey, "bob", "phone-b");
  const edges = [one, two];
  let reference = 0;
  for (const customer of [phone, bob]) {
    for (const [i, edge] of edges.entries()) {
      one.clock.advance(STEP_MS);
      const code = customer.code(one.clock.ms);
      const other = edges[1 - i]!;
      const verified = await edge.api.verify(walletKey, code, `${reference}`);
      assertEquals(verified.body.account_id, customer.accountId);
      const repeated = await other.api.verify(walletKey, code, `${reference}`);
      assertEquals(repeated.body, verified.body);
      const replayed = await other.api.pay(merchant, {
        code,
        order_id: `${reference++}`,
      });
      assertEquals(replayed.body.code, "code-replayed");
    }
  }
  const fresh = phone.code(one.clock.ms + STEP_MS);
  const paid = await two.api.pay(merchant, { code: fresh, order_id: "paid" });
  const repeated = await one.api.pay(merchant, {
    code: fresh,
    order_id: "paid",
  });
  assertEquals([paid.status, repeated.status], [201, 200]);
  assertEquals(repeated.body.payment_id, paid.body.payment_id);
  assertEquals(await one.api.balance("alice"), 8_750);
});

Deno.test("zeros at the head of prefix, bucket and tag are digits like others", async () => {
  const prefix = "01";
  await using app = await startApp({
    random: oneBucket,
    settings: { prefix },
  });
  const { api, clock } = app;
  const { merchant, phone, walletKey } = await setScene(api);
  assertEquals([phone.seed.prefix, phone.seed.bucket], [prefix, 0]);
  // One code in a thousand has a tag like this; the seed lives for 86 400.
  const within = (from: number) => {
    for (let ms = from; ms < from + 29 * 86_400_000; ms += STEP_MS) {
      const code = phone.code(ms);
      if (code.startsWith("0110000000")) return { code, ms };
    }
    throw new Error("No such code");
  };
  const first = within(NOON_MS + STEP_MS);
  const second = within(first.ms + STEP_MS);
  clock.ms = first.ms;
  const shown = first.code;
  const verified = await api.verify(walletKey, shown, "ref");
  assertEquals([shown.length, verified.status], [18, 200]);
  assertEquals(verified.body.account_id, "alice");
  clock.ms = second.ms;
  const stripped = second.code.replace(/^0+/, "");
  for (const code of [stripped, `0${second.code}`, second.code.slice(0, -1)]) {
    const { status, body } = await api.pay(merchant, { code, order_id: "1" });
    assertEquals([status, body.code], [422, "code-malformed"]);
  }
  const number = await api.pay(merchant, {
    code: Number(second.code),
    order_id: "1",
  });
  assertEquals(number.body.code, "malformed-request");
  const paid = await api.pay(merchant, { code: second.code, order_id: "1" });
  assertEquals(paid.status, 201);
});
