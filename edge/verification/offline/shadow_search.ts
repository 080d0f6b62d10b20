/**
 * Gives each search to the core in shadow as well. That core has buckets of its
 * own, which are read from the store like those of the active core. This can
 * neither refuse nor delay a search of the active core.
 *
 * @module
 */

import type { ShadowCore, ShadowQuery } from "../../core/shadow.ts";
import type { BucketCache } from "./bucket_cache.ts";

/** Reports to the core in shadow what happens in the active core. */
export interface ShadowSearch {
  /** A search was made in a bucket of this revision. */
  search(query: ShadowQuery, revision: string | null): void;
  /**
   * This process has changed a bucket, so the bucket that was loaded is wiped.
   */
  expire(profile: number, bucket: number): void;
}

/** Makes a {@linkcode ShadowSearch}. */
export function createShadowSearch(deps: {
  /** The core in shadow, if one is there. */
  shadow: () => ShadowCore | null;
  /** Makes the buckets of such a core. */
  newBuckets: (core: ShadowCore) => BucketCache<ShadowCore>;
}): ShadowSearch {
  let current: { core: ShadowCore; buckets: BucketCache<ShadowCore> } | null =
    null;
  function search(query: ShadowQuery, revision: string | null): void {
    const core = deps.shadow();
    if (core === null) {
      current = null;
      return;
    }
    if (current?.core !== core) {
      current = { core, buckets: deps.newBuckets(core) };
    }
    const { buckets } = current;
    const { profile, bucket } = query.id;
    const loaded = buckets.held(profile, bucket);
    const isUsable = loaded !== undefined &&
      (loaded.revision === revision || buckets.isFresh(loaded));
    if (isUsable) return core.search(query);
    // If the store cannot be asked for the bucket, the search is not compared.
    buckets.load(profile, bucket, () => core.search(query)).catch(() => {});
  }

  return {
    search,
    expire: (profile, bucket) => current?.buckets.expire(profile, bucket),
  };
}
