/**
 * Serves calls. Each is a route that checks the key and its scope, reads the input of
 * the call, and answers what the call's handler returns.
 *
 * @module
 */

import type { Hono, MiddlewareHandler, Next } from "hono";
import { isRefusal, type Refusal, refused } from "../../base/outcome.ts";
import type { Authenticator, Caller } from "../../merchant/authentication.ts";
import type { Mode } from "../../base/ids.ts";
import type { Scope } from "../../merchant/record.ts";
import { camelNames } from "../../base/spelling.ts";
import {
  answer,
  answerJson,
  answerNothing,
  answerWith,
  type Ctx,
  type Env,
  refuse,
} from "./answer.ts";
import {
  type Parsed,
  readBody,
  readHeaders,
  readNothing,
  readQuery,
} from "./body.ts";
import type { Answers, Call, Input, Reply, Shape } from "./call.ts";
import { type Writer, writerOf } from "./writer.ts";
import type { UseCases } from "./use_cases.ts";

/** Adds the routes of `calls`. */
export function serve(
  app: Hono<Env>,
  calls: readonly Call[],
  useCases: UseCases,
): void {
  for (const call of calls) {
    const writers = writersOf(call.answers, useCases.mode);
    const path = mount(call, calls);
    const handler = (c: Ctx) => respond(c, call, useCases, writers);
    app.on(
      call.method.toUpperCase(),
      path,
      path === call.path.replace(PARAMETER, ":$1$2")
        ? handler
        : onlyFor(call, handler),
    );
  }
}

/** A parameter in the path of a call, and what follows it in its segment. */
const PARAMETER = /\{(\w+)\}([^/]*)/g;

/**
 * The path under which a call is mounted. Hono's fastest router does not allow a
 * fixed word in a place where another path of the same method has a parameter, such
 * as `/v1/enrolments/batch` beside `/v1/enrolments/:id/renewals`. The word is
 * therefore mounted as that parameter, and `onlyFor` checks it.
 */
function mount(call: Call, calls: readonly Call[]): string {
  const others = calls.filter(({ method }) => method === call.method)
    .map(({ path }) => path.split("/"));
  const parts = call.path.split("/");
  return parts.map((part, i) => {
    const before = parts.slice(0, i).join("/");
    return others.filter((it) => it.slice(0, i).join("/") === before)
      .map((it) => it[i]).find((it) => it?.startsWith("{")) ?? part;
  }).join("/").replace(PARAMETER, ":$1");
}

/** A handler whose route also matches paths that it does not answer. */
export interface PartHandler {
  (c: Ctx, next: Next): Promise<Response | void>;
  readonly paths: RegExp;
}

/** Answers the path of the call; the next call gets other paths of its route. */
function onlyFor(
  call: Call,
  handler: (c: Ctx) => Promise<Response>,
): PartHandler {
  const pattern = call.path.replaceAll(".", "\\.")
    .replace(PARAMETER, "[^/]+$2");
  const paths = new RegExp(`^${pattern}$`);
  return Object.assign(
    async (c: Ctx, next: Next) =>
      paths.test(c.req.path) ? await handler(c) : await next(),
    { paths },
  );
}

/** The writers of a call's JSON answers, by status. */
type Writers = ReadonlyMap<number, Writer>;

function writersOf(answers: Answers, mode: Mode): Writers {
  const writers = new Map<number, Writer>();
  for (const [status, { schema, isForeign }] of Object.entries(answers)) {
    if (schema === undefined) continue;
    const always = isForeign ? {} : { mode };
    writers.set(Number(status), writerOf(schema, always));
  }
  return writers;
}

/**
 * Lets only requests with a key of `scope` through, whether or not the path
 * exists.
 */
export function requireScope(
  authenticator: Authenticator,
  scope: Scope,
): MiddlewareHandler<Env> {
  return async (c, next) => {
    const caller = await authenticate(c, authenticator, scope);
    if (isRefusal(caller)) return refuse(c, caller);
    await next();
  };
}

/** An application that is called without a server has no connection to keep open. */
const NO_CONNECTION = () => {};

/**
 * One or more spaces separate the scheme from the key (RFC 6750 §2.1). Keys are
 * printable ASCII. A text of more than 512 characters is not hashed at all.
 */
const BEARER = /^Bearer +([\x21-\x7e]{1,512})$/i;

/**
 * Finds the caller by the bearer key (RFC 6750 §2.1), which must be of `scope`.
 */
async function authenticate(
  c: Ctx,
  authenticator: Authenticator,
  scope: Scope,
): Promise<Caller | Refusal> {
  const key = BEARER.exec(c.req.header("authorization") ?? "")?.[1];
  if (key === undefined) return refused("not-authenticated");
  const caller = await authenticator.authenticate(key, scope);
  if (!isRefusal(caller)) c.set("caller", caller);
  return caller;
}

async function respond(
  c: Ctx,
  call: Call,
  useCases: UseCases,
  writers: Writers,
): Promise<Response> {
  c.set("call", call);
  // The key is checked before the body is read, so that nobody without a key can make
  // the server read one.
  const caller = call.scope === undefined
    ? undefined
    : await authenticate(c, useCases.authenticator, call.scope);
  if (isRefusal(caller)) return refuse(c, caller);
  const { needs, params } = call;
  const names = params === undefined ? {} : paramsOf(c, call);
  if (
    (needs !== undefined && useCases[needs] === undefined) ||
    (params !== undefined && !areNames(names, params))
  ) return refuse(c, refused("not-found"));
  const input = await read(c, call);
  if (!input.ok) return answer(c, input.problem);
  const outcome = await call.handle(
    useCases,
    {
      ...input.value,
      caller,
      params: camelNames(names),
      isTooOld: c.get("isTooOld"),
      stayOpen: c.env?.connection?.stayOpen ?? NO_CONNECTION,
    } as Input,
  );
  return isRefusal(outcome)
    ? refuse(c, outcome)
    : write(c, call, outcome, writers);
}

/** Whether each parameter of the path is of its form. */
function areNames(
  names: Readonly<Record<string, string>>,
  params: Shape,
): boolean {
  return Object.entries(params).every(([name, schema]) =>
    schema.safeParse(names[name]).success
  );
}

/** Reads the parameters of the path, without what follows them in their segments. */
function paramsOf(c: Ctx, { path }: Call): Record<string, string> {
  const params = c.req.param() as Record<string, string>;
  for (const [, name, rest] of path.matchAll(PARAMETER)) {
    if (rest !== "") params[name!] = params[name!]!.slice(0, -rest!.length);
  }
  return params;
}

/** Reads the input of the call from the request. */
async function read(
  { req }: Ctx,
  call: Call,
): Promise<Parsed<{ query: unknown; headers: unknown; body: unknown }>> {
  const query = call.query === undefined
    ? NOTHING
    : readQuery(req.url, call.query);
  if (!query.ok) return query;
  const headers = call.headers === undefined
    ? NOTHING
    : readHeaders(req.raw.headers, call.headers);
  if (!headers.ok) return headers;
  const body = call.body !== undefined
    ? await readBody(req.raw, call.body)
    : call.method === "post"
    ? await readNothing(req.raw)
    : NOTHING;
  if (!body.ok) return body;
  return {
    ok: true,
    value: {
      query: camelNames(query.value),
      headers: headers.value,
      body: camelNames(body.value),
    },
  };
}

const NOTHING = { ok: true, value: undefined } as const;

function write(
  c: Ctx,
  call: Call,
  { status, body, headers }: Reply<Answers>,
  writers: Writers,
): Response {
  if (body === null) return answerNothing(status, headers);
  const type = call.answers[status]?.type;
  return type === undefined
    ? answerJson(c, status, writers.get(status)!(body), headers)
    : answerWith(c, status, type, body as BodyInit, headers);
}
