import { assertEquals, assertRejects } from "@std/assert";
import {
  type Profile,
  PROFILE_1,
  PROFILE_2,
  profilesOf,
} from "../../edge/code/profile.ts";
import type { Api } from "../support/world/api.ts";
import { startServer } from "../support/world/server.ts";
import { NOON_MS, startApp } from "../support/world/app.ts";
import { setScene } from "../support/world/scene.ts";
import { codeAt } from "../support/world/wallet.ts";

/** An edge that serves both profiles and enrols in one of them. */
const serving = (enrolmentProfile: Profile) => ({
  profiles: profilesOf([PROFILE_1, PROFILE_2]),
  enrolmentProfile,
});

Deno.test("an edge that serves both MACs takes payments of customers of either, each code once", async () => {
  await using old = await startApp({ settings: serving(PROFILE_1) });
  const { merchant, phone, walletKey } = await setScene(old.api);
  await using edge = await startApp({
    path: old.path,
    clock: old.clock,
    settings: serving(PROFILE_2),
  });
  const { api } = edge;
  const bob = await api.enrol(walletKey, "bob", "phone-b");
  assertEquals([phone.seed.profile, bob.seed.profile], [1, 2]);
  await api.setBalance("bob", 10_000);
  for (const [name, it] of Object.entries({ alice: phone, bob })) {
    const digits = it.code(NOON_MS);
    assertEquals(digits.slice(0, 3), name === "alice" ? "901" : "902");
    const pay = (order: string) =>
      api.pay(merchant, { code: digits, order_id: `${name}-${order}` });
    assertEquals((await pay("1")).status, 201);
    assertEquals((await pay("2")).body.code, "code-replayed");
  }
  assertEquals(await api.balance("alice"), 8_750);
  assertEquals(await api.balance("bob"), 8_750);
});

Deno.test("a code of one MAC is not accepted as one of the other", async () => {
  await using edge = await startApp({ settings: serving(PROFILE_2) });
  const { api } = edge;
  const { merchant, phone } = await setScene(api);
  for (const profile of [1, 3]) {
    const { status, body } = await api.pay(merchant, {
      code: codeAt({ ...phone.seed, profile }, NOON_MS),
      order_id: `order-${profile}`,
    });
    // Profile 1 is served, but nobody is in that bucket; 3 is not served.
    assertEquals(
      [status, body.code],
      [422, profile === 1 ? "code-not-accepted" : "code-malformed"],
    );
  }
});

Deno.test("GET /v1/admin/profiles counts live credentials, and a renewal moves a phone to the configured profile", async () => {
  await using old = await startApp({ settings: serving(PROFILE_1) });
  const { merchant, phone, walletKey } = await setScene(old.api);
  const list = async (api: Api) =>
    (await api.must(200, "GET", "/v1/admin/profiles", { key: api.adminKey }))
      .profiles.map((it: Record<string, unknown>) => Object.values(it));
  assertEquals(await list(old.api), [[1, "enrols", 1], [2, "served", 0]]);
  await using edge = await startApp({
    path: old.path,
    clock: old.clock,
    settings: serving(PROFILE_2),
  });
  const { api } = edge;
  await api.enrol(walletKey, "bob", "phone-b");
  assertEquals(await list(api), [[1, "served", 1], [2, "enrols", 1]]);
  const renewed = await api.renew(walletKey, phone);
  assertEquals(renewed.seed.profile, 2);
  assertEquals(await list(api), [[1, "served", 0], [2, "enrols", 2]]);
  // The old seed goes on until the first code of the new one.
  const pay = (code: string, order: string) =>
    api.pay(merchant, { code, order_id: order });
  assertEquals((await pay(phone.code(NOON_MS), "1")).status, 201);
  edge.clock.advance(30_000);
  assertEquals((await pay(renewed.code(edge.clock.ms), "2")).status, 201);
  edge.clock.advance(30_000);
  assertEquals(
    (await pay(phone.code(edge.clock.ms), "3")).body.code,
    "code-not-accepted",
  );
  await api.must(204, "DELETE", `/v1/enrolments/${phone.credentialId}`, {
    key: walletKey,
  });
  assertEquals(await list(api), [[1, "served", 0], [2, "enrols", 1]]);
});

Deno.test("a start without a profile that has live credentials is refused with their number", async () => {
  const folder = await Deno.makeTempDir({ prefix: "offcode-profiles-" });
  const start = (profiles: string) =>
    startServer({ folder, env: { OFFCODE_PROFILES: profiles } });
  try {
    {
      await using server = await start("2,1");
      const walletKey = await server.api.walletKey();
      for (const name of ["alice", "bob"]) {
        const { seed } = await server.api.enrol(walletKey, name, name);
        assertEquals(seed.profile, 2);
      }
    }
    for (
      const [profiles, sentence] of [
        [
          "1",
          "OFFCODE_PROFILES lacks profiles that have live credentials: 2 (2). Codes of these customers would be refused",
        ],
        ["2,7", "OFFCODE_PROFILES: the core implements 1, 2 and not 7"],
      ] as const
    ) await assertRejects(() => start(profiles), Error, sentence);
    // Without the profile that nobody has, it starts.
    await using server = await start("2");
    assertEquals((await server.api.call("GET", "/readyz")).status, 200);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
