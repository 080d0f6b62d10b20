import { assertEquals } from "@std/assert";
import { createLog } from "../../../edge/base/log.ts";
import { NOON_MS, TestClock } from "../../support/world/app.ts";

Deno.test("createLog() writes one JSON object a line, with the time of the clock", () => {
  const clock = new TestClock(NOON_MS);
  const lines: string[] = [];
  const log = createLog({ clock, write: (line) => lines.push(line) });
  log("info", "request", { status: 200, problem: null });
  clock.advance(1);
  log("warn", "two\nlines", { list: ["a\r\n", "\u2028"], ok: true });
  log("error", "no fields");
  assertEquals(lines, [
    '{"time":"2026-01-15T12:00:00.000Z","level":"info","message":"request",' +
    '"status":200,"problem":null}',
    '{"time":"2026-01-15T12:00:00.001Z","level":"warn",' +
    '"message":"two\\nlines","list":["a\\r\\n","\u2028"],"ok":true}',
    '{"time":"2026-01-15T12:00:00.001Z","level":"error",' +
    '"message":"no fields"}',
  ]);
});
