import { assertEquals } from "@std/assert";
import { binaries } from "../../edge/release/record.ts";
import { CORE_WASM, manifestOf, signedBy } from "../support/code/releases.ts";
import { startApp } from "../support/world/app.ts";
import {
  ReleaseDesk,
  releaseSettings,
  SIGNERS,
} from "../support/world/release_desk.ts";

const SHA256 = manifestOf().sha256;
const PAGE = "https://wallet.example";

/** An edge with an active release, and how a wallet asks it, without a key. */
async function openEdge() {
  const app = await startApp({
    settings: releaseSettings({ shadowMs: 0, shadowSearches: 0 }),
    corsOrigins: new Set([PAGE]),
    pause: () => Promise.resolve(),
  });
  const ask = (
    path: string,
    headers: Record<string, string> = {},
    method = "GET",
  ) => app.api.fetch(new Request(`http://edge${path}`, { method, headers }));
  const desk = await ReleaseDesk.open(app.api);
  const signed = await signedBy(manifestOf({ version: 3 }), SIGNERS[0]);
  const { body: { release_id: id } } = await desk.upload(signed);
  const activate = async () => {
    for (const step of ["shadow", "activate"]) await desk.step(id, step);
    await app.coreFollower.look();
  };
  return { app, ask, desk, signed, activate };
}

Deno.test("wallets get the signed manifest of the core that serves, for a minute, and none before and after", async () => {
  const { app, ask, desk, signed, activate } = await openEdge();
  await using _ = app;
  const path = "/v1/cores/current";
  const before = await ask(path);
  assertEquals([before.status, (await before.json()).code], [404, "not-found"]);
  assertEquals(before.headers.get("cache-control"), "no-store");
  await activate();
  const answer = await ask(path, { origin: PAGE });
  assertEquals(answer.status, 200);
  assertEquals(await answer.json(), signed);
  const { headers } = answer;
  assertEquals(headers.get("cache-control"), "public, max-age=60");
  assertEquals(headers.get("content-type"), "application/json");
  assertEquals(headers.get("access-control-allow-origin"), PAGE);
  assertEquals(headers.get("vary"), "origin");
  await desk.rollback();
  await app.coreFollower.look();
  const after = await ask(path);
  assertEquals(after.status, 404);
  await after.body?.cancel();
});

Deno.test("wallets get a binary by its hash, for good, and nothing if they have it", async () => {
  const { app, ask, activate } = await openEdge();
  await using _ = app;
  const path = `/v1/cores/${SHA256}.wasm`;
  // From the store, and once it serves from this edge.
  for (const _ of [1, 2]) {
    const answer = await ask(path, { origin: PAGE });
    assertEquals(answer.status, 200);
    assertEquals(await answer.bytes(), CORE_WASM);
    const { headers } = answer;
    assertEquals(headers.get("content-type"), "application/wasm");
    assertEquals(headers.get("etag"), `"${SHA256}"`);
    assertEquals(
      headers.get("cache-control"),
      "public, max-age=31536000, immutable",
    );
    assertEquals(headers.get("access-control-allow-origin"), PAGE);
    for (
      const [tags, status] of [
        [`"${SHA256}"`, 304],
        [`"x", W/"${SHA256}"`, 304],
        [SHA256, 200],
      ] as const
    ) {
      const again = await ask(path, { "if-none-match": tags });
      assertEquals(again.status, status, tags);
      assertEquals(again.headers.get("etag"), `"${SHA256}"`);
      await again.body?.cancel();
    }
    await activate();
  }
  const head = await ask(path, {}, "HEAD");
  assertEquals(head.headers.get("content-length"), `${CORE_WASM.length}`);
});

Deno.test("nothing else is a core", async () => {
  const { app, ask, activate } = await openEdge();
  await using _ = app;
  await activate();
  for (
    const name of [
      `${"0".repeat(64)}.wasm`,
      `${SHA256.toUpperCase()}.wasm`,
      `${SHA256}xwasm`,
      SHA256,
      `${SHA256.slice(1)}.wasm`,
      `${SHA256}.wasm.wasm`,
      "currently",
      "current.wasm",
      ".wasm",
    ]
  ) {
    const { status, body } = await app.api.call("GET", `/v1/cores/${name}`);
    assertEquals([status, body.code], [404, "not-found"], name);
  }
  for (const name of ["current", `${SHA256}.wasm`]) {
    const { status, headers } = await app.api.call(
      "POST",
      `/v1/cores/${name}`,
    );
    assertEquals([status, headers.get("allow")], [405, "GET, HEAD, OPTIONS"]);
  }
  const options = await ask("/v1/cores/current", {}, "OPTIONS");
  assertEquals(options.status, 204);
});

Deno.test("a binary that was changed in the store is not given out under its hash", async () => {
  const { app, ask } = await openEdge();
  await using _ = app;
  const changed = CORE_WASM.slice();
  changed[100]! ^= 1;
  await app.store.txn({ checks: [], writes: [binaries(SHA256).set(changed)] });
  const answer = await ask(`/v1/cores/${SHA256}.wasm`);
  assertEquals(answer.status, 503);
  assertEquals((await answer.json()).code, "store-unavailable");
});
