/**
 * The exchange of the core beside payments: an edge that takes payments at a
 * steady rate goes over to a core release and back to the core before, several
 * times. Each exchange is compared with the seconds before it.
 *
 * @module
 */

import { setTimeout as sleep } from "node:timers/promises";
import { encodeBase64 } from "@std/encoding/base64";
import {
  newReleaseKey,
  type ReleaseKey,
  signManifest,
  toBase64url,
} from "../../../edge/code/manifest.ts";
import { compileCore, describeCore } from "../../build_core.ts";
import { Api } from "../../client.ts";
import type { Latencies } from "../../load/latencies.ts";
import type { Suite } from "../../table.ts";
import { startServer } from "../kit/processes.ts";
import {
  type Base,
  enrolBase,
  newMasterKey,
  startPayments,
} from "../kit/steady_payments.ts";
import { openBenchStore, useFolder } from "../kit/store.ts";

const BASE: Base = { credentials: 100_000, buckets: 1_000, perSecond: 200 };
/** Each release is activated and left again. */
const RELEASES = 4;
/** Of a measurement; an edge looks for another core about once a second. */
const WINDOW_MS = 6_000;
/** The first payments read every bucket and warm the edge's code. */
const WARM_UP_MS = 20_000;
/** While a release runs in shadow before it is activated. */
const SHADOW_MS = 3_000;
/** After an activation, until all buckets have moved. */
const MOVED_MS = 45_000;
const NOT_AFTER = "2100-01-01T00:00:00Z";

/** Uploads a core that differs in its version only; gives the release's id. */
async function upload(
  api: Api,
  desk: string,
  signer: ReleaseKey,
  wasm: Uint8Array<ArrayBuffer>,
  version: number,
): Promise<string> {
  const created = new Date().toISOString();
  const manifest = { version, ...describeCore(wasm), created };
  const payload = new TextEncoder().encode(
    JSON.stringify({ ...manifest, not_after: NOT_AFTER }),
  );
  const { text } = await api.call("201", "POST", "/v1/core-releases", desk, {
    manifest: {
      payload: toBase64url(payload),
      signatures: [await signManifest(payload, signer)],
    },
    wasm: encodeBase64(wasm),
  });
  return JSON.parse(text).release_id;
}

/** An exchange: what it was, and the latencies before and during it. */
interface Exchange {
  readonly name: string;
  readonly before: Latencies;
  readonly during: Latencies;
}

async function measure() {
  await using stack = new AsyncDisposableStack();
  const { store, env } = stack.use(await openBenchStore("tcp"));
  const masterKeys = newMasterKey("k1");
  const payers = await enrolBase(store, masterKeys, BASE);
  const signer = await newReleaseKey();
  const adminKey = crypto.randomUUID();
  const { origin } = stack.use(
    await startServer({
      entry: "edge/main.ts",
      folder: await useFolder(stack),
      env: {
        ...{ ...env, OFFCODE_ADMIN_KEY: adminKey },
        OFFCODE_MASTER_KEYS: masterKeys,
        OFFCODE_RELEASE_KEYS: signer.publicKey,
        ...{ OFFCODE_SHADOW_SECONDS: "0", OFFCODE_SHADOW_SEARCHES: "1" },
      },
    }),
  );
  const api = new Api(origin);
  const { key } = await api.openShop(adminKey, "Corner Shop");
  const made = await api.call(
    ...["201", "POST", "/v1/admin/release-keys", adminKey] as const,
    { name: "release desk" },
  );
  const desk = made.body.api_key!;
  const step = (path: string, expected = "200", body?: object) =>
    api.call(expected, "POST", `/v1/core-releases${path}`, desk, body);
  const payments = startPayments({ origin, key, payers, ...BASE });
  await sleep(WARM_UP_MS);
  const exchanges: Exchange[] = [];
  const exchange = async (name: string, go: () => Promise<unknown>) => {
    payments.takeLatencies();
    await sleep(WINDOW_MS);
    const before = payments.takeLatencies();
    await go();
    await sleep(WINDOW_MS);
    const during = payments.takeLatencies();
    exchanges.push({ name, before, during });
  };
  const wasm = await compileCore();
  for (let version = 1; version <= RELEASES; version++) {
    const id = await upload(api, desk, signer, wasm, version);
    await step(`/${id}/shadow`);
    await sleep(SHADOW_MS);
    await exchange("activation", () => step(`/${id}/activate`));
    await sleep(MOVED_MS);
    await exchange(
      "roll-back",
      () => step("/rollback", "200", { release_id: id }),
    );
  }
  return { exchanges, answers: await payments.end() };
}

const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[values.length >> 1]!;

/** Exchanges of the core beside payments. */
export const swapSuite: Suite = async () => {
  const { exchanges, answers } = await measure();
  const ratios = exchanges.map(({ before, during }) =>
    during.percentileMs(99) / before.percentileMs(99)
  );
  const others = [...answers].filter(([answer]) => answer !== "201");
  return [{
    title: `Exchanges of the core beside ${BASE.perSecond} payments a second`,
    columns: ["exchange", "p50 before → during, ms", "p99 before → during, ms"]
      .concat("p99 ×"),
    rows: exchanges.map(({ name, before, during }, i) => [
      name,
      ...[50, 99].map((it) =>
        `${before.percentileMs(it).toFixed(1)} → ${
          during.percentileMs(it).toFixed(1)
        }`
      ),
      ratios[i]!.toFixed(2),
    ]),
    notes: [
      `${BASE.credentials} credentials in ${BASE.buckets} buckets over Redis by TCP;`,
      `${WINDOW_MS / 1_000} s before each exchange and ${WINDOW_MS / 1_000} s`,
      `from it. The median of the ratios is ${median(ratios).toFixed(2)}.`,
      `Answers that were not 201: ${
        others.map(([answer, n]) => `${n} × ${answer}`).join(", ") || "none"
      }.`,
    ],
  }];
};
