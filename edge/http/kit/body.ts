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

import type { z } from "zod";
import { type Problem, problem, type ProblemFacts } from "./problem.ts";
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
  if (headers !== undefined) return headers;
  const bytes = await readBytes(request);
  if (!(bytes instanceof Uint8Array)) return bytes;
  return parseJson(bytes, schema);
}

/**
 * As {@linkcode readJson} for a call whose fields are all optional: it can come
 * without a body, and some clients then send one of no bytes.
 */
export async function readOptionalJson<S extends z.ZodType>(
  request: Request,
  schema: S,
): Promise<Parsed<z.output<S>>> {
  const bytes = request.body === null
    ? new Uint8Array()
    : await readBytes(request);
  if (!(bytes instanceof Uint8Array)) return bytes;
  if (bytes.length === 0) return checkInput({}, schema);
  const headers = headerFault(request.headers);
  return headers ?? parseJson(bytes, schema);
}

/** For a call that takes no body: one that is too long is refused all the same. */
export async function readNothing(request: Request): Promise<Problem | null> {
  if (request.body === null) return null;
  const bytes = await readBytes(request);
  return bytes instanceof Uint8Array ? null : bytes.problem;
}

/** As {@linkcode readJson}, for bytes that are here already. */
export function parseJson<S extends z.ZodType>(
  bytes: Uint8Array,
  schema: S,
): Parsed<z.output<S>> {
  if (bytes.length > MAX_BODY_BYTES) return TOO_LONG;
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

/** Checks `value`, as parsed, with `schema`; it may lose members of `null`. */
export function checkInput<S extends z.ZodType>(
  value: unknown,
  schema: S,
): Parsed<z.output<S>> {
  const result = schema.safeParse(value);
  if (result.success) return { ok: true, value: result.data };
  if (dropNulls(value, result.error.issues)) return checkInput(value, schema);
  // Several rules of a field may have one sentence.
  const complaints = [
    ...new Set(result.error.issues.flatMap((i) => complain(i, value))),
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
const CUT_OFF = "The body ended before it was complete.";

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

const TOO_LONG = malformed(
  `The body is longer than ${MAX_BODY_BYTES} bytes.`,
  { status: 413 },
);

/** What is wrong with the headers that describe the body, if anything. */
function headerFault(headers: Headers): Malformed | undefined {
  const type = headers.get("content-type") ?? "";
  // As most send it: then there is nothing to take apart.
  const typed = type === "application/json" ? undefined : typeFault(type);
  if (typed !== undefined) {
    return malformed(typed, {
      status: 415,
      headers: { accept: "application/json" },
    });
  }
  const encoding = headers.get("content-encoding") ?? "identity";
  if (encoding.toLowerCase() !== "identity") {
    // RFC 9110 §15.5.16 says by this header which kind of 415 it is.
    return malformed("The body must be sent without a content encoding.", {
      status: 415,
      headers: { "accept-encoding": "identity" },
    });
  }
  if (Number(headers.get("content-length")) > MAX_BODY_BYTES) return TOO_LONG;
}

function typeFault(contentType: string): string | undefined {
  const parts = MEDIA_TYPE.exec(contentType.trim().toLowerCase());
  if (parts?.[1] !== "application/json") {
    return "The content type must be application/json.";
  }
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
): Promise<Uint8Array | Malformed> {
  const told = request.headers.get("content-length");
  if (told !== null && Number(told) <= MAX_BODY_BYTES) {
    // HTTP ends this body where its length says: no need to count along. The
    // server takes the length away where chunks come beside it.
    try {
      return await request.bytes();
    } catch {
      return malformed(CUT_OFF);
    }
  }
  if (request.body === null) return malformed("The body is empty.");
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
    return malformed(CUT_OFF);
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
