/// <reference lib="dom" />
/**
 * The calls that the console makes. A key is only in the memory of the page: it is
 * never stored, logged or put into an address, and disappears with the page.
 *
 * @module
 */

import { send } from "../shared/request.ts";

/** The answer to a call. */
export interface Answer {
  /** The HTTP status; 0 if there was no answer. */
  readonly status: number;
  // deno-lint-ignore no-explicit-any -- each caller knows what its call answers
  readonly body: any;
}

/** Makes calls with one key. */
export type Call = (
  method: string,
  path: string,
  body?: unknown,
) => Promise<Answer>;

/** Makes calls with this key. */
export function callWith(key: string): Call {
  return async (method, path, body) => {
    try {
      const response = await send(key, method, path, body);
      const text = await response.text();
      const isJson = /^application\/(problem\+)?json/.test(
        response.headers.get("content-type") ?? "",
      );
      return {
        status: response.status,
        body: isJson && text !== "" ? JSON.parse(text) : text,
      };
    } catch {
      return { status: 0, body: null };
    }
  };
}

/**
 * Reads at most `mostPages` pages of a list and returns all entries of the member
 * `member`, or the first answer that was not a success.
 */
export async function pagesOf<T>(
  call: Call,
  path: string,
  member: string,
  mostPages: number,
): Promise<readonly T[] | Answer> {
  const found: T[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < mostPages; page++) {
    const query = cursor === undefined
      ? ""
      : `?${new URLSearchParams({ cursor })}`;
    const answer = await call("GET", path + query);
    if (!isDone(answer)) return answer;
    found.push(...answer.body[member]);
    ({ cursor } = answer.body);
    if (cursor === undefined) break;
  }
  return found;
}

/** Whether a text can be sent as a key: printable ASCII without spaces. */
export const isKey = (text: string): boolean =>
  /^[\x21-\x7e]{1,512}$/.test(text);

/** Whether an answer is a success. */
export const isDone = ({ status }: Answer): boolean =>
  status >= 200 && status < 300;
