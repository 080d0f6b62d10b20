/**
 * The worker of `prove.ts`: tests one core and reports what is wrong with it.
 *
 * @module
 */

import { withinTime } from "./interrupt.ts";
import { coreFault, type ProveMessage, type ToProve } from "./prove.ts";

/** The part of a worker's global scope that is used here. */
interface Scope {
  postMessage(message: ProveMessage): void;
  onmessage: ((event: MessageEvent<ToProve>) => void) | null;
}

const scope = self as unknown as Scope;

scope.onmessage = ({ data }) => {
  const tested = withinTime(() => coreFault(data), data.limitMs);
  scope.postMessage(tested === undefined ? "known-answers" : tested.result);
};
scope.postMessage("loaded");
