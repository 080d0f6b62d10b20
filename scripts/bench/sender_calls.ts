/**
 * What sending a callback costs beside a bare `fetch` of the same request: the
 * sender resolves, judges and pins the address, keeps a deadline and bounds the
 * answer; `fetch` does nothing of that.
 *
 * @module
 */

import { createHttpSender } from "../../edge/callback_http/sender.ts";
import { systemClock, systemRandom } from "../../edge/base/clock.ts";
import { createSecret, createSigner } from "../../edge/base/signature.ts";
import { createAuthority } from "../../tests/support/http/certificates.ts";
import { startServer } from "./http_processes.ts";
import { type Contender, race, ROUNDS } from "./rounds.ts";
import { perSecond, type Suite } from "../table.ts";

/** As many as one endpoint may have in flight. */
const IN_FLIGHT = 8;
const CALLS = 400;
/** As much as a payment's message has. */
const BODY = JSON.stringify({
  type: "payment.succeeded",
  data: { filler: "x".repeat(600) },
});
const ENTRY = "scripts/bench/sender_receiver.ts";

/** Calls per second of CPU time, `fetch` before the sender, in pairs. */
export const senderCallsSuite: Suite = async () => {
  const authority = await createAuthority();
  const { cert, key } = await authority.issue(["IP:127.0.0.1"]);
  const folder = await Deno.makeTempDir({ prefix: "offcode-bench-" });
  try {
    const env = { RECEIVER: "honest" };
    await using http = await startServer({ entry: ENTRY, folder, env });
    await using https = await startServer({
      entry: ENTRY,
      folder,
      env: { ...env, CERT: cert, KEY: key },
    });
    const sender = createHttpSender({
      clock: systemClock,
      insecure: true,
      caCerts: [authority.cert],
    });
    using client = Deno.createHttpClient({ caCerts: [authority.cert] });
    const headers = {
      ...createSigner(createSecret(systemRandom))("cb_1", 1.75e12, BODY),
    };

    const fetches = (url: string) => async () => {
      const response = await fetch(url, {
        ...{ method: "POST", body: BODY, client },
        headers: { ...headers, "content-type": "application/json" },
      });
      await response.bytes();
      if (response.status !== 204) throw new Error(`${response.status}`);
    };
    const sends = (url: string) => async () => {
      const outcome = await sender.send({ url, headers, body: BODY });
      if (outcome.kind === "failed" || outcome.status !== 204) {
        throw new Error(JSON.stringify(outcome));
      }
    };
    const named = http.origin.replace("127.0.0.1", "localhost");
    const contenders: Contender[] = [
      ["fetch, http", fetches(http.origin)],
      ["sender, http", sends(http.origin)],
      ["fetch, http, a name", fetches(named)],
      ["sender, http, a name", sends(named)],
      ["fetch, https", fetches(https.origin)],
      ["sender, https", sends(https.origin)],
    ].map(([name, call]) => ({
      name: name as string,
      run: () => inFlight(call as () => Promise<void>),
    }));
    const rates = await race(contenders);
    await sender.close();
    return [{
      title: "Callbacks sent to a local receiver, per second of CPU time",
      columns: ["how", "calls/s", "lowest", "highest", "of fetch"],
      rows: rates.map((it, i) => [
        it.name,
        perSecond(it.median),
        perSecond(it.lowest),
        perSecond(it.highest),
        i % 2 === 0 ? "" : (it.median / rates[i - 1]!.median).toFixed(2),
      ]),
      notes: [
        `${IN_FLIGHT} in flight, kept connections, median of ${ROUNDS} interleaved rounds.`,
        "A name is resolved at every send (here from the hosts file), by fetch at none.",
      ],
    }];
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
};

async function inFlight(call: () => Promise<void>): Promise<number> {
  let left = CALLS;
  await Promise.all(
    Array.from({ length: IN_FLIGHT }, async () => {
      while (left-- > 0) await call();
    }),
  );
  return CALLS;
}
