import { assert, assertEquals } from "@std/assert";
import { NOON_MS, type TestApp } from "../support/world/app.ts";
import { openCollision, PAIRS } from "../support/world/collision.ts";
import { guessLimits } from "../support/world/guesses/guesses.ts";
import { dumpStore } from "../support/store/dump.ts";

const STEP_MS = 30_000;

/** Everything in the store but the count of guesses, which a miss does cost. */
function recordsOf({ path }: TestApp): string[] {
  return dumpStore(path).filter((row) => !row.includes("oc:{0}:guesses:"));
}

function ambiguities(app: TestApp): string[][] {
  return app.logged.map((line) => JSON.parse(line))
    .filter(({ message }) => message === "code matched several credentials")
    .map(({ credentialIds }) => credentialIds.toSorted());
}

Deno.test("a code that two customers show costs a guess, like one of nobody", async () => {
  const { settings } = guessLimits(2);
  await using scene = await openCollision(PAIRS.sameStep, settings);
  const { api, merchant, walletKey, alice } = scene;
  const code = alice.code(NOON_MS);
  const said: string[] = [];
  for (const order_id of ["1", "2", "3"]) {
    said.push((await api.pay(merchant, { code, order_id })).body.code);
    said.push((await api.verify(walletKey, code, order_id)).body.code);
  }
  assertEquals(said, [
    ...Array(4).fill("code-ambiguous"),
    ...Array(2).fill("too-many-attempts"),
  ]);
});

for (
  const [what, pair, drift] of [
    ["in one step", PAIRS.sameStep, 0],
    ["in neighboring steps", PAIRS.nextStep, 1],
  ] as const
) {
  Deno.test(`a code that two customers show ${what} charges neither`, async () => {
    await using scene = await openCollision(pair);
    const { app, api, walletKey, merchant, alice, bob } = scene;
    const code = alice.code(NOON_MS);
    assertEquals(code, `9010000${pair.tag}`);
    assertEquals(bob.code(NOON_MS + drift * STEP_MS), code);
    // The bucket is loaded, so that the code itself is all that is looked at.
    await api.pay(merchant, { code: "901000000000000000", order_id: "1" });
    const before = recordsOf(app);
    const paid = await api.pay(merchant, { code, order_id: "1" });
    assertEquals(
      [paid.status, paid.body.code, paid.body.retry],
      [409, "code-ambiguous", "new-code"],
    );
    const verified = await api.verify(walletKey, code, "1");
    assertEquals([verified.status, verified.body.code], [
      409,
      "code-ambiguous",
    ]);
    assertEquals(recordsOf(app), before);
    assertEquals(await api.balance("alice"), 10_000);
    assertEquals(await api.balance("bob"), 10_000);

    // Both are named in the log, the code is not, nor in the answers.
    const both = [alice.credentialId, bob.credentialId].toSorted();
    assertEquals(ambiguities(app), [both, both]);
    const told = [...app.logged, paid.body, verified.body].map((it) =>
      JSON.stringify(it)
    );
    assert(told.every((text) => !text.includes(pair.tag)));
    for (const id of both) {
      assert(!JSON.stringify([paid.body, verified.body]).includes(id));
    }

    // The next codes are theirs alone.
    for (const [i, phone] of [alice, bob].entries()) {
      app.clock.ms = NOON_MS + 3 * STEP_MS;
      const { status } = await api.pay(merchant, {
        code: phone.code(app.clock.ms),
        order_id: `next-${i}`,
      });
      assertEquals(status, 201);
    }
    assertEquals(await api.balance("alice"), 8_750);
    assertEquals(await api.balance("bob"), 8_750);
  });
}

Deno.test("a used code never blocks another customer's equal code", async () => {
  for (const firstPays of [true, false]) {
    await using scene = await openCollision(PAIRS.tenLater);
    const { app, api, walletKey, merchant, alice, bob } = scene;
    const code = alice.code(NOON_MS);
    app.clock.ms = NOON_MS + 10 * STEP_MS;
    assertEquals(bob.code(app.clock.ms), code);
    app.clock.ms = NOON_MS;

    const first = firstPays
      ? await api.pay(merchant, { code, order_id: "first" })
      : await api.verify(walletKey, code, "first");
    assertEquals(first.status, firstPays ? 201 : 200);
    if (!firstPays) assertEquals(first.body.account_id, "alice");
    app.clock.ms = NOON_MS + 10 * STEP_MS;
    const second = await api.pay(merchant, { code, order_id: "second" });
    assertEquals(second.status, 201);
    assertEquals(await api.balance("alice"), firstPays ? 8_750 : 10_000);
    assertEquals(await api.balance("bob"), 8_750);
    // And each of them counts once.
    const replayed = await api.pay(merchant, { code, order_id: "third" });
    assertEquals(replayed.body.code, "code-replayed");
    assertEquals(ambiguities(app), []);
  }
});

Deno.test("a revoked customer makes no code ambiguous", async () => {
  await using scene = await openCollision(PAIRS.sameStep);
  const { api, walletKey, merchant, alice, bob } = scene;
  const code = alice.code(NOON_MS);
  const before = await api.pay(merchant, { code, order_id: "1" });
  assertEquals(before.body.code, "code-ambiguous");
  await api.must(204, "DELETE", `/v1/enrolments/${bob.credentialId}`, {
    key: walletKey,
  });
  assertEquals((await api.pay(merchant, { code, order_id: "1" })).status, 201);
  assertEquals(await api.balance("alice"), 8_750);
});

Deno.test("a wrong code burns nothing and stores nothing", async () => {
  await using scene = await openCollision(PAIRS.tenLater);
  const { app, api, walletKey, merchant, alice, bob } = scene;
  const right = alice.code(NOON_MS);
  const before = recordsOf(app);
  const tag = BigInt(right.slice(7));
  const wrong = [
    ...[1n, -1n, 10n, 10_000_000_000n].map((delta) =>
      right.slice(0, 7) +
      `${(tag + delta + 10n ** 11n) % 10n ** 11n}`.padStart(11, "0")
    ),
    alice.code(NOON_MS - 2 * STEP_MS),
    alice.code(NOON_MS + 2 * STEP_MS),
    `9010001${right.slice(7)}`,
    `901999900000000000`,
    `9110000${right.slice(7)}`,
    `9020000${right.slice(7)}`,
    right.slice(0, -1),
    `${right}0`,
    "",
  ];
  for (const code of wrong) {
    for (const order_id of ["order-1", "order-2"]) {
      const paid = await api.pay(merchant, { code, order_id });
      assertEquals(paid.status, 422, code);
      const verified = await api.verify(walletKey, code, order_id);
      assertEquals(verified.status, 422, code);
    }
  }
  assertEquals(recordsOf(app), before);
  for (const phone of [alice, bob]) {
    for (const drift of [-1, 0, 1]) {
      const { status } = await api.verify(
        walletKey,
        phone.code(NOON_MS + drift * STEP_MS),
        `${phone.accountId}${drift}`,
      );
      assertEquals(status, 200);
    }
  }
});
