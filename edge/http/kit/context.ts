/**
 * What the routes share: the use cases they call and what a request carries.
 *
 * @module
 */

import type { Context } from "hono";
import type { Callbacks } from "../../callback/desk/callbacks.ts";
import type { CallbackEndpoints } from "../../callback/endpoint/endpoints.ts";
import type { Enrolments } from "../../enrolment/enrolments.ts";
import type { Health } from "../../health/health.ts";
import type { SandboxAccounts } from "../../ledger/ledger.ts";
import type { ApiKeys } from "../../merchant/api_keys.ts";
import type {
  Authenticator,
  Caller,
  CallerOf,
} from "../../merchant/authentication.ts";
import type { Guessing } from "../../merchant/guessing.ts";
import type { Merchants } from "../../merchant/merchants.ts";
import type { Scope } from "../../merchant/record.ts";
import type { Refusal } from "../../base/outcome.ts";
import type { Confirmations } from "../../payment/confirmations.ts";
import type { Payments } from "../../payment/payments.ts";
import type { Reversals } from "../../payment/reversals.ts";
import type { OnlineCodes } from "../../verification/online/online_codes.ts";
import type { Verifications } from "../../verification/verifications.ts";
import type { IsTooOld } from "../../base/request_age.ts";
import { type Problem, problemResponse } from "./problem.ts";
import { problemOf } from "./refusal.ts";

/** The use cases behind the API. */
export interface UseCases {
  readonly authenticator: Authenticator;
  readonly merchants: Merchants;
  readonly apiKeys: ApiKeys;
  readonly guessing: Guessing;
  readonly enrolments: Enrolments;
  readonly verifications: Verifications;
  readonly onlineCodes: Pick<OnlineCodes, "issue">;
  readonly payments: Payments;
  readonly reversals: Reversals;
  readonly confirmations: Confirmations;
  readonly callbackEndpoints: CallbackEndpoints;
  readonly callbacks: Callbacks;
  readonly health: Health;
  /** Only with the sandbox ledger. */
  readonly sandbox?: SandboxAccounts;
}

/** Variables of a request. */
export interface Env {
  Variables: {
    requestId: string;
    isTooOld: IsTooOld;
    caller?: Caller;
    /** Code of the problem that was answered, for the log. */
    problemCode?: string;
    /** Set where the response has the headers that every response has. */
    isComplete?: boolean;
  };
}

/** The context of a request. */
export type Ctx = Context<Env>;

/** The caller that the scope middleware let through. */
export function callerOf<S extends Scope>(c: Ctx, scope: S): CallerOf<S> {
  const caller = c.get("caller");
  if (caller?.scope !== scope) throw new TypeError("Route without its scope");
  return caller as CallerOf<S>;
}

/**
 * Answers with a problem document. Its `instance` names the request by id and
 * not by path, because a path holds what the client put there.
 */
export function answer(c: Ctx, problem: Problem): Response {
  c.set("problemCode", problem.document.code);
  return problemResponse(problem, `urn:offcode:request:${c.get("requestId")}`);
}

/** Answers with the problem document of a refusal. */
export function refuse(c: Ctx, refusal: Refusal): Response {
  return answer(c, problemOf(refusal));
}

/** Whether a use case said no. */
export function isRefusal(outcome: unknown): outcome is Refusal {
  return typeof outcome === "object" && outcome !== null &&
    (outcome as { kind?: unknown }).kind === "refused";
}
