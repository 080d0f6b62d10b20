import { assertEquals } from "@std/assert";
import {
  type Profile,
  PROFILE_1,
  PROFILE_2,
  profilesOf,
} from "../../edge/code/profile.ts";
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
