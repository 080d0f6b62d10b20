import { assert, assertEquals, assertThrows } from "@std/assert";
import { decodeHex } from "@std/encoding/hex";
import { CoreFaultError, openCore } from "../../../edge/core/core.ts";
import { compileCore } from "../../../scripts/build_core.ts";
import { wasm } from "../../wasm/core.ts";

/** Where a run of bytes is in the core; it must be there once. */
function offsetOf(bytes: Uint8Array): number {
  const places: number[] = [];
  for (let at = 0; at + bytes.length <= wasm.length; at++) {
    if (bytes.every((byte, i) => wasm[at + i] === byte)) places.push(at);
  }
  assertEquals(places.length, 1);
  return places[0]!;
}

/** Flips each byte of a run in turn; every such core must be refused. */
function refusesEachFlip(bytes: Uint8Array) {
  const offset = offsetOf(bytes);
  for (let i = 0; i < bytes.length; i++) {
    const copy = wasm.slice();
    copy[offset + i]! ^= 0x01;
    assertThrows(
      () => openCore(copy),
      CoreFaultError,
      "The core fails its self-test: status -6",
      `byte ${i}`,
    );
  }
}

Deno.test("openCore() refuses a core with a corrupt known answer, whichever byte it is", () => {
  // RFC 4231 §4.3 and §4.7, and the first two tags of the search.
  refusesEachFlip(
    decodeHex(
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    ),
  );
  refusesEachFlip(
    decodeHex(
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    ),
  );
  const tags = new DataView(new ArrayBuffer(16));
  tags.setBigUint64(0, 3893583804722079264n, true);
  tags.setBigUint64(8, 3593496136977686076n, true);
  refusesEachFlip(new Uint8Array(tags.buffer));
});

Deno.test("openCore() refuses a core with a corrupt constant of SHA-256 or a corrupt label", () => {
  const words = new Uint8Array(
    new Uint32Array([0x428a2f98, 0x71374491]).buffer,
  );
  const offset = offsetOf(words);
  for (let word = 0; word < 64; word++) {
    const copy = wasm.slice();
    copy[offset + 4 * word + (word & 3)]! ^= 0x80;
    assertThrows(
      () => openCore(copy),
      CoreFaultError,
      "self-test",
      `K ${word}`,
    );
  }
  refusesEachFlip(new TextEncoder().encode("offcode.v1 offline payment code"));
});

Deno.test("openCore() refuses a module with an import", async () => {
  // (module (import "env" "f" (func)))
  const tiny = decodeHex(
    "0061736d010000000104016000000209" + "0103656e76016600" + "00",
  );
  assertThrows(() => openCore(tiny), CoreFaultError, "The core has 1 imports");
  const core = await compileCore({
    edit: (name, source) =>
      name === "index.ts"
        ? `@external("env", "spy") declare function spy(): void;\n` +
          source.replace("let status = OK;", "let status = OK; spy();")
        : source,
  });
  assertThrows(() => openCore(core), CoreFaultError, "The core has 1 imports");
});

Deno.test("openCore() refuses what is no module, lacks an export, or speaks another ABI", async () => {
  assertThrows(
    () => openCore(new Uint8Array(8)),
    CoreFaultError,
    "does not compile",
  );
  assertThrows(
    () => openCore(wasm.subarray(0, 5000)),
    CoreFaultError,
    "does not compile",
  );
  assertThrows(
    () => openCore(decodeHex("0061736d01000000")),
    CoreFaultError,
    "The core lacks abi_version, input_ptr",
  );
  const edited = (from: string, to: string) =>
    compileCore({
      edit: (name, source) => {
        if (name !== "index.ts") return source;
        assert(source.includes(from));
        return source.replace(from, to);
      },
    });
  const other = await edited(
    "abi_version(): u32 { return 1; }",
    "abi_version(): u32 { return 2; }",
  );
  assertThrows(
    () => openCore(other),
    CoreFaultError,
    "The core speaks ABI 2, not 1",
  );
  const less = await edited(
    "export function verify(",
    "export function verify_2(",
  );
  assertThrows(() => openCore(less), CoreFaultError, "The core lacks verify");
});

Deno.test("openCore() takes bytes or a compiled module, and each core has a table of its own", () => {
  const module = new WebAssembly.Module(wasm);
  const id = { prefix: 90, profile: 1, bucket: 1 };
  const [x, y] = [openCore(wasm), openCore(module)];
  x.loadBucket(id, []);
  assert(x.hasBucket(id));
  assert(!y.hasBucket(id));
  assertEquals([x.abi, y.abi], [1, 1]);
});
