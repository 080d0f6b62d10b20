import { assert, assertEquals, assertThrows } from "@std/assert";
import { encodeBase64 } from "@std/encoding/base64";
import fc from "fast-check";
import { systemRandom } from "../../edge/base/clock.ts";
import { fields } from "../../edge/vault/fields.ts";
import { parseKeyring } from "../../edge/vault/keyring.ts";
import {
  createVault,
  type SealContext,
  SealError,
} from "../../edge/vault/seal.ts";

const keyring = parseKeyring(
  `k1:${encodeBase64(new Uint8Array(32).fill(1))}`,
);
const vault = createVault({ keyring, random: systemRandom });

/** Short strings of few characters, so that near twins are common. */
const text = fc.oneof(
  fc.string({ unit: fc.constantFrom("a", "b", "1", "\0"), maxLength: 3 }),
  fc.string({ unit: "grapheme", maxLength: 64 }),
);
const number = fc.oneof(fc.nat(12), fc.maxSafeNat());

const context: fc.Arbitrary<SealContext> = fc.record({
  issuer: text,
  accountId: text,
  deviceId: text,
  credentialId: text,
  profile: number,
  bucket: number,
  expiresAtSeconds: number,
  generation: number,
});

const seed = fc.uint8Array({ minLength: 32, maxLength: 32 });

Deno.test("openSeed() gives any seed back in its own context and in no other", () => {
  fc.assert(
    fc.property(seed, context, context, (bytes, own, other) => {
      const sealed = vault.sealSeed(bytes, own);
      assertEquals(vault.openSeed(sealed, own), new Uint8Array(bytes));
      if (JSON.stringify(own) === JSON.stringify(other)) return;
      assertThrows(() => vault.openSeed(sealed, other), SealError);
    }),
    { numRuns: 1000 },
  );
});

Deno.test("openSeed() throws nothing but SealError, whatever it is given", () => {
  const near = fc.tuple(
    fc.constantFrom("v1.k1.", "v1.k2.", "v2.k1.", "v1.", "v1.k1"),
    fc.oneof(
      fc.string({ unit: "binary" }),
      fc.base64String().map((s) => s.replace(/[+/=]/g, "_")),
      fc.stringMatching(/^[\w-]{80}$/),
    ),
  ).map(([head, tail]) => head + tail);
  const sealed = fc.oneof(fc.string({ unit: "binary" }), near);
  fc.assert(
    fc.property(sealed, context, (given, own) => {
      assertThrows(() => vault.openSeed(given, own), SealError);
    }),
    { numRuns: 2000 },
  );
});

Deno.test("fields() never gives two lists the same bytes", () => {
  const list = fc.array(fc.oneof(text, number), { maxLength: 4 });
  const asTexts = (values: (string | number)[]) => values.map(String);
  fc.assert(
    fc.property(list, list, (a, b) => {
      const same = JSON.stringify(asTexts(a)) === JSON.stringify(asTexts(b));
      const [first, second] = [fields(a), fields(b)];
      assertEquals(Buffer.compare(first, second) === 0, same);
    }),
    { numRuns: 2000 },
  );
});

Deno.test("keyedHashMatches() holds exactly for equal data and purpose", () => {
  fc.assert(
    fc.property(text, text, text, text, (purpose, data, other, more) => {
      const stored = vault.keyedHash(purpose, data);
      assert(vault.keyedHashMatches(purpose, data, stored));
      assertEquals(
        vault.keyedHashMatches(other, more, stored),
        other === purpose && more === data,
      );
    }),
    { numRuns: 1000 },
  );
});
