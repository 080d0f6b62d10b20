/// <reference lib="dom" />
/**
 * The steps of an administrator, and the result of the latest one: a sentence, and
 * secrets that are shown only once.
 *
 * @module
 */

import type { ComponentChild } from "preact";
import { useState } from "preact/hooks";
import { html } from "../shared/view.ts";
import { type Answer, isDone } from "./api.ts";
import { type Ctx, Outcome, problemText, Secret } from "./parts.ts";

/** A secret from an answer, and its name. */
interface Shown {
  readonly name: string;
  readonly secret: string;
}

/** The result of a step. */
interface Result {
  readonly text: string;
  readonly isBad: boolean;
  readonly secrets: readonly Shown[];
}

const NO_RESULT: Result = { text: "", isBad: false, secrets: [] };

/** Takes steps, and keeps the result of the latest one. */
export function useSteps(ctx: Ctx): {
  /**
   * Makes a call and returns whether it succeeded. `done` returns the sentence about
   * its result.
   */
  step(
    method: string,
    path: string,
    body: unknown,
    done: (answer: Answer["body"]) => Omit<Result, "isBad">,
  ): Promise<boolean>;
  /** The result of the latest step. */
  readonly shown: ComponentChild;
} {
  const [result, setResult] = useState(NO_RESULT);
  const step = async (
    method: string,
    path: string,
    body: unknown,
    done: (answer: Answer["body"]) => Omit<Result, "isBad">,
  ): Promise<boolean> => {
    const answer = await ctx.call(method, path, body);
    setResult(
      isDone(answer)
        ? { ...done(answer.body), isBad: false }
        : { text: problemText(ctx, answer), isBad: true, secrets: [] },
    );
    return isDone(answer);
  };
  const shown = html`
    <${Outcome} text=${result.text} isBad=${result.isBad} />
    ${result.secrets.map((it) => html`<${Secret} ctx=${ctx} ...${it} />`)}
  `;
  return { step, shown };
}

/** The value of a field of the form that an event came from. */
export const fieldOf = (event: Event, name: string): string =>
  (new FormData(event.target as HTMLFormElement).get(name) as string).trim();
