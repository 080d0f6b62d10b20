/**
 * The generators that wallet teams start from, each in its own language, make
 * the codes of the vectors and those of random inputs.
 */
import { assert, assertEquals } from "@std/assert";
import { codeVectors } from "../../support/code/vectors.ts";
import { generate } from "../../support/code/generator.ts";
import { LimitedCommand } from "../../support/http/command.ts";
import { drawer } from "../../support/world/regions/run_payments.ts";

const FOLDER = new URL("../../vectors/generators/", import.meta.url).pathname;
const MOST_LINES = 80;

interface Language {
  readonly file: string;
  /** What makes a program of it in a folder; none for those that run as text. */
  readonly build?: (folder: string) => readonly string[];
  readonly run: (folder: string) => readonly string[];
}

const LANGUAGES: readonly Language[] = [
  {
    file: "generator.ts",
    run: () => [Deno.execPath(), "run", `${FOLDER}generator.ts`],
  },
  { file: "generator.py", run: () => ["python3", `${FOLDER}generator.py`] },
  {
    file: "generator.go",
    build: (to) => ["go", "build", "-o", `${to}/go`, `${FOLDER}generator.go`],
    run: (folder) => [`${folder}/go`],
  },
  {
    file: "Generator.java",
    build: (to) => ["javac", "-d", to, `${FOLDER}Generator.java`],
    run: (folder) => ["java", "-cp", folder, "Generator"],
  },
  {
    file: "generator.c",
    build: (to) => [
      ...["cc", "-Wall", "-Werror", "-o", `${to}/c`],
      ...[`${FOLDER}generator.c`, "-lcrypto"],
    ],
    run: (folder) => [`${folder}/c`],
  },
];

/** What it prints for these lines; fails with what it complains of. */
async function run([program, ...args]: readonly string[], input: string) {
  const child = new LimitedCommand(program!, {
    args,
    env: { GO111MODULE: "off", NO_COLOR: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

/** Inputs with their codes, of both profiles and of sizes that nobody uses. */
function cases(): { readonly line: string; readonly code: string }[] {
  const draw = drawer(11);
  const below = (n: number) => Math.floor(draw() * n);
  const random = Array.from({ length: 200 }, (_, i) => {
    const seed = Uint8Array.from({ length: 32 }, () => below(256));
    const [b, t] = i < 100 ? [4, 11] : [1 + below(9), 8 + below(11)];
    const input = {
      ...{ seed, prefix: `${below(100)}`.padStart(2, "0") },
      ...{ profile: 1 + below(2), bucket: below(10 ** b!) },
      ...{ bucket_digits: b!, tag_digits: t! },
    };
    const step = below(2 ** 32);
    return { ...input, step, code: generate(input, step).code };
  });
  const known = codeVectors.map((it) => ({
    ...it,
    seed: Uint8Array.fromHex(it.seed),
    step: it.time_step,
  }));
  return [...known, ...random].map((it) => ({
    code: it.code,
    line: [
      ...[it.seed.toHex(), it.prefix, it.profile, it.bucket],
      ...[it.bucket_digits, it.tag_digits, it.step],
    ].join(" "),
  }));
}

for (const { file, build, run: start } of LANGUAGES) {
  Deno.test(`${file} makes the codes of the vectors and of 200 random inputs`, async () => {
    const text = await Deno.readTextFile(FOLDER + file);
    assert(text.trimEnd().split("\n").length <= MOST_LINES);
    const folder = await Deno.makeTempDir({ prefix: "offcode-generator-" });
    try {
      if (build !== undefined) await run(build(folder), "");
      const all = cases();
      const input = all.map(({ line }) => `${line}\n`).join("");
      const made = (await run(start(folder), input)).trimEnd().split("\n");
      assertEquals(made, all.map(({ code }) => code));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}
