import { assertEquals } from "@std/assert";
import { until } from "../../scripts/redis_server.ts";
import { SERVER_STORES } from "../support/store/process/server_stores.ts";
import type { Api } from "../support/world/api.ts";
import { seeded } from "../support/world/points/seeded.ts";
import { ReleaseDesk, SIGNERS } from "../support/world/release_desk.ts";
import { ReleaseDrive } from "../support/world/release_drive.ts";

/**
 * The size of the drive. At full size it is
 * `DRIVE="300 8 4200" deno test -A --no-check tests/fault/core_releases_kill_test.ts`,
 * on a machine that does nothing else.
 */
const [PER_SECOND, PHASE_SECONDS, PHONES, SEED = 1] =
  (Deno.env.get("DRIVE") ?? "10 1 200").split(" ").map(Number) as [
    number,
    number,
    number,
    number?,
  ];
const EDGES = 3;
const ENV = {
  OFFCODE_RELEASE_KEYS: SIGNERS.map(({ publicKey }) => publicKey).join(),
  OFFCODE_SHADOW_SECONDS: "0",
  OFFCODE_SHADOW_SEARCHES: "1",
  // A search that was under way at an edge that is killed counts as a bad code. On a busy
  // machine there were more of them in a minute than the usual limit allows.
  OFFCODE_BAD_CODE_LIMIT: "10000",
};

/** Three edges that enrol in profile 2, and one that enrols in 1 and is not killed. */
async function openEdges(stack: AsyncDisposableStack) {
  const store = stack.use(await SERVER_STORES["Redis by TCP"]!());
  const start = async (profiles: string) =>
    stack.use(
      await store.server({
        env: { ...ENV, OFFCODE_PROFILES: profiles },
        limitMs: 600_000,
      }),
    );
  const old = await start("1,2");
  const edges = await Promise.all(
    Array.from({ length: EDGES }, () => start("2,1")),
  );
  const drive = new ReleaseDrive({
    edges,
    start: () => start("2,1"),
    merchant: await old.api.merchant(),
    random: seeded(SEED),
    perSecond: PER_SECOND,
    phaseMs: 1000 * PHASE_SECONDS,
  });
  return { api: old.api, edges, drive };
}

/** Enrols customers, half of them in each profile. */
async function enrolAll(
  drive: ReleaseDrive,
  apis: readonly Api[],
  walletKey: string,
): Promise<void> {
  for (let i = 0; i < PHONES; i += 10) {
    await Promise.all(Array.from({ length: 10 }, async (_, k) => {
      const api = apis[k % apis.length]!;
      const account = `account-${i + k}`;
      await drive.add(api, await api.enrol(walletKey, account, account));
    }));
  }
}

Deno.test("three edges that are killed at random take every payment of both profiles once, through shadow, activation, renewals and roll-back", async () => {
  await using stack = new AsyncDisposableStack();
  const { api, edges, drive } = await openEdges(stack);
  const walletKey = await api.walletKey();
  const desk = await ReleaseDesk.open(api);
  await enrolAll(drive, [api, edges[0]!.api], walletKey);
  /** Customers pay for a while; some of both profiles must have. */
  const phase = async () => {
    await new Promise((resolve) => setTimeout(resolve, 1000 * PHASE_SECONDS));
    await drive.paid([1, 2]);
  };
  const step = async (id: string, name: string) =>
    assertEquals((await desk.step(id, name)).status, 200);
  /** Waits until each edge has been seen to serve with a version. */
  const serve = async (version: number) => {
    for (const place of edges.keys()) {
      await until(
        async () => {
          const answer = edges[place]!.api.call("GET", "/readyz");
          const { body } = await answer.catch(() => ({ body: {} }));
          return body.core?.version === version;
        },
        `edge ${place} does not serve with version ${version}`,
      );
    }
  };

  drive.begin();
  await phase();
  const id = await desk.push({ version: 2 });
  await step(id, "shadow");
  await until(async () => {
    const { body } = await desk.get(id);
    assertEquals([body.state, body.differences], ["shadow", 0]);
    return body.searches > 0;
  }, "nothing was compared");
  await phase();
  await step(id, "activate");
  await serve(2);
  await phase();
  // Every second customer of profile 1 moves to profile 2.
  const old = drive.customers.filter(({ phone }) => phone.seed.profile === 1);
  for (const [i, customer] of old.entries()) {
    if (i % 2 === 0) await drive.renew(customer, walletKey);
  }
  for (const [i, { phone }] of old.entries()) {
    assertEquals(phone.seed.profile, i % 2 === 0 ? 2 : 1);
  }
  await phase();
  assertEquals((await desk.rollback()).status, 200);
  await serve(0);
  await phase();
  await step(id, "activate");
  await serve(2);
  await phase();
  await drive.end();

  for (const { phone, balance } of drive.customers) {
    assertEquals(await api.balance(phone.accountId), balance, phone.accountId);
  }
  console.log(
    `${drive.payments} payments in ${Math.round(drive.tookMs / 1000)} s, ` +
      `${drive.kills} kills, ${drive.expired} codes expired while no edge had ` +
      `time, the slowest payment took ${Math.round(drive.slowestMs)} ms`,
  );
});
