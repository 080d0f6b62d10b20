/**
 * Reads pictures of codes with somebody else's decoder, `zbarimg`.
 *
 * @module
 */

import { LimitedCommand } from "../http/command.ts";

/** The codes that a picture shows, such as `QR-Code:901004…`, in order of their names. */
export async function scanPicture(png: Uint8Array): Promise<string[]> {
  const path = await Deno.makeTempFile({ suffix: ".png" });
  try {
    await Deno.writeFile(path, png);
    const { stdout } = await new LimitedCommand("zbarimg", {
      args: ["--quiet", path],
      limitMs: 20_000,
    }).output();
    return new TextDecoder().decode(stdout).split("\n")
      .filter((it) => it !== "").sort();
  } finally {
    await Deno.remove(path);
  }
}
