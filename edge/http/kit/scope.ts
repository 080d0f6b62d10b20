/**
 * Bearer authentication (RFC 6750 §2.1) of one scope, before a body is read.
 *
 * @module
 */

import type { MiddlewareHandler } from "hono";
import type { Authenticator } from "../../merchant/authentication.ts";
import type { Scope } from "../../merchant/record.ts";
import { refused } from "../../base/outcome.ts";
import { type Env, isRefusal, refuse } from "./context.ts";

/**
 * The grammar is `1*SP` between the two (RFC 6750 §2.1). Keys are printable
 * ASCII; a longer one is not hashed at all.
 */
const BEARER = /^Bearer +([\x21-\x7e]{1,512})$/i;

/** Lets only keys of `scope` through and notes the caller. */
export function requireScope(
  authenticator: Authenticator,
  scope: Scope,
): MiddlewareHandler<Env> {
  return async (c, next) => {
    const key = BEARER.exec(c.req.header("authorization") ?? "")?.[1];
    if (key === undefined) return refuse(c, refused("not-authenticated"));
    const caller = await authenticator.authenticate(key, scope);
    if (isRefusal(caller)) return refuse(c, caller);
    c.set("caller", caller);
    await next();
  };
}
