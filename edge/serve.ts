/**
 * The same server for `deno serve` and its `--parallel`, which run one isolate
 * a thread: `deno serve -A --parallel --port 8000 edge/serve.ts`.
 *
 * @module
 */

import { boot } from "./main.ts";

const { fetch } = await boot();

export default { fetch } satisfies Deno.ServeDefaultExport;
