/**
 * `openssl speed`, where it is installed: what the processor does with its SHA
 * instructions, which no portable WASM can use.
 *
 * @module
 */

import type { Contender } from "../kit/rounds.ts";

async function speed(args: readonly string[]): Promise<number> {
  const { success, stdout } = await new Deno.Command("openssl", {
    args: ["speed", "-mr", "-seconds", "1", ...args],
    stderr: "null",
  }).output();
  // +F:22:sha256:2001413796.23 (bytes a second is the last field)
  const figure = /^\+F:.*:([\d.]+)\s*$/m.exec(
    new TextDecoder().decode(stdout),
  )?.[1];
  if (!success || figure === undefined) {
    throw new Error("openssl speed gives no figure");
  }
  return Number(figure);
}

/** The version line, or `undefined` where openssl is not installed. */
export async function opensslVersion(): Promise<string | undefined> {
  try {
    const { stdout } = await new Deno.Command("openssl", {
      args: ["version"],
    }).output();
    return new TextDecoder().decode(stdout).trim();
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return undefined;
    throw cause;
  }
}

type Hash = "sha256" | "sm3";

/** A hash of long buffers, 128 bytes to a MAC from midstates; for SHA-256 the bound of the hardware. */
export function bound(hash: Hash): Contender {
  return {
    name: `openssl speed -bytes 16384 ${hash}, ÷ 128`,
    rate: async () => await speed(["-bytes", "16384", "-evp", hash]) / 128,
  };
}

/** HMAC of 64-byte messages, as openssl does it. */
export function hmac(hash: Hash): Contender {
  return {
    name: `openssl speed -bytes 64 -hmac ${hash}`,
    rate: async () => await speed(["-bytes", "64", "-hmac", hash]) / 64,
  };
}
