/**
 * Many enrolments in one call, to move the customers of a wallet to Offcode: a body of
 * lines, each of which is answered by a line of its own.
 *
 * @module
 */

import { z } from "zod";
import type { Mode } from "../../../base/ids.ts";
import { isRefusal, refused } from "../../../base/outcome.ts";
import { camelNames } from "../../../base/spelling.ts";
import { enrolOneOfMany } from "../../../enrolment/batch.ts";
import type { Enrolments } from "../../../enrolment/enrolments.ts";
import type { WalletSystem } from "../../../enrolment/record.ts";
import { parseBody } from "../../kit/body.ts";
import { call } from "../../kit/call.ts";
import type { Problem } from "../../kit/problem.ts";
import { problemOf } from "../../kit/refusal.ts";
import { writerOf } from "../../kit/writer.ts";
import { enrolBody } from "./enrol.ts";
import { NEW_ENROLMENT } from "./new_enrolment.ts";

const MOST_LINES = 1_000;
const NDJSON = "application/x-ndjson";
/**
 * Enrolments under way at the same time, so that a store can commit them
 * together.
 */
const AT_ONCE = 16;

const spellEnrolment = writerOf(NEW_ENROLMENT.schema);

export const enrolBatch = call({
  id: "enrolBatch",
  method: "post",
  path: "/v1/enrolments/batch",
  scope: "wallet",
  summary: "Enrol up to 1 000 accounts",
  description:
    "Each line of the body is the body of an enrolment, and each line of the answer is the outcome of one, in the same order: `line` counts from 1, `status` is what the enrolment alone would have answered, and the other fields are those of the enrolment or of the problem. Each line succeeds or fails by itself. If an account or a device occurs twice in a body, the second line is refused. If the answer ends early, the outcome of the missing lines is unknown: send these lines again, which ends enrolments that they made before.",
  body: {
    type: NDJSON,
    maxBytes: 1_048_576,
    schema: z.string().transform((text) =>
      text.replace(/\r?\n$/, "").split(/\r?\n/)
    ).refine(
      (lines) => lines.length <= MOST_LINES,
      `must have at most ${MOST_LINES} lines`,
    ),
    example: `${JSON.stringify(enrolBody.example)}\n`,
  },
  answers: {
    200: {
      says: "A line for each line of the body",
      type: NDJSON,
      schema: z.string(),
      example: `${
        JSON.stringify({
          ...{ line: 1, status: 201, ...NEW_ENROLMENT.example },
          mode: "test",
        })
      }\n`,
    },
  },
  handle: ({ enrolments, mode }, { caller, body }) =>
    Promise.resolve({
      status: 200 as const,
      body: ReadableStream.from(
        enrolLines(
          { enrol: enrolOneOfMany(enrolments.enrol), mode },
          body,
          caller.walletSystem,
        ),
      ).pipeThrough(new TextEncoderStream()),
    }),
});

/** What a line needs. */
interface LineDeps extends Pick<Enrolments, "enrol"> {
  /** The mode, which each line of the answer has, as any other answer does. */
  readonly mode: Mode;
}

/**
 * The outcomes of lines, in their order. Several lines are worked on at the
 * same time.
 */
async function* enrolLines(
  deps: LineDeps,
  lines: readonly string[],
  by: WalletSystem,
): AsyncGenerator<string> {
  const seen = new Map<string, number>();
  const underWay: Promise<string>[] = [];
  for (const [i, text] of lines.entries()) {
    underWay.push(enrolLine(deps, i + 1, text, seen, by));
    if (underWay.length >= AT_ONCE) yield await underWay.shift()!;
  }
  for (const outcome of underWay) yield await outcome;
}

async function enrolLine(
  { enrol, mode }: LineDeps,
  line: number,
  text: string,
  seen: Map<string, number>,
  by: WalletSystem,
): Promise<string> {
  const parsed = parseBody(new TextEncoder().encode(text), enrolBody);
  const failed = (problem: Problem) => writeFailed(line, problem, mode);
  if (!parsed.ok) return failed(parsed.problem);
  const request = camelNames(parsed.value);
  const { accountId, deviceId } = request;
  // Lines run at the same time, so it would be chance which of two enrolments of one
  // account lives.
  for (const name of [`account ${accountId}`, `device ${deviceId}`]) {
    const first = seen.get(name);
    if (first !== undefined) {
      const what = name.startsWith("account") ? "account" : "device";
      return failed(
        problemOf(refused("malformed-request", {
          detail: `The ${what} is the one of line ${first}.`,
        })),
      );
    }
  }
  seen.set(`account ${accountId}`, line).set(`device ${deviceId}`, line);
  const outcome = await enrol({ ...request, by });
  return isRefusal(outcome)
    ? failed(problemOf(outcome))
    : write({ line, status: 201, ...spellEnrolment(outcome), mode });
}

/** A problem without the texts for cashier and customer. */
function writeFailed(line: number, { document }: Problem, mode: Mode): string {
  const { cashier: _, customer: __, ...said } = document;
  return write({ line, ...said, mode });
}

function write(outcome: Readonly<Record<string, unknown>>): string {
  return `${JSON.stringify(outcome)}\n`;
}
