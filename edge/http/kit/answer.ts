/**
 * Answers requests: with JSON, with another media type, or with a problem document.
 * None of these answers may be cached, unless the call says so.
 *
 * @module
 */

import type { Context } from "hono";
import type { Mode } from "../../base/ids.ts";
import type { IsTooOld } from "../../base/request_age.ts";
import type { Refusal } from "../../base/outcome.ts";
import type { Caller } from "../../merchant/authentication.ts";
import { type Problem, problemResponse } from "./problem.ts";
import { problemOf } from "./refusal.ts";

/** Variables of a request. */
export interface Env {
  /** Absent where an application is called without a server. */
  Bindings: { connection?: { stayOpen(): void } };
  Variables: {
    requestId: string;
    /** The mode of this server. */
    mode: Mode;
    isTooOld: IsTooOld;
    caller?: Caller;
    /** The call that the request makes, once it is known. */
    call?: { readonly method: string; readonly path: string };
    /** The code of the problem that was answered, for the log. */
    problemCode?: string;
    /** Whether the response already has the headers that every response needs. */
    isComplete?: boolean;
  };
}

/** The context of a request. */
export type Ctx = Context<Env>;

/**
 * Answers with a problem document. Its `instance` names the request by id and
 * not by path, because a path holds what the client put there.
 */
export function answer(c: Ctx, problem: Problem): Response {
  c.set("problemCode", problem.document.code);
  const instance = `urn:offcode:request:${c.get("requestId")}`;
  return problemResponse(problem, { instance, mode: c.get("mode") });
}

/** Answers with the problem document of a refusal. */
export function refuse(c: Ctx, refusal: Refusal): Response {
  return answer(c, problemOf(refusal));
}

/** Answers with `value` as JSON. */
export function answerJson(
  c: Ctx,
  status: number,
  value: unknown,
  headers?: Readonly<Record<string, string>>,
): Response {
  const text = JSON.stringify(value);
  return answerWith(c, status, "application/json", text, headers);
}

/**
 * Answers with `body`, of the media type `type`, and with every header that a
 * response needs. The application then adds none: changing the headers of a finished
 * response costs as much as making them.
 */
export function answerWith(
  c: Ctx,
  status: number,
  type: string,
  body: BodyInit,
  headers?: Readonly<Record<string, string>>,
): Response {
  c.set("isComplete", true);
  return new Response(body, {
    status,
    headers: {
      "content-type": type,
      "cache-control": "no-store",
      "x-request-id": c.get("requestId"),
      "x-content-type-options": "nosniff",
      ...headers,
    },
  });
}

/** Answers without a body. */
export function answerNothing(
  status: number,
  headers?: Readonly<Record<string, string>>,
): Response {
  return new Response(null, {
    status,
    headers: { "cache-control": "no-store", ...headers },
  });
}
