/**
 * The worker of `shadow.ts`: it holds the core in shadow and a copy of the active core, and
 * compares their answers.
 *
 * @module
 */

import { systemRandom } from "../base/clock.ts";
import { openCore } from "./core.ts";
import { withinTime } from "./interrupt.ts";
import {
  CoreComparison,
  type FromShadow,
  type ShadowDifference,
  type ToShadow,
} from "./shadow.ts";

/** The part of a worker's global scope that is used here. */
interface Scope {
  postMessage(message: FromShadow): void;
  onmessage: ((event: MessageEvent<ToShadow>) => void) | null;
}

const scope = self as unknown as Scope;

let comparison: CoreComparison | undefined;
/** Unknown until the cores are opened: before that, no code of a core runs. */
let limitMs: number;

const say = (difference: ShadowDifference | null) =>
  scope.postMessage({ compared: false, difference, activeMs: 0, shadowMs: 0 });

function take(data: ToShadow): void {
  switch (data.kind) {
    case "open": {
      const active = openCore(data.active);
      try {
        const shadow = openCore(data.shadow);
        comparison = new CoreComparison(
          active,
          shadow,
          systemRandom,
          () => performance.now(),
        );
      } catch {
        return say("open");
      }
      return say(null);
    }
    case "load": {
      const difference = comparison?.load(data.id, data.packed) ?? null;
      if (difference !== null) say(difference);
      return;
    }
    case "wipe":
      return comparison?.wipe(data.id);
    case "search":
      if (comparison !== undefined) {
        scope.postMessage(comparison.search(data.query));
      }
  }
}

scope.onmessage = ({ data }) => {
  if (data.kind === "open") ({ limitMs } = data);
  const taken = withinTime(() => take(data), limitMs);
  if (data.kind === "load") data.packed.seeds.fill(0);
  if (taken !== undefined) return;
  // What still waits would only loop again.
  comparison = undefined;
  say("silent");
};
