/**
 * Lists every kind of record that is sealed or authenticated under master keys. A
 * new kind of sealed record is added here.
 *
 * @module
 */

import type { Clock, Random } from "../base/clock.ts";
import type { Profiles } from "../code/profile.ts";
import { sealedSecrets } from "../callback/endpoint/reseal.ts";
import { sealedSeeds } from "../enrolment/reseal.ts";
import { provenKeys } from "../merchant/reseal.ts";
import type { Store } from "../store/store.ts";
import type { Vault } from "../vault/seal.ts";
import type { SealedRecords } from "../vault/sealed_records.ts";

/** Lists the kinds of sealed records. */
export function sealedKinds(deps: {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly vault: Vault;
  readonly prefix: string;
  /** Every profile that seeds may have. */
  readonly profiles: Profiles;
}): readonly SealedRecords[] {
  return [sealedSeeds(deps), sealedSecrets(deps), provenKeys(deps)];
}
