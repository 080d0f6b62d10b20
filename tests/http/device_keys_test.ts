import { assertEquals, assertMatch } from "@std/assert";
import { encodeBase64Url } from "@std/encoding/base64url";
import { startApp } from "../support/world/app.ts";
import { dumpStore } from "../support/store/dump.ts";
import { makeDevice } from "../support/world/wallet.ts";

Deno.test("POST /v1/enrolments refuses every device key that is none", async () => {
  await using app = await startApp();
  const { api } = app;
  const key = await api.walletKey();
  const { publicJwk } = await makeDevice();
  const { x, y } = publicJwk as { x: string; y: string };
  const pair = await crypto.subtle.generateKey(
    { name: "ECDH", namedCurve: "P-256" },
    true,
    ["deriveBits"],
  );
  const privateJwk = await crypto.subtle.exportKey("jwk", pair.privateKey);
  const p384 = await crypto.subtle.exportKey(
    "jwk",
    (await crypto.subtle.generateKey(
      { name: "ECDH", namedCurve: "P-384" },
      true,
      ["deriveBits"],
    )).publicKey,
  );
  const zero = encodeBase64Url(new Uint8Array(32));
  // p, the first x that is out of the field of P-256.
  const prime = "_____wAAAAEAAAAAAAAAAAAAAAD_______________8";
  const wrong: Record<string, unknown> = {
    "nothing": undefined,
    "null": null,
    "a string": JSON.stringify(publicJwk),
    "a number": 7,
    "an array": [publicJwk],
    "empty": {},
    "a private key": privateJwk,
    "another curve": p384,
    "another curve under this name": { ...p384, crv: "P-256" },
    "this point under another curve's name": { ...publicJwk, crv: "P-384" },
    "secp256k1": { ...publicJwk, crv: "secp256k1" },
    "another kind": { ...publicJwk, kty: "OKP" },
    "a secret": { kty: "oct", k: x },
    "RSA": { kty: "RSA", n: x, e: "AQAB" },
    "no x": { ...publicJwk, x: undefined },
    "no y": { ...publicJwk, y: undefined },
    "x for y": { ...publicJwk, y: x },
    "x and y exchanged": { ...publicJwk, x: y, y: x },
    "the origin": { ...publicJwk, x: zero, y: zero },
    "x out of the field": { ...publicJwk, x: prime },
    "y out of the field": { ...publicJwk, y: prime },
    "a short x": { ...publicJwk, x: x.slice(0, 42) },
    "a long x": { ...publicJwk, x: `${x}A` },
    "a padded x": { ...publicJwk, x: `${x}=` },
    "x in base64": { ...publicJwk, x: `+/${x.slice(2)}` },
    "x in hex": { ...publicJwk, x: "0".repeat(64) },
    "x as a number": { ...publicJwk, x: 1 },
    "for signatures": { ...publicJwk, use: "sig" },
    "for another algorithm": { ...publicJwk, alg: "ES256" },
  };
  const before = dumpStore(app.path);
  for (const [what, device_key] of Object.entries(wrong)) {
    const { status, body } = await api.call("POST", "/v1/enrolments", {
      key,
      body: { account_id: "alice", device_id: "phone-a", device_key },
    });
    assertEquals([status, body.code], [400, "malformed-request"], what);
    assertMatch(body.detail, /device_key|a field/i, what);
    for (const value of [x, y, privateJwk.d!, p384.x!]) {
      assertEquals(JSON.stringify(body).includes(value), false, what);
    }
  }
  assertEquals(dumpStore(app.path), before);
});

Deno.test("POST /v1/enrolments refuses and names each member of a private or symmetric key", async () => {
  await using app = await startApp();
  const { api } = app;
  const key = await api.walletKey();
  const { publicJwk } = await makeDevice();
  for (const member of ["d", "p", "q", "dp", "dq", "qi", "oth", "k"]) {
    const device_key = { ...publicJwk, [member]: "AQAB" };
    const { detail } = await api.must(400, "POST", "/v1/enrolments", {
      key,
      body: { account_id: "alice", device_id: "phone-a", device_key },
    });
    assertMatch(detail, RegExp(`^device_key\\.${member} must`));
  }
});

Deno.test("POST /v1/enrolments takes what browsers and libraries put beside the four members of a device key", async () => {
  await using app = await startApp();
  const { api } = app;
  const key = await api.walletKey();
  const { publicJwk } = await makeDevice();
  for (
    const extra of [
      {},
      { ext: true, key_ops: [] },
      { alg: "ECDH-ES", use: "enc", kid: "phone key 1" },
      // RFC 7517 §4: what is not understood is ignored.
      { iat: 1, x5c: ["x"], jku: "https://keys.example", "urn:a": { d: "x" } },
      JSON.parse('{"__proto__":{"d":"x"}}'),
    ]
  ) {
    await api.must(201, "POST", "/v1/enrolments", {
      key,
      body: {
        account_id: "alice",
        device_id: "phone-a",
        device_key: { ...publicJwk, ...extra },
      },
    });
  }
});
