import { programOf, saidBy } from "../../support/http/command.ts";
import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { stripVTControlCharacters } from "node:util";
import jsqr from "jsqr";
import type { Ledger } from "../../../edge/ledger/ledger.ts";
import { demo, type DemoOptions } from "../../../scripts/demo.ts";
import { Screen } from "../../../scripts/demo/screen.ts";

const SUMMARY =
  "All 18 answers and 3 callbacks were as expected: two payments of 16.70 EUR together, nothing charged twice.";

/** The demo as a process of its own, without a terminal. */
async function demoTask(...args: string[]) {
  const { code, out, err } = await saidBy(programOf("scripts/demo.ts", args));
  return { code, lines: out.trimEnd().split("\n"), err };
}

/** The demo in this process, with its clock put forward. */
async function tell(options: Partial<DemoOptions> = {}) {
  let text = "";
  const code = await demo({
    fast: true,
    write: (it) => text += it,
    isTerminal: false,
    color: false,
    ...options,
  });
  return { code, text, last: text.trimEnd().split("\n").at(-1) };
}

/** What the lines with a label say. */
function labeled(lines: readonly string[], label: string): string[] {
  const head = new RegExp(`^ {2}${label} +(\\S.*)$`);
  return lines.flatMap((line) => head.exec(line)?.[1] ?? []);
}

/** The rows of each picture; blocks are the light parts, two modules a row. */
function drawn(lines: readonly string[]): string[][] {
  const pictures: string[][] = [];
  for (const [i, line] of lines.entries()) {
    if (!/^ {2}[█▀▄ ]{20,}$/.test(line)) continue;
    if (!/[█▀▄]/.test(lines[i - 1] ?? "")) pictures.push([]);
    pictures.at(-1)!.push(line.slice(2));
  }
  return pictures;
}

/** What a scanner reads in pictures. */
function scanned(lines: readonly string[]): (string | undefined)[] {
  return drawn(lines).map((rows) => {
    const scale = 4;
    const width = rows[0]!.length * scale;
    const height = rows.length * 2 * scale;
    const pixels = new Uint8ClampedArray(width * height * 4).fill(255);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const half = Math.floor(y / scale);
        const block = rows[half >> 1]![Math.floor(x / scale)]!;
        const light = block === "█" || block === (half % 2 ? "▄" : "▀");
        pixels.fill(
          light ? 255 : 0,
          4 * (y * width + x),
          4 * (y * width + x) + 3,
        );
      }
    }
    return jsqr.default(pixels, width, height)?.data;
  });
}

Deno.test("demo gets the expected answers, says so in one line and ends with 0", async () => {
  const { code, lines, err } = await demoTask("--fast");
  assertEquals([code, err, lines.at(-1)], [0, "", SUMMARY]);
  assertEquals(labeled(lines, "answer"), [
    "201 succeeded",
    "200 succeeded, repeat",
    "409 code-replayed",
    "422 code-not-accepted",
    "422 payment-declined, insufficient_funds",
    "201 succeeded",
  ]);
  // Versions begin with the time of their order.
  const told = labeled(lines, "callback").map((it) =>
    it.replace(/ version \d{10}$/, " version")
  );
  assertEquals(told, [
    "paid       C-1001  12.50 EUR  version",
    "declined   B-2  9.99 EUR  insufficient_funds  version",
    "paid       B-3  4.20 EUR  version",
  ]);
  assertEquals(labeled(lines, "means").length, 6);
  assertEquals(labeled(lines, "cashier").length, 6);
  assert(lines.includes("  Alice: 100.00 EUR - 16.70 EUR = 83.30 EUR"));
});

Deno.test("demo shows two codes as digits and as pictures that read the same", async () => {
  const { lines } = await demoTask("--fast");
  const codes = labeled(lines, "code");
  assertEquals(codes.length, 2);
  assertEquals(new Set(codes).size, 2);
  for (const code of codes) assertMatch(code, /^901\d{15}$/);
  assertEquals(scanned(lines), codes);
  // The four light modules around each (ISO/IEC 18004).
  for (const rows of drawn(lines)) {
    assertEquals([rows.length, rows[0]!.length], [15, 21 + 8]);
    for (const i of [0, 1, 13]) assertMatch(rows[i]!, /^█+$/);
    for (const row of rows.slice(0, -1)) assertMatch(row, /^█{4}.*█{4}$/);
  }
});

Deno.test("demo writes plain lines of a terminal's width where there is no terminal", async () => {
  const { lines } = await demoTask("--fast");
  // The summary alone may be longer.
  for (const line of lines.slice(0, -1)) {
    assert([...line].length <= 76, line);
    assertMatch(line, /^[\x20-\x7e█▀▄…]*$/);
  }
});

Deno.test("demo leaves nothing behind", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const { success } = await programOf("scripts/demo.ts", ["--fast"], {
      env: { TMPDIR: folder },
    }).output();
    assert(success);
    assertEquals([...Deno.readDirSync(folder)], []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("demo goes on to its end when nobody reads on", async () => {
  const child = programOf("scripts/demo.ts", ["--fast"]).spawn();
  const reader = child.stdout.getReader();
  await reader.read();
  await reader.cancel();
  const err = await new Response(child.stderr).text();
  assertEquals([(await child.status).code, err], [0, ""]);
});

Deno.test("demo tells how it is used when it is used another way", async () => {
  const { code, err } = await demoTask("--slow");
  assertEquals(code, 2);
  assertMatch(
    err,
    /^Usage: deno task demo \[--fast\] \[--pages \| --release\]/,
  );
  const both = await demoTask("--pages", "--release");
  assertEquals([both.code, /exclude each other$/m.test(both.err)], [2, true]);
});

/** A ledger that differs from the sandbox in its debits. */
const debiting = (
  debit: (ledger: Ledger, ...args: Parameters<Ledger["debit"]>) => ReturnType<
    Ledger["debit"]
  >,
) =>
(ledger: Ledger): Ledger => ({
  ...ledger,
  debit: (...args) => debit(ledger, ...args),
});

Deno.test("demo ends with 1 at the first answer that is not as expected", async () => {
  const { code, text, last } = await tell({
    wrapLedger: debiting(() =>
      Promise.resolve({ kind: "declined", reason: "account_closed" })
    ),
  });
  assertEquals([code, last], [
    1,
    "Not as expected: POST /v1/payments answered 422 payment-declined, account_closed, expected 201 succeeded",
  ]);
  assertEquals(text.includes("4  The reply got lost"), false);
});

Deno.test("demo ends with 1 when a customer was charged twice", async () => {
  const { code, last } = await tell({
    wrapLedger: debiting(async (ledger, debit, options) => {
      await ledger.debit(
        { ...debit, paymentId: `${debit.paymentId}-again` },
        options,
      );
      return await ledger.debit(debit, options);
    }),
  });
  assertEquals([code, last], [1, "Not as expected: Alice has 66.60 EUR left"]);
});

Deno.test("demo ends with 1 when a callback was changed on its way", async () => {
  const { code, last } = await tell({
    wrapSender: (sender) => ({
      ...sender,
      send: (request) =>
        sender.send({ ...request, body: request.body.replace("1250", "1") }),
    }),
  });
  assertEquals([code, last], [
    1,
    "Not as expected: The callback of C-1001 is refused",
  ]);
});

Deno.test("demo --release changes the algorithm within a week, and every payment succeeds once", async () => {
  const { code, lines, err } = await demoTask("--release");
  assertEquals([code, err, lines.at(-1)], [
    0,
    "",
    "All 11 payments of the week succeeded, and each was taken once.",
  ]);
  assertEquals(labeled(lines, "answer"), [
    ...["version 2", "Refused: threshold", "version 2", "core_"],
    ...["version 2  shadow", "version 2  active", "200", "201", "200"],
    ...["version 2  retired", "version 2  active"],
  ]);
  assertEquals(
    labeled(lines, "paid").map((it) => it.at(-2)),
    [..."11121222222"],
  );
  for (const line of lines) assert([...line].length <= 76, line);
});

Deno.test("demo waits for the next code without --fast and can be interrupted there", async () => {
  const interrupted = new AbortController();
  let text = "";
  const { code } = await tell({
    fast: false,
    signal: interrupted.signal,
    write(it) {
      text += it;
      if (it.includes("shows the next code in")) interrupted.abort();
    },
  });
  assertEquals(code, 130);
  assertMatch(text, /shows the next code in \d+ s …\n\n$/);
});

Deno.test("demo colors what it writes where colors are wanted, and the words stay the same", async () => {
  const { code, text } = await tell({ color: true });
  assertEquals(code, 0);
  const plain = stripVTControlCharacters(text).split("\n");
  assertStringIncludes(text, "\x1b[32m201 succeeded\x1b");
  assertStringIncludes(text, "\x1b[33m409 code-replayed\x1b");
  assertEquals(scanned(plain), labeled(plain, "code"));
});

Deno.test("Screen.countdown() rewrites one line on a terminal, second by second", async () => {
  for (
    const [isTerminal, lines] of [
      [true, ["\r  Bus in 3 s … ", "\r  Bus in 2 s … ", "\r  Bus in 1 s … "]],
      [false, ["  Bus in 3 s …\n"]],
    ] as const
  ) {
    let leftMs = 2300;
    const slept: number[] = [];
    const written: string[] = [];
    const write = (text: string) => written.push(text);
    await new Screen({ write, isTerminal, color: false }).countdown(
      "Bus",
      () => leftMs,
      (ms) => {
        slept.push(ms);
        leftMs -= ms;
        return Promise.resolve();
      },
    );
    assertEquals(slept, [300, 1000, 1000]);
    assertEquals(written.slice(0, lines.length), [...lines]);
    // A terminal's line is wiped at the end.
    assertEquals(
      written.slice(lines.length),
      isTerminal ? [`\r${" ".repeat(76)}\r`] : [],
    );
  }
});
