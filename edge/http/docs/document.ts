/**
 * Makes the OpenAPI 3.1 document from the same objects that the router serves and
 * from the table of problems, so that the document cannot differ from the code.
 *
 * @module
 */

import { z } from "zod";
import {
  createDocument,
  type CreateDocumentOptions,
  type ZodOpenApiOperationObject,
  type ZodOpenApiResponseObject,
} from "zod-openapi";
import { JSON_TYPE, MAX_BODY_BYTES } from "../kit/body.ts";
import type { Answer, Body, Call } from "../kit/call.ts";
import { AUDIENCES } from "../native/calls.ts";
import { WEBHOOKS } from "./webhooks.ts";
import {
  problem,
  PROBLEM_CODES,
  PROBLEM_MEDIA_TYPE,
  type ProblemCode,
  type ProblemFacts,
} from "../kit/problem.ts";
import { PROBLEMS } from "../kit/problem_texts.ts";
import { problemDocument } from "./problem_document.ts";

/** An OpenAPI 3.1 document. */
export type OpenApiDocument = ReturnType<typeof createDocument>;

const DESCRIPTION = `Offline payment codes, verified where the merchant is.

**200 and 201 of \`POST /v1/payments\` mean, and only mean, that goods may be
handed over.** Everything that is not a success is a problem document
(RFC 9457): decide by its \`code\`, do what \`retry\` says, show \`cashier\` and
\`customer\` to people.

The \`order_id\` names a purchase. It is charged at most once, whatever is
scanned and however often the call is repeated: after a lost reply, repeat the
same order.

Bodies are JSON in UTF-8, at most ${MAX_BODY_BYTES} bytes, every field at most
once; one that is \`null\` is as absent. Money is an integer of minor units. Answers
may gain fields: ignore what you do not know.

Every JSON answer and every callback says the \`mode\` of the server: \`test\` with
the sandbox ledger, \`live\` with real money. Keys begin with \`ock_test_\` or
\`ock_live_\`, and those of the other mode are refused.

A path answers OPTIONS, and a method that it does not take with 405; \`Allow\`
lists those that it takes. Pages of the origins that the operator named in
\`OFFCODE_CORS_ORIGINS\` may call from a browser and read \`x-request-id\`,
\`Retry-After\`, \`Allow\` and the headers of a bill; pages of other origins may
not, and by default there is none.`;

const SCOPES = {
  admin: "Key of the operator",
  wallet: "Key of the wallet's backend, from `addWalletKey`",
  release: "Key of those who release cores, from `addReleaseKey`",
  metrics: "Key of those who collect metrics, from `addMetricsKey`",
  merchant: "Key of a merchant, from `createMerchant` or `addMerchantKey`",
} as const;

/**
 * The document of this deployment. `version` is the contract's. The calls of the
 * sandbox ledger are in it only if `sandbox` is true, and those of test answers only if
 * `testCodes` is.
 */
export function openApiDocument(config: {
  readonly version: string;
  readonly sandbox: boolean;
  readonly testCodes: boolean;
}): OpenApiDocument {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  const tags: { name: string; description: string }[] = [];
  for (const { tag, description, calls } of AUDIENCES) {
    const there = calls.filter(({ needs }) =>
      needs === undefined || needs === "metrics" || needs === "alarms" ||
      config[needs]
    );
    if (there.length > 0) tags.push({ name: tag, description });
    for (const call of there) {
      (paths[call.path] ??= {})[call.method] = operation(call, tag);
    }
  }
  return createDocument({
    openapi: "3.1.0",
    info: {
      title: "Offcode",
      version: config.version,
      description: DESCRIPTION,
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/" }],
    tags,
    paths,
    webhooks: WEBHOOKS,
    components: {
      securitySchemes: Object.fromEntries(
        Object.entries(SCOPES).map(([scope, description]) => [
          scope,
          { type: "http", scheme: "bearer", description },
        ]),
      ),
    },
  }, OPTIONS);
}

const MAX_INT32 = 2 ** 31 - 1;

/** The schemas of the JSON answers, to each of which the router adds the mode. */
const ANSWERS = new Set(
  AUDIENCES.flatMap(({ calls }) => calls)
    .flatMap(({ answers }) => Object.values<Answer>(answers))
    .filter(saysMode).flatMap(({ schema }) => objectsOf(schema)),
);

/** The objects that a schema describes. */
function objectsOf(schema: z.core.$ZodType | undefined): z.core.$ZodType[] {
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(objectsOf);
  return schema instanceof z.ZodObject ? [schema] : [];
}

/** Whether the router adds the mode to an answer. */
function saysMode({ schema, type, isForeign }: Answer): boolean {
  return objectsOf(schema).length > 0 && type === undefined && !isForeign;
}

/** The schemas of what this server sends: the bodies of callbacks. */
const SENT = [
  ...["PaymentEvent", "RefundEvent", "EndpointTestEvent"],
  ...["Payment", "Refund", "RefundOfPayment", "Text"],
];

/**
 * Requests allow no further fields. Answers and callbacks do, so that they may gain
 * fields later.
 */
const OPTIONS: CreateDocumentOptions = {
  override: ({ jsonSchema, zodSchema, io }) => {
    const { id = "" } = z.globalRegistry.get(zodSchema) ?? {};
    if (
      jsonSchema.additionalProperties === false &&
      (io === "output" || SENT.includes(id))
    ) delete jsonSchema.additionalProperties;
    if (ANSWERS.has(zodSchema)) {
      // The member is not required: an object inside a list or a callback has
      // no mode of its own.
      jsonSchema.properties = { ...jsonSchema.properties, mode: MODE };
    }
    // Code generators assume 32 bits for an integer without a format.
    if (
      jsonSchema.type === "integer" &&
      !((jsonSchema.maximum ?? Infinity) <= MAX_INT32)
    ) jsonSchema.format = "int64";
    // The format says the same as the pattern, which is 300 characters long.
    if (/^date(-time)?$/.test(jsonSchema.format ?? "")) {
      delete jsonSchema.pattern;
    }
  },
};

const MODE = { $ref: "#/components/schemas/Mode" };
const REQUEST_ID = z.string().meta({
  description: "Name of the request, for support",
});
const ALLOW = z.string().meta({
  description: "The methods that the path takes",
  example: "GET, HEAD, POST, OPTIONS",
});
const RETRY_AFTER = z.int().min(1).meta({
  description: "Seconds to wait before the next try",
});

function operation(call: Call, tag: string): ZodOpenApiOperationObject {
  const { params, query, body } = call;
  const headers = sentHeaders(call);
  const codes = problemsOf(call);
  const statuses = new Set(codes.map((code) => PROBLEMS[code].status));
  return {
    operationId: call.id,
    tags: [tag],
    summary: call.summary,
    description: call.description ?? `${call.summary}.`,
    security: call.scope === undefined ? [] : [{ [call.scope]: [] }],
    ...((params ?? query ?? headers) !== undefined && {
      requestParams: {
        ...(params !== undefined && { path: z.object(params) }),
        ...(query !== undefined && { query }),
        ...(headers !== undefined && { header: z.object(headers) }),
      },
    }),
    ...(body !== undefined && {
      requestBody: { required: body.optional !== true, content: media(body) },
    }),
    responses: {
      ...Object.fromEntries(
        Object.entries(call.answers).map(([status, answer]) => [status, {
          description: answer.says,
          headers: z.object({ "x-request-id": REQUEST_ID }),
          ...(answer.schema !== undefined && {
            content: media(
              saysMode(answer)
                ? {
                  ...answer,
                  example: { ...answer.example as object, mode: "test" },
                }
                : answer,
            ),
          }),
        }]),
      ),
      ...Object.fromEntries([...statuses].map((status) => [
        status,
        problemResponses(
          call,
          codes.filter((code) => PROBLEMS[code].status === status),
        ),
      ])),
      405: METHOD_NOT_ALLOWED,
      ...(takesBytes(call) && {
        413: body?.maxBytes === undefined
          ? CONTENT_TOO_LARGE
          : tooLong(body.maxBytes),
      }),
      ...(body !== undefined && {
        415: body.type === undefined
          ? UNSUPPORTED_MEDIA_TYPE
          : wrongType(body.type),
      }),
    },
  };
}

/**
 * The headers to describe. `accept` is left out, because the media types of the
 * answers say the same.
 */
function sentHeaders({ headers = {} }: Call) {
  const sent = Object.entries(headers).filter(([name]) => name !== "accept");
  return sent.length === 0 ? undefined : Object.fromEntries(sent);
}

/** Whether the call reads a body, even if only to check its length. */
function takesBytes({ body, method }: Call): boolean {
  return body !== undefined || method === "post";
}

/** Every problem that a call can answer, in the order of the table. */
function problemsOf(call: Call): ProblemCode[] {
  const codes = new Set<ProblemCode>(call.problems);
  if ((call.query ?? call.headers) !== undefined || takesBytes(call)) {
    codes.add("malformed-request");
  }
  if (call.scope !== undefined) {
    codes.add("not-authenticated").add("forbidden").add("store-unavailable");
  }
  return PROBLEM_CODES.filter((code) => codes.has(code));
}

/** The response of one status, with an example for each of its codes. */
function problemResponses(
  call: Call,
  codes: readonly ProblemCode[],
): ZodOpenApiResponseObject {
  const waits = codes.some((code) => PROBLEMS[code].status >= 429);
  return {
    description: codes.map((code) => `\`${code}\`: ${PROBLEMS[code].title}`)
      .join("\n\n"),
    headers: z.object({
      "x-request-id": REQUEST_ID,
      ...(waits && { "retry-after": RETRY_AFTER }),
    }),
    content: {
      [PROBLEM_MEDIA_TYPE]: {
        schema: problemDocument,
        examples: Object.fromEntries(codes.map((code) => [
          code,
          exampleOf(code, { retry: call.retry?.[code] }),
        ])),
      },
    },
  };
}

function exampleOf(
  code: ProblemCode,
  facts: Pick<ProblemFacts, "retry" | "status">,
) {
  const { title } = PROBLEMS[code];
  const instance = "urn:offcode:request:req_9f2c4e6a8b0d1f3a5c7e9b1d3f5a7c9e";
  return {
    summary: title,
    value: {
      ...problem(code, { detail: `${title}.`, instance, ...facts }).document,
      mode: "test",
    },
  };
}

/** The response for a request whose body or path is not as it must be. */
function sentWrongly(
  says: string,
  code: ProblemCode,
  headers: Readonly<Record<string, z.ZodType>> = {},
  facts: Pick<ProblemFacts, "status"> = {},
): ZodOpenApiResponseObject {
  return {
    description: `\`${code}\`: ${says}`,
    headers: z.object({ "x-request-id": REQUEST_ID, ...headers }),
    content: {
      [PROBLEM_MEDIA_TYPE]: {
        schema: problemDocument,
        examples: { [code]: exampleOf(code, facts) },
      },
    },
  };
}

const tooLong = (maxBytes: number) =>
  sentWrongly(
    `The body is longer than ${maxBytes} bytes`,
    "malformed-request",
    {},
    { status: 413 },
  );

const wrongType = (type: string) =>
  sentWrongly(
    `The body is not \`${type}\` in UTF-8, or has a content encoding`,
    "malformed-request",
    {},
    { status: 415 },
  );

// Responses that many calls have in common are components of the document.
const METHOD_NOT_ALLOWED = {
  id: "MethodNotAllowed",
  ...sentWrongly(
    "The path does not take the method that was sent",
    "method-not-allowed",
    { allow: ALLOW },
  ),
};
const CONTENT_TOO_LARGE = { id: "ContentTooLarge", ...tooLong(MAX_BODY_BYTES) };
const UNSUPPORTED_MEDIA_TYPE = {
  id: "UnsupportedMediaType",
  ...wrongType(JSON_TYPE),
};

function media(it: Answer | Body) {
  const { type = JSON_TYPE, schema = z.never(), example } = it;
  const or = "or" in it ? it.or : undefined;
  return {
    [type]: { schema, example },
    ...(or !== undefined &&
      { [or.type]: { schema: z.string(), example: or.example } }),
  };
}
