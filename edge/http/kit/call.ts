/**
 * A call of the API as one object: who may make it, what goes in, what comes
 * out, which problems it can answer, and what it does. The router serves the
 * object and the OpenAPI document describes it, so neither can say anything
 * else than the other.
 *
 * @module
 */

import type { z } from "zod";
import type { IsTooOld } from "../../base/request_age.ts";
import { isRefusal, type Refusal } from "../../base/outcome.ts";
import type { CallerOf } from "../../merchant/authentication.ts";
import type { Camel, CamelName } from "../../base/spelling.ts";
import type { Scope } from "../../merchant/record.ts";
import type { BodyRule } from "./body.ts";
import type { ProblemCode, Retry } from "./problem.ts";
import type { UseCases } from "./use_cases.ts";

/** Named schemas: the parameters of a path, or headers. */
export type Shape = Readonly<Record<string, z.ZodType>>;

/** What a call takes as its body. */
export interface Body<S extends z.ZodType = z.ZodType> extends BodyRule<S> {
  readonly example: unknown;
}

/** A success that a call can answer. */
export interface Answer<S extends z.ZodType = z.ZodType> {
  /** What it means, for the document. */
  readonly says: string;
  /** Of what is answered; absent where the answer has no body. */
  readonly schema?: S;
  readonly example?: unknown;
  /** Media type; `application/json` if absent. */
  readonly type?: string;
}

/** The successes of a call by their status. */
export type Answers = { readonly [status: number]: Answer };

/** What a handler gets of the request; names of members are in camelCase. */
export interface Input<
  S extends Scope = Scope,
  P extends Shape = Shape,
  Q extends z.ZodType = z.ZodType,
  H extends Shape = Shape,
  B extends z.ZodType = z.ZodType,
> {
  /** Whose key was shown. */
  readonly caller: CallerOf<S>;
  readonly params: { readonly [name in keyof P as CamelName<name>]: string };
  readonly query: Camel<z.output<Q>>;
  /** By their names as the call has them. */
  readonly headers: { readonly [name in keyof H]: z.output<H[name]> };
  readonly body: Camel<z.output<B>>;
  readonly isTooOld: IsTooOld;
}

/** What a handler answers: one of the successes that the call lists. */
export type Reply<A extends Answers> = number extends keyof A
  ? { readonly status: number; readonly body: unknown }
  : {
    readonly [status in keyof A]: {
      readonly status: status;
      readonly body: BodyOf<A[status]>;
    };
  }[keyof A];

/**
 * JSON is written by the router, as the schema spells it; anything else is text,
 * bytes or a stream.
 */
type BodyOf<A> = A extends { readonly type: string } ? BodyInit
  : A extends { readonly schema: infer S extends z.ZodType } ? Loose<z.input<S>>
  : null;

/** In camelCase; an optional member may be there and undefined. */
type Loose<T> = T extends readonly (infer E)[] ? readonly Loose<E>[]
  : T extends object ? {
      readonly [name in keyof T as CamelName<name>]:
        | Loose<T[name]>
        | (Record<never, never> extends Pick<T, name> ? undefined : never);
    }
  : T;

/** A call; see {@linkcode call}. */
export interface Call<
  S extends Scope = Scope,
  P extends Shape = Shape,
  Q extends z.ZodObject = z.ZodObject,
  H extends Shape = Shape,
  B extends z.ZodType = z.ZodType,
  A extends Answers = Answers,
> {
  /** `operationId` of the document. */
  readonly id: string;
  readonly method: "get" | "post" | "put" | "patch" | "delete";
  /** From the root, with parameters in braces. */
  readonly path: string;
  /** Whose key it takes; none takes no key. */
  readonly scope?: S;
  /** The use case without which a deployment has no such call. */
  readonly needs?: "sandbox";
  readonly summary: string;
  /** The summary if absent. */
  readonly description?: string;
  /** Parameters of the path. One that its schema refuses names nothing. */
  readonly params?: P;
  readonly query?: Q;
  /** Headers that it reads, by their names in small letters. */
  readonly headers?: H;
  readonly body?: Body<B>;
  readonly answers: A;
  /** Problems beside those that follow from the key and from what goes in. */
  readonly problems?: readonly ProblemCode[];
  /** The retry hint where this call departs from the table. */
  readonly retry?: { readonly [code in ProblemCode]?: Retry };
  /** Asks the use cases, and answers their outcome. */
  handle(
    useCases: UseCases,
    input: Input<S, P, Q, H, B>,
  ): Promise<Refusal | Reply<A>>;
}

/** A call whose handler is held to its schemas by the compiler. */
export function call<
  S extends Scope,
  P extends Shape,
  Q extends z.ZodObject,
  H extends Shape,
  B extends z.ZodType,
  A extends Answers,
>(call: Call<S, P, Q, H, B, A>): Call<S, P, Q, H, B, A> {
  return call;
}

/**
 * The reply of a handler: what a use case said, or what `view` makes of it,
 * under `status`. A refusal stays a refusal.
 */
export function reply<S extends number, T>(
  status: S,
  outcome: T,
): Refusal | { readonly status: S; readonly body: Exclude<T, Refusal> };
export function reply<S extends number, T, B>(
  status: S,
  outcome: T,
  view: (outcome: Exclude<T, Refusal>) => B,
): Refusal | { readonly status: S; readonly body: B };
export function reply(
  status: number,
  outcome: unknown,
  view = (it: unknown) => it,
): Refusal | Reply<Answers> {
  return isRefusal(outcome) ? outcome : { status, body: view(outcome) };
}

/** Calls under one heading of the document. */
export interface Audience {
  readonly tag: string;
  readonly description: string;
  readonly calls: readonly Call[];
}
