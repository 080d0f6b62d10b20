/**
 * The entries of a bucket as they lie in the store, unsealed for the core. One
 * that does not open is left out, so that its owner cannot pay and all others
 * can.
 *
 * @module
 */

import type { SeedSlot } from "../core/core.ts";
import { type BucketEntry, sealContext } from "../enrolment/record.ts";
import { SealError, type Vault } from "../vault/seal.ts";
import type { SlotOwner } from "./owners.ts";

/** What the core is to hold of a bucket, and whose it is. */
export interface OpenedEntries {
  /** Their credential numbers are places in `owners`; the caller wipes them. */
  readonly slots: readonly SeedSlot[];
  readonly owners: readonly SlotOwner[];
}

/** Opens what can be opened of the members of a bucket's index. */
export function openEntries(
  { vault, onSealFault }: {
    vault: Vault;
    /** Told when an entry does not open. */
    onSealFault: (fault: SealError["reason"], credentialId: string) => void;
  },
  { issuer, profile, bucket }: {
    issuer: string;
    profile: number;
    bucket: number;
  },
  members: readonly string[],
): OpenedEntries {
  // A renewed credential has two seeds and one number.
  const numbers = new Map<string, number>();
  const owners: SlotOwner[] = [];
  const slots: SeedSlot[] = [];
  try {
    for (const member of members) {
      const entry = JSON.parse(member) as BucketEntry;
      let seed: Uint8Array;
      try {
        const context = sealContext(issuer, profile, bucket, entry);
        seed = vault.openSeed(entry.s, context);
      } catch (error) {
        if (!(error instanceof SealError)) throw error;
        onSealFault(error.reason, entry.c);
        continue;
      }
      let credential = numbers.get(entry.c);
      if (credential === undefined) {
        credential = owners.length;
        numbers.set(entry.c, credential);
        owners.push({
          credentialId: entry.c,
          accountId: entry.a,
          expires: entry.x,
        });
      }
      slots.push({ seed, credential });
    }
  } catch (error) {
    wipeSeeds(slots);
    throw error;
  }
  return { slots, owners };
}

/** Zeroes the seeds. */
export function wipeSeeds(slots: readonly SeedSlot[]): void {
  for (const { seed } of slots) seed.fill(0);
}
