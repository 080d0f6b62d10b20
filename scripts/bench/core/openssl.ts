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

/** The hardware bound: SHA-256 of long buffers, 128 bytes to a MAC from midstates. */
export const bound: Contender = {
  name: "openssl speed -bytes 16384 sha256, ÷ 128",
  rate: async () => await speed(["-bytes", "16384", "sha256"]) / 128,
};

/** HMAC of 64-byte messages, as openssl does it. */
export const hmac: Contender = {
  name: "openssl speed -bytes 64 -hmac sha256",
  rate: async () => await speed(["-bytes", "64", "-hmac", "sha256"]) / 64,
};
