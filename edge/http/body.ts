/**
 * What a client sends, made into values that the schemas vouch for, or into a
 * `malformed-request` problem. Nothing that arrives here may throw.
 *
 * Stricter than JSON.parse where parsers are known to disagree, so that no
 * proxy and no till can read another request than we do: one spelling of a
 * field per object (RFC 8259 §4 leaves duplicates open), integers written as
 * plain digits, UTF-8 without a byte order mark, bounded size and depth.
 * A `detail` names fields, never what was in them.
 *
 * @module
 */

import { parse } from "lossless-json";
import type { z } from "zod";
import { type Problem, problem } from "./problem.ts";

/** Most bytes that a body may have. */
export const MAX_BODY_BYTES = 16_384;

/** Deepest nesting of objects and arrays; the API itself needs three. */
const MAX_DEPTH = 8;

/** Most complaints in one `detail`. */
const MAX_COMPLAINTS = 5;

/** A value that the schema vouches for, or why there is none. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: Problem };

/**
 * Reads the JSON body of `request`, at most {@linkcode MAX_BODY_BYTES}, and
 * checks it with `schema`; every fault of the client is a `malformed-request`.
 */
export async function readJson<S extends z.ZodType>(
  request: Request,
  schema: S,
): Promise<Parsed<z.output<S>>> {
  const headers = headerFault(request.headers);
  if (headers !== undefined) return malformed(headers);
  const bytes = await readBytes(request);
  if (typeof bytes === "string") return malformed(bytes);
  return parseJson(bytes, schema);
}

/** For a call that takes no body: one that is too long is refused all the same. */
export async function readNothing(request: Request): Promise<Problem | null> {
  if (request.body === null) return null;
  const bytes = await readBytes(request);
  return typeof bytes === "string" ? malformed(bytes).problem : null;
}

/** As {@linkcode readJson}, for bytes that are here already. */
export function parseJson<S extends z.ZodType>(
  bytes: Uint8Array,
  schema: S,
): Parsed<z.output<S>> {
  if (bytes.length > MAX_BODY_BYTES) return malformed(TOO_LONG);
  if (bytes.length === 0) return malformed("The body is empty.");
  let text: string;
  try {
    text = UTF8.decode(bytes);
  } catch {
    return malformed("The body is not UTF-8.");
  }
  const { depth, members, isPlain } = measure(text);
  if (depth > MAX_DEPTH) return malformed("The body is nested too deep.");
  let value = isPlain ? parsePlain(text, members) : undefined;
  if (value !== undefined) return checkInput(value, schema);
  try {
    value = parse(text, null, { parseNumber, onDuplicateKey });
  } catch (error) {
    if (error instanceof DuplicateKey) return malformed(TWICE);
    // Its message quotes the input, so it must not be passed on.
    if (error instanceof SyntaxError) {
      return malformed("The body is not JSON.");
    }
    throw error;
  }
  // The parser reports no duplicate whose two values are equal.
  if (countMembers(value) !== members) return malformed(TWICE);
  return checkInput(value, schema);
}

/**
 * Checks the query of `url` with an object schema of strings; a parameter that
 * occurs twice is refused.
 */
export function readQuery<S extends z.ZodType>(
  url: string,
  schema: S,
): Parsed<z.output<S>> {
  // Not by URL, which refuses what a Host header may hold.
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

/** Checks `value`, as parsed, with `schema`. */
export function checkInput<S extends z.ZodType>(
  value: unknown,
  schema: S,
): Parsed<z.output<S>> {
  const result = schema.safeParse(value);
  if (result.success) return { ok: true, value: result.data };
  const complaints = result.error.issues.flatMap((i) => complain(i, value));
  const shown = complaints.slice(0, MAX_COMPLAINTS).join("; ");
  return malformed(complaints.length > MAX_COMPLAINTS ? `${shown}; …` : shown);
}

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const TOO_LONG = `The body is longer than ${MAX_BODY_BYTES} bytes.`;
const TWICE = "A field occurs twice.";
const CUT_OFF = "The body ended before it was complete.";

function malformed(detail: string): { ok: false; problem: Problem } {
  return { ok: false, problem: problem("malformed-request", { detail }) };
}

/** What is wrong with the headers that describe the body, if anything. */
function headerFault(headers: Headers): string | undefined {
  const type = headers.get("content-type") ?? "";
  // As most send it: then there is nothing to take apart.
  const typed = type === "application/json" ? undefined : typeFault(type);
  if (typed !== undefined) return typed;
  const encoding = headers.get("content-encoding") ?? "identity";
  if (encoding.toLowerCase() !== "identity") {
    return "The body must be sent without a content encoding.";
  }
  if (Number(headers.get("content-length")) > MAX_BODY_BYTES) return TOO_LONG;
}

function typeFault(contentType: string): string | undefined {
  const [type, ...parameters] = contentType
    .split(";").map((part) => part.trim().toLowerCase());
  if (type !== "application/json") {
    return "The content type must be application/json.";
  }
  // RFC 8259 §11 defines no parameter; many clients send this one.
  for (const parameter of parameters) {
    if (!/^(charset=("utf-8"|utf-8))?$/.test(parameter)) {
      return "The content type may have no parameter but charset=utf-8.";
    }
  }
}

/** The body, or what is wrong with it; stops reading at the limit. */
async function readBytes(request: Request): Promise<Uint8Array | string> {
  const told = request.headers.get("content-length");
  if (told !== null && Number(told) <= MAX_BODY_BYTES) {
    // HTTP ends this body where its length says: no need to count along. The
    // server takes the length away where chunks come beside it.
    try {
      return await request.bytes();
    } catch {
      return CUT_OFF;
    }
  }
  if (request.body === null) return "The body is empty.";
  const reader = request.body.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      length += value.length;
      if (length > MAX_BODY_BYTES) {
        await reader.cancel();
        return TOO_LONG;
      }
      chunks.push(value);
    }
  } catch {
    return CUT_OFF;
  }
  if (chunks.length === 1) return chunks[0]!;
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

/** What is told of a text before it is parsed. */
interface Measure {
  /** Deepest nesting: the parser recurses. */
  readonly depth: number;
  /** Members of objects if this is JSON: one for each colon outside strings. */
  readonly members: number;
  /**
   * Whether all JSON parsers read it alike, but for a field that occurs twice:
   * outside strings nothing but marks, spaces and integers of up to 15 digits,
   * none of them with a sign.
   */
  readonly isPlain: boolean;
}

const CODE = {
  quote: 34,
  comma: 44,
  zero: 48,
  nine: 57,
  colon: 58,
  opening: 91,
  backslash: 92,
  closing: 93,
  openingBrace: 123,
  closingBrace: 125,
} as const;

function measure(text: string): Measure {
  let depth = 0;
  let deepest = 0;
  let members = 0;
  let digits = 0;
  let isPlain = true;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (quoted) {
      if (c === CODE.quote) quoted = false;
      else if (c === CODE.backslash) i++;
      continue;
    }
    if (c >= CODE.zero && c <= CODE.nine) {
      if (++digits > 15) isPlain = false;
      continue;
    }
    digits = 0;
    if (c === CODE.quote) quoted = true;
    else if (c === CODE.colon) members++;
    else if (c === CODE.openingBrace || c === CODE.opening) {
      deepest = Math.max(deepest, ++depth);
    } else if (c === CODE.closingBrace || c === CODE.closing) depth--;
    else if (c !== CODE.comma && c !== 32 && c !== 10 && c !== 13 && c !== 9) {
      isPlain = false;
    }
  }
  return { depth: deepest, members, isPlain };
}

/**
 * The value of a plain text, by the runtime's own parser, which is ten times as
 * fast as one that keeps what was written. It keeps one of two members with
 * the same name: then there are fewer than colons. `undefined` where it is no
 * JSON or says a thing twice; the other parser then finds out what is wrong.
 */
function parsePlain(text: string, members: number): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return countMembers(value) === members ? value : undefined;
  } catch {
    return undefined;
  }
}

function countMembers(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  const values = Object.values(value);
  let count = Array.isArray(value) ? 0 : values.length;
  for (const it of values) count += countMembers(it);
  return count;
}

/** 1.0, 1e3, -0 and what a double cannot hold become NaN, never a near value. */
function parseNumber(literal: string): number {
  const value = /^(0|-?[1-9]\d*)$/.test(literal) ? Number(literal) : NaN;
  return Number.isSafeInteger(value) ? value : NaN;
}

class DuplicateKey extends Error {}

function onDuplicateKey(): never {
  throw new DuplicateKey();
}

/** Says which fields an issue is about and what they must be. */
function complain(issue: z.core.$ZodIssue, input: unknown): string[] {
  const path = issue.path.map(String);
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => `${name([...path, key])} is not known`);
  }
  if (path.length > 0 && at(input, path) === undefined) {
    return [`${name(path)} is missing`];
  }
  // Only the schemas' own messages; those of the library may quote input.
  const rule = issue.message.startsWith("must ")
    ? issue.message
    : "is not as documented";
  return [path.length > 0 ? `${name(path)} ${rule}` : `The body ${rule}`];
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
