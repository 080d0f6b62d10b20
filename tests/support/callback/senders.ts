/**
 * Senders for tests, and what an attempt gives whose time is over when the test
 * says so.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import type {
  Sender,
  SendOutcome,
  SendRequest,
} from "../../../edge/callback/sender.ts";
import {
  createHttpSender,
  type HttpSenderOptions,
} from "../../../edge/callback_http/sender.ts";
import { systemClock } from "../../../edge/base/clock.ts";
import { holdTimers } from "../world/points/held_timers.ts";

/** Of a sender that is given none. */
export const DEADLINE_MS = 10_000;

/** A sender that is closed when the test ends. */
export function openSender(
  options: Partial<HttpSenderOptions> = {},
): Sender & AsyncDisposable {
  const sender = createHttpSender({ clock: systemClock, ...options });
  return { ...sender, [Symbol.asyncDispose]: () => sender.close() };
}

/** A request to a URL. */
export function requestTo(url: string, body = '{"a":1}'): SendRequest {
  return {
    url,
    headers: {
      "webhook-id": "cb_00112233445566778899aabbccddeeff",
      "webhook-timestamp": "1750000000",
      "webhook-signature": "v1,c2lnbmF0dXJl",
    },
    body,
  };
}

/** What is sure of an outcome, its time left out. */
export function plain(outcome: SendOutcome): Record<string, unknown> {
  const { durationMs: _, ...rest } = outcome;
  return rest;
}

/** What an attempt gives whose time is over once `reached`. */
export async function outOfTime(
  send: () => Promise<SendOutcome>,
  reached: () => Promise<unknown>,
  deadlineMs = DEADLINE_MS,
): Promise<SendOutcome> {
  using timers = holdTimers();
  const outcome = send();
  // One that ends early would never reach.
  await Promise.race([reached(), outcome]);
  // One deadline for all of it: nothing that came has put it off.
  assertEquals(timers.pendingMs, [deadlineMs]);
  timers.fire();
  return await outcome;
}
