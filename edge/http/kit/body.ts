/**
 * Reads what a client sends into values that the schemas accept, or into a
 * `malformed-request` problem. No input may make this code throw.
 *
 * Bodies are UTF-8 of bounded size and are parsed by `strict_json.ts`. A byte order
 * mark at the start is ignored (RFC 8259 §8.1), and a member that is `null` counts
 * as absent. A `detail` names fields, never their content.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { z } from "zod";
import { mediaTypeFault } from "../../base/media_type.ts";
import { type Problem, problem, type ProblemFacts } from "./problem.ts";
import { type JsonFault, parseStrictly } from "./strict_json.ts";

/** The most bytes of a body, unless the call names another number. */
export const MAX_BODY_BYTES = 16_384;

/** The media type of a body, unless the call names another one. */
export const JSON_TYPE = "application/json";

/** The most complaints in one `detail`. */
const MAX_COMPLAINTS = 5;

/** What a body must be. */
export interface BodyRule<S extends z.ZodType = z.ZodType> {
  /** The schema of the body's content. A body that is not JSON is one text. */
  readonly schema: S;
  /** The media type; {@linkcode JSON_TYPE} by default. */
  readonly type?: string;
  /** The most bytes; {@linkcode MAX_BODY_BYTES} by default. */
  readonly maxBytes?: number;
  /**
   * Whether the body may be left out; it then counts as an empty object. So does a
   * body of no bytes, which some clients send instead.
   */
  readonly optional?: true;
}

/** A value that the schema accepts, or the problem if there is none. */
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

/**
 * For a call that takes no body: a body is read and ignored, unless it is too
 * long.
 */
export async function readNothing(
  request: Request,
): Promise<Parsed<undefined>> {
  const bytes = await readBytes(request);
  return bytes instanceof Uint8Array ? { ok: true, value: undefined } : bytes;
}

/** Like {@linkcode readBody}, for bytes that have been read already. */
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
  // `Object.fromEntries` defines own properties, even for the name `__proto__`.
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
 * Checks a parsed value with `schema`. Members of `value` that are `null` may be
 * removed from it. A complaint about the value as a whole calls it `whole`.
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
 * Removes members that are `null` where the schema wants another type, because many
 * libraries write fields without a value as `null`. An unknown name is not removed,
 * because it may be a misspelling. Returns whether anything was removed.
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
  const fault = mediaTypeFault(told, type);
  if (fault !== null) {
    const detail = fault === "type"
      ? `The content type must be ${type}.`
      : "The content type must name no charset but utf-8.";
    return malformed(detail, { status: 415, headers: { accept: type } });
  }
  const encoding = headers.get("content-encoding") ?? "identity";
  if (encoding.toLowerCase() !== "identity") {
    // With this header, a 415 is about the content encoding (RFC 9110 §15.5.16).
    return malformed("The body must be sent without a content encoding.", {
      status: 415,
      headers: { "accept-encoding": "identity" },
    });
  }
  if (Number(headers.get("content-length")) > maxBytes) {
    return tooLong(maxBytes);
  }
}

/** Reads the body, or says what is wrong with it. Reading stops at the limit. */
async function readBytes(
  request: Request,
  maxBytes = MAX_BODY_BYTES,
): Promise<Uint8Array | Malformed> {
  const told = request.headers.get("content-length");
  try {
    // The server ends a body at the length that this header names, so the bytes need
    // not be counted. If a chunked body also has a length, the server has removed
    // the header. `request.body` is not read here: that makes a stream, and
    // reading the bytes through a stream takes three times as long.
    if (told !== null && Number(told) <= maxBytes) return await request.bytes();
    if (request.body === null) return new Uint8Array();
    const bytes = await readStream(request.body, maxBytes);
    return bytes ?? tooLong(maxBytes);
  } catch {
    return malformed("The body ended before it was complete.");
  }
}

/** Reads a whole stream; `null` as soon as it has more than `maxBytes`. */
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

/** Describes which fields an issue is about and what they must be. */
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
  // Only messages of this project's schemas are shown. The library's own may quote
  // input.
  let rule = issue.message.startsWith("must ")
    ? issue.message
    : "is not as documented";
  // `strict_json.ts` turns a number that is not written as plain digits into NaN.
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
