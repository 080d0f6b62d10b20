import { assertEquals } from "@std/assert";
import {
  openPhoneRounds,
  type PhoneRound,
  type Told,
} from "../support/world/model/schedule_phone.ts";
import { Tally } from "../support/world/model/schedule_till.ts";
import { everyStoreAndCells, seedsOf } from "../support/store/stores.ts";

const STORES = everyStoreAndCells();
const SEEDS = 500;
/** A phone that renews, and pays with what it was sent. */
function renewing(round: PhoneRound, name: string, key?: string) {
  return round.schedule.task(name, async () => {
    const told = await round.renew(key);
    if (told.seed === null) return `${told.reason ?? told.word}`;
    const { word } = await round.pay(told.seed, round.schedule.pick(2));
    return `renewed, ${word}`;
  });
}

/** A phone that never hears of a new seed: it shows a code to two tills. */
function paying(round: PhoneRound): Promise<string>[] {
  const later = round.schedule.pick(3) - 1;
  return [0, 1].map((i) =>
    round.schedule.task(`old seed at till ${i}`, async () => {
      await round.wait();
      const { word } = await round.pay(round.first, later);
      return `old seed, ${word}`;
    })
  );
}

/** Ends the credential. */
function ending(round: PhoneRound, name: string, end: () => Promise<Told>) {
  return round.schedule.task(name, async () => {
    await round.wait();
    const { word } = await end();
    return word;
  });
}

/** Who races a renewal, and what the seeds of the schedule must have shown. */
const RACES: Record<string, {
  play(round: PhoneRound): Promise<string[]>;
  shows: readonly string[];
}> = {
  "payments with both seeds": {
    play: (round) =>
      Promise.all([
        renewing(round, "renewal"),
        ...paying(round),
        ...paying(round),
      ]),
    shows: [
      "renewed, paid",
      "renewed, code-replayed",
      "old seed, paid",
      "old seed, code-replayed",
    ],
  },
  "its credential's revocation": {
    play: (round) =>
      Promise.all([
        renewing(round, "renewal"),
        ending(round, "revocation", () => round.revoke()),
        ending(round, "revocation again", () => round.revoke()),
        ...paying(round),
      ]),
    shows: [
      "renewed, paid",
      "renewed, code-not-accepted",
      "revoked",
      "old seed, paid",
      "old seed, code-not-accepted",
    ],
  },
  "second renewals": {
    play: (round) =>
      Promise.all([
        renewing(round, "renewal"),
        renewing(round, "another renewal"),
        renewing(round, "lost reply", "key"),
        renewing(round, "its repetition", "key"),
        ...paying(round),
      ]),
    shows: [
      "superseded",
      "renewed, paid",
      "renewed, code-replayed",
      "renewed, code-not-accepted",
      "old seed, paid",
    ],
  },
  "an enrolment of its account on another phone": {
    play: (round) =>
      Promise.all([
        renewing(round, "renewal"),
        ending(
          round,
          "enrolment",
          () => round.enrol(round.accountId, `other-${round.deviceId}`),
        ),
        ...paying(round),
      ]),
    shows: [
      "renewed, paid",
      "renewed, code-not-accepted",
      "revoked",
      "old seed, paid",
    ],
  },
  "an enrolment of another account on its phone": {
    play: (round) =>
      Promise.all([
        renewing(round, "renewal"),
        ending(
          round,
          "enrolment",
          () => round.enrol(`other-${round.accountId}`, round.deviceId),
        ),
        ...paying(round),
      ]),
    shows: [
      "renewed, paid",
      "renewed, code-not-accepted",
      "revoked",
      "old seed, paid",
    ],
  },
  "the erasure of its account and changes of its policy": {
    play: (round) =>
      Promise.all([
        renewing(round, "renewal"),
        ending(round, "erasure", () => round.erase()),
        ending(round, "erasure again", () => round.erase()),
        ...round.changePolicy(),
        ...paying(round),
      ]),
    shows: [
      "not-found",
      "renewed, paid",
      "renewed, code-not-accepted",
      "old seed, paid",
      "old seed, code-not-accepted",
      "posture, not-found",
      "tier, not-found",
      "own limits, not-found",
      "offline codes off, not-found",
    ],
  },
  "changes of its account's policy": {
    play: (round) =>
      Promise.all([
        renewing(round, "renewal"),
        ...round.changePolicy(),
        ...paying(round),
      ]),
    shows: [
      "renewed, paid",
      "renewed, offline-codes-off",
      "old seed, paid",
      "old seed, offline-codes-off",
      "old seed, limit-exceeded",
    ],
  },
};

for (const [nth, [engine, factory]] of STORES.entries()) {
  const seeds = seedsOf(SEEDS, nth);
  for (const [name, { play, shows }] of Object.entries(RACES)) {
    Deno.test(`a renewal racing ${name} leaves one truth in ${seeds.length} interleavings, over ${engine}`, async () => {
      await using rounds = await openPhoneRounds(factory);
      const seen = new Tally();
      for (const seed of seeds) {
        await rounds.play(seed, async (round) => {
          for (const word of await play(round)) seen.add(word);
        });
      }
      // Some outcomes are too rare for a part of the seeds.
      if (seeds.length === SEEDS) assertEquals(seen.missing(...shows), []);
    });
  }
}
