/**
 * Unseals the stored entries of a bucket for the core. An entry that does not open is
 * left out: its owner cannot pay, but all others can.
 *
 * @module
 */

import { type PackedSeeds, SEED_BYTES } from "../../core/core.ts";
import { parseEntry } from "../../enrolment/record.ts";
import { SealError, type Vault } from "../../vault/seal.ts";
import type { SeedPlace } from "../../vault/seed_opener.ts";
import type { SeedOwner } from "./owners.ts";

/** The seeds of a bucket, for the core, and their owners. */
export interface OpenedEntries {
  /**
   * The seeds and their credential numbers. A credential's number is the index of its
   * first seed in `owners`. The caller must wipe the seeds.
   */
  readonly packed: PackedSeeds;
  /** The owner of each seed. */
  readonly owners: readonly SeedOwner[];
}

/** Opens the members of a bucket's index; those that do not open are left out. */
export function openEntries(
  { vault, onSealFault }: {
    vault: Vault;
    /** Called with an entry that does not open. */
    onSealFault: (fault: SealError["reason"], credentialId: string) => void;
  },
  place: SeedPlace,
  members: readonly string[],
): OpenedEntries {
  const owners: SeedOwner[] = [];
  // A renewed credential could have two seeds here, and has one number.
  const numbers = new Map<string, number>();
  const seeds = new Uint8Array(SEED_BYTES * members.length);
  const credentials = new Uint32Array(members.length);
  const openSeed = vault.seedOpener(place);
  let opened = 0;
  try {
    for (const member of members) {
      const { c, a, d, g, x, s } = parseEntry(member);
      const owner = {
        credentialId: c,
        accountId: a,
        deviceId: d,
        expiresAtSeconds: x,
        generation: g,
      };
      try {
        openSeed(s, owner, seeds, SEED_BYTES * opened);
      } catch (error) {
        if (!(error instanceof SealError)) throw error;
        onSealFault(error.reason, c);
        continue;
      }
      const number = numbers.get(c) ?? owners.length;
      numbers.set(c, number);
      credentials[opened++] = number;
      owners.push({
        credentialId: c,
        accountId: a,
        expires: x,
        generation: g,
      });
    }
  } catch (error) {
    seeds.fill(0);
    throw error;
  }
  return {
    packed: {
      seeds: seeds.subarray(0, SEED_BYTES * opened),
      credentials: credentials.subarray(0, opened),
    },
    owners,
  };
}
