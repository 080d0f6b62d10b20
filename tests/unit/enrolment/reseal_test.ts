import { assertEquals } from "@std/assert";
import { encodeBase64 } from "@std/encoding/base64";
import { systemRandom } from "../../../edge/base/clock.ts";
import { PROFILE_1, profilesOf } from "../../../edge/code/profile.ts";
import { sealedSeeds } from "../../../edge/enrolment/reseal.ts";
import { parseKeyring } from "../../../edge/vault/keyring.ts";
import { createVault } from "../../../edge/vault/seal.ts";
import { countByKey } from "../../../edge/vault/sealed_records.ts";
import { writeSeeds } from "../../../scripts/bench/kit/sealed_buckets.ts";
import { ManualClock } from "../../support/store/fixture.ts";
import { sqliteFactory } from "../../support/store/sqlite.ts";

Deno.test("sealedSeeds() counts the seeds of every profile that it is given", async () => {
  const clock = new ManualClock();
  const { store, dispose } = await sqliteFactory(clock);
  const keyring = parseKeyring(
    `k1:${encodeBase64(new Uint8Array(32).fill(1))}`,
  );
  const vault = createVault({ keyring, random: systemRandom });
  const deps = { store, clock, random: systemRandom, vault, prefix: "90" };
  const expires = clock.ms / 1000 + 86_400;
  for (const profile of [1, 7]) {
    await writeSeeds(store, { ...deps, profile, expires }, [0, 3, 3]);
  }
  const small = { ...PROFILE_1, bucketDigits: 1, tagDigits: 14 };
  const profiles = profilesOf([small, { ...small, digit: 7 }]);
  const counts = await countByKey([sealedSeeds({ ...deps, profiles })]);
  assertEquals(counts.get("seeds"), new Map([["k1", 6]]));
  await dispose();
});
