/**
 * Unseals the stored entries of a bucket for the core. An entry that does not open is
 * left out: its owner cannot pay, but all others can.
 *
 * @module
 */

import { type PackedSlots, SEED_BYTES } from "../../core/core.ts";
import { parseEntry } from "../../enrolment/record.ts";
import { SealError, type Vault } from "../../vault/seal.ts";
import type { SeedPlace } from "../../vault/seed_opener.ts";
import type { SlotOwner } from "./owners.ts";

/** The seeds of a bucket, for the core, and their owners. */
export interface OpenedEntries {
  /**
   * The seeds and their credential numbers. A credential's number is the index of its
   * first seed in `owners`. The caller must wipe the seeds.
   */
  readonly slots: PackedSlots;
  /** The owner of each seed. */
  readonly owners: readonly SlotOwner[];
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
  const owners: SlotOwner[] = [];
  const numberOf = createNumbering(owners, members.length);
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
      credentials[opened++] = numberOf(c);
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
    slots: {
      seeds: seeds.subarray(0, SEED_BYTES * opened),
      credentials: credentials.subarray(0, opened),
    },
    owners,
  };
}

/**
 * Finds the first place of a credential among `owners`, or the one behind the
 * last: a renewed credential may have two seeds here and has one number. A `Map` of as many ids
 * took a twentieth of the whole way from the store into the core.
 */
function createNumbering(
  owners: readonly SlotOwner[],
  most: number,
): (credentialId: string) => number {
  const mask = 2 ** Math.ceil(Math.log2(2 * most + 1)) - 1;
  /** Numbers from 1, each at its hash or in the next place that was free. */
  const places = new Uint32Array(mask + 1);
  return (credentialId) => {
    // The last digits of an id are random.
    let hash = 0;
    for (
      let i = Math.max(0, credentialId.length - 8);
      i < credentialId.length;
      i++
    ) {
      hash = Math.imul(hash, 31) + credentialId.charCodeAt(i);
    }
    for (let place = hash & mask;; place = (place + 1) & mask) {
      const number = places[place]! - 1;
      if (number < 0) return (places[place] = owners.length + 1) - 1;
      if (owners[number]!.credentialId === credentialId) return number;
    }
  };
}
