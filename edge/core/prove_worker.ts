/**
 * The worker of `prove.ts`: proves one core and says what is wrong with it.
 *
 * @module
 */

import { type CoreFault, coreFault, type ToProve } from "./prove.ts";

/** The side of a worker that talks to who started it. */
interface Scope {
  postMessage(message: CoreFault | null): void;
  onmessage: ((event: MessageEvent<ToProve>) => void) | null;
}

const scope = self as unknown as Scope;

scope.onmessage = ({ data }) => scope.postMessage(coreFault(data));
