/**
 * Seals the secrets of callback endpoints anew under the first key of the
 * keyring. Secrets that no longer sign are deleted.
 *
 * @module
 */

import type { Clock } from "../../base/clock.ts";
import { commit } from "../../store/commit.ts";
import { entriesOf } from "../../store/indexes.ts";
import { MERCHANTS_KEY } from "../../store/keys.ts";
import { type Held, readRecords } from "../../store/record.ts";
import { LOST, retry } from "../../store/retry.ts";
import type { Store } from "../../store/store.ts";
import { kidOf, SealError, type Vault } from "../../vault/seal.ts";
import {
  addCounts,
  type Resealed,
  type SealedRecords,
} from "../../vault/sealed_records.ts";
import type { EndpointRecord } from "../message/record.ts";
import { endpoints } from "../message/stored.ts";
import { resealEndpoint } from "./endpoint_record.ts";

/** Merchants whose endpoints are read in one call. */
const PAGE = 100;
const TRIES = 5;

/** The secrets of all endpoints. */
export function sealedSecrets(
  deps: { store: Store; clock: Clock; vault: Vault },
): SealedRecords {
  const { store } = deps;
  return {
    kind: "callback secrets",
    async *parts() {
      for await (const page of entriesOf(store, MERCHANTS_KEY, PAGE)) {
        const held = await readRecords(
          store,
          page.map(({ member }) => endpoints(member)),
        );
        for (const [i, endpoint] of held.entries()) {
          if (endpoint.value === null) continue;
          const kids = secretsOf(endpoint.value).map((it) =>
            kidOf(it) ?? "none"
          );
          yield {
            counts: addCounts(new Map(), kids),
            reseal: () => reseal(deps, page[i]!.member, endpoint),
          };
        }
      }
    },
  };
}

function secretsOf(record: EndpointRecord): string[] {
  const { secret, previous_secret, earlier_secrets = [] } = record;
  return [
    secret,
    ...previous_secret === undefined ? [] : [previous_secret],
    ...earlier_secrets.map((it) => it.secret),
  ];
}

async function reseal(
  { store, clock, vault }: { store: Store; clock: Clock; vault: Vault },
  merchantId: string,
  first: Held<EndpointRecord, "merchant">,
): Promise<Resealed> {
  const nothing = { resealed: 0, unopened: 0 };
  let endpoint = first;
  return await retry(async () => {
    if (endpoint.value === null) return nothing;
    const old = secretsOf(endpoint.value)
      .filter((it) => kidOf(it) !== vault.sealingKid);
    if (old.length === 0) return nothing;
    let next: EndpointRecord;
    try {
      next = resealEndpoint(vault, endpoint.value, clock.nowMs());
    } catch (error) {
      if (!(error instanceof SealError)) throw error;
      return { resealed: 0, unopened: old.length };
    }
    const { committed } = await commit(store, {
      guards: [endpoint.unchanged("endpoint")],
      writes: [endpoint.set(next)],
    });
    if (committed) return { resealed: old.length, unopened: 0 };
    [endpoint] = await readRecords(store, [endpoints(merchantId)]);
    return LOST;
  }, { tries: TRIES, otherwise: () => nothing });
}
