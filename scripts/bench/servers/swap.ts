/**
 * The exchange of the core beside payments: an edge that takes payments at a
 * steady rate goes over to a core release and back to the core before, several
 * times. Each exchange is compared with the seconds before it.
 *
 * @module
 */

import { Api } from "../../client.ts";
import { Latencies } from "../../load/latencies.ts";
import { committedWasm } from "../../phone.ts";
import { draftRelease, release } from "../../release.ts";
import { type Row, type Suite, tableOf } from "../../table.ts";
import { layGround } from "../kit/ground.ts";
import { STEADY_PHONES, steadyPayments } from "../kit/steady_payments.ts";
import { useFolder } from "../kit/store.ts";

const CREDENTIALS = 100_000;
/** Each release is activated and left again. */
const RELEASES = 4;
/** Of a measurement; an edge looks for another core about once a second. */
const WINDOW_SECONDS = 6;
/** The first payments read every bucket and warm the edge's code. */
const WARM_UP_SECONDS = 20;
/** While a release runs in shadow before it is activated. */
const SHADOW_SECONDS = 3;
/** After an activation, until all buckets have moved. */
const MOVED_SECONDS = 45;

export const swapSuite: Suite = async () => {
  await using stack = new AsyncDisposableStack();
  const folder = await useFolder(stack);
  const phones = STEADY_PHONES;
  const ground = stack.use(await layGround("tcp", CREDENTIALS, { phones }));
  const signer = `${folder}/signer.json`;
  const edge = await ground.start({
    env: {
      OFFCODE_RELEASE_KEYS: await release(["keygen", signer]),
      ...{ OFFCODE_SHADOW_SECONDS: "0", OFFCODE_SHADOW_SEARCHES: "1" },
    },
  });
  const path = "/v1/admin/release-keys";
  const name = { name: "release desk" };
  const { body: { api_key } } = await new Api(edge.origin)
    .call("201", "POST", path, ground.adminKey, name);
  const desk = (...words: string[]) =>
    release(words, (name) => name === "OFFCODE" ? edge.origin : api_key);
  const { key } = await ground.openShop(edge);
  const pay = steadyPayments(ground.contender(edge, { name: "edge", key }));
  await pay(WARM_UP_SECONDS);
  const rows: Row[] = [];
  const exchange = async (name: string, ...command: string[]) => {
    const before = new Latencies(await pay(WINDOW_SECONDS));
    const [, slow] = await Promise.all([desk(...command), pay(WINDOW_SECONDS)]);
    const during = new Latencies(slow);
    rows.push({
      "exchange": name,
      "p50 before": before.percentileMs(50),
      "p50 during": during.percentileMs(50),
      "p99 before": before.percentileMs(99),
      "p99 during": during.percentileMs(99),
      "p99 ×": during.percentileMs(99) / before.percentileMs(99),
    });
  };
  for (let version = 1; version <= RELEASES; version++) {
    const core = `${folder}/core-${version}`;
    // A core that differs in its version only.
    await draftRelease(core, committedWasm(), version, "2100-01-01T00:00:00Z");
    await desk("sign", core, "--key", signer);
    const id = await desk("push", core);
    await desk("shadow", id);
    await pay(SHADOW_SECONDS);
    await exchange("activation", "activate", id);
    await pay(MOVED_SECONDS);
    await exchange("roll-back", "rollback", id);
  }
  return [
    tableOf(`${CREDENTIALS} credentials, exchanges of the core, ms`, rows, [
      `Over Redis by TCP; ${WINDOW_SECONDS} s before each exchange and as many from it.`,
    ]),
  ];
};
