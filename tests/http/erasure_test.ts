import { packId } from "../../edge/base/ids.ts";
import { assert, assertEquals } from "@std/assert";
import type { Scene } from "../support/world/scene.ts";
import type { TestPhone } from "../support/world/api.ts";
import { startApp, type TestApp, UNLIMITED } from "../support/world/app.ts";
import { calls, openDesk, said, stateOf } from "../support/world/desk.ts";
import { peekAccount } from "../support/world/peek.ts";
import { HoldAt } from "../support/world/points/fail_points.ts";
import { setScene } from "../support/world/scene.ts";
import { openPaymentWorld } from "../support/world/world.ts";
import { dumpStore } from "../support/store/dump.ts";
import { sqliteFactory } from "../support/store/sqlite.ts";

const STEP_MS = 30_000;
const HOUR_MS = 3_600_000;

const PATH = "/v1/accounts/alice";

async function openScene(settings: Parameters<typeof startApp>[0] = {}) {
  const app = await startApp(settings);
  const scene: Scene = await setScene(app.api);
  const { merchant, walletKey: key } = scene;
  let orders = 0;
  return {
    ...scene,
    app,
    erase: async (by = key) =>
      said(await app.api.call("DELETE", PATH, { key: by })),
    async pay(phone: TestPhone, amount_minor = 1_000) {
      app.clock.advance(STEP_MS);
      const code = phone.code(app.clock.ms);
      const order_id = `order-${++orders}`;
      return said(
        await app.api.pay(merchant, { code, order_id, amount_minor }),
      );
    },
    enrol: (device = "new") => app.api.enrol(key, "alice", device),
    account: () => app.api.must(200, "GET", PATH, { key }),
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  };
}

/** The names of the records in which a text is found. */
const recordsWith = ({ path }: TestApp, text: string) =>
  dumpStore(path).filter((row) => row.includes(text));

Deno.test("erasing an account removes account, credentials of now and before, devices and seeds; its codes are dead", async () => {
  await using scene = await openScene();
  const { app, phone, walletKey: key, pay } = scene;
  const phones = [phone];
  for (const device of ["phone-b", "phone-c", "phone-d"]) {
    const next = await scene.enrol(device);
    phones.push(next);
    if (device === "phone-b") {
      const path = `/v1/enrolments/${next.credentialId}`;
      await app.api.must(204, "DELETE", path, { key });
    }
  }
  const renewed = await app.api.renew(key, phones.at(-1)!);
  await app.api.must(201, "POST", "/v1/online-codes", {
    key,
    body: { credential_id: renewed.credentialId },
  });
  assertEquals(await scene.erase(), "204");
  for (const { credentialId, deviceId } of phones) {
    assertEquals(recordsWith(app, credentialId), []);
    assertEquals(recordsWith(app, packId(credentialId)), []);
    assertEquals(recordsWith(app, deviceId), []);
  }
  // The sandbox's book is the ledger's own.
  const rows = recordsWith(app, "alice").filter((row) => !/sandbox/.test(row));
  assertEquals(rows, []);
  for (const it of [...phones, renewed]) {
    assertEquals(await pay(it), "code-not-accepted");
  }
  const gone = { key };
  await app.api.must(404, "GET", PATH, gone);
  await app.api.must(404, "GET", `/v1/enrolments/${phone.credentialId}`, gone);
});

Deno.test("erasing again is the same for 48 hours; what was never there, or is another system's, is not found", async () => {
  await using scene = await openScene();
  const { app } = scene;
  const keyOf = async (wallet_system: string) =>
    (await app.api.must(201, "POST", "/v1/admin/wallet-keys", {
      key: app.api.adminKey,
      body: { name: wallet_system, wallet_system },
    })).api_key;
  const [blue, red] = [await keyOf("blue"), await keyOf("red")];
  assertEquals(await scene.erase(blue), "not-found");
  await app.api.must(204, "DELETE", PATH, { key: scene.walletKey });
  await app.api.enrol(blue, "alice", "blue-phone");
  assertEquals(await scene.erase(red), "not-found");
  assertEquals(await scene.erase(blue), "204");
  assertEquals(await scene.erase(blue), "204");
  assertEquals(await scene.erase(red), "not-found");
  // Nor does the account become another's.
  const taken = await app.api.call("POST", "/v1/enrolments", {
    key: red,
    body: {
      account_id: "alice",
      device_id: "red-phone",
      device_key: scene.phone.device.publicJwk,
    },
  });
  assertEquals(said(taken), "forbidden");
  app.clock.advance(48 * HOUR_MS - 1);
  assertEquals(await scene.erase(blue), "204");
  app.clock.advance(1);
  assertEquals(await scene.erase(blue), "not-found");
});

Deno.test("erasing and enrolling again resets none of the limits of the day, nor the switch", async () => {
  const tier = {
    ...UNLIMITED.limits!.normal,
    perDayMinor: 2_500,
    offlineUses: 3,
  };
  const limits = { ...UNLIMITED.limits!, normal: tier };
  await using scene = await openScene({ settings: { limits } });
  const { app, phone, walletKey: key, pay } = scene;
  assertEquals(await pay(phone, 2_000), "201");
  await app.api.must(200, "PUT", `${PATH}/status`, {
    key,
    body: { offline_codes: "off" },
  });
  const before = await scene.account();
  assertEquals(await scene.erase(), "204");
  const again = await scene.enrol();
  const after = await scene.account();
  assertEquals(after.used_today, before.used_today);
  assertEquals(after.offline_codes, "off");
  assertEquals(await scene.erase(), "204");
  const third = await scene.enrol();
  assertEquals(await pay(again, 500), "code-not-accepted");
  await app.api.must(200, "PUT", `${PATH}/status`, {
    key,
    body: { offline_codes: "on" },
  });
  assertEquals(await pay(third, 501), "limit-exceeded");
  assertEquals(await pay(third, 500), "201");
  // It is forgotten where it is not enrolled again.
  assertEquals(await scene.erase(), "204");
  app.clock.advance(48 * HOUR_MS);
  await scene.enrol();
  assertEquals((await scene.account()).used_today, {
    count: 0,
    offline_uses: 0,
    amounts: [],
  });
});

Deno.test("a blocked account is blocked for good, erased or not", async () => {
  await using scene = await openScene();
  const { app, phone, walletKey: key } = scene;
  await app.api.must(200, "PATCH", `/v1/enrolments/${phone.credentialId}`, {
    key,
    body: { risk: "blocked" },
  });
  assertEquals(await scene.erase(), "204");
  app.clock.advance(400 * 24 * HOUR_MS);
  assertEquals(await scene.erase(), "204");
  const again = await scene.enrol();
  assertEquals((await scene.account()).risk, "blocked");
  assertEquals(await scene.pay(again), "payer-blocked");
});

Deno.test("what waits for the customer of an erased account is refused, and cannot be approved", async () => {
  const tier = { ...UNLIMITED.limits!.normal, stepUpAboveMinor: 500 };
  const limits = { ...UNLIMITED.limits!, normal: tier };
  await using scene = await openScene({ settings: { limits } });
  const { app, phone, walletKey: key, merchant } = scene;
  assertEquals(await scene.pay(phone, 1_000), "payment-pending");
  const list = () =>
    app.api.must(200, "GET", "/v1/confirmations?account_id=alice", { key });
  const { confirmations: [{ payment_id }] } = await list();
  assertEquals(await scene.erase(), "204");
  assertEquals((await list()).confirmations, []);
  const path = `/v1/payments/${payment_id}`;
  const answer = await app.api.call("POST", `${path}/confirmation`, {
    key,
    body: { approve: true },
  });
  assertEquals(said(answer), "payment-declined");
  const payment = await app.api.must(200, "GET", path, { key: merchant.key });
  assertEquals(payment.status, "declined");
  assertEquals(await app.api.balance("alice"), 10_000);
  // The answer wrote nothing of the account.
  await app.api.must(404, "GET", PATH, { key });
});

Deno.test("a payment that begins to wait after its account was erased cannot be approved, and can be refused", async () => {
  await using desk = await openDesk();
  const { ledger, walletKey: key } = desk;
  ledger.asks = "first";
  ledger.afterDebit = async () => {
    await desk.api.must(204, "DELETE", PATH, { key });
  };
  const { body } = await desk.pay("order-1", desk.code());
  assertEquals(body.code, "payment-pending");
  const yes = await desk.confirm(body.payment_id, true);
  assertEquals(said(yes), "not-found");
  assertEquals((await stateOf(desk))[0], "awaiting_confirmation");
  const no = await desk.confirm(body.payment_id, false);
  assertEquals([no.status, no.body.status], [200, "declined"]);
  assertEquals(await desk.balance(), 10_000);
  await desk.api.must(404, "GET", PATH, { key });
});

Deno.test("an approval that an erasure overtakes pays nothing, and brings nothing back", async () => {
  const tier = { ...UNLIMITED.limits!.normal, stepUpAboveMinor: 500 };
  const limits = { ...UNLIMITED.limits!, normal: tier };
  await using world = await openPaymentWorld(sqliteFactory, { limits });
  const { walletKey: key, phone, clock, store } = world;
  const till = calls(world, world.edge);
  const pending = await till.pay("order-1", phone.code(clock.ms), 1_000);
  assertEquals(said(pending), "payment-pending");
  const { payment_id } = await world.paymentOf("order-1");
  const approval = new HoldAt("before txn payment");
  const approving = await world.start({ reach: approval.reach });
  const yes = calls(world, approving).confirm(payment_id, true);
  await approval.held;
  // The account is gone, and what waits is not refused yet.
  const refusal = new HoldAt("before txn payment");
  const erasing = await world.start({ reach: refusal.reach });
  const erased = erasing.api.call("DELETE", PATH, { key });
  await refusal.held;
  approval.release();
  assertEquals(said(await yes), "not-found");
  assertEquals((await peekAccount(store, "alice")).seenOnlineMs, null);
  refusal.release();
  assertEquals(said(await erased), "204");
  assertEquals((await world.paymentOf("order-1")).status, "declined");
  assertEquals(world.ledger.takenFrom("alice"), 0);
});

Deno.test("a payment of an erased account is repeated and reversed as before, and brings nothing back", async () => {
  await using scene = await openScene();
  const { app, phone, merchant, walletKey: key } = scene;
  assertEquals(await scene.pay(phone, 1_000), "201");
  assertEquals(await scene.erase(), "204");
  const body = { order_id: "order-1" };
  await app.api.must(200, "POST", "/v1/reversals", { key: merchant.key, body });
  assertEquals(await app.api.balance("alice"), 10_000);
  await app.api.must(404, "GET", PATH, { key });
  assert(recordsWith(app, "account:alice").every((row) => /sandbox/.test(row)));
});
