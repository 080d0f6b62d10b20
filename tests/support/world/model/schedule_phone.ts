/**
 * Two edges and an account whose phone pays, under a schedule: one world for
 * many seeds of the schedule, an account for each. What the calls were told is
 * kept, and what must hold whatever came first is checked in the end.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { decodeBase64Url, encodeBase64Url } from "@std/encoding/base64url";
import { startAge } from "../../../../edge/base/request_age.ts";
import { isRefusal, type Refusal } from "../../../../edge/base/outcome.ts";
import type { NewEnrolment } from "../../../../edge/enrolment/enrolment.ts";
import { openStoredSeed } from "../../../../edge/enrolment/new_seed.ts";
import {
  credentialForm,
  type CredentialRecord,
  parseEntry,
  type StoredSeed,
} from "../../../../edge/enrolment/record.ts";
import { newestSeed } from "../../../../edge/enrolment/writes.ts";
import type { CallerOf } from "../../../../edge/merchant/authentication.ts";
import {
  type AccountField,
  accountField,
  bucketEntriesKey,
  credentialKey,
  deviceKey,
} from "../../../../edge/store/keys.ts";
import type { Store, Transaction } from "../../../../edge/store/store.ts";
import type { DeviceKey } from "../../../../edge/vault/deliver.ts";
import { parseKeyring } from "../../../../edge/vault/keyring.ts";
import { createVault } from "../../../../edge/vault/seal.ts";
import { generate } from "../../code/generator.ts";
import { JournalLedger } from "../../ledger/journal_ledger.ts";
import type { StoreFactory } from "../../store/fixture.ts";
import { MASTER_KEYS, type TestApp } from "../app.ts";
import { peekAccount } from "../peek.ts";
import { pointedStore } from "../points/fail_points.ts";
import { type Device, makeDevice, openSeed, type Seed } from "../wallet.ts";
import { openWorld, type World } from "../world.ts";
import { Schedule } from "./schedule.ts";

const STEP_MS = 30_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const EDGES = 2;
const AMOUNT_MINOR = 1_250;
const DEAD = "code-not-accepted";
/** All that an account has, where an erasure must leave nothing. */
const ACCOUNT_FIELDS: readonly AccountField[] = [
  ...["credential", "ended", "system", "seed", "mark", "policy"] as const,
  ...["count", "offline", "run", "seen", "use", "online"] as const,
  "spent:EUR",
];

/** Limits of a customer who lets no payment of a round through. */
const LOW = { currency: "EUR", perPaymentMinor: AMOUNT_MINOR - 1 };
const ROOTED = { rooted: true, attestation: "absent" } as const;

/** Where a call lies in the order of all beginnings and ends. */
interface Span {
  readonly began: number;
  readonly ended: number;
}

/** A call, and what it came to: `ok`, `paid`, or the code of a refusal. */
export interface Told extends Span {
  readonly word: string;
}

/** A renewal or an enrolment. */
export interface ToldSeed extends Told {
  /** With a success. */
  readonly seed: Seed | null;
  /** With a refusal that has one. */
  readonly reason: unknown;
}

/** A payment with a code of a seed. */
interface Payment extends Told {
  readonly seed: Seed;
  readonly step: number;
}

const wordOf = (answer: string | object): string => {
  if (typeof answer === "string") return answer;
  const { kind, code } = answer as { kind?: string; code?: string };
  return kind === "refused" ? code! : kind ?? "ok";
};

/** A world for rounds. */
export interface PhoneRounds extends AsyncDisposable {
  readonly world: World<JournalLedger>;
  /** Plays `body`'s tasks with an account of their own, and checks the end. */
  play(seed: number, body: (round: PhoneRound) => Promise<void>): Promise<
    PhoneRound
  >;
}

/** What all rounds of a world share. */
interface Shared {
  readonly world: World<JournalLedger>;
  readonly edges: readonly TestApp[];
  readonly callers: ReadonlyMap<TestApp, CallerOf<"merchant">>;
  readonly device: Device;
  /** The generation of every seed that was sent to the store. */
  readonly generations: Map<string, number>;
}

const vault = createVault({
  keyring: parseKeyring(MASTER_KEYS),
  random: { bytes: (length) => new Uint8Array(length) },
});

/** The seed of an entry, as the phone has it. */
const seedText = (stored: StoredSeed): string =>
  encodeBase64Url(openStoredSeed({ vault, prefix: "90" }, stored));

/** A store that tells of every seed which is put into a bucket. */
function watchSeeds(store: Store, see: (stored: StoredSeed) => void): Store {
  return {
    read: (request) => store.read(request),
    range: (query) => store.range(query),
    timeMs: () => store.timeMs(),
    close: () => store.close(),
    ...(store.cells !== undefined && { cells: store.cells }),
    txn(transaction: Transaction) {
      for (const write of transaction.writes) {
        if (write.kind !== "index" || !write.index.includes(":bucket:")) {
          continue;
        }
        const [profile, bucket] = write.index.split(":").slice(-2).map(Number);
        const { g: generation, x: expires } = parseEntry(write.member);
        see({
          ...{ profile: profile!, bucket: bucket!, generation, expires },
          entry: write.member,
        });
      }
      return store.txn(transaction);
    },
  };
}

/** What seeds are sealed and opened for a device with. */
const CRYPTO = [
  ...["generateKey", "importKey", "exportKey", "deriveBits"] as const,
  ...["deriveKey", "encrypt", "decrypt", "digest"] as const,
];

/**
 * Has a schedule wait for Web Crypto, which works in other threads: without it
 * the machine would decide how many steps of others a renewal takes.
 */
function watchCrypto(current: () => Schedule | null): Disposable {
  const { subtle } = crypto;
  for (const name of CRYPTO) {
    const call = subtle[name].bind(subtle) as (...args: unknown[]) => Promise<
      unknown
    >;
    Object.defineProperty(subtle, name, {
      configurable: true,
      value: (...args: unknown[]) =>
        current()?.alone(() => call(...args)) ?? call(...args),
    });
  }
  return {
    [Symbol.dispose]() {
      for (const name of CRYPTO) delete (subtle as Partial<SubtleCrypto>)[name];
    },
  };
}

/** Opens a world for rounds. */
export async function openPhoneRounds(
  factory: StoreFactory,
): Promise<PhoneRounds> {
  let current: Schedule | null = null;
  const crypto = watchCrypto(() => current);
  const world = await openWorld({
    factory,
    ledger: () => new JournalLedger(),
    pause: () => current?.point("a pause ends") ?? Promise.resolve(),
  });
  const generations = new Map<string, number>();
  const edges: TestApp[] = [];
  const callers = new Map<TestApp, CallerOf<"merchant">>();
  const merchant = await world.edge.api.merchant();
  for (let i = 0; i < EDGES; i++) {
    const edge = await world.start({
      wrapStore: (store) =>
        pointedStore(
          watchSeeds(
            store,
            (it) => generations.set(seedText(it), it.generation),
          ),
          (point) => current?.reachOf(`edge ${i}`)(point) ?? Promise.resolve(),
        ),
    });
    const caller = await edge.useCases.authenticator.authenticate(
      merchant.key,
      "merchant",
    );
    if ("kind" in caller) throw new Error("Not authenticated");
    edges.push(edge);
    callers.set(edge, caller);
  }
  const device = await makeDevice();
  const shared = { world, edges, callers, device, generations };
  return {
    world,
    async play(seed, body) {
      // A round is within one day, so that its limits are.
      const leftMs = DAY_MS - world.clock.ms % DAY_MS;
      if (leftMs < HOUR_MS) world.clock.advance(leftMs);
      const round = new PhoneRound(shared, seed);
      await round.open();
      current = round.schedule;
      const playing = body(round);
      playing.catch(() => {});
      await round.schedule.run();
      current = null;
      try {
        await playing;
        await round.checkEnd();
      } catch (error) {
        throw new Error(`Seed ${seed}:\n${round.schedule.trace.join("\n")}`, {
          cause: error,
        });
      }
      return round;
    },
    async [Symbol.asyncDispose]() {
      crypto[Symbol.dispose]();
      await world[Symbol.asyncDispose]();
    },
  };
}

/** One account under one schedule. */
export class PhoneRound {
  readonly schedule: Schedule;
  readonly accountId: string;
  readonly deviceId: string;
  readonly payments: Payment[] = [];
  readonly renewals: (ToldSeed & { idempotencyKey: string | undefined })[] = [];
  readonly enrolments: ToldSeed[] = [];
  readonly revocations: Told[] = [];
  readonly erasures: Told[] = [];
  /** What was changed of the account's policy. */
  readonly changes: (Told & { readonly name: string })[] = [];
  credentialId = "";
  /** The seed that the phone shows codes of, which never hears of others. */
  first!: Seed;
  readonly #shared: Shared;
  /** Whether all its seeds are tried in the end, which takes a while. */
  readonly #isThorough: boolean;
  #moment = 0;
  #hasBegunErasing = false;

  constructor(shared: Shared, seed: number) {
    this.#shared = shared;
    this.#isThorough = seed % 8 === 0;
    this.schedule = new Schedule(seed);
    this.accountId = `account-${seed}`;
    this.deviceId = `phone-${seed}`;
  }

  /** The step of now. */
  get step(): number {
    return Math.floor(this.#shared.world.clock.ms / STEP_MS);
  }

  /** Lets others go on for a while. */
  async wait(): Promise<void> {
    for (let turns = this.schedule.pick(4); turns > 0; turns--) {
      await this.schedule.point("a turn");
    }
  }

  /** Any of the edges. */
  edge(): TestApp {
    return this.#shared.edges[this.schedule.pick(EDGES)]!;
  }

  /** An account whose first code was accepted, and is cached on every edge. */
  async open(): Promise<void> {
    // Edges take what they have read of a bucket for true for a few seconds.
    this.#shared.world.clock.advance(STEP_MS);
    const { seed } = await this.enrol(this.accountId, this.deviceId);
    this.first = seed!;
    this.credentialId = seed!.credential_id;
    for (const edge of this.#shared.edges) {
      const { word } = await this.pay(this.first, 0, edge);
      assertEquals(word, this.payments.length === 1 ? "paid" : "code-replayed");
    }
    // Some phones have renewed before, and some of these have paid since.
    const before = this.schedule.pick(3);
    const { seed: second } = before > 0 ? await this.renew() : { seed: null };
    if (before === 2) {
      this.#shared.world.clock.advance(STEP_MS);
      this.first = second!;
      await this.pay(this.first, 0);
    }
    this.#shared.world.clock.advance(2 * STEP_MS);
  }

  async #tell<T extends string | object>(
    call: () => Promise<T>,
  ): Promise<Told & { answer: T }> {
    const began = ++this.#moment;
    const answer = await call();
    return { began, answer, word: wordOf(answer), ended: ++this.#moment };
  }

  async #tellSeed(
    call: () => Promise<NewEnrolment | Refusal>,
  ): Promise<ToldSeed> {
    const { answer, ...told } = await this.#tell(call);
    if ("kind" in answer) {
      return { ...told, seed: null, reason: answer.reason };
    }
    const seed = await openSeed(this.#shared.device, answer.seedJwe);
    assertEquals(seed.credential_id, answer.credentialId);
    assertEquals(seed.expires_at, answer.expiresAt);
    return { ...told, seed, reason: undefined };
  }

  /** Pays with the code that a seed shows some steps from now. */
  async pay(seed: Seed, later: number, edge = this.edge()): Promise<Payment> {
    const step = this.step + later;
    const secret = decodeBase64Url(seed.seed);
    const { code } = generate({ ...seed, seed: secret }, step);
    const n = this.payments.length;
    const orderId = `${this.accountId}-${n}-${++this.#moment}`;
    const { answer, ...told } = await this.#tell(() =>
      edge.useCases.payments.pay(
        this.#shared.callers.get(edge)!,
        { orderId, code, amountMinor: AMOUNT_MINOR, currency: "EUR" },
        startAge(() => this.#shared.world.clock.ms),
      )
    );
    void answer;
    const payment = { ...told, seed, step };
    this.payments.push(payment);
    return payment;
  }

  /** Renews the credential that the round began with. */
  async renew(idempotencyKey?: string): Promise<ToldSeed> {
    const { credentialId } = this;
    const told = await this.#tellSeed(() =>
      this.edge().useCases.renewals.renew({
        ...{ credentialId, by: undefined },
        ...(idempotencyKey !== undefined && { idempotencyKey }),
      })
    );
    this.renewals.push({ ...told, idempotencyKey });
    return told;
  }

  async enrol(accountId: string, deviceId: string): Promise<ToldSeed> {
    const told = await this.#tellSeed(() =>
      this.edge().useCases.enrolments.enrol({
        ...{ accountId, deviceId, by: undefined },
        deviceKey: this.#shared.device.publicJwk as DeviceKey,
      })
    );
    this.enrolments.push(told);
    return told;
  }

  async revoke(): Promise<Told> {
    const { answer: _, ...told } = await this.#tell(() =>
      this.edge().useCases.enrolments.revoke(this.credentialId, undefined)
    );
    this.revocations.push(told);
    return told;
  }

  async erase(): Promise<Told> {
    this.#hasBegunErasing = true;
    const { answer: _, ...told } = await this.#tell(() =>
      this.edge().useCases.erase(this.accountId, undefined)
    );
    assertEquals(told.word, "erased");
    this.erasures.push(told);
    return told;
  }

  /** Tasks that change the account's policy, each a part of its own. */
  changePolicy(): Promise<string>[] {
    const { accountId, credentialId } = this;
    const changes: [string, (edge: TestApp) => Promise<object>][] = [
      [
        "offline codes off",
        ({ useCases: { accounts } }) =>
          accounts.setOfflineCodes(accountId, false, undefined),
      ],
      [
        "own limits",
        ({ useCases: { accounts } }) =>
          accounts.setLimits(accountId, LOW, undefined),
      ],
      [
        "posture",
        ({ useCases: { accounts } }) =>
          accounts.setPosture(credentialId, ROOTED, undefined),
      ],
      [
        "tier",
        ({ useCases: { enrolments } }) =>
          enrolments.setRisk(credentialId, "restricted", undefined),
      ],
    ];
    return changes.map(([name, change]) =>
      this.schedule.task(name, async () => {
        await this.wait();
        const { answer, ...told } = await this.#tell(() => change(this.edge()));
        if (isRefusal(answer)) {
          assertEquals(told.word, "not-found", name);
          assert(this.#hasBegunErasing, `${name}: nobody erased it`);
          return `${name}, not-found`;
        }
        this.changes.push({ ...told, name });
        return name;
      })
    );
  }

  generationOf(seed: Seed): number {
    return this.#shared.generations.get(seed.seed)!;
  }

  /** The payments that were accepted, in the order of their ends. */
  accepted(): Payment[] {
    return this.payments.filter(({ word }) => word === "paid");
  }

  /** The credential that the round began with; `null`: it was erased. */
  async credential(): Promise<CredentialRecord | null> {
    const { values: [text] } = await this.#shared.world.store.read({
      keys: [credentialKey(this.credentialId)],
    });
    return text == null ? null : credentialForm(this.credentialId).read(text);
  }

  /** What must hold whatever came first. */
  async checkEnd(): Promise<void> {
    const record = await this.credential();
    this.#checkOrder();
    if (this.erasures.length > 0) return await this.#checkErased();
    if (record === null) throw new Error("Nobody erased it");
    await this.#checkStored(record);
    await this.#checkCounters(record);
    if (this.changes.length > 0) await this.#checkPolicy();
    await this.#checkRepeated(record);
    if (this.#isThorough) await this.#checkLater(record);
  }

  /** What ended the credential. */
  #ends(): Told[] {
    const { revocations, enrolments, erasures } = this;
    return [...revocations, ...enrolments.slice(1), ...erasures];
  }

  /**
   * Nothing is left of an erased account, and what it has used counts when it is
   * enrolled again.
   */
  async #checkErased(): Promise<void> {
    const { world, edges } = this.#shared;
    const { accountId } = this;
    const names = [
      ...ACCOUNT_FIELDS.map((field) => accountField(accountId, field)),
      credentialKey(this.credentialId),
      deviceKey(this.deviceId),
    ];
    const { values } = await world.store.read({ keys: names });
    // Across cells a device keeps its epoch for a while, without an account.
    const free = /^\{"account":"","epoch":\d+,"unsettled":\[\]\}$/;
    const left = values.filter((it) =>
      it !== null && !(world.store.cells !== undefined && free.test(it))
    );
    assertEquals(left, [], "left of the account");
    assertEquals(await this.#storedSeeds([]), [], "left in a bucket");
    const count = this.accepted().length;
    const amountMinor = count * AMOUNT_MINOR;
    assertEquals(world.ledger.takenFrom(accountId), amountMinor, "money");
    if (!this.#isThorough) return;
    await this.enrol(accountId, this.deviceId);
    const account = await edges[0]!.useCases.accounts.get(accountId, undefined);
    if ("kind" in account) throw new Error(account.code);
    const { usedToday } = account;
    assertEquals([usedToday.count, usedToday.amounts], [
      count,
      [{ currency: "EUR", amountMinor }],
    ]);
  }

  /** An idempotency key names one seed, also to whoever lost the reply. */
  async #checkRepeated(record: CredentialRecord): Promise<void> {
    const [told, ...others] = this.renewals.filter(
      ({ idempotencyKey, seed }) => idempotencyKey !== undefined && seed,
    );
    for (const { seed } of others) assertEquals(seed, told!.seed);
    const newest = newestSeed(record);
    if (told === undefined || newest === null) return;
    const { seed, reason } = await this.renew(told.idempotencyKey);
    const followed = told.seed!.seed !== seedText(newest);
    assertEquals(
      [seed, reason],
      followed ? [null, "superseded"] : [told.seed, undefined],
    );
  }

  /** No change is lost, and each holds in the next payment on every edge. */
  async #checkPolicy(): Promise<void> {
    const { accountId } = this;
    for (const { useCases: { accounts } } of this.#shared.edges) {
      const account = await accounts.get(accountId, undefined);
      if ("kind" in account) throw new Error(account.code);
      const { risk, reason, offlineCodes, limits } = account;
      assertEquals([risk, reason], ["restricted", "set-by-wallet"]);
      assertEquals([offlineCodes, limits.perPaymentMinor], [
        false,
        LOW.perPaymentMinor,
      ]);
    }
    const { accounts } = this.edge().useCases;
    await accounts.setOfflineCodes(accountId, true, undefined);
    await accounts.setLimits(accountId, { currency: "EUR" }, undefined);
  }

  /** No code twice, and no code of a seed after one of a later seed. */
  #checkOrder(): void {
    const accepted = this.accepted();
    const steps = accepted.map(({ step }) => step);
    assertEquals(new Set(steps).size, steps.length, "a step was paid twice");
    for (const later of accepted) {
      for (const before of accepted) {
        if (before.ended > later.began) continue;
        assert(
          this.generationOf(before.seed) <= this.generationOf(later.seed),
          "an old seed paid after a new one",
        );
        assert(before.step < later.step, "a step before the mark paid");
      }
      for (const { ended } of this.#ends()) {
        assert(later.began < ended, "a credential that has ended paid");
      }
      for (const { ended, name } of this.changes) {
        const stops = name === "offline codes off" || name === "own limits";
        assert(!stops || later.began < ended, `a payment after ${name}`);
      }
    }
    for (const { word, reason, seed, began, ended } of this.renewals) {
      if (word === "not-found") {
        const erased = this.erasures.some((it) => it.began < ended);
        assert(erased, "nobody erased it");
        continue;
      }
      if (seed === null) assertEquals(word, "renewal-refused");
      const ends = this.#ends();
      if (reason === "revoked") assert(ends.length > 0, "nobody ended it");
      if (seed === null) continue;
      assert(
        ends.every(({ ended }) => began < ended),
        "a credential was renewed that had ended",
      );
    }
  }

  /** The seeds of the credential in the store are those that phones have. */
  async #checkStored(record: CredentialRecord): Promise<void> {
    const { world } = this.#shared;
    const hasEnded = this.#ends().length > 0;
    assertEquals(record.status, hasEnded ? "revoked" : "active");
    const live = liveSeeds(record);
    const mine = this.#toldSeeds();
    const found = await this.#storedSeeds(live);
    assertEquals(found.sort(), live.map(({ entry }) => entry).sort());
    const texts = mine.map(({ seed }) => seed);
    for (const stored of live) assert(texts.includes(seedText(stored)));
    if (record.old !== undefined) {
      const nowSeconds = Math.floor(world.clock.ms / 1000);
      assert(
        record.old.expires <= nowSeconds + DAY_MS / 1000,
        "lives too long",
      );
    }
    // Of all that was told, the latest is the newest that is stored.
    const newest = mine.sort((a, b) =>
      this.generationOf(b) - this.generationOf(a)
    )[0]!;
    if (live.length > 0) {
      assertEquals(newest.seed, seedText(newestSeed(record)!));
      // A phone that never hears of a renewal goes on with what it has.
      const used = Math.max(
        ...this.accepted().map(({ seed }) => this.generationOf(seed)),
      );
      assert(live.some(({ generation }) => generation === used), "seed lost");
    }
  }

  /** The seeds of the credential that phones were sent. */
  #toldSeeds(): Seed[] {
    return [...this.enrolments, ...this.renewals].flatMap(({ seed }) =>
      seed?.credential_id === this.credentialId ? [seed] : []
    );
  }

  /** Its entries in these buckets and in those that phones were told. */
  async #storedSeeds(live: readonly StoredSeed[]): Promise<string[]> {
    const places = new Set(
      [...live, ...this.#toldSeeds()].map(({ profile, bucket }) =>
        bucketEntriesKey(profile, bucket)
      ),
    );
    const found: string[] = [];
    for (const index of places) {
      const entries = await this.#shared.world.store.range({
        ...{ index, min: 0, max: Number.MAX_SAFE_INTEGER, limit: 100 },
      });
      found.push(
        ...entries.map(({ member }) => member).filter((it) =>
          parseEntry(it).c === this.credentialId
        ),
      );
    }
    return found;
  }

  /** Mark, limits and generation say what was accepted. */
  async #checkCounters(record: CredentialRecord): Promise<void> {
    const { world } = this.#shared;
    const accepted = this.accepted();
    const account = await peekAccount(world.store, this.accountId);
    const sum = accepted.length * AMOUNT_MINOR;
    assertEquals(
      [account.count?.amount, account.spent.EUR?.amount],
      [accepted.length, sum],
      "counters",
    );
    assertEquals(world.ledger.takenFrom(this.accountId), sum, "money");
    if (record.status === "revoked") {
      assert(account.credential !== this.credentialId, "a revoked one is back");
      return;
    }
    assertEquals(account.credential, this.credentialId);
    assertEquals(
      account.mark,
      Math.max(...accepted.map(({ step }) => (step + 1) * 30)),
    );
    const { values: [used] } = await world.store.read({
      keys: [accountField(this.accountId, "seed")],
    });
    const generations = accepted.map(({ seed }) => this.generationOf(seed));
    assertEquals(Number(used), Math.max(...generations), "generation");
  }

  /** What each seed pays from now on, on every edge. */
  async #checkLater(record: CredentialRecord): Promise<void> {
    const { world, edges } = this.#shared;
    const live = liveSeeds(record).map(seedText);
    let used = Math.max(
      ...this.accepted().map(({ seed }) => this.generationOf(seed)),
    );
    const seeds = [...new Map(
      [...this.enrolments, ...this.renewals].flatMap(({ seed }) =>
        seed?.credential_id === this.credentialId ? [[seed.seed, seed]] : []
      ),
    ).values()].sort((a, b) => this.generationOf(a) - this.generationOf(b));
    for (const round of [0, 1]) {
      world.clock.advance(2 * STEP_MS);
      for (const [i, seed] of seeds.entries()) {
        const generation = this.generationOf(seed);
        const pays = live.includes(seed.seed) && generation >= used;
        if (round === 1 && pays) continue;
        const { word } = await this.pay(seed, 0, edges[(i + round) % EDGES]);
        assertEquals(word, pays ? "paid" : DEAD, `seed ${generation}`);
        if (!pays) continue;
        used = generation;
        world.clock.advance(STEP_MS);
      }
    }
    for (const { seed } of this.enrolments.slice(1)) {
      assertEquals((await this.pay(seed!, 0)).word, "paid");
    }
  }
}

/** The seeds of a credential that are stored. */
function liveSeeds(record: CredentialRecord): StoredSeed[] {
  return [newestSeed(record), record.old].flatMap((it) => it ?? []);
}
