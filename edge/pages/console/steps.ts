/// <reference lib="dom" />
/**
 * Steps that an administrator takes, and what the last one has led to: a sentence, and
 * secrets that are shown this once.
 *
 * @module
 */

import type { ComponentChild } from "preact";
import { useState } from "preact/hooks";
import { html } from "../shared/view.ts";
import { type Answer, isDone } from "./api.ts";
import { type Ctx, Outcome, problemText, Secret } from "./parts.ts";

/** A secret that an answer has brought, and what it is. */
interface Shown {
  readonly name: string;
  readonly secret: string;
}

/** What a step has led to. */
interface Result {
  readonly text: string;
  readonly isBad: boolean;
  readonly secrets: readonly Shown[];
}

const NO_RESULT: Result = { text: "", isBad: false, secrets: [] };

/** Takes steps, and keeps what the last one has led to. */
export function useSteps(ctx: Ctx): {
  /** Makes a call; whether it was done. `done` says what it has led to. */
  step(
    method: string,
    path: string,
    body: unknown,
    done: (answer: Answer["body"]) => Omit<Result, "isBad">,
  ): Promise<boolean>;
  /** What the last step has led to. */
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
