import { LimitedCommand } from "../../support/http/command.ts";
import { assert, assertEquals } from "@std/assert";

const root = new URL("../../../", import.meta.url);

/** Modules whose examples a reader copies. */
const MODULES = [
  "edge/code/format.ts",
  "edge/code/manifest.ts",
  "edge/code/message.ts",
  "edge/code/profile.ts",
  "edge/code/tag.ts",
  "edge/code/time_step.ts",
  "edge/core/core.ts",
  "edge/store/store.ts",
  "edge/http/kit/problem.ts",
];

Deno.test("every @example of the public modules runs", async () => {
  let examples = 0;
  for (const path of MODULES) {
    const source = await Deno.readTextFile(new URL(path, root));
    examples += source.match(/@example/g)?.length ?? 0;
  }
  assert(examples >= 14);
  const { code, stdout, stderr } = await new LimitedCommand(Deno.execPath(), {
    args: ["test", "-A", "--doc", "--frozen", ...MODULES],
    cwd: root,
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  const output = decoder.decode(stdout) + decoder.decode(stderr);
  assertEquals(code, 0, output);
  const [, passed] = /(\d+) passed \| 0 failed/.exec(output) ?? [];
  assertEquals(passed, String(examples), output);
});
