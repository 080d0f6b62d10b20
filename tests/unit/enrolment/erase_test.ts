/**
 * What changes of an account between the reading of an erasure and its
 * transaction: nothing of it is lost, and nothing of it stays.
 */

import { assertEquals } from "@std/assert";
import { decodeBase64Url } from "@std/encoding/base64url";
import { erasureKeys } from "../../../edge/enrolment/erased.ts";
import { readCustomers } from "../../../edge/risk/customers.ts";
import { credentialKey } from "../../../edge/store/keys.ts";
import { readRecords } from "../../../edge/store/record.ts";
import { StoreUnavailableError } from "../../../edge/store/store.ts";
import type { DeviceKey } from "../../../edge/vault/deliver.ts";
import { startApp, UNLIMITED } from "../../support/world/app.ts";
import { said } from "../../support/world/desk.ts";
import { pointedStore } from "../../support/world/points/fail_points.ts";
import { setScene } from "../../support/world/scene.ts";
import { dumpStore } from "../../support/store/dump.ts";

const STEP_MS = 30_000;
const PATH = "/v1/accounts/alice";

/** Alice with a phone, and a step that comes before one transaction of her edge. */
async function openScene() {
  let step: { point: string; run: () => Promise<unknown> } | null = null;
  const tier = { ...UNLIMITED.limits!.normal, stepUpAboveMinor: 5_000 };
  const app = await startApp({
    settings: { limits: { ...UNLIMITED.limits!, normal: tier } },
    wrapStore: (store) =>
      pointedStore(store, async (point) => {
        if (step?.point !== point) return;
        const { run } = step;
        step = null;
        await run();
      }),
  });
  const { walletKey: key, merchant, phone } = await setScene(app.api);
  let orders = 0;
  return {
    ...{ app, key, phone, merchant },
    /** Lets a step run before the next transaction that is named so. */
    before(point: string, run: () => Promise<unknown>) {
      step = { point, run };
    },
    /** Whether the step has run. */
    hasRun: () => step === null,
    erase: async (id = "alice") =>
      said(await app.api.call("DELETE", `/v1/accounts/${id}`, { key })),
    async pay(code: string, amount_minor = 1_000) {
      const order_id = `order-${++orders}`;
      const paid = await app.api.pay(merchant, {
        ...{ code, order_id, amount_minor },
      });
      return said(paid);
    },
    account: async () => {
      const { credential_id: _, seen_online_at: __, ...it } = await app.api
        .must(200, "GET", PATH, { key });
      return it;
    },
    onlineCode: async (): Promise<string> =>
      (await app.api.must(201, "POST", "/v1/online-codes", {
        key,
        body: { credential_id: phone.credentialId },
      })).code,
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  };
}

type Scene = Awaited<ReturnType<typeof openScene>>;

/** What happens meanwhile. */
const STEPS: Record<string, (scene: Scene) => Promise<unknown>> = {
  "a payment": async ({ app, phone, pay }) => {
    app.clock.advance(STEP_MS);
    assertEquals(await pay(phone.code(app.clock.ms)), "201");
  },
  "a block": ({ app, key, phone }) =>
    app.api.must(200, "PATCH", `/v1/enrolments/${phone.credentialId}`, {
      key,
      body: { risk: "blocked" },
    }),
  "an online code": ({ onlineCode }) => onlineCode(),
  "a payment by online code": async ({ onlineCode, pay }) =>
    assertEquals(await pay(await onlineCode()), "201"),
  "a renewal": ({ app, key, phone }) => app.api.renew(key, phone),
  "an enrolment": ({ app, key }) => app.api.enrol(key, "alice", "phone-b"),
  "a revocation": ({ app, key, phone }) =>
    app.api.must(204, "DELETE", `/v1/enrolments/${phone.credentialId}`, {
      key,
    }),
};

for (const [what, run] of Object.entries(STEPS)) {
  Deno.test(`an erasure loses nothing of ${what} that comes before its transaction, and leaves nothing of it`, async () => {
    await using scene = await openScene();
    const { app, phone, pay } = scene;
    assertEquals(await pay(phone.code(app.clock.ms)), "201");
    let expected: unknown;
    scene.before("before txn erasure-key", async () => {
      await run(scene);
      expected = await scene.account();
    });
    assertEquals(await scene.erase(), "204");
    assertEquals(scene.hasRun(), true);
    const left = dumpStore(app.path).filter((row) =>
      /"oc:\{0\}:(account|device|credential|online|bucket):/
        .test(row)
    );
    assertEquals(left, []);
    await app.api.enrol(scene.key, "alice", "phone-c");
    assertEquals(await scene.account(), expected);
  });
}

Deno.test("two first erasures at once remember both accounts", async () => {
  await using scene = await openScene();
  const { app, key, phone, pay } = scene;
  const bob = await app.api.enrol(key, "bob", "phone-of-bob");
  const block = (id: string) =>
    app.api.must(200, "PATCH", `/v1/enrolments/${id}`, {
      key,
      body: { risk: "blocked" },
    });
  await block(phone.credentialId);
  await block(bob.credentialId);
  scene.before("before txn erasure-key", async () => {
    assertEquals(await scene.erase("bob"), "204");
  });
  assertEquals(await scene.erase(), "204");
  assertEquals(scene.hasRun(), true);
  for (const account of ["alice", "bob"]) {
    const again = await app.api.enrol(key, account, `new-${account}`);
    assertEquals(await pay(again.code(app.clock.ms)), "payer-blocked");
  }
});

Deno.test("the first erasure draws the key of the hashes, which has 256 bits", async () => {
  await using scene = await openScene();
  const { store } = scene.app;
  const key = async () => (await readRecords(store, [erasureKeys()]))[0].value;
  assertEquals(await key(), null);
  assertEquals(await scene.erase(), "204");
  assertEquals(decodeBase64Url((await key())!).length, 32);
});

Deno.test("of two erasures of one account at once, both have erased it", async () => {
  await using scene = await openScene();
  scene.before("before txn erasure-key", async () => {
    assertEquals(await scene.erase(), "204");
  });
  assertEquals(await scene.erase(), "204");
  assertEquals(scene.hasRun(), true);
});

Deno.test("an erasure ends early where an earlier credential cannot be deleted, and ends when it is repeated", async () => {
  await using scene = await openScene();
  const { app, phone } = scene;
  // They are deleted in two parts, of which the second one fails.
  for (let i = 0; i < 51; i++) {
    const enrolled = await app.useCases.enrolments.enrol({
      ...{ accountId: "alice", deviceId: "phone-b", by: undefined },
      deviceKey: phone.device.publicJwk as DeviceKey,
    });
    assertEquals("kind" in enrolled, false);
  }
  const part = "before txn credential";
  scene.before(part, () => {
    scene.before(part, () => {
      throw new StoreUnavailableError("timeout");
    });
    return Promise.resolve();
  });
  assertEquals(await scene.erase(), "store-unavailable");
  assertEquals((await scene.account()).account_id, "alice");
  assertEquals(await scene.erase(), "204");
  const left = dumpStore(app.path).filter((row) => /:credential:/.test(row));
  assertEquals(left, []);
});

Deno.test("an erasure ends where the record of an earlier credential is over", async () => {
  await using scene = await openScene();
  const { app, key, phone } = scene;
  await app.api.enrol(key, "alice", "phone-b");
  await app.api.enrol(key, "alice", "phone-c");
  const record = credentialKey(phone.credentialId);
  await app.store.txn({
    checks: [],
    writes: [{ kind: "delete", key: record }],
  });
  assertEquals(await scene.erase(), "204");
  const left = dumpStore(app.path).filter((row) => /:credential:/.test(row));
  assertEquals(left, []);
});

Deno.test("an erasure remembers since when offline codes are counted", async () => {
  await using scene = await openScene();
  const { app, key, phone, merchant, pay } = scene;
  assertEquals(await pay(phone.code(app.clock.ms)), "201");
  app.clock.advance(STEP_MS);
  await scene.onlineCode();
  app.clock.advance(STEP_MS);
  assertEquals(await pay(phone.code(app.clock.ms)), "201");
  assertEquals(await scene.erase(), "204");
  await app.api.enrol(key, "alice", "phone-c");
  // The first offline code was before the online one, so it is counted no more.
  const body = { order_id: "order-1" };
  await app.api.must(200, "POST", "/v1/reversals", { key: merchant.key, body });
  assertEquals((await scene.account()).used_today.offline_uses, 1);
});

Deno.test("an erasure after a revocation leaves a phone to the account that has it now, and that account counted", async () => {
  await using scene = await openScene();
  const { app, key, phone } = scene;
  const path = `/v1/enrolments/${phone.credentialId}`;
  await app.api.must(204, "DELETE", path, { key });
  const bob = await app.api.enrol(key, "bob", phone.deviceId);
  const customers = async () =>
    (await readCustomers(app.store, app.clock.ms, 30 * 86_400)).get(1);
  assertEquals(await customers(), 1);
  assertEquals(await scene.erase(), "204");
  assertEquals(await customers(), 1);
  await app.api.enrol(key, "carol", phone.deviceId);
  const ended = await app.api.must(
    200,
    "GET",
    `/v1/enrolments/${bob.credentialId}`,
    { key },
  );
  assertEquals(ended.status, "revoked");
});

Deno.test("an erasure that is repeated refuses what the first one left waiting", async () => {
  await using scene = await openScene();
  const { app, key, phone, pay } = scene;
  assertEquals(
    await pay(phone.code(app.clock.ms), 6_000),
    "payment-pending",
  );
  const waiting = async () => {
    const path = "/v1/confirmations?account_id=alice";
    return (await app.api.must(200, "GET", path, { key })).confirmations.length;
  };
  scene.before("before txn payment", () => {
    throw new StoreUnavailableError("timeout");
  });
  assertEquals(await scene.erase(), "store-unavailable");
  assertEquals(await waiting(), 1);
  assertEquals(await scene.erase(), "204");
  assertEquals(await waiting(), 0);
});

Deno.test("an erasure that is not the caller's refuses nothing that waits for the customer", async () => {
  await using scene = await openScene();
  const { app, phone, pay } = scene;
  assertEquals(
    await pay(phone.code(app.clock.ms), 6_000),
    "payment-pending",
  );
  const { api_key: key } = await app.api.must(
    201,
    "POST",
    "/v1/admin/wallet-keys",
    {
      key: app.api.adminKey,
      body: { name: "another", wallet_system: "another" },
    },
  );
  await app.api.must(404, "DELETE", PATH, { key });
  const { confirmations } = await app.api.must(
    200,
    "GET",
    "/v1/confirmations?account_id=alice",
    { key: scene.key },
  );
  assertEquals(confirmations.length, 1);
});

/** Changes of an account's policy: method, path and body. */
const CHANGES = (credentialId: string) =>
  [
    ["PATCH", `/v1/enrolments/${credentialId}`, { risk: "restricted" }],
    ["PUT", `/v1/enrolments/${credentialId}/posture`, {
      rooted: true,
      attestation: "absent",
    }],
    ["PUT", `${PATH}/limits`, { currency: "EUR", count_per_day: 1 }],
    ["PUT", `${PATH}/status`, { offline_codes: "off" }],
  ] as const;

Deno.test("a change of policy that an erasure overtakes brings nothing of the account back", async () => {
  await using scene = await openScene();
  const { app, key } = scene;
  for (const nth of CHANGES("").keys()) {
    const { credentialId } = await app.api.enrol(key, "alice", "phone-b");
    const [method, path, body] = CHANGES(credentialId)[nth]!;
    scene.before("before txn account", async () => {
      assertEquals(await scene.erase(), "204");
    });
    const changed = await app.api.call(method, path, { key, body });
    assertEquals([path, said(changed)], [path, "not-found"]);
    assertEquals(scene.hasRun(), true);
    const left = dumpStore(app.path)
      .filter((row) => /:account:alice/.test(row));
    assertEquals(left, []);
  }
});
