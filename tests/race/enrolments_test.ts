import { assert, assertEquals } from "@std/assert";
import { parseEntry } from "../../edge/enrolment/record.ts";
import { accountKey, bucketEntriesKey } from "../../edge/store/keys.ts";
import type { Store } from "../../edge/store/store.ts";
import { NOON_MS } from "../support/world/app.ts";
import { said, tally } from "../support/world/desk.ts";
import { pointedStore } from "../support/world/points/fail_points.ts";
import { Pauses } from "../support/world/points/pauses.ts";
import { oneBucket } from "../support/world/scene.ts";
import { numbersFrom } from "../support/world/model/schedule.ts";
import type { StoreFactory } from "../support/store/fixture.ts";
import { everyStoreAndCells, startEdges } from "../support/store/stores.ts";
import {
  codeAt,
  type Device,
  makeDevice,
  openSeed,
} from "../support/world/wallet.ts";

const RACERS = 40;
const CROWD = 200;

/** Two edges whose losers wait in the time of `pauses`. */
function openTwo(factory: StoreFactory, pauses: Pauses) {
  const draw = numbersFrom(7);
  return startEdges(factory, 2, {
    // One bucket, and pauses that are the same in every run.
    random: {
      bytes: (length) =>
        length === 2
          ? new Uint8Array([draw() * 256, draw() * 256])
          : oneBucket.bytes(length),
    },
    pause: pauses.pause,
    wrapStore: (store) => pointedStore(store, pauses.reach),
  });
}

/** The so manieth bucket of Alice's cell, from 0. */
function bucketOf({ cells }: Store, nth: number): number {
  if (cells === undefined) return nth;
  return cells.cellOf(accountKey("alice"))! + nth * cells.count;
}

for (const [engine, factory] of everyStoreAndCells()) {
  Deno.test(`enrol() of one account by ${RACERS} at once serves all and leaves one seed, over ${engine}`, async () => {
    const pauses = new Pauses();
    await using edges = await openTwo(factory, pauses);
    const api = (i: number) => edges.apps[i % 2]!.api;
    const key = await api(0).walletKey();
    const devices: Device[] = [];
    for (let i = 0; i < RACERS; i++) devices.push(await makeDevice());

    const answers = await pauses.until(Promise.all(
      devices.map((device, i) =>
        api(i).call("POST", "/v1/enrolments", {
          key,
          body: {
            account_id: "alice",
            device_id: `phone-${i}`,
            device_key: device.publicJwk,
          },
        })
      ),
    ));
    assertEquals(tally(answers), { "201": RACERS });
    // They did meet, though each made a key and a seed first.
    assert(pauses.asked.length >= RACERS / 2, `${pauses.asked.length} pauses`);

    const statuses: string[] = [];
    const verified: string[] = [];
    for (const [i, { body }] of answers.entries()) {
      const found = await api(i).must(
        200,
        "GET",
        `/v1/enrolments/${body.credential_id}`,
        { key },
      );
      statuses.push(found.status);
      const seed = await openSeed(devices[i]!, body.seed_jwe);
      const code = codeAt(seed, NOON_MS);
      verified.push(said(await api(i).verify(key, code, `ref-${i}`)));
    }
    const count = (all: readonly string[], one: string) =>
      all.filter((it) => it === one).length;
    assertEquals(count(statuses, "active"), 1);
    assertEquals(count(statuses, "revoked"), RACERS - 1);
    assertEquals(verified.indexOf("200"), statuses.indexOf("active"));
    assertEquals(count(verified, "code-not-accepted"), RACERS - 1);
    const entries = await edges.store.range({
      index: bucketEntriesKey(1, bucketOf(edges.store, 0)),
      min: 0,
      max: Number.MAX_SAFE_INTEGER,
      limit: RACERS,
    });
    assertEquals(entries.length, 1);
  });

  Deno.test(`setRisk() and revoke() by ${RACERS} at once all have an end, over ${engine}`, async () => {
    const pauses = new Pauses();
    await using edges = await openTwo(factory, pauses);
    const api = (i: number) => edges.apps[i % 2]!.api;
    const key = await api(0).walletKey();
    const phone = await api(0).enrol(key, "alice", "phone-a");
    const path = `/v1/enrolments/${phone.credentialId}`;
    const answers = await pauses.until(Promise.all(
      Array.from(
        { length: RACERS },
        (_, i) =>
          i % 4 === 0
            ? api(i).call("DELETE", path, { key })
            : api(i).call("PATCH", path, {
              key,
              body: { risk: i % 4 === 1 ? "restricted" : "blocked" },
            }),
      ),
    ));
    assertEquals(tally(answers), {
      "200": RACERS * 3 / 4,
      "204": RACERS / 4,
    });
    const { body } = await api(0).call("GET", path, { key });
    assertEquals(body.status, "revoked");
    assert(["restricted", "blocked"].includes(body.risk));
  });

  Deno.test(`renew() of one credential by ${CROWD} at once tells each the truth and leaves one new seed, over ${engine}`, async () => {
    for (const key of [undefined, "once"]) {
      const pauses = new Pauses();
      await using edges = await openTwo(factory, pauses);
      const api = (i: number) => edges.apps[i % 2]!.api;
      const walletKey = await api(0).walletKey();
      const phone = await api(0).enrol(walletKey, "alice", "phone-a");
      const options = key === undefined ? {} : { key };
      const answers = await pauses.until(Promise.all(
        Array.from(
          { length: CROWD },
          (_, i) => api(i).askRenewal(walletKey, phone.credentialId, options),
        ),
      ));
      // Whoever has lost too many races has changed nothing, and may repeat.
      const { "201": renewed = 0, "store-unavailable": lost = 0 } = tally(
        answers,
      );
      assertEquals(renewed + lost, CROWD);
      assert(renewed >= CROWD / 2, `${renewed} renewed`);
      // How many lose a race depends on how requests meet; somebody does.
      assert(pauses.asked.length > 0);
      const seeds = new Set<string>();
      for (const { status, body } of answers) {
        if (status !== 201) continue;
        const { seed } = await openSeed(phone.device, body.seed_jwe);
        seeds.add(seed);
      }
      // With a key all are the same renewal; without one, each is its own.
      assertEquals(seeds.size, key === undefined ? renewed : 1);
      // The old one lies in the first bucket, and so each new one in the second.
      for (const [bucket, generation] of [[0, 1], [1, 1 + seeds.size]]) {
        const entries = await edges.store.range({
          index: bucketEntriesKey(1, bucketOf(edges.store, bucket!)),
          min: 0,
          max: Number.MAX_SAFE_INTEGER,
          limit: CROWD,
        });
        const found = entries.map(({ member }) => parseEntry(member).g);
        assertEquals(found, [generation]);
      }
    }
  });
}
