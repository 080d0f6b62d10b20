import {
  assert,
  assertEquals,
  assertNotEquals,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { decodeBase64Url, encodeBase64Url } from "@std/encoding/base64url";
import {
  compressKey,
  type DeviceKey,
  DeviceKeyError,
  expandKey,
  sealForDevice,
  type SeedDelivery,
} from "../../../edge/vault/deliver.ts";

const utf8 = new TextEncoder();
const P256 = { name: "ECDH", namedCurve: "P-256" };
const recipient = { credentialId: "cred_00ff", deviceId: "phone-7" };
const payload: SeedDelivery = {
  seed: encodeBase64Url(Uint8Array.from({ length: 32 }, (_, i) => 255 - i)),
  prefix: "90",
  profile: 1,
  bucket: 42,
  bucket_digits: 4,
  tag_digits: 11,
  time_step_seconds: 30,
  credential_id: "cred_00ff",
  expires_at: "2026-03-02T12:00:00.000Z",
};

interface Device {
  readonly key: DeviceKey;
  readonly privateKey: CryptoKey;
}

async function newDevice(): Promise<Device> {
  const { publicKey, privateKey } = await crypto.subtle.generateKey(
    P256,
    true,
    ["deriveBits"],
  );
  const { x, y } = await crypto.subtle.exportKey("jwk", publicKey);
  return { key: { kty: "EC", crv: "P-256", x: x!, y: y! }, privateKey };
}

function lengthPrefixed(bytes: Uint8Array): number[] {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, bytes.length);
  return [...length, ...bytes];
}

/** ECDH and the one-round Concat KDF of RFC 7518 §4.6.2, from its text. */
async function agree(
  privateKey: CryptoKey,
  header: { enc: string; epk: JsonWebKey; apu: string; apv: string },
  keyBits: 128 | 256,
): Promise<Uint8Array<ArrayBuffer>> {
  const { kty, crv, x, y } = header.epk as Record<string, string>;
  const epk = await crypto.subtle.importKey(
    "jwk",
    { kty, crv, x, y } as JsonWebKey,
    P256,
    false,
    [],
  );
  const z = await crypto.subtle.deriveBits(
    { name: "ECDH", public: epk },
    privateKey,
    256,
  );
  const input = Uint8Array.from([
    ...[0, 0, 0, 1],
    ...new Uint8Array(z),
    ...lengthPrefixed(utf8.encode(header.enc)),
    ...lengthPrefixed(decodeBase64Url(header.apu)),
    ...lengthPrefixed(decodeBase64Url(header.apv)),
    ...[0, 0, keyBits >> 8, keyBits & 255],
  ]);
  const digest = await crypto.subtle.digest("SHA-256", input);
  return new Uint8Array(digest.slice(0, keyBits / 8));
}

/** Opens a compact JWE with Web Crypto alone. */
async function open(jwe: string, privateKey: CryptoKey) {
  const [protectedPart, encryptedKey, iv, cipherText, tag, ...rest] = jwe
    .split(".");
  assertEquals(encryptedKey, "");
  assertEquals(rest, []);
  const header = JSON.parse(
    new TextDecoder().decode(decodeBase64Url(protectedPart!)),
  );
  const key = await crypto.subtle.importKey(
    "raw",
    await agree(privateKey, header, 256),
    "AES-GCM",
    false,
    ["decrypt"],
  );
  const plain = await crypto.subtle.decrypt(
    {
      name: "AES-GCM",
      iv: decodeBase64Url(iv!),
      additionalData: utf8.encode(protectedPart!),
    },
    key,
    Uint8Array.from([
      ...decodeBase64Url(cipherText!),
      ...decodeBase64Url(tag!),
    ]),
  );
  return { header, plain: new TextDecoder().decode(plain) };
}

Deno.test("the key agreement of these tests meets RFC 7518 appendix C", async () => {
  const bob = await crypto.subtle.importKey(
    "jwk",
    {
      kty: "EC",
      crv: "P-256",
      x: "weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ",
      y: "e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck",
      d: "VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw",
    },
    P256,
    false,
    ["deriveBits"],
  );
  const key = await agree(bob, {
    enc: "A128GCM",
    apu: "QWxpY2U",
    apv: "Qm9i",
    epk: {
      kty: "EC",
      crv: "P-256",
      x: "gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0",
      y: "SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps",
    },
  }, 128);
  assertEquals(encodeBase64Url(key), "VqqN6vgjbSBcIijNcacQGg");
});

Deno.test("sealForDevice() is opened by the device with Web Crypto alone", async () => {
  const device = await newDevice();
  const jwe = await sealForDevice(device.key, payload, recipient);
  const { header, plain } = await open(jwe, device.privateKey);
  assertEquals(Object.keys(header).sort(), ["alg", "apu", "apv", "enc", "epk"]);
  assertEquals(header.alg, "ECDH-ES");
  assertEquals(header.enc, "A256GCM");
  assertEquals(header.apu, encodeBase64Url("cred_00ff"));
  assertEquals(header.apv, encodeBase64Url("phone-7"));
  assertEquals(Object.keys(header.epk).sort(), ["crv", "kty", "x", "y"]);
  assertEquals(JSON.parse(plain), {
    seed: payload.seed,
    prefix: "90",
    profile: 1,
    bucket: 42,
    bucket_digits: 4,
    tag_digits: 11,
    time_step_seconds: 30,
    credential_id: "cred_00ff",
    expires_at: "2026-03-02T12:00:00.000Z",
  });
});

Deno.test("compressKey() writes a key in 44 characters, which expandKey() reads", async () => {
  for (let i = 0; i < 8; i++) {
    const { key } = await newDevice();
    const point = compressKey(key);
    // Its first byte is 2 or 3.
    assert(/^A[g-z\d_-][\w-]{42}$/.test(point));
    assertEquals(expandKey(point), key);
  }
});

Deno.test("compressKey() refuses what is no point of the curve", async () => {
  const { key } = await newDevice();
  const error = assertThrows(
    () => compressKey({ ...key, y: key.x }),
    DeviceKeyError,
    "The device key is no public key on the curve P-256",
  );
  assertEquals(error.name, "DeviceKeyError");
});

Deno.test("sealForDevice() uses a new ephemeral key each time", async () => {
  const { key, privateKey } = await newDevice();
  const a = await sealForDevice(key, payload, recipient);
  const b = await sealForDevice(key, payload, recipient);
  const [first, second] = [
    await open(a, privateKey),
    await open(b, privateKey),
  ];
  assertNotEquals(first.header.epk.x, second.header.epk.x);
  assertEquals(first.plain, second.plain);
});

Deno.test("sealForDevice() is for one device, one credential and unchanged only", async () => {
  const device = await newDevice();
  const other = await newDevice();
  const jwe = await sealForDevice(device.key, payload, recipient);
  await assertRejects(() => open(jwe, other.privateKey));
  const parts = jwe.split(".");
  const header = JSON.parse(
    new TextDecoder().decode(decodeBase64Url(parts[0]!)),
  );
  for (const member of ["apu", "apv"]) {
    const moved = { ...header, [member]: encodeBase64Url("someone else") };
    const text = [encodeBase64Url(JSON.stringify(moved)), ...parts.slice(1)]
      .join(".");
    await assertRejects(() => open(text, device.privateKey));
  }
  for (const part of [2, 3, 4]) {
    const bytes = decodeBase64Url(parts[part]!);
    bytes[0]! ^= 1;
    const text = parts.with(part, encodeBase64Url(bytes)).join(".");
    await assertRejects(() => open(text, device.privateKey));
  }
});

Deno.test("sealForDevice() refuses points off the curve, other curves and no keys", async () => {
  const { key } = await newDevice();
  const flip = (text: string) => {
    const bytes = decodeBase64Url(text);
    bytes[31]! ^= 1;
    return encodeBase64Url(bytes);
  };
  const p384 = await crypto.subtle.generateKey(
    { name: "ECDH", namedCurve: "P-384" },
    true,
    ["deriveBits"],
  );
  const zero = encodeBase64Url(new Uint8Array(32));
  const ones = encodeBase64Url(new Uint8Array(32).fill(0xff));
  const bad: unknown[] = [
    { ...key, x: flip(key.x) },
    { ...key, y: flip(key.y) },
    { ...key, x: key.y, y: key.x },
    { ...key, x: zero, y: zero },
    { ...key, x: ones, y: ones },
    { ...key, x: key.x.slice(4) },
    { ...key, x: "" },
    { ...key, crv: "P-384" },
    { ...key, crv: "secp256k1" },
    { ...key, kty: "oct" },
    await crypto.subtle.exportKey("jwk", p384.publicKey),
    {},
  ];
  for (const jwk of bad) {
    const error = await assertRejects(
      () => sealForDevice(jwk as DeviceKey, payload, recipient),
      DeviceKeyError,
    );
    assertEquals(
      error.message,
      "The device key is no public key on the curve P-256",
    );
    assert(!Deno.inspect(error, { depth: 10 }).includes(payload.seed));
  }
});

Deno.test("sealForDevice() never uses a private part that came along", async () => {
  const { privateKey } = await newDevice();
  const jwk = await crypto.subtle.exportKey("jwk", privateKey);
  const jwe = await sealForDevice(
    jwk as unknown as DeviceKey,
    payload,
    recipient,
  );
  assertEquals(JSON.parse((await open(jwe, privateKey)).plain), payload);
  assert(!atob(jwe.split(".")[0]!).includes('"d"'));
});

Deno.test("sealForDevice() wipes the text with the seed in it", async () => {
  const { key } = await newDevice();
  const { prototype } = TextEncoder;
  const { encode } = prototype;
  const held: Uint8Array[] = [];
  prototype.encode = function (text = "") {
    const bytes = encode.call(this, text);
    if (text.includes(payload.seed)) held.push(bytes);
    return bytes;
  };
  try {
    await sealForDevice(key, payload, recipient);
  } finally {
    prototype.encode = encode;
  }
  assert(held.length > 0);
  for (const bytes of held) assertEquals(bytes, new Uint8Array(bytes.length));
});
