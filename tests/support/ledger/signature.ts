/**
 * How a wallet core tells that a call is Offcode's own. The reference ledger
 * runs it, `edge/ledger/README.md` shows it; written without the library that
 * signs, so that each proves the other.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createHmac, timingSafeEqual } from "node:crypto";

/** The body of a call that Offcode signed with one of `secrets`, else null. */
export async function readSigned(
  request: Request,
  secrets: readonly string[],
  nowMs: number,
): Promise<Record<string, unknown> | null> {
  const id = request.headers.get("webhook-id") ?? "";
  const timestamp = request.headers.get("webhook-timestamp") ?? "";
  const signatures = (request.headers.get("webhook-signature") ?? "")
    .split(" ")
    .filter((it) => it.startsWith("v1,"))
    .map((it) => Buffer.from(it.slice("v1,".length), "base64"));
  // The bytes that came, before anything parses them.
  const text = await request.text();

  const ageSeconds = Math.abs(nowMs / 1000 - Number(timestamp));
  if (!/^\d{1,12}$/.test(timestamp) || ageSeconds > 300) return null;
  const genuine = secrets.some((secret) => {
    const key = Buffer.from(secret.replace("whsec_", ""), "base64");
    const mac = createHmac("sha256", key)
      .update(`${id}.${timestamp}.${text}`)
      .digest();
    return signatures.some((it) =>
      it.length === mac.length && timingSafeEqual(it, mac)
    );
  });
  if (!genuine) return null;

  // The signature does not cover the path. The signed id does: without this,
  // a query read off the wire could be sent again as a reversal.
  const body = JSON.parse(text);
  const call = new URL(request.url).pathname.split("/").at(-1);
  const name = call === "debits" && body.confirmed ? "debit_confirmed" : {
    debits: "debit",
    reversals: "reverse",
    refunds: "refund",
    queries: "query",
  }[`${call}`];
  const about = body.refund_id === undefined
    ? body.payment_id
    : `${body.payment_id}_${body.refund_id}`;
  return id === `${about}_${name}` ? body : null;
}
