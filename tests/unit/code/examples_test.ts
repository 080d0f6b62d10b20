import { assertEquals } from "@std/assert";

Deno.test("every @example of edge/code runs", async () => {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "--doc", "--no-lock", "edge/code"],
    cwd: new URL("../../../", import.meta.url),
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  const output = decoder.decode(stdout) + decoder.decode(stderr);
  assertEquals(code, 0, output);
  const [, passed, failed] = /(\d+) passed \| (\d+) failed/.exec(output) ?? [];
  assertEquals({ passed, failed }, { passed: "13", failed: "0" });
});
