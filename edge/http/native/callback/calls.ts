/**
 * The calls of a merchant about its callbacks, in the order of the document.
 *
 * @module
 */

import type { Audience } from "../../kit/call.ts";
import { getCallbackEndpoint } from "./endpoint/get.ts";
import { putCallbackEndpoint } from "./endpoint/put.ts";
import { removeCallbackEndpoint } from "./endpoint/remove.ts";
import { rotateCallbackSecret } from "./endpoint/rotate.ts";
import { testCallbackEndpoint } from "./endpoint/test.ts";
import { getCallback } from "./get.ts";
import { listCallbacks } from "./list.ts";
import { replayCallback } from "./replay.ts";
import { replayCallbacks } from "./replay_range.ts";

export const CALLBACKS: Audience = {
  tag: "Callbacks",
  description: "Be notified when payments end",
  calls: [
    putCallbackEndpoint,
    getCallbackEndpoint,
    removeCallbackEndpoint,
    rotateCallbackSecret,
    testCallbackEndpoint,
    listCallbacks,
    getCallback,
    replayCallback,
    replayCallbacks,
  ],
};
