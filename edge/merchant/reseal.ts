/**
 * Makes the proofs of API keys' records anew under the first key of the keyring. A
 * record whose proof is not valid is not a key, and is left unchanged.
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import { commit } from "../store/commit.ts";
import { entriesOf } from "../store/indexes.ts";
import {
  apiKeyKey,
  merchantKeysKey,
  MERCHANTS_KEY,
  OPERATOR_KEYS_KEY,
} from "../store/keys.ts";
import {
  type Held,
  plainText,
  readRecords,
  recordKind,
} from "../store/record.ts";
import type { Store } from "../store/store.ts";
import type { Vault } from "../vault/seal.ts";
import type { Resealed, SealedRecords } from "../vault/sealed_records.ts";
import { keptMs, keyRecord, kidOfKeyRecord } from "./key_record.ts";

const PAGE = 100;

interface ResealDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly vault: Vault;
}

/** The records of all API keys. */
export function provenKeys(deps: ResealDeps): SealedRecords {
  const { store } = deps;
  return {
    kind: "API keys",
    async *parts() {
      for await (const index of keyIndexes(store)) {
        for await (const page of entriesOf(store, index, PAGE)) {
          // An index member is `<key id>:<hash>`.
          const hashes = page.map(({ member }) => member.split(":")[1]!);
          const held = await readRecords(store, hashes.map((it) => texts(it)));
          for (const [i, record] of held.entries()) {
            if (record.value === null) continue;
            const kid = kidOfKeyRecord(record.value) ?? "none";
            yield {
              counts: new Map([[kid, 1]]),
              reseal: () => reseal(deps, hashes[i]!, record),
            };
          }
        }
      }
    },
  };
}

/** Key records as plain texts, because a foreign record may have any form. */
const texts = recordKind({ key: apiKeyKey, form: plainText });

async function* keyIndexes(store: Store): AsyncGenerator<string> {
  yield OPERATOR_KEYS_KEY;
  for await (const page of entriesOf(store, MERCHANTS_KEY, PAGE)) {
    for (const { member } of page) yield merchantKeysKey(member);
  }
}

async function reseal(
  { store, clock, vault }: ResealDeps,
  hash: string,
  held: Held<string>,
): Promise<Resealed> {
  if (kidOfKeyRecord(held.value!) === vault.sealingKid) {
    return { resealed: 0, unopened: 0 };
  }
  const record = keyRecord(vault, hash);
  const fields = record.held(held.value).value;
  if (fields === null) return { resealed: 0, unopened: 1 };
  const { ends_at } = fields;
  const ttlMs = ends_at === undefined
    ? undefined
    : keptMs(ends_at, clock.nowMs());
  const { committed } = await commit(store, {
    guards: [held.unchanged("key")],
    writes: [record.set(fields, ttlMs)],
  });
  // If the commit was refused, another change came first, and it made a new proof.
  return { resealed: committed ? 1 : 0, unopened: 0 };
}
