import { assert, assertEquals, assertThrows } from "@std/assert";
import { encodeBase64 } from "@std/encoding/base64";
import fc from "fast-check";
import { systemRandom } from "../../../../edge/base/clock.ts";
import { entryText, sealContext } from "../../../../edge/enrolment/record.ts";
import { parseKeyring } from "../../../../edge/vault/keyring.ts";
import { createVault, type Vault } from "../../../../edge/vault/seal.ts";
import { openEntries } from "../../../../edge/verification/offline/bucket_entries.ts";

const PLACE = { issuer: "90", profile: 1, bucket: 42 };
const vault = createVault({
  keyring: parseKeyring(`k1:${encodeBase64(new Uint8Array(32).fill(1))}`),
  random: systemRandom,
});

/** A member of the bucket's index, its seed all bytes `byte`. */
function member(credentialId: string, byte: number, changed = {}): string {
  const owner = {
    c: credentialId,
    a: `a-${byte}`,
    d: `d-${byte}`,
    g: 10 + byte,
    x: byte,
  };
  const { issuer, profile, bucket } = PLACE;
  const context = sealContext(issuer, profile, bucket, owner);
  const s = vault.sealSeed(new Uint8Array(32).fill(byte), context);
  return entryText({ ...owner, s, ...changed });
}

function open(members: readonly string[], it: Vault = vault) {
  const faults: string[] = [];
  const onSealFault = (...fault: string[]) => faults.push(fault.join(" "));
  const { packed, owners } = openEntries(
    { vault: it, onSealFault },
    PLACE,
    members,
  );
  return {
    faults,
    owners,
    credentials: [...packed.credentials],
    /** The first byte of each seed, all of whose bytes are the same. */
    seeds: Array.from(packed.credentials, (_, i) => {
      const seed = packed.seeds.subarray(32 * i, 32 * i + 32);
      assert(seed.every((byte) => byte === seed[0]));
      return seed[0];
    }),
    bytes: packed.seeds.length,
  };
}

Deno.test("openEntries() gives the two seeds of a renewed credential one number", () => {
  const members = [
    member("cred_a", 1),
    member("cred_b", 2),
    member("cred_a", 3),
    member("", 4),
    member("cred_b", 5),
  ];
  const opened = open(members);
  assertEquals(opened.seeds, [1, 2, 3, 4, 5]);
  assertEquals(opened.credentials, [0, 1, 0, 3, 1]);
  // Each seed has an end and a generation of its own.
  assertEquals(
    opened.owners,
    ["cred_a", "cred_b", "cred_a", "", "cred_b"].map((credentialId, i) => ({
      credentialId,
      accountId: `a-${i + 1}`,
      expires: i + 1,
      generation: 11 + i,
    })),
  );
});

Deno.test("openEntries() numbers a credential by the place of its first seed, whatever its id", () => {
  const id = fc.oneof(
    fc.constantFrom("", "a", "1-same-end", "2-same-end", "é", "same-end"),
    fc.nat(3).map((n) => `${n}-and-the-same-end`),
    fc.string(),
  );
  // What is sealed does not matter here.
  const all: Vault = { ...vault, seedOpener: () => () => {} };
  fc.assert(
    fc.property(fc.array(id, { maxLength: 60 }), (ids) => {
      const members = ids.map((c) =>
        entryText({ c, a: "a", d: "d", g: 1, x: 1, s: "" })
      );
      const { credentials, owners } = open(members, all);
      assertEquals(credentials, ids.map((c) => ids.indexOf(c)));
      assertEquals(owners.map((it) => it.credentialId), ids);
    }),
  );
});

Deno.test("openEntries() leaves out what does not open, says why, and keeps the rest", () => {
  const opened = open([
    member("cred_a", 1, { s: "nothing" }),
    member("cred_b", 2),
    member("cred_c", 3, { a: "another" }),
    member("cred_b", 4, { x: 5 }),
    member("cred_b", 5, { g: 5 }),
    member("cred_d", 6),
    member("cred_e", 7, { s: `v1.k9.${"A".repeat(80)}` }),
  ]);
  assertEquals(opened.faults, [
    "malformed cred_a",
    "tampered cred_c",
    "tampered cred_b",
    "tampered cred_b",
    "unknown-key cred_e",
  ]);
  assertEquals(opened.seeds, [2, 6]);
  assertEquals(opened.credentials, [0, 1]);
  assertEquals(opened.bytes, 64);
  assertEquals(opened.owners.map((it) => it.credentialId), [
    "cred_b",
    "cred_d",
  ]);
});

Deno.test("openEntries() wipes what it has opened when it cannot end", () => {
  let seeds: Uint8Array | undefined;
  const looking: Vault = {
    ...vault,
    seedOpener: (place) => {
      const open = vault.seedOpener(place);
      return (sealed, owner, into, offset) => {
        open(sealed, owner, into, offset);
        assertEquals(into[offset], 7);
        seeds = into;
      };
    },
  };
  const members = [member("cred_a", 7), "no JSON"];
  assertThrows(() => open(members, looking), SyntaxError);
  assertEquals(seeds, new Uint8Array(64));
});
