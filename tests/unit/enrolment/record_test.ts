import { assert, assertEquals } from "@std/assert";
import {
  credentialForm,
  type CredentialRecord,
  entryText,
} from "../../../edge/enrolment/record.ts";

const ID = `cred_${"0".repeat(32)}`;

/** A seed of alice's in a bucket. */
function seed(bucket: number, generation: number) {
  const owner = { c: ID, a: "alice", d: "phone-a" };
  const expires = 1_800_000_000 + generation;
  const s = `v1.2026-01.${"s".repeat(80)}`;
  return {
    profile: 1,
    bucket,
    generation,
    expires,
    entry: entryText({ ...owner, g: generation, x: expires, s }),
  };
}

const credential: CredentialRecord = {
  credential_id: ID,
  account_id: "alice",
  device_id: "phone-a",
  device_point: "p".repeat(44),
  ...seed(42, 1),
  status: "active",
  created_at: "2026-01-15T12:00:00.000Z",
};

Deno.test("credentialForm() reads all of what was written, each entry to the letter", () => {
  const { write, read } = credentialForm(ID);
  const many: CredentialRecord[] = [
    credential,
    { ...credential, ...seed(43, 2), old: seed(42, 1), renewals: ["h", ""] },
    { ...credential, wallet_system: "one" },
    { ...credential, previous: ID },
    { ...credential, old: seed(42, 1), previous: ID },
    { ...credential, status: "revoked", entry: null },
  ];
  for (const record of many) assertEquals(read(write(record)), record);
});

Deno.test("a credential is stored in 225 bytes", () => {
  const text = credentialForm(ID).write(credential);
  assert(text.length <= 225, text);
});
