/**
 * What a client sends, made into values that the schemas vouch for, or into a
 * `malformed-request` problem. Nothing that arrives here may throw.
 *
 * UTF-8 without a byte order mark, of bounded size, read as `strict_json.ts`
 * does. A `detail` names fields, never what was in them.
 *
 * @module
 */

import type { z } from "zod";
import { type Problem, problem } from "./problem.ts";
import { type JsonFault, parseStrictly } from "./strict_json.ts";

/** Most bytes that a body may have. */
export const MAX_BODY_BYTES = 16_384;

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

/**
 * As {@linkcode readJson} for a call whose fields are all optional: it can come
 * without a body, which some clients send as one of no bytes.
 */
export async function readOptionalJson<S extends z.ZodType>(
  request: Request,
  schema: S,
): Promise<Parsed<z.output<S>>> {
  const bytes = request.body === null
    ? new Uint8Array()
    : await readBytes(request);
  if (typeof bytes === "string") return malformed(bytes);
  if (bytes.length === 0) return checkInput({}, schema);
  const headers = headerFault(request.headers);
  return headers === undefined ? parseJson(bytes, schema) : malformed(headers);
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
  // Several rules of a field may have one sentence.
  const complaints = [
    ...new Set(result.error.issues.flatMap((i) => complain(i, value))),
  ];
  const shown = complaints.slice(0, MAX_COMPLAINTS).join("; ");
  return malformed(complaints.length > MAX_COMPLAINTS ? `${shown}; …` : shown);
}

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const TOO_LONG = `The body is longer than ${MAX_BODY_BYTES} bytes.`;
const FAULTS: Readonly<Record<JsonFault, string>> = {
  "too deep": "The body is nested too deep.",
  twice: "A field occurs twice.",
  "no JSON": "The body is not JSON.",
};
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
