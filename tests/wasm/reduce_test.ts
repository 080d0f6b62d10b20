import { assert, assertEquals } from "@std/assert";
import { compileCore } from "../../scripts/build_core.ts";
import { ID, newCore, placesOf, STEP, tagOf } from "./core.ts";

/** The core with its reduction of four values as one more export. */
const EXPORT = `
import { powerOfTen, reciprocal, reduceFour } from "./reduce";
export function reduce_four(digits: u32): void {
  const divisor = powerOfTen(digits);
  reduceFour(OUTPUT_PTR, OUTPUT_PTR + 32, divisor, reciprocal(divisor));
}
`;

/** `reduceFour` of the core's source: four values in, four rests out. */
async function reducer() {
  const wasm = await compileCore({
    edit: (name, source) => name === "index.ts" ? source + EXPORT : source,
  });
  const core = new WebAssembly.Instance(new WebAssembly.Module(wasm))
    .exports as unknown as {
      memory: WebAssembly.Memory;
      output_ptr(): number;
      reduce_four(digits: number): void;
    };
  const words = new DataView(core.memory.buffer, core.output_ptr(), 64);
  return (values: readonly bigint[], digits: number): bigint[] => {
    values.forEach((value, lane) => {
      words.setUint32(4 * lane, Number(value >> 32n), true);
      words.setUint32(16 + 4 * lane, Number(value & 0xffff_ffffn), true);
    });
    core.reduce_four(digits);
    return values.map((_, lane) =>
      BigInt(words.getUint32(32 + 4 * lane, true)) |
      BigInt(words.getUint32(48 + 4 * lane, true)) << 32n
    );
  };
}

const TOP = 2n ** 64n - 1n;

/** Where a quotient can come out wrong: beside multiples, at the ends, with extreme halves. */
function hardValues(divisor: bigint): bigint[] {
  const most = TOP / divisor;
  const quotients = [0n, 1n, 2n, 3n, most >> 1n, most - 1n, most];
  for (let bit = 1n; bit < 32n; bit++) {
    quotients.push(2n ** bit - 1n, 2n ** bit);
  }
  for (let i = 1n; i <= 200n; i++) {
    quotients.push(i * 0x9e37_79b9_7f4a_7c15n & TOP);
  }
  const values = [0n, TOP, 0xffff_ffffn, TOP - 0xffff_ffffn, 2n ** 63n];
  for (const quotient of quotients) {
    const multiple = quotient % (most + 1n) * divisor;
    for (const by of [-1n, 0n, 1n, divisor - 1n, divisor >> 1n]) {
      values.push(multiple + by & TOP);
    }
    // The same quotient with the lowest and the highest low half.
    values.push(multiple & ~0xffff_ffffn, multiple | 0xffff_ffffn);
  }
  while (values.length % 4 !== 0) values.push(TOP);
  return values;
}

Deno.test("reduceFour() is the remainder for 10 to 19 digits, beside every kind of multiple and in every lane", async () => {
  const reduceFour = await reducer();
  for (let digits = 10; digits <= 19; digits++) {
    const divisor = 10n ** BigInt(digits);
    const values = hardValues(divisor);
    for (let turn = 0; turn < 4; turn++) {
      const rests: bigint[] = [];
      for (let i = 0; i < values.length; i += 4) {
        rests.push(...reduceFour(values.slice(i, i + 4), digits));
      }
      const wrong = values.filter((value, i) => rests[i] !== value % divisor);
      assertEquals(wrong, [], `modulo 10^${digits}`);
      values.unshift(values.pop()!); // each value in the next lane
    }
  }
});

Deno.test("reduceFour()'s quotient is at most one too low: the bound of its comment holds for 10 to 19 digits", () => {
  for (let digits = 10; digits <= 19; digits++) {
    const divisor = 10n ** BigInt(digits);
    // (2^64 mod d) / d + 2^32 / d < 0.9
    assert(10n * (2n ** 64n % divisor + 2n ** 32n) < 9n * divisor);
  }
  assert(10n * (2n ** 64n % 10n ** 9n + 2n ** 32n) > 9n * 10n ** 9n);
});

Deno.test("verify() finds every lane of two groups and a half by a tag of 1 to 19 digits", () => {
  const core = newCore();
  const places = placesOf(10);
  core.loadBucket(ID, places);
  for (let digits = 1; digits <= 19; digits++) {
    for (const { seed } of places) {
      const tag = tagOf(ID, seed, STEP, digits);
      const same = places.filter((other) =>
        tagOf(ID, other.seed, STEP, digits) === tag
      ).map(({ credential }) => credential);
      const result = core.verify(ID, tag, digits, STEP, 1);
      assertEquals(
        result,
        same.length === 1
          ? {
            kind: "one",
            credential: same[0]!,
            place: same[0]! - 1000,
            step: STEP,
          }
          : { kind: "ambiguous", credentials: [same[0]!, same.at(-1)!] },
      );
    }
  }
});
