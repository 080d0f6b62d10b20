import { LimitedCommand } from "../../support/http/command.ts";
import { assert, assertEquals } from "@std/assert";
import { encodeBase64Url } from "@std/encoding/base64url";
import { decodeHex } from "@std/encoding/hex";
import {
  codeDigits,
  PROFILE_1,
  PROFILE_2,
} from "../../../edge/code/profile.ts";
import { MESSAGE_LABEL } from "../../../edge/code/message.ts";
import { fullestBucket, sizesRow } from "../../support/code/buckets.ts";
import { generate } from "../../support/code/generator.ts";
import { codeVectors } from "../../support/code/vectors.ts";

const spec = await Deno.readTextFile(
  new URL("../../../wasm/SPEC.md", import.meta.url),
);
const worked = codeVectors.find(({ name }) => name === "worked example")!;
const workedSm3 = codeVectors.find(({ name }) =>
  name === "profile 2, worked example"
)!;

/** The text from one heading to the next. */
function section(title: string): string {
  const start = spec.indexOf(`. ${title}\n`);
  assert(start > 0, `The spec has a section "${title}"`);
  const end = spec.indexOf("\n## ", start);
  return spec.slice(start, end < 0 ? undefined : end);
}

/** The body rows of the section's first table, as trimmed cells. */
function table(title: string): string[][] {
  const rows = section(title).split("\n").filter((line) => line[0] === "|");
  return rows.slice(2).map((row) =>
    row.split("|").slice(1, -1).map((cell) => cell.trim())
  );
}

/** The fenced blocks of a language in a section. */
function blocks(title: string, language: string): string[] {
  const fences = RegExp("```" + language + "\\n([^`]*)```", "g");
  return [...section(title).matchAll(fences)].map(([, text]) => text!);
}

/** The example of each profile, and what its script is changed to. */
const WORKED = [
  [worked, "profile=1 hash=sha256"],
  [workedSm3, "profile=2 hash=sm3"],
] as const;

Deno.test("the spec's worked examples, run by bash and openssl, make the vectors", async () => {
  const [script] = blocks("Worked example", "bash");
  const answers = blocks("Worked example", "text");
  assertEquals(answers.length, WORKED.length);
  for (const [i, [vector, setting]] of WORKED.entries()) {
    assert(section("Worked example").includes(setting));
    const { code, stdout, stderr } = await new LimitedCommand("bash", {
      args: ["-eu", "-c", script!.replace(WORKED[0][1], setting)],
      clearEnv: true,
      env: { PATH: Deno.env.get("PATH") ?? "/usr/bin:/bin" },
    }).output();
    const printed = new TextDecoder().decode(stdout);
    assertEquals(code, 0, new TextDecoder().decode(stderr));
    assertEquals(printed, answers[i]);
    assertEquals(printed.split("\n"), [
      `step ${vector.time_step}`,
      `mac  ${vector.mac}`,
      vector.code,
      "",
    ]);
  }
});

Deno.test("the spec's message table adds up to the worked example's message", () => {
  const rows = table("The message");
  const bytes = rows.map((row) => row[2]!.replaceAll("`", "")).join("");
  assertEquals(bytes, worked.message);
  assert(rows[0]![1]!.includes("`" + MESSAGE_LABEL + "`"));
});

Deno.test("the spec's picture of a code is the worked example", () => {
  const picture = /^ {4}(\d\d \d \d{4} \d{11})$/m.exec(section("Format"));
  assertEquals(picture?.[1]?.replaceAll(" ", ""), worked.code);
});

for (const profile of [PROFILE_1, PROFILE_2]) {
  Deno.test(`the spec's profile ${profile.digit} is PROFILE_${profile.digit}`, () => {
    const row = table("Profiles").find(([digit]) =>
      digit === String(profile.digit)
    )!;
    const { bucketDigits, tagDigits, timeStepSeconds, windowSteps } = profile;
    assert(row[2]!.startsWith(profile.mac));
    assertEquals(row.slice(3), [
      String(bucketDigits),
      String(tagDigits),
      `${timeStepSeconds} s`,
      String(windowSteps),
      String(codeDigits(profile)),
    ]);
  });
}

Deno.test("the spec's table of sizes is computed, every cell", () => {
  const rows = table("The numbers").filter((cells) => cells.length === 8);
  const sizes = rows.slice(2).map((cells) => [
    Number(cells[0]!.replaceAll(" ", "")),
    Number(cells[1]),
  ]);
  assertEquals(
    rows.slice(2),
    sizes.map(([customers, digits]) => sizesRow(customers!, digits!)),
  );
  assertEquals(new Set(sizes.map(([customers]) => customers)).size, 6);
});

Deno.test("fullestBucket() agrees with small cases counted by hand", () => {
  // Two seeds in two buckets share one with probability 1/2.
  assertEquals(fullestBucket(1, 1), 1);
  // Mean 1 in 10 000 buckets: P(X ≥ 7) = 8.3e-5, P(X ≥ 8) = 1.0e-5.
  assertEquals(fullestBucket(10_000, 10_000), 7);
});

Deno.test("the spec's vector table is the vector file", () => {
  const rows = table("Test vectors");
  const vectors = codeVectors.filter((vector) =>
    vector.profile <= 2 && vector.seed === worked.seed
  );
  assertEquals(
    rows,
    vectors.map((vector) => [
      vector.name,
      vector.prefix,
      String(vector.bucket),
      String(vector.time_step),
      "`" + vector.mac.slice(0, 16) + "`",
      "`" + vector.tag + "`",
      "`" + vector.code + "`",
    ]),
  );
});

Deno.test("the spec's seed file makes the worked example's code", () => {
  const text = section("What a wallet keeps");
  const json = /^ {4}(\{[^}]+\})/m.exec(text)?.[1];
  const file = JSON.parse(json!);
  const seed = decodeHex(worked.seed);
  assertEquals(file.seed, encodeBase64Url(seed));
  assertEquals(generate({ ...file, seed }, worked.time_step).code, worked.code);
  const documented = table("What a wallet keeps").map((row) =>
    row[0]!.replaceAll("`", "")
  );
  assertEquals(Object.keys(file), documented);
});
