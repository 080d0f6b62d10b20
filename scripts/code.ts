/**
 * `deno task code <seed-file.json> [--at time] [--count n]`: shows a payment
 * code as a wallet would, from what the wallet unsealed at enrolment
 * (`wasm/SPEC.md` §9) and without a network. For trying things out; the file
 * is as good as the customer's phone, so keep it as safe.
 *
 * The first line printed is the code's digits alone. Nothing of the file's
 * content but the code is ever printed, in errors neither.
 *
 * @module
 */

import { renderUnicodeCompact } from "uqr";
import { z } from "zod";
import type { Profile } from "../edge/code/profile.ts";
import { timeStepAt, timeStepEndSeconds } from "../edge/code/time_step.ts";
import type { Core } from "../edge/core/core.ts";
import { InputError, momentOf, readArguments, runCommand } from "./command.ts";
import { codeOf, committedCore } from "./phone.ts";

const USAGE =
  `Usage: deno task code <seed-file.json> [--at <time>] [--count <n>]

  <seed-file.json>  what the wallet unsealed from seed_jwe
  --at <time>       2026-02-02T02:40:00Z, or unix seconds; now unless given
  --count <n>       codes of n steps from then on, 1 to 100; 1 unless given`;

const seedFile = z.object({
  seed: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  prefix: z.string().regex(/^[0-9]{2}$/),
  profile: z.int().min(1).max(9),
  bucket: z.int().min(0),
  bucket_digits: z.int(),
  tag_digits: z.int(),
  time_step_seconds: z.int(),
  credential_id: z.string(),
  expires_at: z.iso.datetime({ offset: true }),
});

type SeedFile = z.infer<typeof seedFile>;

/** Reads a seed file; its faults are named by field, never by content. */
function parseSeedFile(text: string): SeedFile {
  if (/^\s*"?[\w-]+(\.[\w-]*){4}"?\s*$/.test(text)) {
    throw new InputError(
      "This is the sealed JWE: open it with the device's private key first",
    );
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // The parser's own message quotes the text.
    throw new InputError("The file is not JSON");
  }
  if (Object(json).seed_jwe !== undefined) {
    throw new InputError(
      "This is the enrolment: open its seed_jwe with the device's private key first",
    );
  }
  const { data, error } = seedFile.safeParse(json);
  if (data !== undefined) return data;
  const fields = new Set(error!.issues.map((it) => it.path.join(".")));
  throw new InputError(
    fields.has("")
      ? "The file does not hold a JSON object"
      : `Missing or not as wasm/SPEC.md §9 has it: ${[...fields].join(", ")}`,
  );
}

/** The profile that the file names, when it is one that the core implements. */
function profileOf(file: SeedFile, core: Core): Profile {
  const profile = core.profiles.get(file.profile);
  if (profile === undefined) {
    throw new InputError(`Profile ${file.profile} is not known here`);
  }
  const sizes = [
    ["bucket_digits", profile.bucketDigits],
    ["tag_digits", profile.tagDigits],
    ["time_step_seconds", profile.timeStepSeconds],
  ] as const;
  for (const [name, size] of sizes) {
    if (file[name] !== size) {
      throw new InputError(`In profile ${profile.digit} ${name} is ${size}`);
    }
  }
  if (file.bucket < 10 ** profile.bucketDigits) return profile;
  throw new InputError("The bucket does not fit its digits");
}

/** Seconds as 2026-02-02T02:40:00Z. */
const iso = (unixSeconds: number) =>
  new Date(1000 * unixSeconds).toISOString().replace(".000Z", "Z");

/** A QR code whose blocks are the light parts, whatever colors a terminal has. */
function qr(code: string): string {
  const picture = renderUnicodeCompact(code, { border: 4 });
  return Deno.stdout.isTerminal()
    ? picture.replace(/^.*$/gm, "\x1b[38;5;231;48;5;16m$&\x1b[0m")
    : picture;
}

async function main(args: readonly string[]): Promise<number> {
  const { at, count: wanted, words } = readArguments(args, USAGE, {
    at: { type: "string", default: new Date().toISOString() },
    count: { type: "string", default: "1" },
  }, 1);
  const unixMs = /^[0-9]{1,12}$/.test(at) ? 1000 * Number(at) : momentOf(at);
  if (!(unixMs >= 0)) throw new InputError(`--at takes a time.\n\n${USAGE}`);
  const count = /^[0-9]{1,3}$/.test(wanted) ? Number(wanted) : 0;
  if (count < 1 || count > 100) {
    throw new InputError(`--count takes a number from 1 to 100.\n\n${USAGE}`);
  }
  const text = await Deno.readTextFile(words[0]!).catch(() => {
    throw new InputError("The seed file cannot be read");
  });
  const file = parseSeedFile(text);
  if (unixMs >= Date.parse(file.expires_at)) {
    throw new InputError(
      "The credential has expired: the wallet shows no code, and must renew",
    );
  }
  const core = committedCore();
  const profile = profileOf(file, core);
  const first = timeStepAt(unixMs, profile.timeStepSeconds);
  for (let step = first; step < first + count; step++) {
    const end = timeStepEndSeconds(step, profile);
    const from = step === first
      ? `for ${Math.ceil(end - unixMs / 1000)} s,`
      : `from ${iso(end - profile.timeStepSeconds)}`;
    console.log(codeOf(core, profile, file, step));
    console.log(`  shown ${from} until ${iso(end)}`);
  }
  console.log(`\n${qr(codeOf(core, profile, file, first))}`);
  return 0;
}

if (import.meta.main) await runCommand(main, 1);
