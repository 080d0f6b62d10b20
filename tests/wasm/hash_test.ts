import { assertEquals } from "@std/assert";
import { encodeHex } from "@std/encoding/hex";
import { createHash } from "node:crypto";
import { compileCore } from "../../scripts/build_core.ts";
import { LimitedCommand } from "../support/http/command.ts";
import { compress, constant, INITIAL } from "./sm3_reference.ts";

/** The core with its plain hashes as one more export; HMAC alone would hide some faults. */
const EXPORT = `
import { finish, start, writeDigest } from "./hash";
import { INNER_PTR } from "./layout";
export function hash(mac: u32, bytes: u32): void {
  start(mac, INNER_PTR);
  finish(mac, INNER_PTR, INPUT_PTR, bytes, 0);
  writeDigest(INNER_PTR, OUTPUT_PTR);
}
`;

const NUMBERS = { sha256: 1, sm3: 2 } as const;
type Hash = keyof typeof NUMBERS;
const HASHES: readonly Hash[] = ["sha256", "sm3"];

const wasm = await compileCore({
  edit: (name, source) => name === "index.ts" ? source + EXPORT : source,
});

/** A hash of the core's source: bytes in, hexadecimal out. */
function hasher() {
  const core = new WebAssembly.Instance(new WebAssembly.Module(wasm))
    .exports as unknown as {
      memory: WebAssembly.Memory;
      input_ptr(): number;
      output_ptr(): number;
      hash(mac: number, bytes: number): void;
    };
  const memory = new Uint8Array(core.memory.buffer);
  return (hash: Hash, message: Uint8Array) => {
    memory.set(message, core.input_ptr());
    core.hash(NUMBERS[hash], message.length);
    return encodeHex(
      memory.slice(core.output_ptr(), core.output_ptr() + 32),
    );
  };
}

const text = (value: string) => new TextEncoder().encode(value);
/** GB/T 32905-2016 appendix A. */
const EXAMPLES = [
  [
    "abc",
    "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0",
  ],
  [
    "abcd".repeat(16),
    "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732",
  ],
] as const;

Deno.test("the core's SM3 gives the published examples of GB/T 32905", () => {
  const hash = hasher();
  for (const [message, digest] of EXAMPLES) {
    assertEquals(hash("sm3", text(message)), digest);
  }
});

Deno.test("openssl's SM3 gives the published examples of GB/T 32905, and what the core gives", async () => {
  const hash = hasher();
  const messages = [
    ...EXAMPLES.map(([message]) => text(message)),
    ...[0, 55, 56, 63, 64, 119, 120, 1_000].map((length) => bytesOf(length)),
  ];
  for (const [i, message] of messages.entries()) {
    const digest = await opensslSm3(message);
    assertEquals(hash("sm3", message), digest);
    if (i < EXAMPLES.length) assertEquals(digest, EXAMPLES[i]![1]);
  }
});

Deno.test("the reference of the tests gives the published example of GB/T 32905", () => {
  const block = new Uint8Array(64); // "abc" and its padding
  block.set([0x61, 0x62, 0x63, 0x80]);
  block[63] = 24;
  const words = compress(INITIAL, block)
    .map((word) => word.toString(16).padStart(8, "0"));
  assertEquals(words.join(""), EXAMPLES[0][1]);
});

Deno.test("the core's table of SM3 constants is T, rotated by the number of the round", () => {
  const source = Deno.readTextFileSync(
    new URL("../../wasm/assembly/sm3/sm3.ts", import.meta.url),
  );
  const [table] = source.split("T_PTR: usize = memory.data<u32>([")[1]!
    .split("]);");
  const words = [...table!.matchAll(/0x([0-9a-f]{8}),/g)]
    .map(([, word]) => parseInt(word!, 16));
  assertEquals(words, Array.from({ length: 64 }, (_, j) => constant(j)));
});

for (const name of HASHES) {
  Deno.test(`the core's ${name} agrees with node:crypto for messages of 0 to 300 bytes`, () => {
    const hash = hasher();
    for (let length = 0; length <= 300; length++) {
      const message = bytesOf(length);
      assertEquals(
        hash(name, message),
        createHash(name).update(message).digest("hex"),
        `${length} bytes`,
      );
    }
  });
}

/** Bytes that do not repeat with any block. */
function bytesOf(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, i) => (i * i + 31 * i + 7) % 251);
}

async function opensslSm3(message: Uint8Array<ArrayBuffer>) {
  const child = new LimitedCommand("openssl", {
    args: ["dgst", "-sm3"],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(message);
  await writer.close();
  const { stdout } = await child.output();
  return new TextDecoder().decode(stdout).trim().split(" ").at(-1);
}
