/**
 * Checks the settings of the store once, as soon as it can be reached. A database
 * that evicts records, that loses them at a restart or that is too old serves
 * payments without an error until it loses one.
 *
 * Findings go to the log and to readiness. A store that evicts is refused unless
 * the operator allows it, because it can forget which codes were used. A hosted
 * database may hide its settings; then a warning says which are unknown.
 *
 * @module
 */

import type { Log } from "../base/log.ts";
import type { Store, StoreFacts } from "../store/store.ts";

/** What an operator should change about the store. */
export interface StoreWarning {
  readonly code:
    | "store-evicts"
    | "store-not-durable"
    | "store-too-old"
    | "store-settings-unknown";
  /** A sentence for the operator. */
  readonly detail: string;
}

/** The findings of the check. */
export interface StoreFindings {
  readonly warnings: readonly StoreWarning[];
  /** Why the store must not be used, or `null` if it may be used. */
  readonly refusal: string | null;
}

/** The check of the store. */
export interface StoreCheck {
  /**
   * The findings. The store is asked until it has answered once, and again as long as it is
   * refused.
   *
   * @throws {StoreUnavailableError} If the store is asked and does not answer.
   */
  look(): Promise<StoreFindings>;
}

const FIRST_VERSION = "7.0";

/** Makes the check; it logs each warning once. */
export function createStoreCheck(
  deps: {
    store: Pick<Store, "facts">;
    log: Log;
    /** Whether a store that evicts is used all the same. */
    allowsEviction: boolean;
  },
): StoreCheck {
  let findings: StoreFindings | null = null;
  let asking: Promise<StoreFindings> | null = null;
  const logged = new Set<string>();

  async function ask(): Promise<StoreFindings> {
    const facts = await deps.store.facts?.() ?? [];
    // Several databases that are set alike make the same sentences.
    const byDetail = new Map(
      facts.flatMap(warningsOf).map((it) => [it.detail, it]),
    );
    const warnings = [...byDetail.values()];
    for (const { code, detail } of warnings) {
      if (logged.has(detail)) continue;
      logged.add(detail);
      deps.log("warn", "store is not set as payments need it", {
        code,
        detail,
      });
    }
    const eviction = warnings.find(({ code }) => code === "store-evicts");
    return {
      warnings,
      refusal: deps.allowsEviction ? null : eviction?.detail ?? null,
    };
  }

  return {
    async look() {
      // A refused store is asked again, because its operator can set it right meanwhile.
      if (findings?.refusal === null) return findings;
      asking ??= ask().finally(() => asking = null);
      return findings = await asking;
    },
  };
}

function warningsOf(facts: StoreFacts): StoreWarning[] {
  const { version, evictionPolicy, appendOnly } = facts;
  const warnings: StoreWarning[] = [];
  if (evictionPolicy !== null && evictionPolicy !== "noeviction") {
    warnings.push({
      code: "store-evicts",
      detail: `The Redis has maxmemory-policy ${evictionPolicy} and may drop ` +
        "which codes were used and what was paid: set noeviction.",
    });
  }
  if (appendOnly === false) {
    warnings.push({
      code: "store-not-durable",
      detail: "The Redis has no append-only file and may lose payments when " +
        "it restarts: set appendonly yes.",
    });
  }
  if (version !== null && isOlder(version, FIRST_VERSION)) {
    warnings.push({
      code: "store-too-old",
      detail: `The Redis is version ${version}; ${FIRST_VERSION} is the ` +
        "oldest that is served.",
    });
  }
  const unknown = [
    ...version === null ? ["its version"] : [],
    ...evictionPolicy === null ? ["whether it evicts"] : [],
    ...appendOnly === null ? ["whether it has an append-only file"] : [],
  ];
  if (unknown.length > 0) {
    warnings.push({
      code: "store-settings-unknown",
      detail: `The Redis does not tell ${unknown.join(", nor ")}: ask who ` +
        "runs it.",
    });
  }
  return warnings;
}

/**
 * Whether a version is older than another; both are numbers separated by dots.
 */
function isOlder(version: string, other: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [otherMajor = 0, otherMinor = 0] = other.split(".").map(Number);
  return major !== otherMajor ? major < otherMajor : minor < otherMinor;
}
