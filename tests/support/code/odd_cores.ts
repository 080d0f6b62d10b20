/**
 * Cores that give every known answer and are wrong for one tag in a thousand.
 *
 * @module
 */

import { compileCore } from "../../../scripts/build_core.ts";

/** The core with a change in its exports, which its own test does not run. */
const edited = (from: string, to: string): Promise<Uint8Array<ArrayBuffer>> =>
  compileCore({
    edit(name, source) {
      if (name !== "index.ts") return source;
      if (!source.includes(from)) throw new Error(`There is no ${from}`);
      return source.replace(from, to);
    },
  });

const SEARCH = "return search(prefix, profile, bucket, tag,";
const DERIVE =
  "else derive(INPUT_PTR, prefix, profile, bucket, step, tagDigits, OUTPUT_PTR);";
const ODD = "% 1000 == 7";

/** Makes another tag in the place of one tag in a thousand. */
export const coreThatTagsWrong = () =>
  edited(
    DERIVE,
    `else { ${DERIVE.slice("else ".length)}
      if (load<u64>(OUTPUT_PTR) ${ODD}) store<u64>(OUTPUT_PTR, load<u64>(OUTPUT_PTR) + 1); }`,
  );

/** Does not find one tag in a thousand. */
export const coreThatSearchesWrong = () =>
  edited(SEARCH, `${SEARCH} `.replace("tag,", `tag ${ODD} ? tag + 1 : tag,`));

/** Never returns from the search for one tag in a thousand. */
export const coreThatLoops = () =>
  edited(
    SEARCH,
    `while (tag ${ODD}) store<u32>(OUTPUT_PTR, 0);\n  ${SEARCH}`,
  );

/** Never returns from loading a bucket. */
export const coreThatLoadsForever = () =>
  edited(
    "bucket: u32, seeds: u32): i32 {",
    "bucket: u32, seeds: u32): i32 { while (seeds) store<u32>(OUTPUT_PTR, 0);",
  );

/** The core with profile 3 besides: HMAC-SHA-256 with tags of ten digits. */
export const coreWithProfile3 = () =>
  compileCore({
    edit: (name, source) =>
      name !== "profiles.ts" ? source : source
        .replace(
          /(PROFILES_BYTES: usize =) (\d+)/,
          (_, text, bytes) => `${text} ${Number(bytes) + 24}`,
        )
        .replace(
          "  2, HMAC_SM3,",
          "  3, HMAC_SHA_256, 4, 10, 30, 1,\n  2, HMAC_SM3,",
        ),
  });
