import { assert, assertEquals } from "@std/assert";
import { decodeProtectedHeader, generalVerify, importJWK } from "jose";
import {
  binaryFault,
  fromBase64url,
  knownAnswersHold,
  type ManifestFault,
  manifestProfiles,
  MAX_PAYLOAD_LETTERS,
  MAX_SIGNATURES,
  newReleaseKey,
  type SignedManifest,
  toBase64url,
  verifyManifest,
} from "../../../edge/code/manifest.ts";
import { openCore } from "../../../edge/core/core.ts";
import {
  CORE_DESCRIPTION,
  CORE_WASM,
  manifestFor,
  manifestOf,
  signedBy,
} from "../../support/code/releases.ts";

const [alice, bob, mallory] = await Promise.all([
  newReleaseKey(),
  newReleaseKey(),
  newReleaseKey(),
]);
const keys = [alice.publicKey, bob.publicKey];
const END_MS = Date.parse(manifestOf().not_after);

async function assertRefused(
  reason: ManifestFault,
  signed: SignedManifest,
  { threshold = 1, nowMs = 0 } = {},
): Promise<void> {
  assertEquals(await verifyManifest(signed, { keys, threshold }, nowMs), {
    kind: "refused",
    reason,
  });
}

const header = (fields: unknown) =>
  toBase64url(new TextEncoder().encode(JSON.stringify(fields)));

/** A signature by `alice` whose protected header is `text`. */
async function withHeader(text: string): Promise<SignedManifest> {
  const { payload } = await signedBy(manifestOf());
  const input = new TextEncoder().encode(`${text}.${payload}`);
  const { privateKey } = alice;
  const signature = await crypto.subtle.sign("Ed25519", privateKey, input);
  return {
    payload,
    signatures: [{
      protected: text,
      signature: toBase64url(new Uint8Array(signature)),
    }],
  };
}

Deno.test("verifyManifest() gives the manifest that enough trusted keys signed", async () => {
  const signed = await signedBy(manifestOf(), alice, bob);
  for (const threshold of [1, 2]) {
    assertEquals(await verifyManifest(signed, { keys, threshold }, 0), {
      kind: "verified",
      manifest: manifestOf(),
    });
  }
});

Deno.test("a signed manifest is a JWS that another library verifies", async () => {
  const signed = await signedBy(manifestOf(), alice, bob);
  for (const { publicKey: x } of [alice, bob]) {
    const key = await importJWK({ kty: "OKP", crv: "Ed25519", x }, "Ed25519");
    const mine = signed.signatures.filter(({ protected: header }) =>
      decodeProtectedHeader({ protected: header }).kid === x
    );
    const { payload, protectedHeader } = await generalVerify(
      { payload: signed.payload, signatures: mine },
      key,
    );
    assertEquals(JSON.parse(new TextDecoder().decode(payload)), manifestOf());
    assertEquals(protectedHeader?.typ, "offcode-core-release");
  }
});

Deno.test("verifyManifest() refuses what no trusted key signed, and too few", async () => {
  await assertRefused("unknown-key", await signedBy(manifestOf(), mallory));
  await assertRefused("unknown-key", await signedBy(manifestOf()));
  const one = await signedBy(manifestOf(), alice, mallory);
  await assertRefused("threshold", one, { threshold: 2 });
});

Deno.test("verifyManifest() leaves signatures by other keys aside", async () => {
  const signed = await signedBy(manifestOf(), mallory, alice);
  const { kind } = await verifyManifest(signed, { keys, threshold: 1 }, 0);
  assertEquals(kind, "verified");
});

Deno.test("verifyManifest() counts two signatures by one key once", async () => {
  const twice = await signedBy(manifestOf(), alice, alice);
  await assertRefused("threshold", twice, { threshold: 2 });
});

Deno.test("verifyManifest() trusts nobody where the threshold is none", async () => {
  for (const threshold of [0, -1, NaN]) {
    const signed = await signedBy(manifestOf(), alice);
    const { kind } = await verifyManifest(signed, { keys, threshold }, 0);
    assertEquals(kind, "refused");
  }
});

Deno.test("verifyManifest() refuses a signature over another manifest", async () => {
  const { payload } = await signedBy(manifestOf({ version: 2 }), alice);
  const { signatures } = await signedBy(manifestOf({ version: 1 }), alice);
  await assertRefused("signature", { payload, signatures });
});

Deno.test("verifyManifest() refuses a signature that names another key than the one that made it", async () => {
  const signed = await signedBy(manifestOf(), {
    publicKey: bob.publicKey,
    privateKey: mallory.privateKey,
  });
  await assertRefused("signature", signed);
  // Also beside one that holds: somebody has forged a signature of a trusted key.
  const good = await signedBy(manifestOf(), alice);
  await assertRefused("signature", {
    payload: good.payload,
    signatures: [...good.signatures, ...signed.signatures],
  });
});

Deno.test("verifyManifest() refuses every changed bit of a signature and a payload", async () => {
  const { payload, signatures } = await signedBy({}, alice);
  const [{ protected: protectedHeader, signature }] = signatures as [
    SignedManifest["signatures"][0],
  ];
  for (let bit = 0; bit < 512; bit++) {
    const bytes = fromBase64url(signature)!;
    bytes[bit >> 3]! ^= 1 << (bit & 7);
    await assertRefused("signature", {
      payload,
      signatures: [{
        protected: protectedHeader,
        signature: toBase64url(bytes),
      }],
    });
  }
  for (let bit = 0; bit < 16; bit++) {
    const bytes = fromBase64url(payload)!;
    bytes[bit >> 3]! ^= 1 << (bit & 7);
    const changed = { payload: toBase64url(bytes), signatures };
    await assertRefused("signature", changed);
  }
});

Deno.test("verifyManifest() ignores what it does not know of a protected header, unless it must be understood", async () => {
  const good = {
    alg: "Ed25519",
    kid: alice.publicKey,
    typ: "offcode-core-release",
  };
  for (const more of [{}, { jwk: {} }, { b64: false, "x-note": "?" }]) {
    const signed = await withHeader(header({ ...good, ...more }));
    assertEquals(
      (await verifyManifest(signed, { keys, threshold: 1 }, 0)).kind,
      "verified",
    );
  }
  for (
    const other of [
      { ...good, alg: "none" },
      { ...good, alg: "HS256" },
      { ...good, typ: "JWT" },
      { ...good, kid: 7 },
      { ...good, b64: false, crit: ["b64"] },
      { ...good, "x-note": "?", crit: ["x-note"] },
      { ...good, crit: [] },
      { alg: good.alg, kid: good.kid },
      { alg: good.alg, typ: good.typ },
      [],
      null,
      "text",
    ]
  ) await assertRefused("signature", await withHeader(header(other)));
  for (const text of ["", "!", "e30=", header(good) + "=", "/w"]) {
    await assertRefused("signature", await withHeader(text));
  }
});

Deno.test("verifyManifest() refuses texts that are no base64url or of another length", async () => {
  const { payload, signatures: [one] } = await signedBy(manifestOf(), alice);
  for (const signature of ["", "AA", one!.signature + "A", "?".repeat(86)]) {
    await assertRefused("signature", {
      payload,
      signatures: [{ ...one!, signature }],
    });
  }
  for (const text of ["=", "a b", payload + "=", payload + "A"]) {
    await assertRefused("signature", { payload: text, signatures: [one!] });
  }
});

Deno.test("verifyManifest() refuses a second spelling of a signature", async () => {
  const { payload, signatures: [one] } = await signedBy(manifestOf(), alice);
  // 86 letters have four bits more than 64 bytes.
  const letters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const { signature } = one!;
  const last = letters[letters.indexOf(signature.at(-1)!) + 1]!;
  await assertRefused("signature", {
    payload,
    signatures: [{ ...one!, signature: signature.slice(0, -1) + last }],
  });
});

Deno.test("verifyManifest() refuses what names a trusted text that is no key", async () => {
  for (const kid of ["", "AA", "no key", alice.publicKey + "AAAA"]) {
    const fields = { alg: "Ed25519", kid, typ: "offcode-core-release" };
    const signed = await withHeader(header(fields));
    assertEquals(await verifyManifest(signed, { keys: [kid], threshold: 1 }), {
      kind: "refused",
      reason: "signature",
    });
  }
});

Deno.test("verifyManifest() bounds the work before it begins", async () => {
  const { payload, signatures: [one] } = await signedBy(manifestOf(), alice);
  const many = (length: number) => Array.from({ length }, () => one!);
  const most = { payload, signatures: many(MAX_SIGNATURES) };
  assertEquals(
    (await verifyManifest(most, { keys, threshold: 1 }, 0)).kind,
    "verified",
  );
  await assertRefused("signature", {
    payload,
    signatures: many(MAX_SIGNATURES + 1),
  });
  const long = "a".repeat(MAX_PAYLOAD_LETTERS);
  await assertRefused("manifest", await signedBy(long.slice(0, 40_000), alice));
  await assertRefused("signature", await signedBy(long, alice));
});

Deno.test("verifyManifest() refuses from the manifest's end on, if it is asked to look", async () => {
  const signed = await signedBy(manifestOf(), alice);
  await assertRefused("expired", signed, { nowMs: END_MS });
  const trusted = { keys, threshold: 1 };
  for (const nowMs of [END_MS - 1, undefined]) {
    const { kind } = await verifyManifest(signed, trusted, nowMs);
    assertEquals(kind, "verified");
  }
});

Deno.test("verifyManifest() refuses what is signed and is no manifest", async () => {
  const good = manifestOf();
  const [profile] = good.profiles;
  const { tags, hmac_sha256 } = good.known_answers;
  const answers = (change: Record<string, unknown>) => ({
    known_answers: { ...good.known_answers, ...change },
  });
  for (
    const change of [
      ...[0, -1, 1.5, "1", null, 2 ** 53].map((version) => ({ version })),
      { abi: 0 },
      { sha256: good.sha256.toUpperCase() },
      { sha256: good.sha256.slice(1) },
      { size_bytes: 7 },
      { assemblyscript: 1 },
      { flags: [1] },
      { flags: undefined },
      { created: "yesterday" },
      { not_after: undefined },
      { not_after: "2100-02-31" },
      { not_after: "2100-13-01T00:00:00Z" },
      { not_after: "2100-01-01T00:00:00+08:00" },
      { profiles: [] },
      { profiles: [profile, profile] },
      { profiles: [{ ...profile, tag_digits: 19 }] },
      { profiles: [{ ...profile, mac: "HMAC-MD5" }] },
      { profiles: [...good.profiles, { ...profile, digit: 3 }] }, // unproven
      answers({ tags: [] }),
      answers({ tags: undefined }),
      answers({ tags: [...tags, { ...tags[0]!, tag: "1" }] }),
      answers({ tags: [...tags, { ...tags[0]!, step: -1 }] }),
      answers({ tags: [...tags, { ...tags[0]!, seed: "00" }] }),
      answers({
        hmac_sha256: [...hmac_sha256, { ...hmac_sha256[0]!, mac: "0" }],
      }),
      { known_answers: undefined },
    ]
  ) {
    const signed = await signedBy({ ...good, ...change }, alice);
    await assertRefused("manifest", signed);
  }
  for (const other of [null, 7, "text", []]) {
    await assertRefused("manifest", await signedBy(other, alice));
  }
});

Deno.test("binaryFault() takes the manifest's binary and no other one", async () => {
  const manifest = manifestOf();
  assertEquals(await binaryFault(manifest, CORE_WASM), null);
  const other = CORE_WASM.slice();
  other[other.length - 1]! ^= 1;
  assertEquals(await binaryFault(manifest, other), "hash");
  assertEquals(await binaryFault(manifest, CORE_WASM.slice(0, -1)), "hash");
  const lying = { ...manifest, size_bytes: manifest.size_bytes + 1 };
  assertEquals(await binaryFault(lying, CORE_WASM), "hash");
});

Deno.test("binaryFault() refuses what does not compile, and what imports", async () => {
  const text = new TextEncoder().encode("no WebAssembly");
  assertEquals(await binaryFault(await manifestFor(text), text), "abi");
  // (module (import "a" "b" (func)))
  const importing = new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0],
    ...[2, 7, 1, 1, 0x61, 1, 0x62, 0, 0],
  ]);
  const manifest = await manifestFor(importing);
  assertEquals(await binaryFault(manifest, importing), "imports");
});

Deno.test("manifestProfiles() gives the profiles of the core", () => {
  assertEquals(manifestProfiles(manifestOf()), openCore(CORE_WASM).profiles);
});

Deno.test("knownAnswersHold() asks for every answer", () => {
  const core = openCore(CORE_WASM);
  const { known_answers } = CORE_DESCRIPTION;
  assert(knownAnswersHold(core, { known_answers }));
  const changed = (text: string) =>
    (text[0] === "0" ? "1" : "0") + text.slice(1);
  for (const name of ["hmac_sha256", "hmac_sm3"] as const) {
    known_answers[name].forEach((known, i) => {
      const list = known_answers[name].with(i, {
        ...known,
        mac: changed(known.mac),
      });
      const wrong = { ...known_answers, [name]: list };
      assert(!knownAnswersHold(core, { known_answers: wrong }));
    });
  }
  known_answers.tags.forEach((known, i) => {
    const tags = known_answers.tags.with(i, {
      ...known,
      tag: changed(known.tag),
    });
    const wrong = { ...known_answers, tags };
    assert(!knownAnswersHold(core, { known_answers: wrong }));
  });
  // A core that throws has not answered.
  const unknown = known_answers.tags.map((it) => ({ ...it, profile: 9 }));
  const asked = { ...known_answers, tags: unknown };
  assert(!knownAnswersHold(core, { known_answers: asked }));
});
