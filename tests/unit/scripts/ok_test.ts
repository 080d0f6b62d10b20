import { LimitedCommand } from "../../support/http/command.ts";
import { assertEquals } from "@std/assert";
import {
  documentationFaults,
  findCycle,
  folderImports,
  importsOf,
} from "../../../scripts/ok.ts";

/** Imports from `"a": ["b"]`. */
const graph = (imports: Record<string, string[]>) =>
  new Map(Object.entries(imports));

Deno.test("findCycle() finds none where two paths meet", () => {
  const diamond = { a: ["b", "c"], b: ["d"], c: ["d", "outside"], d: [] };
  assertEquals(findCycle(graph(diamond)), undefined);
  assertEquals(
    findCycle(importsOf({ modules: [{ specifier: "a" }] })),
    undefined,
  );
});

Deno.test("findCycle() names every module on the way around", () => {
  assertEquals(
    findCycle(graph({ a: ["b"], b: ["c"], c: ["d", "b"], d: [] })),
    ["b", "c", "b"],
  );
  assertEquals(findCycle(graph({ a: ["a"] })), ["a", "a"]);
});

Deno.test("folderImports() shows two folders that need each other, though no two files do", () => {
  const files = graph({
    "/edge/main.ts": ["/edge/a/one.ts", "/edge/b/two.ts", "hono"],
    "/edge/a/one.ts": ["/edge/b/two.ts", "/edge/a/three.ts"],
    "/edge/b/two.ts": ["/edge/a/three.ts"],
    "/edge/a/three.ts": [],
  });
  assertEquals(findCycle(files), undefined);
  assertEquals(
    findCycle(folderImports(files, "/")),
    ["/edge/a", "/edge/b", "/edge/a"],
  );
  const oneWay = graph({ "/edge/a/x.ts": ["/edge/b/y.ts", "/edge/a/z.ts"] });
  assertEquals(findCycle(folderImports(oneWay, "/")), undefined);
});

Deno.test("importsOf() reads what deno info writes, imports of types as well", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(
      `${folder}/a.ts`,
      'import { b } from "./b.ts"; export type A = typeof b;',
    );
    await Deno.writeTextFile(
      `${folder}/b.ts`,
      'import type { A } from "./a.ts"; export const b = 1 as unknown as A;',
    );
    const { stdout } = await new LimitedCommand(Deno.execPath(), {
      args: ["info", "--json", "--no-lock", `${folder}/a.ts`],
      cwd: folder,
    }).output();
    const cycle = findCycle(
      importsOf(JSON.parse(new TextDecoder().decode(stdout))),
    );
    assertEquals(
      cycle?.map((it) => it.split("/").at(-1)),
      ["a.ts", "b.ts", "a.ts"],
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("documentationFaults() wants a comment on exports, not on their members", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(
      `${folder}/a.ts`,
      `interface Hidden { readonly a: number }
/** Has a comment. */
export interface Shown {
  readonly member: string;
}
/** Mentions what is not exported. */
export function mentions(hidden: Hidden): number {
  return hidden.a;
}
export const bare = 1;
`,
    );
    const { stdout, stderr } = await new LimitedCommand(Deno.execPath(), {
      args: ["doc", "--lint", "--no-lock", "a.ts"],
      cwd: folder,
      env: { NO_COLOR: "1" },
    }).output();
    const decoder = new TextDecoder();
    const output = decoder.decode(stdout) + decoder.decode(stderr);
    assertEquals(output.match(/^error\[/gm)?.length, 3);
    const faults = documentationFaults(output).map((it) =>
      /^error\[([^\]]+)\][^]*?a\.ts:(\d+):/.exec(it)?.slice(1)
    );
    assertEquals(faults.sort(), [
      ["missing-jsdoc", "10"],
      ["private-type-ref", "7"],
    ]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
