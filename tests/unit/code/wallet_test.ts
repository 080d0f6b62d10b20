import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  type CoreManifest,
  MAX_CORE_BYTES,
  newReleaseKey,
  type SignedManifest,
  toBase64url,
} from "../../../edge/code/manifest.ts";
import {
  type CoreRefusal,
  type KeptCore,
  WalletCore,
} from "../../../edge/code/wallet.ts";
import { compileCore } from "../../../scripts/build_core.ts";
import {
  CORE_DESCRIPTION,
  CORE_WASM,
  manifestFor,
  manifestOf,
  paddedCore,
  signedBy,
} from "../../support/code/releases.ts";
import { codeVectors } from "../../support/code/vectors.ts";

const [alice, mallory] = await Promise.all([newReleaseKey(), newReleaseKey()]);
const trusted = { keys: [alice.publicKey], threshold: 1 };
const builtIn = { description: CORE_DESCRIPTION, wasm: CORE_WASM };
const NOW_MS = Date.parse("2026-01-15T12:00:00Z");

/** What a server answers at a path. */
type Answers = Record<string, () => Response>;

/** A server on this machine that answers so, and a wallet's way to it. */
function serve(answers: Answers) {
  const asked: string[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => {
      const { pathname } = new URL(request.url);
      asked.push(pathname);
      return answers[pathname]?.() ?? new Response(null, { status: 404 });
    },
  );
  return {
    asked,
    source: {
      origin: `http://127.0.0.1:${server.addr.port}`,
      fetch: (url: string, init?: RequestInit) => fetch(url, init),
      needed: [1, 2],
      nowMs: NOW_MS,
    },
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** The paths of a release. */
const pathsOf = (
  signed: SignedManifest,
  wasm = CORE_WASM,
  sha256?: string,
) => ({
  "/v1/cores/current": () => Response.json(signed),
  [`/v1/cores/${sha256 ?? CORE_DESCRIPTION.sha256}.wasm`]: () =>
    new Response(wasm),
});

const openWallet = (kept: KeptCore | null = null) =>
  WalletCore.open(trusted, builtIn, kept);

/** What a wallet with the built-in core says of a release. */
async function updateWith(answers: Answers) {
  await using server = serve(answers);
  const wallet = await openWallet();
  const update = await wallet.update(server.source);
  if (update.kind === "refused") assertEquals(wallet.version, 0);
  return update;
}

async function assertRefused(
  reason: CoreRefusal,
  answers: Answers,
): Promise<void> {
  assertEquals(await updateWith(answers), { kind: "refused", reason });
}

Deno.test("a wallet computes the codes of the published vectors", async () => {
  const wallet = await openWallet();
  let count = 0;
  for (const vector of codeVectors) {
    const profile = wallet.profiles.get(vector.profile);
    if (
      profile === undefined || profile.bucketDigits !== vector.bucket_digits ||
      profile.tagDigits !== vector.tag_digits ||
      profile.timeStepSeconds !== vector.time_step_seconds
    ) continue;
    const seed = {
      seed: toBase64url(Uint8Array.fromHex(vector.seed)),
      prefix: vector.prefix,
      profile: vector.profile,
      bucket: vector.bucket,
    };
    const unixMs = vector.time_step * profile.timeStepSeconds * 1000;
    assertEquals(wallet.code(seed, unixMs), {
      digits: vector.code,
      endsMs: unixMs + profile.timeStepSeconds * 1000,
    });
    count++;
  }
  assert(count >= 20, `${count} vectors`);
});

Deno.test("a wallet takes a newer release, keeps it, and asks for its binary once", async () => {
  const wasm = paddedCore(50_000);
  const manifest = await manifestFor(wasm, { version: 2 });
  const signed = await signedBy(manifest, alice);
  await using server = serve(pathsOf(signed, wasm, manifest.sha256));
  const wallet = await openWallet();
  const update = await wallet.update(server.source);
  assertEquals(update, {
    kind: "updated",
    version: 2,
    core: { signed, wasm },
  });
  assertEquals(wallet.version, 2);
  const current = { kind: "current", version: 2 } as const;
  assertEquals(await wallet.update(server.source), current);
  assert(update.kind === "updated");
  const restarted = await openWallet(update.core);
  assertEquals(restarted.version, 2);
  assertEquals(await restarted.update(server.source), current);
  assertEquals(server.asked.filter((path) => path.endsWith(".wasm")).length, 1);
});

Deno.test("a wallet goes on with its core where there is no release or no answer", async () => {
  assertEquals(await updateWith({}), { kind: "current", version: 0 });
  const signed = await signedBy(manifestOf(), alice);
  const wasm = `/v1/cores/${CORE_DESCRIPTION.sha256}.wasm`;
  const answers = pathsOf(signed);
  for (
    const change of [
      { "/v1/cores/current": () => new Response(null, { status: 503 }) },
      { "/v1/cores/current": () => new Response("<html>") },
      { "/v1/cores/current": () => new Response("null") },
      { "/v1/cores/current": () => Response.json({ payload: "e30" }) },
      { "/v1/cores/current": () => new Response("x".repeat(200_000)) },
      { [wasm]: () => new Response(null, { status: 404 }) },
      { [wasm]: () => new Response(null, { status: 503 }) },
      { [wasm]: () => new Response(new Uint8Array(MAX_CORE_BYTES + 1)) },
    ]
  ) await assertRefused("unreachable", { ...answers, ...change });
  const wallet = await openWallet();
  const server = serve({});
  await server[Symbol.asyncDispose]();
  assertEquals(await wallet.update(server.source), {
    kind: "refused",
    reason: "unreachable",
  });
});

Deno.test("a wallet takes no release of which anything does not hold", async () => {
  const v1 = (change: Partial<CoreManifest> = {}) =>
    signedBy(manifestOf(change), alice);
  const [first, second] = CORE_DESCRIPTION.profiles;
  const { known_answers } = CORE_DESCRIPTION;
  const tags = known_answers.tags.map((it) => ({ ...it, bucket: 7 }));
  const other = CORE_WASM.slice();
  other[20_000]! ^= 1;
  const { payload } = await v1();
  const { signatures } = await v1({ version: 2 });
  await assertRefused(
    "unknown-key",
    pathsOf(await signedBy(manifestOf(), mallory)),
  );
  await assertRefused("signature", pathsOf({ payload, signatures }));
  await assertRefused("manifest", pathsOf(await signedBy({}, alice)));
  await assertRefused("hash", pathsOf(await v1(), other));
  await assertRefused("abi", pathsOf(await v1({ abi: 1 })));
  await assertRefused(
    "expired",
    pathsOf(await v1({ not_after: "2026-01-15T12:00:00Z" })),
  );
  await assertRefused("profiles", pathsOf(await v1({ profiles: [first!] })));
  await assertRefused(
    "profiles",
    pathsOf(await v1({ profiles: [first!, { ...second!, window_steps: 0 }] })),
  );
  await assertRefused(
    "known-answers",
    pathsOf(await v1({ known_answers: { ...known_answers, tags } })),
  );
  const failing = CORE_WASM.slice();
  const at = failing.findIndex((_, i) =>
    [0x98, 0x2f, 0x8a, 0x42].every((byte, j) => failing[i + j] === byte)
  );
  failing[at]! ^= 1; // the first constant of SHA-256
  const manifest = await manifestFor(failing);
  await assertRefused(
    "known-answers",
    pathsOf(await signedBy(manifest, alice), failing, manifest.sha256),
  );
});

Deno.test("a wallet takes no release that lacks a profile of its seeds", async () => {
  const wasm = await compileCore({
    edit: (name, source) =>
      name === "profiles.ts"
        ? source.replace(
          /PROFILES_BYTES: usize = \d+;/,
          "PROFILES_BYTES: usize = 24;",
        )
        : name === "selftest.ts"
        ? source.replace("&& searchPasses(2)", "")
        : source,
  });
  const { known_answers, profiles: [first] } = CORE_DESCRIPTION;
  const tags = known_answers.tags.filter(({ profile }) => profile === 1);
  const manifest = await manifestFor(wasm, {
    profiles: [first!],
    known_answers: { ...known_answers, tags },
  });
  const answers = pathsOf(
    await signedBy(manifest, alice),
    wasm,
    manifest.sha256,
  );
  await assertRefused("profiles", answers);
  await using server = serve(answers);
  const wallet = await openWallet();
  const update = await wallet.update({ ...server.source, needed: [1] });
  assertEquals([update.kind, [...wallet.profiles.keys()]], ["updated", [1]]);
});

Deno.test("a wallet does not go back to an older release", async () => {
  const newer = await signedBy(manifestOf({ version: 5 }), alice);
  const wallet = await openWallet({ signed: newer, wasm: CORE_WASM });
  assertEquals(wallet.version, 5);
  const padded = paddedCore(50_000);
  for (
    const [manifest, wasm] of [
      [manifestOf({ version: 4 }), CORE_WASM],
      [await manifestFor(padded, { version: 5 }), padded],
    ] as const
  ) {
    const signed = await signedBy(manifest, alice);
    await using server = serve(pathsOf(signed, wasm, manifest.sha256));
    assertEquals(await wallet.update(server.source), {
      kind: "refused",
      reason: "older",
    });
  }
  assertEquals(wallet.version, 5);
});

Deno.test("a wallet verifies what it kept, and otherwise starts with the core of its app", async () => {
  const signed = await signedBy(manifestOf({ version: 3 }), alice);
  const broken = CORE_WASM.slice();
  broken[9_000]! ^= 1;
  for (
    const kept of [
      { signed: await signedBy(manifestOf(), mallory), wasm: CORE_WASM },
      { signed, wasm: broken },
      { signed, wasm: new Uint8Array() },
      { signed: null, wasm: null } as unknown as KeptCore,
      {
        signed: { payload: 7, signatures: 7 },
        wasm: CORE_WASM,
      } as unknown as KeptCore,
    ]
  ) assertEquals((await openWallet(kept)).version, 0);
  // The phone was offline for longer than the manifest lives.
  const ended = await signedBy(
    manifestOf({ version: 3, not_after: "2020-01-01T00:00:00Z" }),
    alice,
  );
  const wallet = await openWallet({ signed: ended, wasm: CORE_WASM });
  assertEquals(wallet.version, 3);
  await assertRejects(
    () => WalletCore.open(trusted, { ...builtIn, wasm: broken }, null),
    TypeError,
    "The built-in core is refused",
  );
});

Deno.test("a wallet wipes the bytes of a seed once it has the code", async () => {
  const wallet = await openWallet();
  const { prototype } = Uint8Array;
  const { set } = prototype;
  const held: ArrayLike<number>[] = [];
  // The wallet hands the seed over to the core by it.
  prototype.set = function (source, offset) {
    if (source.length === 32) held.push(source);
    set.call(this, source, offset);
  };
  try {
    const seed = toBase64url(new Uint8Array(32).fill(7));
    wallet.code({ seed, prefix: "90", profile: 1, bucket: 42 }, NOW_MS);
  } finally {
    Reflect.deleteProperty(prototype, "set");
  }
  assertEquals(held, [new Uint8Array(32)]);
});

Deno.test("a wallet makes no code of a seed that is none, or of a profile that it lacks", async () => {
  const wallet = await openWallet();
  const seed = {
    seed: "A".repeat(43),
    prefix: "90",
    profile: 1,
    bucket: 42,
  };
  assertEquals(wallet.code(seed, NOW_MS).digits.slice(0, 7), "9010042");
  assertThrows(() => wallet.code({ ...seed, profile: 9 }, NOW_MS), RangeError);
  for (
    const text of ["", "A", "A".repeat(42), "A".repeat(44), "=".repeat(43)]
  ) {
    assertThrows(() => wallet.code({ ...seed, seed: text }, NOW_MS), TypeError);
  }
});
