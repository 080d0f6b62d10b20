import { programOf, saidBy } from "../../support/http/command.ts";
import { assert, assertEquals } from "@std/assert";
import { encodeBase64Url } from "@std/encoding/base64url";
import { decodeHex } from "@std/encoding/hex";
import { renderUnicodeCompact } from "uqr";
import { generate } from "../../support/code/generator.ts";
import { codeVectors } from "../../support/code/vectors.ts";

const worked = codeVectors.find(({ name }) => name === "worked example")!;
const seed = decodeHex(worked.seed);

const SEED_FILE = {
  seed: encodeBase64Url(seed),
  prefix: "90",
  profile: 1,
  bucket: 42,
  bucket_digits: 4,
  tag_digits: 11,
  time_step_seconds: 30,
  credential_id: "c-example",
  expires_at: "2026-03-01T00:00:00Z",
};
const AT = ["--at", "2026-02-02T02:40:13Z"];

/** Runs the task over a file with this content. */
async function codeTask(content: unknown, ...args: string[]) {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/seed.json`;
    const text = typeof content === "string"
      ? content
      : JSON.stringify(content);
    await Deno.writeTextFile(path, text);
    return await run(path, ...args);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function run(...args: string[]) {
  return await saidBy(programOf("scripts/code.ts", args));
}

Deno.test("the code task prints the worked example's code, how long it is shown, and its QR code", async () => {
  const { code, out, err } = await codeTask(SEED_FILE, ...AT);
  assertEquals({ code, err }, { code: 0, err: "" });
  assertEquals(
    out,
    `${worked.code}\n` +
      "  shown for 17 s, until 2026-02-02T02:40:30Z\n" +
      `\n${renderUnicodeCompact(worked.code, { border: 4 })}\n`,
  );
});

Deno.test("the code task's QR code has a quiet zone of four modules on each side (ISO/IEC 18004)", async () => {
  const { out } = await codeTask(SEED_FILE, ...AT);
  // Two rows of modules a line; a block is a light module.
  const lines = out.split("\n\n")[1]!.trimEnd().split("\n");
  const rows = lines.flatMap((line) => [
    [...line].map((block) => "█▀".includes(block)),
    [...line].map((block) => "█▄".includes(block)),
  ]).slice(0, lines[0]!.length);
  const columns = rows.map((_, i) => rows.map((row) => row[i]!));
  assertEquals(rows.length, 21 + 8);
  for (const edges of [rows, columns]) {
    const light = edges.map((edge) => edge.every((isLight) => isLight));
    assertEquals(light.indexOf(false), 4);
    assertEquals(light.toReversed().indexOf(false), 4);
  }
});

Deno.test("the code task takes unix seconds, and counts on from there", async () => {
  const { out } = await codeTask(
    SEED_FILE,
    "--at=1770000000",
    "--count=3",
  );
  const lines = out.split("\n").slice(0, 6);
  const codes = [0, 1, 2].map((i) =>
    generate({ ...SEED_FILE, seed }, worked.time_step + i).code
  );
  assertEquals(lines, [
    codes[0],
    "  shown for 30 s, until 2026-02-02T02:40:30Z",
    codes[1],
    "  shown from 2026-02-02T02:40:30Z until 2026-02-02T02:41:00Z",
    codes[2],
    "  shown from 2026-02-02T02:41:00Z until 2026-02-02T02:41:30Z",
  ]);
});

Deno.test("the code task prints the code of now where no time is given", async () => {
  const expires_at = "9999-01-01T00:00:00Z";
  const before = Date.now();
  const { code, out } = await codeTask({ ...SEED_FILE, expires_at });
  const after = Date.now();
  assertEquals(code, 0);
  const possible = new Set<string>();
  for (let at = before - before % 30_000; at <= after; at += 30_000) {
    possible.add(generate({ ...SEED_FILE, seed }, at / 30_000).code);
  }
  assert(possible.has(out.split("\n")[0]!));
});

Deno.test("the code task keeps the zeros of a code", async () => {
  const zeros = codeVectors.find((it) => it.name.includes("5 leading"))!;
  const { out } = await codeTask(
    { ...SEED_FILE, expires_at: "2027-03-01T00:00:00Z" },
    `--at=${zeros.unix_seconds}`,
  );
  assertEquals(out.split("\n")[0], zeros.code);
});

Deno.test("the code task shows no code of an expired credential", async () => {
  const at = ["--at", "2026-03-01T00:00:00Z"];
  const { code, out, err } = await codeTask(SEED_FILE, ...at);
  assertEquals({ code, out }, { code: 1, out: "" });
  assertEquals(err.includes("has expired"), true);
});

Deno.test("the code task names what is wrong with a file and never what it holds", async () => {
  const { seed: secret, ...seedless } = SEED_FILE;
  const faults: [unknown, string][] = [
    ["", "The file is not JSON"],
    [`{"seed": "${secret}", oops`, "The file is not JSON"],
    [secret, "The file is not JSON"],
    [`header..iv.${secret}.tag`, "This is the sealed JWE"],
    [`"header..iv.${secret}.tag"`, "This is the sealed JWE"],
    [{ seed_jwe: secret }, "This is the enrolment"],
    [[secret], "does not hold a JSON object"],
    [JSON.stringify(secret), "does not hold a JSON object"],
    [seedless, "has it: seed\n"],
    [{ ...SEED_FILE, seed: secret + "A" }, "has it: seed\n"],
    [{ ...SEED_FILE, seed: secret.slice(1) + "=" }, "has it: seed\n"],
    [{ ...SEED_FILE, prefix: 90 }, "has it: prefix\n"],
    [{ ...SEED_FILE, bucket: "42" }, "has it: bucket\n"],
    [{ ...SEED_FILE, bucket: 10_000 }, "The bucket does not fit its digits"],
    [{ ...SEED_FILE, profile: 0 }, "has it: profile\n"],
    [{ ...SEED_FILE, profile: 9 }, "Profile 9 is not known here"],
    [{ ...SEED_FILE, tag_digits: 12 }, "In profile 1 tag_digits is 11"],
    [{ ...SEED_FILE, expires_at: "soon" }, "has it: expires_at\n"],
  ];
  for (const [content, message] of faults) {
    const { code, out, err } = await codeTask(content, ...AT);
    assertEquals({ code, out }, { code: 1, out: "" }, message);
    assert(err.includes(message), `${message}\n${err}`);
    assert(!err.includes(secret.slice(1, 9)), message);
  }
});

Deno.test("the code task explains itself when its arguments make no sense", async () => {
  const wrong: string[][] = [
    [],
    ["a.json", "b.json"],
    ["a.json", "--at", "yesterday"],
    ["a.json", "--at", "-5"],
    ["a.json", "--count", "0"],
    ["a.json", "--count", "101"],
    ["a.json", "--count", "1e1"],
    ["a.json", "--when", "now"],
  ];
  for (const args of wrong) {
    const { code, out, err } = await run(...args);
    assertEquals({ code, out }, { code: 1, out: "" });
    assert(err.includes("Usage: deno task code"), args.join(" "));
  }
  const { code, err } = await run("/no/such/file.json");
  assertEquals({ code, err }, {
    code: 1,
    err: "The seed file cannot be read\n",
  });
});
