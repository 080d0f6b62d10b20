/**
 * What the metrics cost a verification: two edges in this process over one SQLite
 * file, of which one measures itself, in turns. The clock goes on by a time step
 * with each slice, so every code is fresh.
 *
 * @module
 */

import { systemRandom } from "../../../edge/base/clock.ts";
import { newId } from "../../../edge/base/ids.ts";
import { createApp } from "../../../edge/boot/app.ts";
import { PROBLEM_CODES } from "../../../edge/http/kit/problem.ts";
import { EdgeMetrics } from "../../../edge/metrics/metrics.ts";
import { openSqliteStore } from "../../../edge/store/sqlite/sqlite.ts";
import { MovableClock } from "../../demo/edge.ts";
import { composeEdge } from "../../edge.ts";
import { inParallel } from "../../parallel.ts";
import type { Suite } from "../../table.ts";
import { enrolPhones } from "../kit/ground.ts";
import { type Contender, microseconds, rateTable } from "../kit/rounds.ts";
import { useFolder } from "../kit/store.ts";

const STEP_MS = 30_000;
const PHONES = 1_000;

/** The two edges; the first one does not measure itself. */
async function meteredEdges(stack: AsyncDisposableStack): Promise<Contender[]> {
  const clock = new MovableClock();
  const path = `${await useFolder(stack)}/offcode.db`;
  const store = openSqliteStore({ path, clock });
  stack.defer(() => store.close());
  const { phones, walletKey, env } = await enrolPhones(store, PHONES);
  let turn = 0;
  const contender = (name: string, isMeasured: boolean): Contender => {
    const monotonicMs = () => performance.now();
    const metrics = new EdgeMetrics({ monotonicMs, codes: PROBLEM_CODES });
    const measured = isMeasured ? { metrics } : {};
    const edge = composeEdge({ store, clock, keys: env, ...measured });
    stack.defer(() => edge.coreFollower.stop());
    const { useCases, log } = edge;
    const newRequestId = () => newId("req", systemRandom);
    const app = createApp({
      ...{ useCases, log, monotonicMs, newRequestId, ...measured },
    });
    return {
      name,
      async run() {
        // Codes are spent in order, and each only once.
        clock.advance(STEP_MS);
        const nowMs = clock.nowMs();
        turn++;
        await inParallel(PHONES, async (n) => {
          const { digits: code } = phones[n]!.show(nowMs);
          const response = await app.fetch(
            new Request("http://edge/v1/verifications", {
              method: "POST",
              headers: {
                "authorization": `Bearer ${walletKey}`,
                "content-type": "application/json",
              },
              body: JSON.stringify({ code, reference: `${turn}-${n}` }),
            }),
          );
          await response.text();
          if (response.status !== 200) throw new Error(`${response.status}`);
        });
        return PHONES;
      },
    };
  };
  return [
    contender("without metrics", false),
    contender("with metrics", true),
  ];
}

/** Microseconds of CPU of a verification, without metrics and with them. */
export const metricsSuite: Suite = async () => {
  await using stack = new AsyncDisposableStack();
  return [
    await rateTable(await meteredEdges(stack), {
      title: "POST /v1/verifications in one process, µs of CPU",
      columns: [
        "edge",
        ["µs", ({ median }) => microseconds(median, 1)],
        [
          "more than without",
          ({ median }, _n, [without]) =>
            (1e6 / median - 1e6 / without!.median).toFixed(1),
        ],
      ],
      notes: [
        `of slices of ${PHONES} verifications or more, over SQLite, making the codes`,
        "and the requests included",
      ],
    }),
  ];
};
