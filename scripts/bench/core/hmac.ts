/**
 * How many MACs of the payment code's message a second, on one core: the search
 * of the WASM core with each of its hashes, and what else could do it.
 *
 * @module
 */

import * as asSha256 from "@chainsafe/as-sha256";
import { hmac as nobleHmac } from "@noble/hashes/hmac.js";
import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import { createHmac } from "node:crypto";
import { Secret, TOTP } from "otpauth";
import { committedCore } from "../../phone.ts";
import { perSecond, type Suite, tableOf } from "../../table.ts";
import { type Contender, race, ROUNDS_NOTE } from "../kit/rounds.ts";

const SEEDS = 1_000;
const STEPS = 3;

export function randomSeeds(count: number): Uint8Array<ArrayBuffer>[] {
  return Array.from(
    { length: count },
    () => crypto.getRandomValues(new Uint8Array(32)),
  );
}

type Named = Readonly<Record<string, Contender>>;

/** The core's search of a bucket of a profile whose tag rows are cold. */
function coreSearch(profile: number, seeds: readonly Uint8Array[]): Contender {
  const core = committedCore();
  const id = { prefix: 90, profile, bucket: 42 };
  core.loadBucket(id, seeds.map((seed, credential) => ({ seed, credential })));
  let step = 0;
  return {
    run() {
      core.verify(id, 1n, 11, step, STEPS);
      step += STEPS;
      return seeds.length * STEPS;
    },
  };
}

/** A MAC of the message for each of some seeds, or two compressions for one. */
async function libraries(some: Uint8Array<ArrayBuffer>[]): Promise<Named> {
  const message = new Uint8Array(52).fill(7);
  const hmac = { name: "HMAC", hash: "SHA-256" };
  const keys = await Promise.all(
    some.map((it) => crypto.subtle.importKey("raw", it, hmac, false, ["sign"])),
  );
  const totps = some.map(({ buffer }) => {
    const secret = new Secret({ buffer });
    return new TOTP({ algorithm: "SHA256", digits: 8, secret });
  });
  // A digest of 64 bytes is two compressions, as a MAC from midstates is.
  const blocks = new Uint8Array(64 * 1024);
  const digests = new Uint8Array(32 * 1024);
  const each = (mac: (seed: Uint8Array) => void) => ({
    run: () => (some.forEach(mac), some.length),
  });
  return {
    "node:crypto createHmac": each((seed) =>
      createHmac("sha256", seed).update(message).digest()
    ),
    "WebCrypto sign, keys imported before": {
      async run() {
        for (const key of keys) await crypto.subtle.sign("HMAC", key, message);
        return keys.length;
      },
    },
    "@noble/hashes hmac": each((seed) => nobleHmac(nobleSha256, seed, message)),
    "otpauth validate, window 1: 3 MACs": {
      run() {
        for (const it of totps) it.validate({ token: "00000000", window: 1 });
        return totps.length * STEPS;
      },
    },
    "@chainsafe/as-sha256 hashInto, SIMD, compressions ÷ 2": {
      run: () => (asSha256.hashInto(blocks, digests), 1024),
    },
    "@chainsafe/as-sha256 digest64, compressions ÷ 2": each(() =>
      asSha256.digest64(blocks.subarray(0, 64))
    ),
  };
}

/**
 * `openssl speed` of a hash: what the processor does with its SHA instructions,
 * which no portable WASM can use; NaN where it is not installed. MACs of 128
 * bytes each of a long buffer, as from midstates, are the bound for SHA-256.
 */
function openssl(hash: "sha256" | "sm3"): Named {
  const speed = (bytes: number, way: string, each: number) => ({
    async rate() {
      const { stdout } = await new Deno.Command("openssl", {
        args: [
          "speed",
          "-mr",
          "-seconds",
          "1",
          "-bytes",
          `${bytes}`,
          way,
          hash,
        ],
        stderr: "null",
      }).output().catch(() => ({ stdout: new Uint8Array() }));
      // +F:22:sha256:2001413796.23 (bytes a second is the last field)
      const text = new TextDecoder().decode(stdout);
      return Number(/^\+F:.*:([\d.]+)\s*$/m.exec(text)?.[1]) / each;
    },
  });
  return {
    [`openssl speed -bytes 16384 ${hash}, ÷ 128`]: speed(16_384, "-evp", 128),
    [`openssl speed -bytes 64 -hmac ${hash}`]: speed(64, "-hmac", 64),
  };
}

export const hmacSuite: Suite = async () => {
  const seeds = randomSeeds(SEEDS);
  const contenders: Named = {
    "core search, HMAC-SHA-256, cold rows": coreSearch(1, seeds),
    "core search, HMAC-SM3, cold rows": coreSearch(2, seeds),
    ...await libraries(seeds.slice(0, 100)),
    ...openssl("sha256"),
    ...openssl("sm3"),
  };
  const rates = await race(Object.values(contenders));
  const rows = Object.keys(contenders).map((name, n) => ({
    "": name,
    "HMAC/s": perSecond(rates[n]!),
    "SHA-256 search is ×": rates[0]! / rates[n]!,
    "SM3 search is ×": rates[1]! / rates[n]!,
  }));
  const title = "HMAC of the 52-byte message under many seeds, one core";
  return [
    tableOf(title, rows, [
      `${ROUNDS_NOTE}, per second of CPU; as-sha256 SIMD: ${asSha256.simdEnabled}`,
    ]),
  ];
};
