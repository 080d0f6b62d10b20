/**
 * What a client sends, made into values that the schemas vouch for, or into a
 * `malformed-request` problem. Nothing that arrives here may throw.
 *
 * UTF-8 of bounded size, read as `strict_json.ts` does. A byte order mark in
 * front is ignored (RFC 8259 §8.1), and a member that is `null` is absent. A
 * `detail` names fields, never what was in them.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { z } from "zod";
import { type Problem, problem, type ProblemFacts } from "./problem.ts";
import { type JsonFault, parseStrictly } from "./strict_json.ts";

/** Most bytes that a body may have, where a call names no other number. */
export const MAX_BODY_BYTES = 16_384;

/** Media type of a body, where a call names no other one. */
export const JSON_TYPE = "application/json";

/** Most complaints in one `detail`. */
const MAX_COMPLAINTS = 5;

/** What a body must be. */
export interface BodyRule<S extends z.ZodType = z.ZodType> {
  /** Of what is in it. A body that is not JSON is one text. */
  readonly schema: S;
  /** Media type; {@linkcode JSON_TYPE} if absent. */
  readonly type?: string;
  /** Most bytes; {@linkcode MAX_BODY_BYTES} if absent. */
  readonly maxBytes?: number;
  /**
   * Whether it may be left out; it is then as an empty object. Some clients send
   * a body of no bytes instead.
   */
  readonly optional?: true;
}

/** A value that the schema vouches for, or why there is none. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: Problem };

/**
 * Reads the body of `request` and checks it as `body` says; every fault of the
 * client is a `malformed-request`.
 */
export async function readBody<S extends z.ZodType>(
  request: Request,
  body: BodyRule<S>,
): Promise<Parsed<z.output<S>>> {
  const fault = headerFault(request.headers, body);
  if (fault !== undefined && body.optional !== true) return fault;
  const bytes = await readBytes(request, body.maxBytes);
  if (!(bytes instanceof Uint8Array)) return bytes;
  if (bytes.length === 0 && body.optional === true) {
    return checkInput({}, body.schema);
  }
  return fault ?? parseBody(bytes, body);
}

/** For a call that takes no body: whatever is sent is refused only if it is too long. */
export async function readNothing(
  request: Request,
): Promise<Parsed<undefined>> {
  const bytes = await readBytes(request);
  return bytes instanceof Uint8Array ? { ok: true, value: undefined } : bytes;
}

/** As {@linkcode readBody}, for bytes that are here already. */
export function parseBody<S extends z.ZodType>(
  bytes: Uint8Array,
  { schema, type = JSON_TYPE, maxBytes = MAX_BODY_BYTES }: BodyRule<S>,
): Parsed<z.output<S>> {
  if (bytes.length > maxBytes) return tooLong(maxBytes);
  if (bytes.length === 0) return malformed("The body is empty.");
  let text: string;
  try {
    text = UTF8.decode(bytes);
  } catch {
    return malformed("The body is not UTF-8.");
  }
  if (type !== JSON_TYPE) return checkInput(text, schema);
  const parsed = parseStrictly(text);
  if ("fault" in parsed) return malformed(FAULTS[parsed.fault]);
  return checkInput(parsed.value, schema);
}

/**
 * Checks the query of `url` with an object schema of strings; a parameter that
 * occurs twice is refused.
 */
export function readQuery<S extends z.ZodType>(
  url: string,
  schema: S,
): Parsed<z.output<S>> {
  // The URL class is not used, because it throws on hosts that a Host header
  // may hold.
  const start = url.indexOf("?");
  const text = start < 0 ? "" : url.slice(start + 1).split("#", 1)[0];
  const params = new URLSearchParams(text);
  const names = [...params.keys()];
  if (new Set(names).size !== names.length) {
    return malformed("A query parameter occurs twice.");
  }
  // Object.fromEntries defines own properties, `__proto__` too.
  return checkInput(Object.fromEntries(params), schema);
}

/** Checks each of `headers` that `schemas` names with its schema. */
export function readHeaders<S extends Readonly<Record<string, z.ZodType>>>(
  headers: Headers,
  schemas: S,
): Parsed<{ [name in keyof S]: z.output<S[name]> }> {
  const value: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(schemas)) {
    const checked = checkInput(
      headers.get(name) ?? undefined,
      schema,
      `The header ${name}`,
    );
    if (!checked.ok) return checked;
    value[name] = checked.value;
  }
  return { ok: true, value: value as { [name in keyof S]: z.output<S[name]> } };
}

/**
 * Checks `value`, as parsed, with `schema`; it may lose members of `null`. A
 * complaint about the value itself calls it by the name `whole`.
 */
export function checkInput<S extends z.ZodType>(
  value: unknown,
  schema: S,
  whole = "The body",
): Parsed<z.output<S>> {
  const result = schema.safeParse(value);
  if (result.success) return { ok: true, value: result.data };
  const { issues } = result.error;
  if (dropNulls(value, issues)) return checkInput(value, schema, whole);
  // Several rules of a field may have the same sentence.
  const complaints = [
    ...new Set(issues.flatMap((issue) => complain(issue, value, whole))),
  ];
  const shown = complaints.slice(0, MAX_COMPLAINTS).join("; ");
  return malformed(complaints.length > MAX_COMPLAINTS ? `${shown}; …` : shown);
}

/**
 * Takes away the members that are `null` where the schema wants something else:
 * many libraries write a field that has no value like this. A name that the
 * schema does not know stays, with `null` too, because it may be a misspelling.
 */
function dropNulls(value: unknown, issues: z.core.$ZodIssue[]): boolean {
  let dropped = false;
  for (const { path } of issues) {
    const parent = at(value, path.slice(0, -1).map(String));
    const key = String(path.at(-1));
    if (
      typeof parent === "object" && parent !== null &&
      !Array.isArray(parent) && Object.hasOwn(parent, key) &&
      (parent as Record<string, unknown>)[key] === null
    ) {
      delete (parent as Record<string, unknown>)[key];
      dropped = true;
    }
  }
  return dropped;
}

// This decoder drops a byte order mark.
const UTF8 = new TextDecoder("utf-8", { fatal: true });
const FAULTS: Readonly<Record<JsonFault, string>> = {
  "too deep": "The body is nested too deep.",
  twice: "A field occurs twice.",
  "no JSON": "The body is not JSON.",
};

/** The refusal of a body. */
type Malformed = Extract<Parsed<never>, { ok: false }>;

function malformed(
  detail: string,
  more: Pick<ProblemFacts, "status" | "headers"> = {},
): Malformed {
  return {
    ok: false,
    problem: problem("malformed-request", { detail, ...more }),
  };
}

function tooLong(maxBytes: number): Malformed {
  const detail = `The body is longer than ${maxBytes} bytes.`;
  return malformed(detail, { status: 413 });
}

/** What is wrong with the headers that describe the body, if anything. */
function headerFault(
  headers: Headers,
  { type = JSON_TYPE, maxBytes = MAX_BODY_BYTES }: BodyRule,
): Malformed | undefined {
  const told = headers.get("content-type") ?? "";
  // Most clients send exactly this type: then nothing has to be parsed.
  const typed = told === type ? undefined : typeFault(told, type);
  if (typed !== undefined) {
    return malformed(typed, { status: 415, headers: { accept: type } });
  }
  const encoding = headers.get("content-encoding") ?? "identity";
  if (encoding.toLowerCase() !== "identity") {
    // RFC 9110 §15.5.16 says by this header which kind of 415 it is.
    return malformed("The body must be sent without a content encoding.", {
      status: 415,
      headers: { "accept-encoding": "identity" },
    });
  }
  if (Number(headers.get("content-length")) > maxBytes) {
    return tooLong(maxBytes);
  }
}

function typeFault(told: string, type: string): string | undefined {
  const parts = MEDIA_TYPE.exec(told.trim().toLowerCase());
  if (parts?.[1] !== type) return `The content type must be ${type}.`;
  // RFC 8259 §11 defines no parameter, and RFC 2045 §1 has unknown ones ignored.
  // A charset is looked at all the same: text of another one would be misread.
  for (const [, name, value] of parts[2]!.matchAll(PARAMETER)) {
    if (name === "charset" && !/^("utf-?8"|utf-?8)$/.test(value!)) {
      return "The content type must name no charset but utf-8.";
    }
  }
}

// RFC 9110 §8.3.1, §5.6.2 and §5.6.4, in small letters; a parameter may be empty.
const TOKEN = "[!#$%&'*+.^_`|~0-9a-z-]+";
const PARAMETER = new RegExp(
  `;[ \\t]*(?:(${TOKEN})=(${TOKEN}|"(?:[^"\\\\]|\\\\.)*")[ \\t]*)?`,
  "g",
);
const MEDIA_TYPE = new RegExp(
  `^(${TOKEN}/${TOKEN})[ \\t]*((?:${PARAMETER.source})*)$`,
);

/** The body, or what is wrong with it; stops reading at the limit. */
async function readBytes(
  request: Request,
  maxBytes = MAX_BODY_BYTES,
): Promise<Uint8Array | Malformed> {
  if (request.body === null) return new Uint8Array();
  const told = request.headers.get("content-length");
  try {
    // HTTP ends this body at the length that the header names, so the bytes need
    // not be counted. Where a chunked body comes with a length, the server has
    // taken the header away.
    if (told !== null && Number(told) <= maxBytes) return await request.bytes();
    const bytes = await readStream(request.body, maxBytes);
    return bytes ?? tooLong(maxBytes);
  } catch {
    return malformed("The body ended before it was complete.");
  }
}

/** All that `stream` gives, or `null` as soon as it is more than `maxBytes`. */
async function readStream(
  stream: ReadableStream<Uint8Array>,
  maxBytes: number,
): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  // Leaving the loop cancels the stream.
  for await (const chunk of stream) {
    length += chunk.length;
    if (length > maxBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Says which fields an issue is about and what they must be. */
function complain(
  issue: z.core.$ZodIssue,
  input: unknown,
  whole: string,
): string[] {
  const path = issue.path.map(String);
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => `${name([...path, key])} is not known`);
  }
  if (path.length > 0 && at(input, path) === undefined) {
    return [`${name(path)} is missing`];
  }
  // Only the schemas' own messages; those of the library may quote input.
  let rule = issue.message.startsWith("must ")
    ? issue.message
    : "is not as documented";
  // The parser makes NaN of a number that is not spelled as plain digits.
  if (
    issue.code === "invalid_type" && issue.expected === "number" &&
    Number.isNaN(at(input, path))
  ) {
    rule += ", written as plain digits without a decimal point or an exponent";
  }
  return [path.length > 0 ? `${name(path)} ${rule}` : `${whole} ${rule}`];
}

/** `device_key.x`; a name that could carry input is not repeated. */
function name(path: readonly string[]): string {
  return path.every((part) => /^([a-z_]{1,40}|\d{1,3})$/.test(part))
    ? path.join(".")
    : "a field";
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (v, key) =>
      typeof v === "object" && v !== null && Object.hasOwn(v, key)
        ? (v as Record<string, unknown>)[key]
        : undefined,
    value,
  );
}
