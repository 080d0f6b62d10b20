/**
 * `deno task device`: a phone's side of an enrolment, on the command line.
 * `key` makes the phone's key pair once and prints the public part for
 * `device_key`; `open` takes the answer of `POST /v1/enrolments` and keeps the
 * seed in it.
 *
 * The private key and the seed go into files that only their owner may read,
 * and never into anything that is printed.
 *
 * @module
 */

import { decodeBase64Url } from "@std/encoding/base64url";
import {
  compactDecrypt,
  errors,
  exportJWK,
  generateKeyPair,
  type JWK,
} from "jose";
import { z } from "zod";
import type { DeviceKey, SeedDelivery } from "../edge/vault/deliver.ts";
import { InputError, readArguments, runCommand } from "./command.ts";

/** A phone's key pair: a P-256 JWK with its private member `d`. */
export interface PrivateDeviceKey extends DeviceKey {
  readonly d: string;
}

/** A fault that the person at the keyboard can repair. */
export class DeviceError extends Error {
  override readonly name = "DeviceError";
}

/** Makes the key pair of a phone. */
export async function newDeviceKey(): Promise<PrivateDeviceKey> {
  const { privateKey } = await generateKeyPair("ECDH-ES", {
    ...{ crv: "P-256", extractable: true },
  });
  return deviceKey.parse(await exportJWK(privateKey));
}

/** The part of a key pair that an enrolment is asked for with. */
export function publicPart({ kty, crv, x, y }: PrivateDeviceKey): DeviceKey {
  return { kty, crv, x, y };
}

const coordinate = z.string().regex(/^[\w-]{43}$/);
const deviceKey = z.object({
  ...{ kty: z.literal("EC"), crv: z.literal("P-256") },
  ...{ x: coordinate, y: coordinate, d: coordinate },
});

/** As the API names things; printed, so nothing that steers a terminal. */
const name = z.string().regex(/^[\x21-\x7e]{1,64}$/);
const enrolment = z.object({
  ...{ credential_id: name, account_id: name, device_id: name },
  seed_jwe: z.string(),
});

const utf8 = new TextDecoder();

/**
 * Opens the seed in an answer of `POST /v1/enrolments`, given as text.
 *
 * @throws {DeviceError} If it is no such answer, was sealed for another key,
 * or is for another enrolment than it says.
 */
export async function openEnrolment(answer: string, key: PrivateDeviceKey) {
  const { credential_id, account_id, device_id, seed_jwe } = readAnswer(answer);
  let opened;
  try {
    opened = await compactDecrypt(seed_jwe, { ...key } as JWK, {
      keyManagementAlgorithms: ["ECDH-ES"],
      contentEncryptionAlgorithms: ["A256GCM"],
    });
  } catch (error) {
    if (!(error instanceof errors.JOSEError)) throw error;
    throw new DeviceError(
      "This key does not open seed_jwe: it was sealed for another device_key, or was changed on its way.",
      { cause: error },
    );
  }
  const seed = JSON.parse(utf8.decode(opened.plaintext)) as SeedDelivery;
  const [apu, apv] = ["apu", "apv"].map((name) =>
    utf8.decode(decodeBase64Url(String(opened.protectedHeader[name] ?? "")))
  );
  // If two answers are mixed up, the phone would show codes of another
  // customer.
  const isIts = seed.credential_id === credential_id &&
    apu === credential_id && apv === device_id;
  if (!isIts) throw new DeviceError("seed_jwe belongs to another enrolment.");
  return { accountId: account_id, deviceId: device_id, seed };
}

/** The fields of an enrolment, or a word about what was given instead. */
function readAnswer(text: string) {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    throw new DeviceError(
      "Standard input is not JSON: pipe in the answer of POST /v1/enrolments.",
    );
  }
  const { code } = Object(answer);
  if (typeof code === "string" && /^[a-z-]{1,40}$/.test(code)) {
    throw new DeviceError(
      `The enrolment was refused (${code}), so there is no seed to open.`,
    );
  }
  const { data } = enrolment.safeParse(answer);
  if (data !== undefined) return data;
  throw new DeviceError(
    "Standard input is not the answer of POST /v1/enrolments: it has no seed_jwe.",
  );
}

/** Puts a whole new file in place, which only its owner may read. */
async function writePrivately(
  path: string,
  value: unknown,
  place: (draft: string, path: string) => Promise<void>,
): Promise<void> {
  const folder = path.slice(0, path.lastIndexOf("/") + 1);
  if (folder !== "") await Deno.mkdir(folder, { recursive: true });
  const draft = `${path}.${crypto.randomUUID()}`;
  await Deno.writeTextFile(draft, `${JSON.stringify(value, null, 2)}\n`, {
    ...{ createNew: true, mode: 0o600 },
  });
  try {
    await place(draft, path);
  } finally {
    // After a rename the draft is gone already.
    await Deno.remove(draft).catch(() => {});
  }
}

async function readKey(path: string): Promise<PrivateDeviceKey | null> {
  const text = await Deno.readTextFile(path).catch(unless("NotFound"));
  if (text === undefined) return null;
  try {
    return deviceKey.parse(JSON.parse(text));
  } catch {
    throw new DeviceError(
      `${path} holds no private P-256 key: move it away and try again.`,
    );
  }
}

/** Passes every error on but one kind of file fault. */
const unless = (name: "NotFound" | "AlreadyExists") => (error: unknown) => {
  if (!(error instanceof Deno.errors[name])) throw error;
};

async function key(path: string): Promise<void> {
  if (await readKey(path) === null) {
    // If two processes start at once they keep the same key, because a link
    // never replaces a file.
    const link = (draft: string) =>
      Deno.link(draft, path).catch(unless("AlreadyExists"));
    await writePrivately(path, await newDeviceKey(), link);
  }
  console.log(JSON.stringify(publicPart((await readKey(path))!)));
}

async function open(keyPath: string, outPath: string): Promise<void> {
  const pair = await readKey(keyPath);
  if (pair === null) {
    throw new DeviceError(
      `There is no ${keyPath}: \`deno task device key\` makes it before the enrolment.`,
    );
  }
  if (Deno.stdin.isTerminal()) {
    console.error("Paste the answer of POST /v1/enrolments, then Ctrl+D:");
  }
  const answer = await new Response(Deno.stdin.readable).text();
  const { accountId, deviceId, seed } = await openEnrolment(answer, pair);
  await writePrivately(outPath, seed, Deno.rename);
  console.log(
    `The seed of ${accountId} on ${deviceId} is in ${outPath}, good until ${seed.expires_at}.
Only you may read it. Whoever has it can pay as ${accountId}.

Show a payment code:  deno task code ${outPath}`,
  );
}

const USAGE = `Usage:
  deno task device key   [--key FILE]               print the phone's public key
  deno task device open  [--key FILE] [--out FILE]  keep the seed of the enrolment on standard input

  --key FILE  the phone's key pair (data/device.jwk)
  --out FILE  where the seed goes (data/seed.json)`;

async function main(args: readonly string[]): Promise<number> {
  const { key: keyPath, out, words: [command] } = readArguments(args, USAGE, {
    key: { type: "string", default: "data/device.jwk" },
    out: { type: "string" },
  }, 1);
  try {
    if (command === "key" && out === undefined) await key(keyPath);
    else if (command === "open") await open(keyPath, out ?? "data/seed.json");
    else throw new InputError(USAGE);
    return 0;
  } catch (error) {
    // An error about a file names it.
    const isOfFile = Object.values(Deno.errors)
      .some((it) => error instanceof it);
    if (!(error instanceof DeviceError) && !isOfFile) throw error;
    console.error((error as Error).message);
    return 1;
  }
}

if (import.meta.main) await runCommand(main);
