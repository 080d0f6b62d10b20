import { assertEquals } from "@std/assert";
import {
  BURST_GAP_MS,
  type Typed,
  Wedge,
} from "../../../../edge/pages/till/wedge.ts";

const CODE = "901004201234567890";

/** Presses keys with the same gap between them, and then nothing. */
function press(keys: readonly string[], gapMs: number) {
  const wedge = new Wedge();
  const typed: Typed[] = [];
  const parts: boolean[] = [];
  keys.forEach((key, i) => {
    const result = wedge.push(key, 1_000 + i * gapMs);
    typed.push(...result.typed);
    parts.push(result.isPartOfScan);
  });
  return { typed: [...typed, ...wedge.flush()], parts };
}

for (const [end, name] of [["Enter", "Enter"], ["Tab", "TAB"]] as const) {
  Deno.test(`a burst with ${name} is a scan, whose ${name} presses nothing`, () => {
    const { typed, parts } = press([...CODE, end], 5);
    assertEquals(typed, [{ kind: "scan", text: CODE }]);
    assertEquals(parts.at(-1), true);
  });
}

Deno.test("a burst with nothing at its end is a scan", () => {
  assertEquals(press([...CODE], BURST_GAP_MS).typed, [
    { kind: "scan", text: CODE },
  ]);
});

Deno.test("a scanner's Shift and additions stay in the text", () => {
  const keys = ["]", "Shift", "C", "1", ...CODE, "\x1d", "Enter"];
  assertEquals(press(keys, 20).typed, [
    { kind: "scan", text: `]C1${CODE}\x1d` },
  ]);
});

Deno.test("two scans one behind the other are two", () => {
  assertEquals(press([...CODE, "Enter", ...CODE, "Enter"], 5).typed, [
    { kind: "scan", text: CODE },
    { kind: "scan", text: CODE },
  ]);
});

Deno.test("keys of a hand are keys, and its Enter presses", () => {
  const { typed, parts } = press([..."1250", "Enter"], BURST_GAP_MS + 1);
  assertEquals(typed.flatMap((it) => it.kind === "keys" ? it.keys : []), [
    ...["1", "2", "5", "0", "Enter"],
  ]);
  assertEquals(parts, [false, false, false, false, false]);
});

Deno.test("a few fast keys are a hand's", () => {
  const { typed, parts } = press([..."1250", "Enter"], 1);
  assertEquals(typed, [
    { kind: "keys", keys: [..."1250"] },
    { kind: "keys", keys: ["Enter"] },
  ]);
  assertEquals(parts.at(-1), false);
});

Deno.test("a code whose digits come slowly is keys, never a part of a scan", () => {
  const { typed } = press([...CODE], BURST_GAP_MS + 1);
  assertEquals(typed.length, CODE.length);
  assertEquals(typed.every((it) => it.kind === "keys"), true);
});

Deno.test("other keys end a burst and are given on", () => {
  assertEquals(press(["1", "Backspace", "F5"], 5).typed, [
    { kind: "keys", keys: ["1"] },
    { kind: "keys", keys: ["Backspace"] },
    { kind: "keys", keys: ["F5"] },
  ]);
});
