import { assertEquals } from "@std/assert";
import { until } from "../../scripts/redis_server.ts";
import { SERVER_STORES } from "../support/store/process/server_stores.ts";
import type { Answer, Api, TestPhone } from "../support/world/api.ts";
import { ReleaseDesk, SIGNERS } from "../support/world/release_desk.ts";
import type { TestServer } from "../support/world/server.ts";

/** Phones of each profile that pay in each phase. */
const PHONES = 6;
const EDGES = 3;
const ENV = {
  OFFCODE_RELEASE_KEYS: SIGNERS.map(({ publicKey }) => publicKey).join(),
  OFFCODE_SHADOW_SECONDS: "0",
  OFFCODE_SHADOW_SEARCHES: "1",
  // A killed edge takes the guess permits that it had leased with it.
  OFFCODE_BAD_CODE_LIMIT: "100000",
};

/** Makes a call at one edge after another until one answers that it was decided. */
async function insist(
  edges: readonly TestServer[],
  first: number,
  call: (api: Api) => Promise<Answer>,
): Promise<Answer> {
  for (let i = first;; i++) {
    try {
      const answer = await call(edges[i % edges.length]!.api);
      const isOpen = answer.status === 503 || answer.status === 402;
      if (!isOpen) return answer;
    } catch (error) {
      // The edge was killed; any other error is the test's.
      if (!(error instanceof TypeError)) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/**
 * Makes phones until one has a bucket of its own: an edge that has just read a
 * bucket knows of a seed that another edge adds only after five seconds.
 */
async function alone(
  buckets: Set<string>,
  make: () => Promise<TestPhone>,
): Promise<TestPhone> {
  for (;;) {
    const phone = await make();
    const bucket = `${phone.seed.profile} ${phone.seed.bucket}`;
    if (buckets.has(bucket)) continue;
    buckets.add(bucket);
    return phone;
  }
}

/** Three edges that enrol in profile 2, one that enrols in 1, and who pays there. */
async function openEdges(stack: AsyncDisposableStack) {
  const store = stack.use(await SERVER_STORES["Redis by TCP"]!());
  const start = async (profiles: string) =>
    stack.use(
      await store.server({ env: { ...ENV, OFFCODE_PROFILES: profiles } }),
    );
  // Seeds of profile 1 come from an edge that enrols in it.
  const old = await start("1,2");
  const walletKey = await old.api.walletKey();
  const merchant = await old.api.merchant();
  const desk = await ReleaseDesk.open(old.api);
  const edges = await Promise.all(
    Array.from({ length: EDGES }, () => start("2,1")),
  );
  let phase = 0;
  const expected = new Map<string, number>();
  const buckets = new Set<string>();
  let accounts = 0;

  async function enrol(api: Api, profile: number): Promise<TestPhone> {
    const phone = await alone(buckets, () => {
      const accountId = `acct-${accounts++}`;
      return api.enrol(walletKey, accountId, `phone-${accountId}`);
    });
    assertEquals(phone.seed.profile, profile);
    await api.setBalance(phone.accountId, 10_000);
    expected.set(phone.accountId, 10_000);
    return phone;
  }

  const renew = (api: Api, phone: TestPhone) =>
    alone(buckets, () => api.renew(walletKey, phone));

  async function pay(phone: TestPhone, i: number): Promise<void> {
    const { status, body } = await insist(edges, i, (api) =>
      api.pay(merchant, {
        code: phone.code(Date.now()),
        order_id: `${phase}-${phone.accountId}`,
      }));
    assertEquals([status, body.status], [
      status === 200 ? 200 : 201,
      "succeeded",
    ], body.code);
    expected.set(phone.accountId, expected.get(phone.accountId)! - 1_250);
  }

  /** New phones of both profiles pay, while an edge is killed and started again. */
  async function payAll(renewed: readonly TestPhone[] = []): Promise<void> {
    const phones = [...renewed];
    for (let i = 0; i < PHONES; i++) {
      phones.push(await enrol(old.api, 1), await enrol(edges[0]!.api, 2));
    }
    const victim = phase % EDGES;
    const killed = edges[victim]!.kill("SIGKILL").then(async () => {
      edges[victim] = await start("2,1");
    });
    await Promise.all([killed, ...phones.map(pay)]);
    phase++;
  }

  const serve = (version: number) =>
    until(async () => {
      const all = await Promise.all(edges.map(async ({ api }) => {
        const { body } = await api.call("GET", "/readyz");
        return body.core?.version === version;
      }));
      return all.every((it) => it);
    }, `the edges do not serve with version ${version}`);

  return { old, edges, desk, expected, enrol, renew, pay, payAll, serve };
}

Deno.test("three edges, one of them killed in each phase, pay both profiles through shadow, activation, renewals and roll-back, each order once", async () => {
  await using stack = new AsyncDisposableStack();
  const world = await openEdges(stack);
  const { old, edges, desk, enrol, renew, pay, payAll, serve } = world;
  await payAll();
  const id = await desk.push({ version: 2 });
  assertEquals((await desk.step(id, "shadow")).status, 200);
  await payAll();
  await until(async () => {
    const phone = await enrol(old.api, 1);
    await pay(phone, 0);
    const { body } = await desk.get(id);
    assertEquals([body.state, body.differences], ["shadow", 0]);
    return body.searches > 0;
  }, "nothing was compared");
  assertEquals((await desk.step(id, "activate")).status, 200);
  await payAll();
  await serve(2);
  const renewed = [];
  for (let i = 0; i < PHONES; i++) {
    const phone = await enrol(old.api, 1);
    const fresh = await renew(edges[i % EDGES]!.api, phone);
    assertEquals(fresh.seed.profile, 2);
    renewed.push(fresh);
  }
  await payAll(renewed);
  assertEquals((await desk.rollback()).status, 200);
  await payAll();
  await serve(0);
  assertEquals((await desk.step(id, "activate")).status, 200);
  await payAll();
  await serve(2);

  for (const [accountId, balance] of world.expected) {
    assertEquals(await old.api.balance(accountId), balance, accountId);
  }
});
