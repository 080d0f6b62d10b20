/**
 * A call of the API as one object: who may make it, what it takes, what it answers,
 * which problems it can answer, and what it does. The router serves this object and
 * the OpenAPI document is made from it, so the two cannot differ.
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
  /** What the answer means, for the OpenAPI document. */
  readonly says: string;
  /** The schema of the body; absent if the answer has no body. */
  readonly schema?: S;
  readonly example?: unknown;
  /** The media type; `application/json` by default. */
  readonly type?: string;
  /** The same answer in another media type, and an example of it. */
  readonly or?: { readonly type: string; readonly example: string };
  /**
   * The JSON is of a form that another document defines, so that it has no member
   * `mode`.
   */
  readonly isForeign?: true;
}

/** The successes of a call by their status. */
export type Answers = { readonly [status: number]: Answer };

/** What a handler gets from the request, with names in camelCase. */
export interface Input<
  S extends Scope = Scope,
  P extends Shape = Shape,
  Q extends z.ZodType = z.ZodType,
  H extends Shape = Shape,
  B extends z.ZodType = z.ZodType,
> {
  /** The owner of the key that the request was made with. */
  readonly caller: CallerOf<S>;
  readonly params: { readonly [name in keyof P as CamelName<name>]: string };
  readonly query: Camel<z.output<Q>>;
  /** The headers, by their names as the call spells them. */
  readonly headers: { readonly [name in keyof H]: z.output<H[name]> };
  readonly body: Camel<z.output<B>>;
  readonly isTooOld: IsTooOld;
  /**
   * To be called at each step of work that may take more than seconds, and at each part
   * of an answer that is sent part by part. Otherwise the connection is ended.
   */
  readonly stayOpen: () => void;
}

/** Headers of an answer beside those that every answer has, or in their place. */
type Headers = Readonly<Record<string, string>>;

/** What a handler answers: one of the successes that the call lists. */
export type Reply<A extends Answers> = number extends keyof A ? {
    readonly status: number;
    readonly body: unknown;
    readonly headers?: Headers;
  }
  : {
    readonly [status in keyof A]: {
      readonly status: status;
      readonly body: BodyOf<A[status]>;
      readonly headers?: Headers;
    };
  }[keyof A];

/**
 * The body of a reply: an outcome in camelCase, which the router writes as JSON by
 * the schema, or text, bytes or a stream if the answer names another media type.
 */
type BodyOf<A> = A extends { readonly type: string } ? BodyInit
  : A extends { readonly schema: infer S extends z.ZodType } ? Loose<z.input<S>>
  : null;

/**
 * A type with names in camelCase, whose optional members may also be
 * `undefined`.
 */
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
  /** The path from the root, with parameters in braces. */
  readonly path: string;
  /** The scope of the keys that may make the call; absent if it needs no key. */
  readonly scope?: S;
  /** A deployment without this use case does not have the call. */
  readonly needs?: "sandbox" | "testCodes" | "metrics" | "alarms";
  readonly summary: string;
  /** The description in the document; by default the summary. */
  readonly description?: string;
  /**
   * Parameters of the path. A value that its schema refuses is answered
   * `not-found`.
   */
  readonly params?: P;
  readonly query?: Q;
  /** Headers that the call reads, by their names in lower case. */
  readonly headers?: H;
  readonly body?: Body<B>;
  readonly answers: A;
  /** Problems besides those that follow from the key and from the input. */
  readonly problems?: readonly ProblemCode[];
  /** The retry hints that differ from the table of problems for this call. */
  readonly retry?: { readonly [code in ProblemCode]?: Retry };
  /** Calls the use cases and answers their outcome. */
  handle(
    useCases: UseCases,
    input: Input<S, P, Q, H, B>,
  ): Promise<Refusal | Reply<A>>;
}

/** Makes a call; the compiler checks its handler against its schemas. */
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
 * The reply of a handler: the outcome of a use case, or what `view` makes of it, with
 * a status. A refusal stays a refusal.
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
