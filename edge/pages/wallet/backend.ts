/// <reference lib="dom" />
/**
 * The wallet page's calls to its backend. No call contains a code or an unsealed seed.
 *
 * @module
 */

/** A customer whom the page offers. */
export interface Customer {
  readonly account_id: string;
  readonly name: string;
}

/** What a wallet needs before it enrols. */
export interface Start {
  readonly customers: readonly Customer[];
  readonly release_keys: readonly string[];
  readonly release_threshold: number;
}

/** An enrolment with its seed, sealed for this phone. */
export interface Delivery {
  readonly credential_id: string;
  readonly account_id: string;
  readonly device_id: string;
  /** RFC 3339. */
  readonly expires_at: string;
  readonly seed_jwe: string;
}

/** A payment that waits for the customer's confirmation. */
export interface Waiting {
  readonly payment_id: string;
  readonly merchant_name: string;
  readonly amount_minor: number;
  readonly currency: string;
}

/** What the edge knows of the enrolment. */
export interface State {
  readonly status: "active" | "revoked" | "expired";
  readonly expires_at: string;
  /** By the edge's clock, RFC 3339. */
  readonly now: string;
  readonly risk: "normal" | "restricted" | "blocked";
  readonly reason: string;
  readonly offline_codes: "on" | "off";
  /**
   * Until when the phone can pay without being online; absent if there is no such
   * limit.
   */
  readonly offline_until?: string;
  readonly balance_minor: number;
  readonly currency: string;
  readonly per_payment_minor: number;
  readonly limit_currency: string;
  readonly waiting: readonly Waiting[];
}

/** The edge refused a call. */
export class RefusedError extends Error {
  override readonly name = "RefusedError";

  /** @param code The stable word of the problem. */
  constructor(readonly code: string, readonly status: number) {
    super(code);
  }
}

/** The edge could not be reached, or the answer did not come from an edge. */
export class OfflineError extends Error {
  override readonly name = "OfflineError";
}

/** How long an answer may take, ms. */
const TIMEOUT_MS = 8_000;

async function call<T>(
  method: string,
  path: string,
  body?: unknown,
): Promise<T> {
  let status: number;
  let answer: T & { readonly code?: string };
  try {
    const response = await fetch(`/wallet/api${path}`, {
      method,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body !== undefined && {
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      }),
    });
    status = response.status;
    answer = status === 204 ? {} : await response.json();
  } catch (cause) {
    throw new OfflineError("The edge was not reached", { cause });
  }
  if (status < 300) return answer;
  // A fault of the edge is treated like a missing network: the wallet goes on without
  // the edge.
  if (status >= 500) throw new OfflineError("The edge is in trouble");
  throw new RefusedError(String(answer.code), status);
}

const enrolment = (id: string) => `/enrolments/${encodeURIComponent(id)}`;

/** The calls; each throws {@linkcode RefusedError} or {@linkcode OfflineError}. */
export const backend = {
  start: () => call<Start>("GET", ""),
  enrol: (request: {
    readonly account_id: string;
    readonly device_id: string;
    readonly device_key: unknown;
  }) => call<Delivery>("POST", "/enrolments", request),
  renew: (id: string) => call<Delivery>("POST", `${enrolment(id)}/renewals`),
  state: (id: string) => call<State>("GET", enrolment(id)),
  report: (id: string, rooted: boolean) =>
    call<State>("PUT", `${enrolment(id)}/posture`, { rooted }),
  decide: (id: string, payment_id: string, approve: boolean) =>
    call<State>("POST", `${enrolment(id)}/confirmations`, {
      payment_id,
      approve,
    }),
  leave: (id: string) => call<unknown>("DELETE", enrolment(id)),
};
