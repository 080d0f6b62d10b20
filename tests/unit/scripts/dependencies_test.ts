/**
 * What stands in the way of a changed dependency: the lock file, which nothing
 * may change in passing, and for `@std/*`, which npm's `deno-std` carries as a
 * build by a third party, the digest of each module and a comparison of what
 * they compute with the runtime's own.
 *
 * @module
 */

import { LimitedCommand } from "../../support/http/command.ts";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { timingSafeEqual } from "@std/crypto/timing-safe-equal";
import { decodeBase64, encodeBase64 } from "@std/encoding/base64";
import { decodeBase64Url, encodeBase64Url } from "@std/encoding/base64url";
import { decodeHex, encodeHex } from "@std/encoding/hex";
import { TextLineStream } from "@std/streams/text-line-stream";
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { seeded } from "../../support/world/points/seeded.ts";

const ROOT = new URL("../../../", import.meta.url);
const read = (path: string) => Deno.readTextFile(new URL(path, ROOT));

/** SHA-256 of each module of `deno-std` that is used, by its path there. */
const DIGESTS: Readonly<Record<string, string>> = JSON.parse(
  await read("tests/vectors/std_modules.json"),
);

Deno.test("each module of deno-std that is used is the one that was reviewed", async () => {
  const { imports } = JSON.parse(await read("import_map.json"));
  const names = Object.entries<string>(imports)
    .filter(([, target]) => target.startsWith("npm:deno-std@"));
  assert(names.length > 0);
  const digests: Record<string, string> = {};
  async function walk(url: URL, base: string): Promise<void> {
    const path = url.href.slice(base.length);
    if (path in digests) return;
    const bytes = await Deno.readFile(url);
    digests[path] = createHash("sha256").update(bytes).digest("hex");
    const code = new TextDecoder().decode(bytes)
      .replaceAll(/\/\*\*.*?\*\//gs, ""); // examples import, too
    for (const [, , target] of code.matchAll(/(from|import) ?\(?"([^"]+)"/g)) {
      // Nothing beside the package itself, so that all that runs is listed.
      assert(/^\.\.?\//.test(target!), `${path} imports ${target}`);
      await walk(new URL(target!, url), base);
    }
  }
  for (const [name, target] of names) {
    const path = target.replace(/^npm:deno-std@1\.4\.0\//, "");
    const url = import.meta.resolve(name);
    assert(url.endsWith(`/deno-std/1.4.0/${path}`), url);
    await walk(new URL(url), url.slice(0, -path.length));
  }
  const byPath = (map: Readonly<Record<string, string>>) =>
    Object.entries(map).sort(([x], [y]) => x < y ? -1 : 1);
  assertEquals(byPath(digests), byPath(DIGESTS));
});

Deno.test("hex and base64 of deno-std are those of node:buffer, for 0 to 300 bytes", () => {
  const random = seeded(36);
  for (let length = 0; length <= 300; length++) {
    const bytes = Uint8Array.from({ length }, () => random() * 256);
    const buffer = Buffer.from(bytes);
    // A view into a larger buffer is encoded as its own bytes, and kept.
    const view = new Uint8Array([7, ...bytes, 9]).subarray(1, length + 1);
    for (
      const [encode, decode, encoding] of [
        [encodeHex, decodeHex, "hex"],
        [encodeBase64, decodeBase64, "base64"],
        [encodeBase64Url, decodeBase64Url, "base64url"],
      ] as const
    ) {
      const text = buffer.toString(encoding);
      assertEquals(encode(bytes), text);
      assertEquals(encode(view), text);
      assertEquals(view, bytes);
      assertEquals(decode(text), bytes);
      assertThrows(() => decode(`${text}!!!!`), TypeError);
    }
  }
});

Deno.test("timingSafeEqual() of deno-std tells every single changed bit", () => {
  const random = seeded(37);
  for (const length of [0, 1, 31, 32, 33, 64]) {
    const x = Uint8Array.from({ length }, () => random() * 256);
    assertEquals(timingSafeEqual(x, x.slice()), true);
    for (let bit = 0; bit < 8 * length; bit++) {
      const y = x.slice();
      y[bit >> 3]! ^= 1 << (bit & 7);
      assertEquals(timingSafeEqual(x, y), false);
    }
    assertThrows(() => timingSafeEqual(x, new Uint8Array(length + 1)));
  }
});

Deno.test("TextLineStream of deno-std parts lines wherever the chunks end", async () => {
  const text = "one\ntwo\r\n\nthree, with a \r inside\nfour";
  const lines = text.split(/\r?\n/);
  for (let size = 1; size <= text.length; size++) {
    const chunks = text.match(RegExp(`[^]{1,${size}}`, "g"))!;
    const stream = ReadableStream.from(chunks)
      .pipeThrough(new TextLineStream());
    assertEquals(await Array.fromAsync(stream), lines);
  }
});

Deno.test("a package that the lock file does not hold is not run", async () => {
  const folder = await Deno.makeTempDir({ prefix: "offcode-lock-" });
  try {
    const config = await read("deno.json");
    assertEquals(JSON.parse(config).lock, {
      path: "./deno.lock",
      frozen: true,
    });
    await Deno.writeTextFile(
      `${folder}/import_map.json`,
      await read("import_map.json"),
    );
    const { lock, importMap, nodeModulesDir } = JSON.parse(config);
    await Deno.writeTextFile(
      `${folder}/deno.json`,
      JSON.stringify({ lock, importMap, nodeModulesDir }),
    );
    await Deno.writeTextFile(
      `${folder}/a.ts`,
      'import { encodeHex } from "@std/encoding/hex";\nconsole.log(encodeHex("a"));\n',
    );
    const locked = JSON.parse(await read("deno.lock"));
    const run = async (change: (lock: typeof locked) => void) => {
      const copy = structuredClone(locked);
      change(copy);
      await Deno.writeTextFile(`${folder}/deno.lock`, JSON.stringify(copy));
      const { code, stdout } = await new LimitedCommand(Deno.execPath(), {
        args: ["run", "a.ts"],
        cwd: folder,
        signal: AbortSignal.timeout(60_000),
      }).output();
      return [code, new TextDecoder().decode(stdout)];
    };
    assertEquals(await run(() => {}), [0, "61\n"]);
    const [code, out] = await run((lock) => {
      delete lock.npm["deno-std@1.4.0"];
      delete lock.specifiers["npm:deno-std@1.4.0"];
    });
    assert(code !== 0);
    assertEquals(out, "");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
