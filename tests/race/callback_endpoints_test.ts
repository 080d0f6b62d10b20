import { assert, assertEquals } from "@std/assert";
import { MAX_SECRETS } from "../../edge/callback/endpoint/endpoint_record.ts";
import { systemRandom } from "../../edge/base/clock.ts";
import { tally } from "../support/world/desk.ts";
import { pointedStore } from "../support/world/points/fail_points.ts";
import { Pauses } from "../support/world/points/pauses.ts";
import { numbersFrom } from "../support/world/model/schedule.ts";
import { everyStoreAndCells, startEdges } from "../support/store/stores.ts";

const RACERS = 40;

for (const [engine, factory] of everyStoreAndCells()) {
  Deno.test(`${RACERS} changes of one callback endpoint at once are all answered, over ${engine}`, async () => {
    const pauses = new Pauses();
    const draw = numbersFrom(7);
    await using edges = await startEdges(factory, 2, {
      // Pauses that are the same in every run.
      random: {
        bytes: (length) =>
          length === 2
            ? new Uint8Array([draw() * 256, draw() * 256])
            : systemRandom.bytes(length),
      },
      pause: pauses.pause,
      wrapStore: (store) => pointedStore(store, pauses.reach),
    });
    const api = (i: number) => edges.apps[i % 2]!.api;
    const { key } = await api(0).merchant();
    const put = (i: number) =>
      api(i).call("PUT", "/v1/callback-endpoint", {
        key,
        body: { url: `https://shop.example/${i}` },
      });
    await put(RACERS);

    const puts = await pauses.until(
      Promise.all(Array.from({ length: RACERS }, (_, i) => put(i))),
    );
    assertEquals(tally(puts), { "201": RACERS });
    assert(pauses.asked.length >= RACERS / 2, `${pauses.asked.length} pauses`);
    // The one that stands is one of those that were answered.
    const { body } = await api(1).call("GET", "/v1/callback-endpoint", { key });
    const ids = puts.map((it) => it.body.endpoint_id);
    assertEquals(ids.filter((it) => it === body.endpoint_id).length, 1);
    assertEquals(new Set(ids).size, RACERS);

    const rotations = await pauses.until(Promise.all(
      Array.from(
        { length: RACERS },
        (_, i) =>
          api(i).call("POST", "/v1/callback-endpoint/rotations", { key }),
      ),
    ));
    // As many as may sign beside the first secret, and no promise is broken.
    assertEquals(tally(rotations), {
      "201": MAX_SECRETS - 1,
      "too-many-attempts": RACERS - MAX_SECRETS + 1,
    });

    const mixed = await pauses.until(Promise.all(
      Array.from(
        { length: RACERS },
        (_, i) =>
          i % 2 === 0
            ? put(2 * RACERS + i)
            : api(i).call("DELETE", "/v1/callback-endpoint", { key }),
      ),
    ));
    assertEquals(tally(mixed), { "201": RACERS / 2, "204": RACERS / 2 });
    assertEquals(
      edges.apps.flatMap(({ logged }) => logged)
        .filter((line) => line.includes("store unavailable")),
      [],
    );
  });
}
