/**
 * What merchants verify callbacks with: the published libraries, and the rule
 * written down once more, each under a clock that the test gives.
 *
 * @module
 */

import { createHmac } from "node:crypto";
import { Webhook } from "standardwebhooks";
import { Webhook as SvixWebhook } from "svix";
import type { SignatureHeaders } from "../../../edge/base/signature.ts";

/** Whether a verifier takes a request that came at `nowMs`. */
export type Verify = (
  secret: string,
  headers: SignatureHeaders,
  body: string,
  nowMs: number,
) => boolean;

/** The libraries read the clock of the machine; no other code runs meanwhile. */
function at<T>(nowMs: number, run: () => T): T {
  const { now } = Date;
  Date.now = () => nowMs;
  try {
    return run();
  } finally {
    Date.now = now;
  }
}

/** A library's verifier; it throws where it refuses. */
function published(
  create: (secret: string) => {
    verify(body: string, headers: Record<string, string>): unknown;
  },
): Verify {
  return (secret, headers, body, nowMs) => {
    try {
      at(nowMs, () => create(secret).verify(body, { ...headers }));
      return true;
    } catch {
      return false;
    }
  };
}

const byHand: Verify = (secret, headers, body, nowMs) => {
  const key = atob(secret.replace("whsec_", ""));
  const mac = createHmac("sha256", Uint8Array.from(key, (c) => c.charCodeAt(0)))
    .update(`${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`)
    .digest("base64");
  const ageMs = nowMs - Number(headers["webhook-timestamp"]) * 1000;
  return Math.abs(ageMs) <= 300_999 &&
    headers["webhook-signature"].split(" ").includes(`v1,${mac}`);
};

/** All of them, by name. */
export const verifiers: readonly (readonly [string, Verify])[] = [
  ["standardwebhooks", published((secret) => new Webhook(secret))],
  ["svix", published((secret) => new SvixWebhook(secret))],
  ["by hand", byHand],
];
