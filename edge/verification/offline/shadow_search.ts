/**
 * Gives each search to the core in shadow, too. The core there has buckets of
 * its own, read from the store like those of the active core. Nothing here can
 * refuse or delay a search of the active core.
 *
 * @module
 */

import type { ShadowCore, ShadowQuery } from "../../core/shadow.ts";
import type { BucketCache } from "./bucket_cache.ts";

/** What is told of what happens at the active core. */
export interface ShadowSearch {
  /** A search was made in a bucket of this revision. */
  search(query: ShadowQuery, revision: string | null): void;
  /** This process has changed a bucket, so what was loaded of it is wiped. */
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
    // A search is not compared where the store cannot be asked for the bucket.
    buckets.load(profile, bucket, () => core.search(query)).catch(() => {});
  }

  return {
    search,
    expire: (profile, bucket) => current?.buckets.expire(profile, bucket),
  };
}
