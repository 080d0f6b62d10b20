import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { systemRandom } from "../../../../edge/base/clock.ts";
import { newId } from "../../../../edge/base/ids.ts";
import {
  ownerAt,
  packOwners,
  type SeedOwner,
} from "../../../../edge/verification/offline/owners.ts";

Deno.test("ownerAt() gives back every owner that packOwners() took", () => {
  const text = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 64 }),
    fc.string({ unit: fc.constantFrom("a", "é", "\0", "\ufeff", "💶") }),
  );
  const hex = fc.stringMatching(/^[0-9a-f]{32}$/);
  const credentialId = fc.oneof(
    hex.map((digits) => `cred_${digits}`),
    // Nearly an id, and so not to be kept as one.
    hex.map((digits) => `cred_${digits.toUpperCase()}`),
    hex.map((digits) => `pay_${digits}`),
    fc.constantFrom(
      "",
      "cred_",
      `cred_${"0".repeat(31)}`,
      `cred_${"0".repeat(31)}g`,
      `cred_g${"0".repeat(31)}`,
    ),
    text,
  );
  const owner: fc.Arbitrary<SeedOwner> = fc.record({
    credentialId,
    accountId: text,
    expires: fc.maxSafeNat(),
    generation: fc.nat(2 ** 32 - 1),
  });
  fc.assert(
    fc.property(fc.array(owner, { maxLength: 40 }), (owners) => {
      const packed = packOwners(owners);
      assertEquals(owners.map((_, i) => ownerAt(packed, i)), owners);
    }),
    { numRuns: 1000 },
  );
});

Deno.test("packOwners() takes 34 bytes beside the account id", () => {
  const owners = Array.from({ length: 100 }, () => ({
    credentialId: newId("cred", systemRandom),
    accountId: "0123456789",
    expires: 1_800_000_000,
    generation: 1,
  }));
  assert(packOwners(owners).bytes.buffer.byteLength === 4 + 100 * (34 + 10));
});
