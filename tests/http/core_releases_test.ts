import { assertEquals } from "@std/assert";
import type { CoreManifest } from "../../edge/code/manifest.ts";
import { newReleaseKey } from "../../edge/code/manifest.ts";
import { PROFILE_1, profilesOf } from "../../edge/code/profile.ts";
import { retireForDifference } from "../../edge/release/steps.ts";
import { CORE_WASM, manifestOf, signedBy } from "../support/code/releases.ts";
import { startApp, type TestApp } from "../support/world/app.ts";
import { dumpStore } from "../support/store/dump.ts";
import { LossyStore } from "../support/store/lossy_store.ts";
import {
  activeRelease,
  countShadow,
  ReleaseDesk,
  releaseSettings,
  shadowRelease,
  SIGNERS,
} from "../support/world/release_desk.ts";

const HOUR_MS = 3_600_000;
const QUICK = { shadowMs: 0, shadowSearches: 0 };
const [alice, bob] = SIGNERS;
const noPause = () => Promise.resolve();

/** An edge and a desk; a release needs no time in shadow unless said otherwise. */
async function openEdge(
  release: Parameters<typeof releaseSettings>[0] = QUICK,
  options: Parameters<typeof startApp>[0] = {},
) {
  const app = await startApp({
    ...options,
    settings: { ...releaseSettings(release), ...options.settings },
  });
  return { app, desk: await ReleaseDesk.open(app.api) };
}

/** Of each release: its version, its state and why it is retired. */
async function states(desk: ReleaseDesk): Promise<unknown[]> {
  const { releases } = await desk.list();
  return releases.map((it: Record<string, unknown>) =>
    [it.version, it.state, it.retired_because].filter((x) => x !== undefined)
  );
}

/** That an answer is a refusal for this reason. */
function assertRejected(
  { status, body }: Awaited<ReturnType<ReleaseDesk["get"]>>,
  reason: string,
): void {
  assertEquals(
    [status, body.code, body.reason, body.retry],
    [422, "release-rejected", reason, "never"],
  );
}

/** Brings a version to `active`. */
async function activate(desk: ReleaseDesk, version: number): Promise<string> {
  const id = await desk.push({ version });
  for (const step of ["shadow", "activate"]) {
    assertEquals((await desk.step(id, step)).status, 200);
  }
  return id;
}

Deno.test("a release goes from upload over shadow to active, and back", async () => {
  const { app, desk } = await openEdge();
  await using _ = app;
  const signed = await signedBy(manifestOf({ version: 3 }), alice, bob);
  const { status, body } = await desk.upload(signed);
  const { release_id: id, ...rest } = body;
  assertEquals(status, 201);
  assertEquals(rest, {
    version: 3,
    sha256: manifestOf().sha256,
    state: "uploaded",
    uploaded_at: "2026-01-15T12:00:00.000Z",
    searches: 0,
    differences: 0,
  });
  assertEquals(await shadowRelease(app.store), null);
  app.clock.advance(HOUR_MS);
  const shadow = await desk.step(id, "shadow");
  assertEquals(
    [shadow.status, shadow.body.state, shadow.body.shadow_at],
    [200, "shadow", "2026-01-15T13:00:00.000Z"],
  );
  const stored = await shadowRelease(app.store);
  assertEquals([stored?.record.signed, stored?.wasm], [signed, CORE_WASM]);
  assertEquals(await activeRelease(app.store), null);
  await countShadow(app.store, id, "searches", 17);
  const active = await desk.step(id, "activate");
  assertEquals(
    [active.status, active.body.state, active.body.searches],
    [200, "active", 17],
  );
  assertEquals((await activeRelease(app.store))?.record.release_id, id);
  assertEquals(await shadowRelease(app.store), null);
  const left = await desk.rollback();
  assertEquals(
    [left.status, left.body.state, left.body.retired_because],
    [200, "retired", "rolled-back"],
  );
  assertEquals(await activeRelease(app.store), null);
  assertEquals((await desk.step(id, "activate")).body.state, "active");
  assertEquals((await desk.get(id)).body, {
    ...active.body,
  });

  const { history } = await desk.list();
  const keys = await app.api.must(200, "GET", "/v1/admin/wallet-keys", {
    key: app.api.adminKey,
  });
  const [{ key_id, scope, name }] = keys.keys;
  assertEquals([scope, name], ["release", "release desk"]);
  const by = { by: key_id };
  const at = { at: "2026-01-15T13:00:00.000Z" };
  assertEquals(history, [
    { action: "upload", release_id: id, at: "2026-01-15T12:00:00.000Z", ...by },
    { action: "shadow", release_id: id, ...at, ...by },
    { action: "activate", release_id: id, ...at, ...by },
    { action: "rollback", release_id: null, ...at, ...by },
    { action: "activate", release_id: id, ...at, ...by },
  ]);
});

Deno.test("a release is refused at upload for each thing that is wrong with it, and nothing changes", async () => {
  const { app, desk } = await openEdge();
  await using _ = app;
  const running = await activate(desk, 5);
  const mallory = await newReleaseKey();
  const v6 = (change: Partial<CoreManifest> = {}) =>
    signedBy(manifestOf({ version: 6, ...change }), alice);
  const [first] = manifestOf().profiles;
  const { known_answers } = manifestOf();
  const changed = CORE_WASM.slice();
  changed[changed.length - 1]! ^= 1;
  const cases: [string, Awaited<ReturnType<typeof v6>>, Uint8Array?][] = [
    ["unknown-key", await signedBy(manifestOf({ version: 6 }), mallory)],
    ["signature", {
      payload: (await v6()).payload,
      signatures: (await v6({ version: 7 })).signatures,
    }],
    ["manifest", await signedBy({ version: 6 }, alice)],
    ["expired", await v6({ not_after: "2026-01-15T12:00:00Z" })],
    ["hash", await v6(), changed],
    ["hash", await v6({ size_bytes: manifestOf().size_bytes - 1 })],
    ["older", await v6({ version: 5, created: "2026-01-01T00:00:00Z" })],
    ["older", await v6({ version: 4 })],
    ["abi", await v6({ abi: 3 })],
    // Sizes that the core does not have.
    [
      "profiles",
      await v6({
        profiles: [first!, { ...manifestOf().profiles[1]!, window_steps: 2 }],
      }),
    ],
    ["profiles", await v6({ profiles: [first!] })],
    // What is served here would be missing.
    [
      "profiles",
      await v6({
        profiles: [
          { ...first!, time_step_seconds: 60 },
          manifestOf().profiles[1]!,
        ],
      }),
    ],
    [
      "known-answers",
      await v6({
        known_answers: {
          ...known_answers,
          tags: known_answers.tags.map((it) => ({ ...it, step: it.step + 1 })),
        },
      }),
    ],
  ];
  const before = dumpStore(app.path);
  for (const [reason, signed, wasm] of cases) {
    assertRejected(await desk.upload(signed, wasm), reason);
  }
  assertEquals(dumpStore(app.path), before);
  assertEquals(
    (await activeRelease(app.store))?.record.release_id,
    running,
  );
});

Deno.test("two of two must sign, and one of them twice is one", async () => {
  const { app, desk } = await openEdge({
    ...QUICK,
    trusted: { keys: SIGNERS.map((it) => it.publicKey), threshold: 2 },
  });
  await using _ = app;
  for (const signers of [[alice], [bob, bob], [alice, await newReleaseKey()]]) {
    const signed = await signedBy(manifestOf(), ...signers);
    assertRejected(await desk.upload(signed), "threshold");
  }
  const both = await signedBy(manifestOf(), alice, bob);
  assertEquals((await desk.upload(both)).status, 201);
});

Deno.test("an edge that trusts no key takes no release", async () => {
  const { app, desk } = await openEdge({ trusted: { keys: [], threshold: 1 } });
  await using _ = app;
  const signed = await signedBy(manifestOf(), alice);
  assertRejected(await desk.upload(signed), "unknown-key");
});

Deno.test("a core that lacks a served profile is neither taken nor put to use", async () => {
  const { app, desk } = await openEdge();
  await using _ = app;
  const id = await desk.push();
  const served = profilesOf([PROFILE_1, { ...PROFILE_1, digit: 7 }]);
  const other = await openEdge(QUICK, {
    path: app.path,
    settings: { profiles: served },
  });
  await using _other = other.app;
  assertRejected(await other.desk.step(id, "shadow"), "profiles");
  const signed = await signedBy(manifestOf({ version: 2 }), alice);
  assertRejected(await other.desk.upload(signed), "profiles");
});

Deno.test("a roll-back goes to a release by keys that are gone, and to none that lacks a served profile", async () => {
  const { app, desk } = await openEdge(QUICK);
  await using _ = app;
  for (const version of [1, 2]) await activate(desk, version);
  const served = profilesOf([PROFILE_1, { ...PROFILE_1, digit: 7 }]);
  const other = await openEdge(QUICK, {
    path: app.path,
    settings: { profiles: served },
  });
  await using _other = other.app;
  assertRejected(await other.desk.rollback(), "profiles");
  const strangers = { ...QUICK, trusted: { keys: [], threshold: 1 } };
  const third = await openEdge(strangers, { path: app.path });
  await using _third = third.app;
  assertEquals((await third.desk.rollback()).status, 200);
});

Deno.test("an upload can be repeated, and takes signatures of other keys with it", async () => {
  const { app, desk } = await openEdge();
  await using _ = app;
  const id = await desk.push();
  assertEquals(await desk.push(), id);
  // Alice's key is withdrawn: what only she signed goes no further.
  const trusted = { keys: [bob.publicKey], threshold: 1 };
  const later = await openEdge({ ...QUICK, trusted }, { path: app.path });
  await using _later = later.app;
  assertRejected(await later.desk.step(id, "shadow"), "unknown-key");
  const again = await later.desk.upload(await signedBy(manifestOf(), bob));
  assertEquals([again.status, again.body.release_id], [201, id]);
  assertEquals((await later.desk.step(id, "shadow")).status, 200);
  assertEquals((await desk.list()).history.length, 2);
  assertEquals((await later.desk.step(id, "activate")).status, 200);
});

Deno.test("a release becomes active after the time and the searches in shadow, not before", async () => {
  const { app, desk } = await openEdge({
    shadowMs: 600_000,
    shadowSearches: 100,
  });
  await using _ = app;
  const id = await desk.push();
  const refused = async (detail: string) => {
    const answer = await desk.step(id, "activate");
    assertRejected(answer, "not-in-shadow-long-enough");
    assertEquals(answer.body.detail, detail);
  };
  const lacks = (seconds: number, searches: number) =>
    refused(
      `It must be in shadow for ${seconds} more seconds, and ${searches} more searches must be compared.`,
    );
  await refused("The release is not in shadow.");
  await desk.step(id, "shadow");
  await lacks(600, 100);
  await countShadow(app.store, id, "searches", 99);
  app.clock.advance(599_999);
  await lacks(1, 1);
  await countShadow(app.store, id, "searches", 1);
  await lacks(1, 0);
  app.clock.advance(1);
  assertEquals((await desk.step(id, "activate")).body.state, "active");
});

Deno.test("the searches in shadow are asked for where the time has passed", async () => {
  const { app, desk } = await openEdge({ shadowMs: 0, shadowSearches: 1 });
  await using _ = app;
  const id = await desk.push();
  await desk.step(id, "shadow");
  assertRejected(
    await desk.step(id, "activate"),
    "not-in-shadow-long-enough",
  );
});

Deno.test("a difference retires a release in shadow for good", async () => {
  const { app, desk } = await openEdge();
  await using _ = app;
  const { store, clock } = app;
  const deps = { store, clock, backOff: noPause };
  const id = await desk.push();
  await retireForDifference(deps, id); // not in shadow: nothing happens
  await desk.step(id, "shadow");
  await countShadow(store, id, "differences", 1);
  // The edge that has seen it may end before it says so.
  assertRejected(await desk.step(id, "activate"), "difference");
  await retireForDifference(deps, id);
  await retireForDifference(deps, id);
  assertEquals(await states(desk), [[1, "retired", "difference"]]);
  assertEquals((await desk.list()).history.at(-1).by, "edge");
  assertEquals((await desk.list()).history.length, 3);
  for (const step of ["shadow", "activate"]) {
    assertRejected(await desk.step(id, step), "retired");
  }
  const running = await activate(desk, 2);
  await retireForDifference(deps, running);
  assertEquals((await desk.get(running)).body.state, "active");
});

Deno.test("one release is in shadow at a time", async () => {
  const { app, desk } = await openEdge();
  await using _ = app;
  const [one, two] = [await desk.push(), await desk.push({ version: 2 })];
  await desk.step(one, "shadow");
  assertRejected(await desk.step(two, "shadow"), "another-in-shadow");
  assertRejected(
    await desk.step(two, "activate"),
    "not-in-shadow-long-enough",
  );
  await desk.step(one, "retire");
  assertEquals((await desk.step(two, "shadow")).status, 200);
  assertEquals(await states(desk), [[1, "retired", "by-hand"], [2, "shadow"]]);
});

Deno.test("no version goes on that is not newer than the newest one that was ever active", async () => {
  const { app, desk } = await openEdge();
  await using _ = app;
  const [old, same] = [
    await desk.push({ version: 4 }),
    await desk.push({ version: 5, created: "2026-01-01T00:00:00Z" }),
  ];
  await desk.step(old, "shadow");
  // While one is in shadow, a newer one cannot overtake it: so it is retired.
  await desk.step(old, "retire");
  const other = await desk.push({
    version: 4,
    created: "2026-01-02T00:00:00Z",
  });
  await activate(desk, 5);
  for (const id of [other, same]) {
    assertRejected(await desk.step(id, "shadow"), "older");
  }
  // Also after a roll-back.
  await desk.rollback();
  assertRejected(await desk.step(other, "shadow"), "older");
  const signed = await signedBy(manifestOf({ version: 5, flags: [] }), alice);
  assertRejected(await desk.upload(signed), "older");
});

Deno.test("a release that expires while it waits goes no further, and an active one stays", async () => {
  const { app, desk } = await openEdge();
  await using _ = app;
  const soon = { not_after: "2026-01-15T13:00:00Z" };
  const [one, two] = [
    await desk.push({ version: 1, ...soon }),
    await desk.push({ version: 2, ...soon }),
  ];
  await desk.step(one, "shadow");
  await desk.step(one, "activate");
  await desk.step(two, "shadow");
  app.clock.advance(HOUR_MS);
  assertRejected(await desk.step(two, "activate"), "expired");
  await desk.step(two, "retire");
  const three = await desk.push({
    version: 3,
    not_after: "2026-02-01T00:00:00Z",
  });
  await desk.step(three, "shadow");
  await desk.step(three, "activate");
  // The core before ran here already.
  assertEquals((await desk.rollback()).status, 200);
  assertEquals((await desk.get(one)).body.state, "active");
  app.clock.advance(31 * 24 * HOUR_MS);
  assertRejected(await desk.step(three, "activate"), "expired");
});

Deno.test("a roll-back goes back one core, however often it is sent", async () => {
  const { app, desk } = await openEdge();
  await using _ = app;
  assertRejected(await desk.rollback(), "nothing-before");
  const ids = [
    await activate(desk, 1),
    await activate(desk, 2),
    await activate(desk, 3),
  ];
  assertEquals(await states(desk), [
    [1, "retired", "superseded"],
    [2, "retired", "superseded"],
    [3, "active"],
  ]);
  for (let i = 0; i < 3; i++) {
    const { status, body } = await desk.rollback(ids[2]);
    assertEquals([status, body.release_id, body.state], [
      200,
      ids[2],
      "retired",
    ]);
  }
  assertEquals((await desk.get(ids[1]!)).body.state, "active");
  assertRejected(await desk.rollback(ids[0]), "not-active");
  assertEquals((await desk.rollback("core_0")).status, 404);
  // What was left can come back only as long as nothing newer was active.
  assertEquals((await desk.step(ids[2]!, "activate")).status, 200);
  await desk.rollback();
  await activate(desk, 4);
  assertRejected(await desk.step(ids[2]!, "activate"), "retired");
  for (const id of ids.slice(0, 2)) {
    assertRejected(await desk.step(id, "activate"), "retired");
  }
});

Deno.test("a core that was retired by hand is not gone back to", async () => {
  const { app, desk } = await openEdge();
  await using _ = app;
  const ids = [await activate(desk, 1), await activate(desk, 2)];
  assertRejected(await desk.step(ids[1]!, "retire"), "active");
  assertRejected(await desk.step(ids[1]!, "shadow"), "active");
  assertEquals((await desk.step(ids[0]!, "retire")).status, 200);
  assertEquals((await desk.step(ids[0]!, "retire")).status, 200);
  await desk.rollback();
  assertEquals(await activeRelease(app.store), null);
  assertRejected(await desk.rollback(), "nothing-before");
  await desk.step(ids[1]!, "retire");
  assertRejected(await desk.step(ids[1]!, "activate"), "retired");
});

Deno.test("two edges make a step once", async () => {
  const { app, desk } = await openEdge();
  await using _ = app;
  const other = await openEdge(QUICK, { path: app.path, clock: app.clock });
  await using _other = other.app;
  const desks = [desk, other.desk, desk, other.desk];
  const ids = [await activate(desk, 1), await desk.push({ version: 2 })];
  const all = async (
    make: (desk: ReleaseDesk) => Promise<{ status: number }>,
  ) => {
    const answers = await Promise.all(desks.map(make));
    assertEquals(answers.map(({ status }) => status), [200, 200, 200, 200]);
  };
  await all((desk) => desk.step(ids[1]!, "shadow"));
  await all((desk) => desk.step(ids[1]!, "activate"));
  await all((desk) => desk.rollback(ids[1]));
  assertEquals((await desk.get(ids[0]!)).body.state, "active");
  const { history } = await desk.list();
  assertEquals(history.map((it: { action: string }) => it.action), [
    ...["upload", "shadow", "activate", "upload"],
    ...["shadow", "activate", "rollback"],
  ]);
  const uploads = await Promise.all(
    desks.map((desk) => desk.push({ version: 3 })),
  );
  assertEquals(new Set(uploads).size, 1);
  assertEquals((await desk.list()).releases.length, 3);
});

Deno.test("steps of two releases at once do not undo each other", async () => {
  const { app, desk } = await openEdge();
  await using _ = app;
  const other = await openEdge(QUICK, { path: app.path, clock: app.clock });
  await using _other = other.app;
  for (let version = 1; version < 6; version += 2) {
    const ids = [
      await desk.push({ version }),
      await desk.push({ version: version + 1 }),
    ];
    const answers = await Promise.all([
      desk.step(ids[0]!, "shadow"),
      other.desk.step(ids[1]!, "shadow"),
    ]);
    // One of them is in shadow, and the other one is told so.
    const taken = answers.findIndex(({ status }) => status === 200);
    assertRejected(answers[1 - taken]!, "another-in-shadow");
    const [winner, loser] = [ids[taken]!, ids[1 - taken]!];
    assertEquals((await desk.get(winner)).body.state, "shadow");
    assertEquals((await desk.get(loser)).body.state, "uploaded");
    await desk.step(winner, "retire");
  }
});

Deno.test("a step whose reply from the store is lost is made once", async () => {
  const lossy: LossyStore[] = [];
  const numbers = [0, 0.5]; // the reply is lost, then: it was done once
  let drawn = 0;
  const { app, desk } = await openEdge(QUICK, {
    wrapStore(store) {
      lossy.push(new LossyStore(store, () => numbers[drawn++ % 2]!, 0));
      return lossy[0]!;
    },
  });
  await using _: TestApp = app;
  const store = lossy[0]!;
  const lostThenRepeated = async (
    make: () => Promise<{ status: number }>,
    status: number,
  ) => {
    // The reads of a step come first; only what writes is lost here.
    const { read } = store;
    store.read = function (request) {
      store.share = 0;
      return read.call(this, request).finally(() => store.share = 1);
    };
    assertEquals((await make()).status, 503);
    store.read = read;
    store.share = 0;
    assertEquals((await make()).status, status);
  };
  const signed = await signedBy(manifestOf(), alice);
  await lostThenRepeated(() => desk.upload(signed), 201);
  const id = (await desk.list()).releases[0].release_id;
  await lostThenRepeated(() => desk.step(id, "shadow"), 200);
  await lostThenRepeated(() => desk.step(id, "activate"), 200);
  await lostThenRepeated(() => desk.rollback(id), 200);
  assertEquals(store.lost, 4);
  assertEquals((await desk.list()).history.length, 4);
  assertEquals(await states(desk), [[1, "retired", "rolled-back"]]);
});

Deno.test("calls about a release that is not there are not found", async () => {
  const { app, desk } = await openEdge();
  await using _ = app;
  for (
    const id of ["core_0", "core_" + "0".repeat(32), "mer_" + "0".repeat(32)]
  ) {
    assertEquals((await desk.get(id)).body.code, "not-found");
    for (const step of ["shadow", "activate", "retire"]) {
      assertEquals((await desk.step(id, step)).body.code, "not-found");
    }
    assertEquals((await desk.rollback(id)).body.code, "not-found");
  }
});
