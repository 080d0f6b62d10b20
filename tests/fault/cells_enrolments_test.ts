import { assert, assertEquals } from "@std/assert";
import { systemRandom } from "../../edge/base/clock.ts";
import { beginEpoch } from "../../edge/enrolment/device_epoch.ts";
import { accountKey, deviceKey } from "../../edge/store/keys.ts";
import type { Api, TestPhone } from "../support/world/api.ts";
import { NOON_MS, startApp, type TestApp } from "../support/world/app.ts";
import { CELLS, LateStore } from "../support/world/crossing.ts";
import { transactionName } from "../support/world/points/fail_points.ts";
import { peekAccount } from "../support/world/peek.ts";
import { FaultyStore } from "../support/store/faulty_store.ts";
import { testCells } from "../support/store/cells.ts";
import { CELLED_PROCESS_STORES } from "../support/store/process/process_stores.ts";
import { kill } from "../support/world/points/fail_points_kills.ts";
import { startStoppable } from "../support/world/points/fail_points_process.ts";
import { makeDevice } from "../support/world/wallet.ts";

const DAY_MS = 86_400_000;

/** Accounts of which no two share a cell. */
function accountsApart(count: number): string[] {
  const cells = testCells(CELLS);
  const found = new Map<number, string>();
  for (let i = 0; found.size < count; i++) {
    const account = `customer-${i}`;
    const cell = cells.cellOf(accountKey(account))!;
    if (!found.has(cell)) found.set(cell, account);
  }
  return [...found.values()];
}

async function openPhone() {
  let faulty!: FaultyStore;
  let late!: LateStore;
  const app = await startApp({
    cells: CELLS,
    wrapStore: (store) => faulty = new FaultyStore(late = new LateStore(store)),
  });
  const key = await app.api.walletKey();
  const live = (accounts: readonly string[]) => liveOf(app, accounts);
  return { app, key, faulty, late, live };
}

/** The accounts that have a live credential. */
async function liveOf(
  { store }: TestApp,
  accounts: readonly string[],
): Promise<string[]> {
  const found = await Promise.all(accounts.map((it) => peekAccount(store, it)));
  return accounts.filter((_, i) => found[i]!.credential !== null);
}

/** Enrols, or fails. Returns whether it was enrolled. */
const tryToEnrol = (api: Api, key: string, account: string) =>
  api.enrol(key, account, "phone").then(() => true, () => false);

Deno.test("accounts in different cells that follow each other on one phone are never live together", async () => {
  const accounts = accountsApart(3);
  const { app, key, live } = await openPhone();
  await using _ = app;
  for (const account of [...accounts, ...accounts]) {
    await app.api.enrol(key, account, "phone");
    assertEquals(await live(accounts), [account]);
  }
});

Deno.test("a phone of another wallet system is not taken by an account of another cell, nor left half taken", async () => {
  const [a, b, c] = accountsApart(3);
  const { app, late, live } = await openPhone();
  await using _ = app;
  const keyOf = async (wallet_system: string) =>
    (await app.api.must(201, "POST", "/v1/admin/wallet-keys", {
      key: app.api.adminKey,
      body: { name: wallet_system, wallet_system },
    })).api_key;
  const [blue, red] = [await keyOf("blue"), await keyOf("red")];
  await app.api.enrol(blue, a!, "phone");
  assertEquals(await tryToEnrol(app.api, red, b!), false);
  assertEquals(await live([a!, b!]), [a]);
  // The phone begins to go to another account of its system, and does not get there.
  late.keeps = "txn fence";
  assertEquals(await tryToEnrol(app.api, blue, c!), false);
  late.keeps = null;
  assertEquals(await tryToEnrol(app.api, red, b!), false);
  assertEquals(await live([a!, b!, c!]), [a]);
});

Deno.test("an enrolment that fails at any step leaves at most one account live on a phone, and can be repeated", async () => {
  const accounts = accountsApart(3);
  const [a, b, c] = accounts;
  const { app, key, faulty, live } = await openPhone();
  await using _ = app;
  for (const mode of ["before", "after"] as const) {
    for (let at = 0;; at++) {
      faulty.plan();
      await app.api.enrol(key, a!, "phone");
      faulty.plan({ at, mode });
      await tryToEnrol(app.api, key, b!);
      const steps = faulty.trace.length;
      faulty.plan();
      assertEquals((await live(accounts)).length <= 1, true, `${mode} ${at}`);
      // Another account takes the phone, whatever was left unsettled.
      await app.api.enrol(key, c!, "phone");
      assertEquals(await live(accounts), [c], `${mode} ${at}`);
      if (at >= steps) break;
    }
  }
});

Deno.test("an enrolment that arrives after another account has taken the phone enrols nobody", async () => {
  const accounts = accountsApart(2);
  const [a, b] = accounts;
  const { app, key, late, live } = await openPhone();
  await using _ = app;
  // E3 of the first account does not arrive.
  late.keeps = "txn credential";
  assertEquals(await tryToEnrol(app.api, key, a!), false);
  late.keeps = null;
  assertEquals(late.kept.length, 1);
  await app.api.enrol(key, b!, "phone");
  assertEquals(await live(accounts), [b]);
  // A fence is kept for a week.
  app.clock.advance(7 * DAY_MS - 1);
  assertEquals(await late.deliver(), 0);
  assertEquals(await live(accounts), [b]);
});

/**
 * What comes between two steps of an enrolment of `b`, of the next transaction of this
 * name: before it, or behind it.
 */
const BETWEEN: Record<
  string,
  readonly [name: string, isBefore: boolean, what: "enrols" | "renews"]
> = {
  "takes the phone before its first step": ["txn device", true, "enrols"],
  "takes the phone behind its first step": ["txn device", false, "enrols"],
  "gets another seed before its second step": ["txn fence", true, "renews"],
};

for (const [does, [name, isBefore, what]] of Object.entries(BETWEEN)) {
  Deno.test(`an enrolment leaves one account live on a phone, although another account ${does}`, async () => {
    const accounts = accountsApart(2);
    const [a, b] = accounts;
    const { app, key, late, live } = await openPhone();
    await using _ = app;
    const phone = what === "renews"
      ? await app.api.enrol(key, a!, "phone")
      : null;
    const txn = late.txn.bind(late);
    let happened = false;
    late.txn = async (transaction) => {
      if (transactionName(transaction) !== name || happened) {
        return await txn(transaction);
      }
      happened = true;
      const result = isBefore ? null : await txn(transaction);
      if (phone === null) await app.api.enrol(key, a!, "phone");
      else await app.api.renew(key, phone);
      return result ?? await txn(transaction);
    };
    await app.api.enrol(key, b!, "phone");
    assert(happened);
    assertEquals(await live(accounts), [b]);
  });
}

Deno.test("a process that takes a phone from an account of another cell loads the account's bucket again", async () => {
  const [a, b] = accountsApart(2);
  const { app, key } = await openPhone();
  await using _ = app;
  const { seed } = await app.api.enrol(key, a!, "phone");
  const changed: number[] = [];
  const deps = {
    ...{ store: app.store, clock: app.clock, random: systemRandom },
    onBucketChange: (_: number, bucket: number) => void changed.push(bucket),
  };
  const ids = { account_id: b!, device_id: "phone" };
  await beginEpoch(deps, ids, undefined);
  assertEquals(changed, [seed.bucket]);
});

Deno.test("an account that leaves a phone for another one leaves it to the account that has it by then", async () => {
  const accounts = accountsApart(3);
  const [a, b, c] = accounts;
  const { app, key, late, live } = await openPhone();
  await using _ = app;
  await app.api.enrol(key, a!, "phone");
  const txn = late.txn.bind(late);
  late.txn = async (transaction) => {
    const result = await txn(transaction);
    if (transactionName(transaction) === "txn credential") {
      late.txn = txn;
      await app.api.enrol(key, b!, "phone");
    }
    return result;
  };
  await app.api.enrol(key, a!, "another-phone");
  assertEquals(await live(accounts), [a, b]);
  // What says so does not end with what is kept of a phone without an account.
  app.clock.advance(9 * DAY_MS);
  await app.api.enrol(key, c!, "phone");
  assertEquals(await live(accounts), [a, c]);
});

Deno.test("an erasure leaves what another account has begun with a phone that the erased one had", async () => {
  const accounts = accountsApart(3);
  const [a, b, c] = accounts;
  const { app, key, late, live } = await openPhone();
  await using _ = app;
  await app.api.enrol(key, b!, "phone");
  await app.api.enrol(key, a!, "phone");
  late.keeps = "txn fence";
  assertEquals(await tryToEnrol(app.api, key, c!), false);
  late.keeps = null;
  await app.api.must(204, "DELETE", `/v1/accounts/${b}`, { key });
  await app.api.enrol(key, c!, "phone");
  assertEquals(await live(accounts), [c]);
});

Deno.test("a phone that nobody has is enrolled again by the account that lost it, for as long as its fence lasts", async () => {
  const accounts = accountsApart(2);
  const [a, b] = accounts;
  const { app, key, live } = await openPhone();
  await using _ = app;
  await app.api.enrol(key, a!, "phone");
  const { credentialId } = await app.api.enrol(key, b!, "phone");
  await app.api.must(204, "DELETE", `/v1/enrolments/${credentialId}`, { key });
  app.clock.advance(7 * DAY_MS - 1);
  await app.api.enrol(key, a!, "phone");
  assertEquals(await live(accounts), [a]);
});

/** How an account leaves a phone. */
const LEAVES: Record<
  string,
  (api: Api, key: string, a: TestPhone, b: string) => Promise<unknown>
> = {
  "another account takes it": (api, key, _, b) => api.enrol(key, b, "phone"),
  "it gets another phone": (api, key, { accountId }) =>
    api.enrol(key, accountId, "another-phone"),
  "it is revoked": (api, key, { credentialId }) =>
    api.must(204, "DELETE", `/v1/enrolments/${credentialId}`, { key }),
  "it is erased": (api, key, { accountId }) =>
    api.must(204, "DELETE", `/v1/accounts/${accountId}`, { key }),
};

for (const [how, leaves] of Object.entries(LEAVES)) {
  Deno.test(`the record of a phone does not name an account that has left it because ${how}`, async () => {
    const [a, b] = accountsApart(2);
    const { app, key } = await openPhone();
    await using _ = app;
    const phone = await app.api.enrol(key, a!, "phone");
    const keys = [deviceKey("phone")];
    const named = async () =>
      (await app.store.read({ keys })).values[0]!.includes(`"${a}"`);
    assertEquals(await named(), true);
    await leaves(app.api, key, phone, b!);
    assertEquals(await named(), false);
  });
}

Deno.test("three accounts in a circle on one phone, each killed at any step of its enrolment, are never live together", async () => {
  const accounts = accountsApart(3);
  const [a, b, c] = accounts;
  await using stores = await CELLED_PROCESS_STORES["SQLite in 8 cells"]!();
  await using folders = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir({ prefix: "offcode-kill-" });
  folders.defer(() => Deno.remove(folder, { recursive: true }));
  const callOf = (store: string, at: number) => ({
    ...{ store, at, settings: {}, nowMs: NOON_MS },
    verdict: "approve" as const,
  });
  const open = (store: string) => startStoppable(callOf(store, Infinity));
  const first = await stores.create(folder);
  let key: string;
  {
    await using app = (await open(first)).app;
    key = await app.api.walletKey();
    await app.api.enrol(key, a!, "phone");
  }
  const copy = async (name: string) => {
    await Deno.mkdir(`${folder}/${name}`);
    return await stores.copy(first, `${folder}/${name}`);
  };
  const { app: dry, hold } = await open(await copy("dry"));
  await dry.api.enrol(key, b!, "phone");
  const points = hold.trace.flatMap((name, at) =>
    name.includes("txn") ? [at] : []
  );
  await dry[Symbol.asyncDispose]();
  // E1, E2, E3 and what tidies up, before and after each.
  assert(points.length >= 8, hold.trace.join());
  const locations = await Promise.all(points.map((at) => copy(`${at}`)));
  const { publicJwk } = await makeDevice();
  for (const account of [b!, c!, a!]) {
    const body = { account_id: account, device_id: "phone" };
    await kill(locations.map((store, i) => ({
      ...callOf(store, points[i]!),
      request: {
        ...{ method: "POST", path: "/v1/enrolments", key },
        body: { ...body, device_key: publicJwk },
      },
    })));
    for (const [i, location] of locations.entries()) {
      await using app = (await open(location)).app;
      const live = await liveOf(app, accounts);
      assert(live.length <= 1, `${hold.trace[points[i]!]}: ${live}`);
    }
  }
  for (const location of locations) {
    await using app = (await open(location)).app;
    await app.api.enrol(key, b!, "phone");
    assertEquals(await liveOf(app, accounts), [b]);
  }
});
