/**
 * The calls by which wallets fetch the core that they compute codes with.
 *
 * @module
 */

import type { Audience } from "../../kit/call.ts";
import { getCoreBinary } from "./binary.ts";
import { currentCore } from "./current.ts";

export const CORES: Audience = {
  tag: "Cores",
  description:
    "Fetch the core that codes are computed with; no key is asked for",
  calls: [currentCore, getCoreBinary],
};
