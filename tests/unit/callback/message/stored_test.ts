import { assert, assertEquals } from "@std/assert";
import type {
  Attempt,
  CallbackRecord,
} from "../../../../edge/callback/message/record.ts";
import {
  earlierAttempts,
  messages,
} from "../../../../edge/callback/message/stored.ts";
import type { Write } from "../../../../edge/store/store.ts";
import { callbackRecord } from "../../../support/callback/records.ts";

const RECORD = callbackRecord("mer_1", 7, 0, "pending");
const ID = RECORD.callback_id;
const ATTEMPT: Attempt = { at: "2026-01-15T12:00:00.000Z", duration_ms: 1 };

function textOf(write: Write): string {
  assert(write.kind === "set");
  return write.value;
}

/** A message as it is read after it was written. */
function stored(record: CallbackRecord): CallbackRecord | null {
  return messages(ID).held(textOf(messages(ID).set(record))).value;
}

Deno.test("messages() reads a message with and without its latest attempt, and none with something else there", () => {
  const read = (last_attempt?: unknown) =>
    messages(ID).held(JSON.stringify({ ...RECORD, last_attempt })).value;
  assertEquals(read(), RECORD);
  assertEquals(read(ATTEMPT), { ...RECORD, last_attempt: ATTEMPT });
  for (const other of [null, 7, "x", true]) assertEquals(read(other), null);
});

Deno.test("earlierAttempts() keeps the last twenty-nine, and fewer where they would be too large", () => {
  const at = (n: number, response: string): Attempt => ({
    at: `${n}`,
    duration_ms: 1,
    status: 500,
    response,
  });
  const place = earlierAttempts(ID);
  // What is longest as JSON: a kilobyte of which each byte is escaped.
  for (
    const [response, kept] of [["x", 29], ['"'.repeat(1_024), 28]] as const
  ) {
    let attempts: readonly Attempt[] = [];
    for (let n = 0; n < 50; n++) {
      const text = textOf(place.set([...attempts, at(n, response)]));
      assert(new TextEncoder().encode(text).length <= 60_000);
      attempts = place.held(text).value!;
    }
    assertEquals(attempts.length, kept);
    assertEquals(attempts.at(-1)!.at, "49");
  }
});

Deno.test("messages() leaves the latest attempt out where both are too much for one value", () => {
  for (const letter of ["x", "é"]) {
    const bytes = new TextEncoder().encode(letter).length;
    const record = { ...RECORD, last_attempt: ATTEMPT };
    const room = 60_000 - JSON.stringify({ ...record, payload: "" }).length;
    const payload = letter.repeat(Math.floor(room / bytes));
    const whole = { ...record, payload };
    assertEquals(stored(whole), whole);
    const { last_attempt: _, ...without } = whole;
    assertEquals(
      stored({ ...whole, payload: payload + letter }),
      {
        ...without,
        payload: payload + letter,
      },
    );
  }
});
