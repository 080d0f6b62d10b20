import { assertEquals } from "@std/assert";
import type { Limits } from "../../edge/risk/limits.ts";
import type { Settings } from "../../edge/boot/settings.ts";
import { startApp, type TestApp, UNLIMITED } from "../support/world/app.ts";
import { pointedStore } from "../support/world/points/fail_points.ts";
import { FaultyStore } from "../support/store/faulty_store.ts";
import type { Api, TestPhone } from "../support/world/api.ts";
import { type Edges, everyStore, startEdges } from "../support/store/stores.ts";

/** Every payment waits for its customer. */
const ASKED: Limits = {
  ...UNLIMITED.limits,
  normal: { ...UNLIMITED.limits.normal, stepUpAboveMinor: 0 },
};

/** A key of a wallet system, or of none. */
async function keyOf(api: Api, wallet_system?: string): Promise<string> {
  const made = await api.must(201, "POST", "/v1/admin/wallet-keys", {
    key: api.adminKey,
    body: {
      name: "backend",
      ...(wallet_system !== undefined && { wallet_system }),
    },
  });
  return made.api_key;
}

/** Tries to enrol; the status and the `detail` of what came back. */
async function enrol(
  { api }: TestApp,
  key: string,
  account_id: string,
  device_id: string,
  { device }: TestPhone,
): Promise<[number, string | undefined]> {
  const { status, body } = await api.call("POST", "/v1/enrolments", {
    key,
    body: { account_id, device_id, device_key: device.publicJwk },
  });
  return [status, body.detail];
}

for (const [store, factory] of everyStore()) {
  const test = (
    name: string,
    body: (edges: Edges) => Promise<void>,
    settings: Partial<Settings> = {},
  ) =>
    Deno.test(`${name}, over ${store}`, async () => {
      await using edges = await startEdges(factory, 1, { settings });
      await body(edges);
    });

  test("a wallet key finds the enrolments of its own system and no others", async ({ apps }) => {
    const { api } = apps[0];
    const north = await keyOf(api, "north");
    const south = await keyOf(api, "south");
    const all = await keyOf(api);
    const phones = {
      north: await api.enrol(north, "alice", "phone-a"),
      south: await api.enrol(south, "bob", "phone-b"),
      none: await api.enrol(all, "carol", "phone-c"),
    };
    const keys = { north, south, all };
    const calls = (id: string) =>
      [
        ["GET", `/v1/enrolments/${id}`],
        ["PATCH", `/v1/enrolments/${id}`, { risk: "normal" }],
        ["POST", "/v1/online-codes", { credential_id: id }],
        ["DELETE", `/v1/enrolments/${id}`],
      ] as const;
    for (const [system, { credentialId }] of Object.entries(phones)) {
      for (const [holder, key] of Object.entries(keys)) {
        if (holder === "all" || holder === system) continue;
        for (const [method, path, body] of calls(credentialId)) {
          const { status, body: answer } = await api.call(method, path, {
            key,
            ...(body !== undefined && { body }),
          });
          assertEquals([status, answer.code], [404, "not-found"], path);
        }
      }
      for (const key of [keys[system as "north"], all]) {
        if (key === undefined) continue;
        const expected = [200, 200, 201];
        for (const [i, status] of expected.entries()) {
          const [method, path, body] = calls(credentialId)[i]!;
          await api.must(status, method, path, {
            key,
            ...(body !== undefined && { body }),
          });
        }
      }
    }
    await api.must(
      204,
      "DELETE",
      `/v1/enrolments/${phones.north.credentialId}`,
      {
        key: north,
      },
    );
  });

  test("a code of another system's customer is nobody's, and is not used up", async ({ apps, clock }) => {
    const [app] = apps;
    const { api } = app;
    const north = await keyOf(api, "north");
    const south = await keyOf(api, "south");
    const phone = await api.enrol(north, "alice", "phone-a");
    const bob = await api.enrol(south, "bob", "phone-b");
    const code = phone.code(clock.ms);
    const online = await api.must(201, "POST", "/v1/online-codes", {
      key: north,
      body: { credential_id: phone.credentialId },
    });
    const wrong = await api.verify(south, "901000000000000000", "ref-1");
    for (const [i, shown] of [code, online.code].entries()) {
      const { status, body } = await api.verify(south, shown, `ref-${i}`);
      assertEquals(status, 422);
      assertEquals({ ...body, instance: "" }, { ...wrong.body, instance: "" });
    }
    // References of one name are apart, too.
    const own = await api.verify(north, code, "ref-0");
    assertEquals([own.status, own.body.account_id], [200, "alice"]);
    assertEquals((await api.verify(north, online.code, "ref-1")).status, 200);
    assertEquals((await api.verify(north, code, "ref-0")).body, own.body);
    const other = await api.verify(south, bob.code(clock.ms), "ref-0");
    assertEquals([other.status, other.body.account_id], [200, "bob"]);
  });

  test(
    "what waits for another system's customer is neither seen nor approved",
    async ({ apps, clock }) => {
      const { api } = apps[0];
      const north = await keyOf(api, "north");
      const south = await keyOf(api, "south");
      const phone = await api.enrol(north, "alice", "phone-a");
      await api.enrol(south, "bob", "phone-b");
      await api.setBalance("alice", 10_000);
      const merchant = await api.merchant();
      const paid = await api.pay(merchant, {
        code: phone.code(clock.ms),
        order_id: "order-1",
      });
      assertEquals([paid.status, paid.body.code], [402, "payment-pending"]);
      const list = async (key: string) =>
        (await api.must(200, "GET", "/v1/confirmations?account_id=alice", {
          key,
        })).confirmations.length;
      assertEquals([await list(south), await list(north)], [0, 1]);
      const approve = (key: string) =>
        api.call(
          "POST",
          `/v1/payments/${paid.body.payment_id}/confirmation`,
          { key, body: { approve: true } },
        );
      assertEquals((await approve(south)).status, 404);
      assertEquals(await api.balance("alice"), 10_000);
      assertEquals((await approve(north)).body.status, "succeeded");
      assertEquals((await approve(south)).status, 404);
    },
    { limits: ASKED },
  );

  test("no system takes another one's account or device", async ({ apps }) => {
    const [app] = apps;
    const { api } = app;
    const north = await keyOf(api, "north");
    const south = await keyOf(api, "south");
    const all = await keyOf(api);
    const alice = await api.enrol(north, "alice", "phone-a");
    const carol = await api.enrol(all, "carol", "phone-c");
    const account = "The account is enrolled by another wallet system.";
    const device = "The device is enrolled by another wallet system.";
    const by = (key: string, accountId: string, deviceId: string) =>
      enrol(app, key, accountId, deviceId, alice);
    assertEquals(await by(south, "alice", "phone-x"), [403, account]);
    assertEquals(await by(south, "bob", "phone-a"), [403, device]);
    assertEquals(await by(south, "carol", "phone-x"), [403, account]);
    assertEquals(await by(north, "bob", "phone-c"), [403, device]);
    for (const { credentialId } of [alice, carol]) {
      const { status } = await api.must(
        200,
        "GET",
        `/v1/enrolments/${credentialId}`,
        { key: all },
      );
      assertEquals(status, "active");
    }
    // Revoked, an account stays with its system; one without is free.
    for (const { credentialId } of [alice, carol]) {
      await api.must(204, "DELETE", `/v1/enrolments/${credentialId}`, {
        key: all,
      });
    }
    assertEquals((await by(south, "alice", "phone-x"))[0], 403);
    assertEquals((await by(south, "carol", "phone-c"))[0], 201);
    assertEquals((await by(north, "carol", "phone-y"))[0], 403);
    // A key without a system leaves each account where it is.
    assertEquals((await by(all, "alice", "phone-a"))[0], 201);
    assertEquals((await by(south, "alice", "phone-a"))[0], 403);
    assertEquals((await by(north, "alice", "phone-z"))[0], 201);
  });
}

for (const [store, factory] of everyStore()) {
  for (
    const [taken, mine, theirs] of [
      ["account", ["alice", "phone-x"], ["alice", "phone-a"]],
      ["device", ["bob", "phone-a"], ["alice", "phone-a"]],
    ] as const
  ) {
    Deno.test(`no system takes the ${taken} that another one enrols before its commit, over ${store}`, async () => {
      let enrolTheirs: (() => Promise<void>) | null = null;
      await using edges = await startEdges(factory, 1, {
        wrapStore: (store) =>
          pointedStore(store, async (point) => {
            if (point !== "before txn credential") return;
            const next = enrolTheirs;
            enrolTheirs = null;
            await next?.();
          }),
      });
      const [app] = edges.apps;
      const { api } = app;
      const north = await keyOf(api, "north");
      const south = await keyOf(api, "south");
      const other = await api.enrol(south, "dora", "phone-d");
      let owner: TestPhone | undefined;
      enrolTheirs = async () => {
        owner = await api.enrol(north, ...theirs);
      };
      assertEquals(await enrol(app, south, mine[0], mine[1], other), [
        403,
        `The ${taken} is enrolled by another wallet system.`,
      ]);
      assertEquals(enrolTheirs, null);
      const found = await api.must(
        200,
        "GET",
        `/v1/enrolments/${owner!.credentialId}`,
        { key: north },
      );
      assertEquals(found.status, "active");
      const code = owner!.code(edges.clock.ms);
      assertEquals((await api.verify(north, code, "ref-1")).status, 200);
    });
  }
}

Deno.test("another system's code and a wrong one cost the same reads and one guess", async () => {
  let traced!: FaultyStore;
  await using app = await startApp({
    wrapStore: (store) => traced = new FaultyStore(store),
    settings: { walletBadCodes: { perMinute: 100, perDay: 100 } },
  });
  const { api, clock } = app;
  const north = await keyOf(api, "north");
  const south = await keyOf(api, "south");
  const phone = await api.enrol(north, "alice", "phone-a");
  const code = phone.code(clock.ms);
  // The same bucket, and a tag that is nobody's.
  const wrong = `${code.slice(0, -1)}${(Number(code.at(-1)) + 1) % 10}`;
  const steps = async (shown: string, reference: string) => {
    traced.plan();
    assertEquals((await api.verify(south, shown, reference)).status, 422);
    return [...traced.trace];
  };
  // The first ones read the key, the bucket and a lease of guesses.
  await steps(wrong, "ref-1");
  await steps(wrong, "ref-2");
  const [miss, foreign] = [
    await steps(wrong, "ref-3"),
    await steps(code, "ref-4"),
  ];
  assertEquals(miss.filter((step) => step === "read credential").length, 1);
  assertEquals(
    foreign.filter((step) => step === "read credential").length,
    1,
  );
  // Each of the four was paid for, and so are all that follow.
  let others = 0;
  while ((await api.verify(south, code, `ref-more-${others}`)).status === 422) {
    others++;
  }
  assertEquals(4 + others, 100);
});
