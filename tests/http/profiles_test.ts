import { assertEquals, assertRejects } from "@std/assert";
import {
  type Profile,
  PROFILE_1,
  PROFILE_2,
  profilesOf,
} from "../../edge/code/profile.ts";
import { systemClock } from "../../edge/base/clock.ts";
import { binaries } from "../../edge/release/record.ts";
import { openSqliteStore } from "../../edge/store/sqlite/sqlite.ts";
import { until } from "../../scripts/redis_server.ts";
import { coreWithProfile3 } from "../support/code/odd_cores.ts";
import { generate } from "../support/code/generator.ts";
import {
  CORE_DESCRIPTION,
  CORE_WASM,
  manifestFor,
  signedBy,
} from "../support/code/releases.ts";
import type { Api } from "../support/world/api.ts";
import { startServer } from "../support/world/server.ts";
import { NOON_MS, startApp } from "../support/world/app.ts";
import { ReleaseDesk, SIGNERS } from "../support/world/release_desk.ts";
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
        [
          "2,7",
          "OFFCODE_PROFILES: the built-in core implements 1, 2 and not 7",
        ],
      ] as const
    ) await assertRejects(() => start(profiles), Error, sentence);
    // Without the profile that nobody has, it starts.
    await using server = await start("2");
    assertEquals((await server.api.call("GET", "/readyz")).status, 200);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** A core with a third profile, and its manifest. */
async function releaseWithProfile3() {
  const wasm = await coreWithProfile3();
  const { profiles, known_answers } = CORE_DESCRIPTION;
  const [known] = known_answers.tags;
  const tag_digits = 10;
  const { tag } = generate({
    seed: Uint8Array.fromHex(known!.seed),
    prefix: `${known!.prefix}`,
    ...{ profile: 3, bucket: known!.bucket, bucket_digits: 4, tag_digits },
  }, known!.step);
  const manifest = await manifestFor(wasm, {
    version: 2,
    profiles: [...profiles, { ...profiles[0]!, digit: 3, tag_digits }],
    known_answers: {
      ...known_answers,
      tags: [...known_answers.tags, { ...known!, profile: 3, tag_digits, tag }],
    },
  });
  return { wasm, signed: await signedBy(manifest, SIGNERS[0]) };
}

/** Runs `body` while the store of a folder has another binary in the place of this one. */
async function withOtherBinary(
  folder: string,
  wasm: Uint8Array<ArrayBuffer>,
  body: () => Promise<unknown>,
): Promise<void> {
  const path = `${folder}/data/offcode.db`;
  const store = openSqliteStore({ path, clock: systemClock });
  const hash = await crypto.subtle.digest("SHA-256", wasm);
  const place = binaries(new Uint8Array(hash).toHex());
  await store.txn({ checks: [], writes: [place.set(CORE_WASM)] });
  await body();
  await store.txn({ checks: [], writes: [place.set(wasm)] });
  await store.close();
}

Deno.test("a profile that the built-in core lacks is served while the active release has it, and never otherwise", async () => {
  const folder = await Deno.makeTempDir({ prefix: "offcode-profiles-" });
  await using stack = new AsyncDisposableStack();
  stack.defer(() => Deno.remove(folder, { recursive: true }));
  const start = async (profiles: string, env: Record<string, string> = {}) =>
    stack.use(
      await startServer({
        folder,
        env: {
          OFFCODE_PROFILES: profiles,
          OFFCODE_RELEASE_KEYS: SIGNERS[0].publicKey,
          OFFCODE_SHADOW_SECONDS: "0",
          OFFCODE_SHADOW_SEARCHES: "0",
          OFFCODE_ALLOW_BUILT_IN_CORE: "1",
          ...env,
        },
      }),
    );
  const lacks = "OFFCODE_PROFILES: the built-in core implements 1, 2 and not 3";
  await assertRejects(() => start("3,1"), Error, lacks);
  const old = await start("1");
  const desk = await ReleaseDesk.open(old.api);
  const { wasm, signed } = await releaseWithProfile3();
  const { body: { release_id: id } } = await desk.upload(signed, wasm);
  for (const step of ["shadow", "activate"]) {
    assertEquals((await desk.step(id, step)).status, 200);
  }

  const { api } = await start("3,1");
  const { merchant, phone } = await setScene(api);
  assertEquals(phone.seed.profile, 3);
  const pay = async (order: string, atMs: number) => {
    const { status, body } = await api.pay(merchant, {
      code: phone.code(atMs),
      order_id: order,
      amount_minor: 100 + order.length,
    });
    return body.code ?? status;
  };
  const nowMs = Date.now();
  assertEquals(await pay("1", nowMs), 201);
  // Other keys, and a store that does not answer.
  const other = { OFFCODE_RELEASE_KEYS: SIGNERS[1].publicKey };
  await assertRejects(() => start("3,1", other), Error, lacks);
  await assertRejects(
    () => start("3,1", { OFFCODE_STORE: "redis://127.0.0.1:1" }),
    Error,
    "The store could not be asked for the active core release",
  );

  // A release that cannot run here has no other core to fall back to.
  await withOtherBinary(folder, wasm, () =>
    assertRejects(
      () => start("3,1"),
      Error,
      "The active core release cannot serve here",
    ));

  // An edge that serves the profile does not go back to a core without it, whoever asks.
  const beside = await ReleaseDesk.open(api);
  assertEquals((await beside.rollback()).body.reason, "profiles");
  assertEquals((await desk.rollback()).status, 200);
  await until(async () => {
    const { body } = await api.call("GET", "/readyz");
    assertEquals(body.core.version, 2);
    return body.warnings?.[0]?.code === "core-release-unfit";
  }, "the edge does not say that it cannot go back");
  assertEquals(await pay("22", nowMs + 30_000), 201);
  await assertRejects(() => start("3,1"), Error, lacks);
});
