/**
 * The same server for `deno serve` and its `--parallel`, which run one isolate
 * a thread: `deno serve -A --parallel --port 8000 edge/serve.ts`. It listens to
 * the network unless told otherwise, so it runs on no development keys.
 *
 * @module
 */

import { boot } from "./main.ts";

const { fetch } = await boot({ development: false });

export default { fetch } satisfies Deno.ServeDefaultExport;
