import { assertEquals } from "@std/assert";
import { parseCallback } from "../../../../edge/callback/message/stored.ts";
import { callbackRecord } from "../../../support/callback/records.ts";

Deno.test("parseCallback() takes a message with and without its latest attempt, and none with something else there", () => {
  const record = callbackRecord("mer_1", 7, 0, "pending");
  const parse = (last_attempt?: unknown) =>
    parseCallback(
      record.callback_id,
      JSON.stringify({ ...record, last_attempt }),
    );
  const attempt = { at: "2026-01-15T12:00:00.000Z", duration_ms: 1 };
  assertEquals(parse(), record);
  assertEquals(parse(attempt), { ...record, last_attempt: attempt });
  for (const other of [null, 7, "x", true]) assertEquals(parse(other), null);
});
