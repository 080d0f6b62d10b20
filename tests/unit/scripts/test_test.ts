import { LimitedCommand } from "../../support/http/command.ts";
import { assert, assertEquals } from "@std/assert";
import { countTests } from "../../../scripts/test.ts";

const root = new URL("../../../", import.meta.url);

/** Runs the test task over files of its own; their types with `--check` only. */
async function testTask(files: Record<string, string>, ...args: string[]) {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, source] of Object.entries(files)) {
      await Deno.writeTextFile(`${folder}/${name}`, source);
    }
    const { code, stdout } = await new LimitedCommand(Deno.execPath(), {
      args: ["run", "-A", "--no-lock", "scripts/test.ts"]
        .concat("--no-lock", args.includes("--check") ? [] : "--no-check")
        .concat(folder, ...args),
      cwd: root,
      env: { NO_COLOR: "1" },
    }).output();
    const lines = new TextDecoder().decode(stdout).trimEnd().split("\n");
    return { code, lines, last: lines.at(-1) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const PASSES = 'Deno.test("passes", () => {});\n';
const FAILS = 'Deno.test("fails", () => { throw new Error("no"); });\n';

Deno.test("the test task ends with the counts and says yes when all passed", async () => {
  const { code, last } = await testTask({
    "a_test.ts": PASSES + 'Deno.test("passes too", () => {});',
    "b_test.ts": PASSES,
  });
  assertEquals({ code, last }, { code: 0, last: "3 passed, 0 failed" });
});

Deno.test("the test task counts a test with steps once and says no when one failed", async () => {
  const steps = `Deno.test("with steps", async (t) => {
    await t.step("one", () => {});
    await t.step("two", async (t) => {
      await t.step("deep", () => { throw new Error("no"); });
    });
  });\n`;
  const { code, last, lines } = await testTask({
    "a_test.ts": PASSES + FAILS + steps,
  });
  assertEquals({ code, last }, { code: 1, last: "1 passed, 2 failed" });
  assert(lines.some((line) => line.includes("=> fails ... FAILED")));
});

Deno.test("the test task says no to a file that fails outside of its tests", async () => {
  const { code, last } = await testTask({
    "a_test.ts": PASSES,
    "b_test.ts": 'throw new Error("no");',
  });
  assertEquals({ code, last }, { code: 1, last: "1 passed, 1 failed" });
});

Deno.test("the test task says no to a type error", async () => {
  const { code, last } = await testTask({
    "a_test.ts": PASSES + 'export const n: number = "one";',
  }, "--check");
  assertEquals({ code, last }, { code: 1, last: "0 passed, 1 failed" });
});

Deno.test("the test task says no when no test ran", async () => {
  const { code, lines } = await testTask(
    { "a_test.ts": PASSES },
    "--filter",
    "no such test",
  );
  assertEquals(code, 1);
  assertEquals(lines.slice(-2), ["No test ran", "0 passed, 0 failed"]);
});

Deno.test("the test task says no to a skipped test and names it", async () => {
  const { code, lines } = await testTask({
    "a_test.ts": PASSES + 'Deno.test.ignore("left out", () => {});',
  });
  assertEquals(code, 1);
  assertEquals(lines.slice(-2), ["Skipped: left out", "1 passed, 0 failed"]);
});

Deno.test("the test task says no to a test that leaves a timer or a file open", async () => {
  const { code, last } = await testTask({
    "a_test.ts": PASSES +
      'Deno.test("timer", () => void setTimeout(() => {}, 60_000));\n' +
      'Deno.test("file", async () => void await Deno.open("/dev/null"));\n',
  });
  assertEquals({ code, last }, { code: 1, last: "1 passed, 2 failed" });
});

Deno.test("the test task passes its arguments on", async () => {
  const { code, last } = await testTask(
    { "a_test.ts": PASSES + FAILS },
    "--filter",
    "passes",
  );
  assertEquals({ code, last }, { code: 0, last: "1 passed, 0 failed" });
});

Deno.test("countTests() takes a name with an arrow for a test of its own", () => {
  const report = `<testsuites><testsuite name="./a.ts">
    <testcase name="a step &gt; or not" classname="x"></testcase>
    <testcase name="b" classname="x">
      <failure message="1 test step failed">1</failure>
    </testcase>
    <testcase name="b &gt; c" classname="x"><failure/></testcase>
    <testcase name="b &gt; d" classname="x"/>
    <testcase name="left out" classname="x"><skipped/></testcase>
  </testsuite></testsuites>`;
  assertEquals(countTests(report), {
    passed: 1,
    failed: 1,
    skipped: ["left out"],
  });
  assertEquals(countTests(""), { passed: 0, failed: 0, skipped: [] });
});
