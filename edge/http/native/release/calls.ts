/**
 * The calls of the team that releases cores, in the order of the document.
 *
 * @module
 */

import type { Audience } from "../../kit/call.ts";
import { activateRelease } from "./activate.ts";
import { getRelease } from "./get.ts";
import { listReleases } from "./list.ts";
import { pushRelease } from "./push.ts";
import { retireRelease } from "./retire.ts";
import { rollbackRelease } from "./rollback.ts";
import { shadowRelease } from "./shadow.ts";

export const RELEASES: Audience = {
  tag: "Core releases",
  description: "Bring a new core to every edge",
  calls: [
    pushRelease,
    listReleases,
    getRelease,
    shadowRelease,
    activateRelease,
    retireRelease,
    rollbackRelease,
  ],
};
