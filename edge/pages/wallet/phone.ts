/// <reference lib="dom" />
/**
 * The phone behind the page: what it stores, the code that it shows, and what it does
 * as soon as there is a network. Everything that the customer sees comes from here.
 * Without a network the phone works with what it has stored.
 *
 * @module
 */

import type { Clock, Random } from "../../base/clock.ts";
import type { TrustedKeys } from "../../code/manifest.ts";
import {
  type BuiltInCore,
  type CoreRefusal,
  type KeptCore,
  type WalletCode,
  WalletCore,
} from "../../code/wallet.ts";
import { type Database, openDatabase } from "../shared/database.ts";
import {
  backend,
  type Customer,
  type Delivery,
  OfflineError,
  RefusedError,
  type State,
} from "./backend.ts";
import { type Entry, type EntryWord, remember } from "./history.ts";
import {
  makeKeys,
  openSeed,
  type PhoneKeys,
  publicKey,
  type SealedSeed,
  takeDelivery,
} from "./keys.ts";

/** What the phone keeps of its enrolment. */
export interface Kept {
  readonly credentialId: string;
  readonly deviceId: string;
  readonly name: string;
  /** When the seed expires, unix ms. */
  readonly expiresAtMs: number;
  readonly seed: SealedSeed;
  /** The keys that may sign cores, as they were when the phone was enrolled. */
  readonly trusted: TrustedKeys;
  readonly rooted: boolean;
  /**
   * The latest state that the edge has sent, and the time of that answer by the edge's
   * clock, unix ms.
   */
  readonly state: State | null;
  readonly onlineAtMs: number;
  readonly history: readonly Entry[];
}

const DAY_MS = 86_400_000;
/** A seed lives for 30 days. It is renewed as soon as it has fewer left than this. */
const RENEW_BELOW_MS = 23 * DAY_MS;
/** How often the edge is told of the phone's state, and asked for a newer core, ms. */
const REPORT_EVERY_MS = DAY_MS;
const CORE_EVERY_MS = 60_000;

/**
 * From this difference on the customer is warned: an edge accepts codes of one step
 * before and after.
 */
const CLOCK_OFF_MS = 30_000;

/** The phone. A page has one. */
export class Phone {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #listeners = new Set<() => void>();
  #core: WalletCore | null = null;
  #keys: PhoneKeys | null;
  #kept: Kept | null;
  #code: WalletCode | null = null;
  #codeAtMs = 0;
  /** Whether the code is of an earlier seed or core. */
  #isStale = false;
  #stepMs = 0;
  #online: boolean | null = null;
  #clockOffMs = 0;
  #isEnded = false;
  #refusedCore: CoreRefusal | null = null;
  #reportedAtMs = 0;
  #coreAtMs = 0;
  #syncing: Promise<void> | null = null;

  private constructor(
    database: Database,
    { clock, random }: { clock: Clock; random: Random },
    keys: PhoneKeys | null,
    kept: Kept | null,
  ) {
    this.#database = database;
    this.#clock = clock;
    this.#random = random;
    this.#keys = keys;
    this.#kept = kept;
  }

  /** Opens what the phone keeps. */
  static async open(
    deps: { clock: Clock; random: Random },
  ): Promise<Phone> {
    const database = await openDatabase("offcode-wallet");
    const [keys, kept, core] = await Promise.all([
      database.get<PhoneKeys>("keys"),
      database.get<Kept>("wallet"),
      database.get<KeptCore>("core"),
    ]);
    const phone = new Phone(database, deps, keys ?? null, kept ?? null);
    if (kept !== undefined) await phone.#openCore(kept.trusted, core ?? null);
    await phone.tick();
    return phone;
  }

  /** What the phone keeps; `null` if it is not enrolled. */
  get kept(): Kept | null {
    return this.#kept;
  }

  /** The code of the moment; `null` if there is none to show. */
  get code(): WalletCode | null {
    return this.#code;
  }

  /** Whether the edge was reached the last time; `null` if that is not known yet. */
  get online(): boolean | null {
    return this.#online;
  }

  /**
   * Whether the enrolment of this phone has ended, for example because another phone
   * was enrolled.
   */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Why the last core that was offered was refused. */
  get refusedCore(): CoreRefusal | null {
    return this.#refusedCore;
  }

  /** The version of the core in use; 0 for the one that is built in. */
  get coreVersion(): number {
    return this.#core?.version ?? 0;
  }

  /** How long a code is shown, ms. */
  get stepMs(): number {
    return this.#stepMs;
  }

  /** By the phone's clock, unix ms. */
  get nowMs(): number {
    return this.#clock.nowMs();
  }

  /**
   * How far the phone's clock is ahead of the edge's clock, ms; 0 if it is right.
   * Without a network only a clock that is slow can be noticed, because it shows a time
   * before the last answer of the edge.
   */
  get clockOffMs(): number {
    const onlineAtMs = this.#kept?.onlineAtMs ?? 0;
    const behindMs = Math.min(0, this.nowMs - onlineAtMs);
    const off = this.#online === true ? this.#clockOffMs : behindMs;
    return Math.abs(off) >= CLOCK_OFF_MS ? off : 0;
  }

  /** Whether the seed has expired. */
  get isExpired(): boolean {
    return this.#kept !== null && this.nowMs >= this.#kept.expiresAtMs;
  }

  /** Calls `listener` after every change. Returns a function that ends this. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Computes the code of the moment, unless it is the one that is shown. */
  async tick(): Promise<void> {
    const kept = this.#kept;
    const nowMs = this.nowMs;
    const code = this.#code;
    if (kept === null || this.#core === null || this.isExpired) {
      if (code === null) return;
      this.#code = null;
      return this.#changed();
    }
    // If the clock was set back, the code on the screen is of the future.
    const isOfNow = code !== null && nowMs < code.endsMs &&
      nowMs >= this.#codeAtMs;
    if (isOfNow && !this.#isStale) return;
    const seed = await openSeed(this.#keys!, kept.seed);
    // Another account may have been enrolled while the seed was opened.
    if (this.#kept !== kept) return;
    this.#code = this.#core.code(seed, nowMs);
    this.#stepMs = 1000 *
      this.#core.profiles.get(seed.profile)!.timeStepSeconds;
    this.#codeAtMs = nowMs;
    this.#isStale = false;
    this.#changed();
  }

  /** Enrols a customer on this phone. */
  async enrol(customer: Customer, trusted: TrustedKeys): Promise<void> {
    await this.#alone(() => this.#enrol(customer, trusted));
    await this.tick();
    await this.sync();
  }

  async #enrol(customer: Customer, trusted: TrustedKeys): Promise<void> {
    const keys = await makeKeys();
    const deviceId = `phone-${this.#random.bytes(8).toHex()}`;
    const delivery = await backend.enrol({
      account_id: customer.account_id,
      device_id: deviceId,
      device_key: await publicKey(keys),
    });
    const seed = await takeDelivery(keys, delivery, this.#random);
    this.#keys = keys;
    await this.#openCore(trusted, null);
    await this.#keep({
      ...{ credentialId: delivery.credential_id, deviceId, seed, trusted },
      name: customer.name,
      expiresAtMs: Date.parse(delivery.expires_at),
      ...{ rooted: false, state: null, onlineAtMs: 0, history: [] },
    }, { keys });
    this.#isStale = true;
    await this.#note("enrolled");
  }

  /**
   * If the edge can be reached: reports the state, renews the seed, and fetches a newer
   * core, as far as each is due.
   */
  sync(): Promise<void> {
    this.#syncing ??= this.#alone(() => this.#syncOnce())
      .finally(() => this.#syncing = null);
    return this.#syncing;
  }

  /** Says whether the phone is rooted. */
  async setRooted(rooted: boolean): Promise<void> {
    await this.#alone(async () => {
      if (this.#kept !== null) await this.#keep({ ...this.#kept, rooted });
      this.#reportedAtMs = 0;
    });
    await this.sync();
  }

  /** Tells the edge whether the customer wants a payment that waits. */
  async decide(paymentId: string, approve: boolean): Promise<void> {
    await this.#alone(() =>
      this.#ask((id) => backend.decide(id, paymentId, approve))
    );
  }

  /**
   * Destroys the seed and the keys of this phone; the edge's seed as well, if it can
   * be reached. Without a network the edge's seed lives on until the account is
   * enrolled again or the seed expires, but nobody has it.
   */
  async leave(): Promise<void> {
    const id = this.#kept?.credentialId;
    await this.#alone(async () => {
      await this.#database.delete("keys", "wallet", "core");
      await this.#reload();
    });
    if (id !== undefined) await backend.leave(id).catch(() => {});
  }

  /**
   * Does work while no other window of this browser does, and reads what the phone
   * stores first. Another window may have renewed the seed, and this one must not store
   * the old seed again.
   */
  async #alone<T>(work: () => Promise<T>): Promise<T> {
    return await navigator.locks.request("offcode-wallet", async () => {
      await this.#reload();
      return await work();
    });
  }

  /** Reads what another window may have changed. */
  async #reload(): Promise<void> {
    const [keys = null, kept = null] = await Promise.all([
      this.#database.get<PhoneKeys>("keys"),
      this.#database.get<Kept>("wallet"),
    ]);
    const before = this.#kept;
    this.#keys = keys;
    this.#kept = kept;
    if (kept?.expiresAtMs !== before?.expiresAtMs) this.#isStale = true;
    if (kept?.credentialId === before?.credentialId) return;
    this.#isStale = true;
    this.#isEnded = false;
    this.#refusedCore = null;
    this.#reportedAtMs = 0;
    this.#coreAtMs = 0;
    if (kept === null) {
      this.#code = null;
    } else {
      const core = await this.#database.get<KeptCore>("core");
      await this.#openCore(kept.trusted, core ?? null);
    }
    this.#changed();
  }

  async #syncOnce(): Promise<void> {
    if (this.#kept === null || this.#isEnded) return;
    const isDue = Math.abs(this.nowMs - this.#reportedAtMs) >= REPORT_EVERY_MS;
    const { rooted } = this.#kept;
    const done = await this.#ask((id) =>
      isDue ? backend.report(id, rooted) : backend.state(id)
    );
    if (!done) return;
    if (isDue) this.#reportedAtMs = this.nowMs;
    const { expiresAtMs, onlineAtMs } = this.#kept;
    if (expiresAtMs - onlineAtMs < RENEW_BELOW_MS) await this.#renew();
    if (Math.abs(this.nowMs - this.#coreAtMs) >= CORE_EVERY_MS) {
      this.#coreAtMs = this.nowMs;
      await this.#updateCore();
    }
  }

  /**
   * Asks the edge and stores the state in its answer. Returns whether there was an
   * answer.
   */
  async #ask(ask: (id: string) => Promise<State>): Promise<boolean> {
    const kept = this.#kept;
    if (kept === null) return false;
    const before = this.#online;
    try {
      const startedMs = this.nowMs;
      const state = await ask(kept.credentialId);
      if (this.#kept !== kept) return false;
      const edgeMs = Date.parse(state.now);
      this.#clockOffMs = (startedMs + this.nowMs) / 2 - edgeMs;
      this.#online = true;
      this.#isEnded = state.status === "revoked";
      await this.#takeState(kept, state, edgeMs);
      return !this.#isEnded;
    } catch (error) {
      if (error instanceof OfflineError) this.#online = false;
      else if (error instanceof RefusedError) this.#online = true;
      else throw error;
      // The edge does not know this enrolment, or does not know it any more.
      if (error instanceof RefusedError && error.status === 404) {
        this.#isEnded = true;
      }
      if (before !== this.#online || this.#isEnded) this.#changed();
      return false;
    }
  }

  async #takeState(kept: Kept, state: State, edgeMs: number): Promise<void> {
    const { state: before } = kept;
    await this.#keep({ ...kept, state, onlineAtMs: edgeMs });
    if (before === null) return;
    const change = state.balance_minor - before.balance_minor;
    if (change !== 0) {
      await this.#note(change < 0 ? "paid" : "received", {
        minor: Math.abs(change),
        currency: state.currency,
      });
    }
    if (state.risk !== before.risk) {
      await this.#note(state.risk === "normal" ? "unrestricted" : "restricted");
    }
  }

  async #renew(): Promise<void> {
    const kept = this.#kept!;
    let delivery: Delivery;
    try {
      delivery = await backend.renew(kept.credentialId);
    } catch (error) {
      if (error instanceof RefusedError) this.#isEnded = true;
      else if (!(error instanceof OfflineError)) throw error;
      return this.#changed();
    }
    const seed = await takeDelivery(this.#keys!, delivery, this.#random);
    await this.#keep({
      ...{ ...kept, seed },
      expiresAtMs: Date.parse(delivery.expires_at),
    });
    this.#isStale = true;
    await this.#note("renewed");
    await this.tick();
  }

  async #updateCore(): Promise<void> {
    const core = this.#core!;
    const { seed } = this.#kept!;
    const { profile } = await openSeed(this.#keys!, seed);
    const update = await core.update({
      origin: location.origin,
      fetch: (url, init) => fetch(url, init),
      needed: [profile],
      nowMs: this.nowMs,
    });
    if (update.kind === "refused") {
      // The network failed, so no core was refused.
      if (update.reason === "unreachable") return;
      this.#refusedCore = update.reason;
      return await this.#note("core-refused", { reason: update.reason });
    }
    this.#refusedCore = null;
    if (update.kind !== "updated") return this.#changed();
    await this.#database.put({ core: update.core });
    this.#isStale = true;
    await this.#note("core-updated", { version: update.version });
    await this.tick();
  }

  async #openCore(trusted: TrustedKeys, kept: KeptCore | null): Promise<void> {
    const [description, wasm] = await Promise.all(
      ["/pages/core.json", "/pages/core.wasm"].map((path) => fetch(path)),
    );
    const builtIn: BuiltInCore = {
      description: await description!.json(),
      wasm: new Uint8Array(await wasm!.arrayBuffer()),
    };
    this.#core = await WalletCore.open(trusted, builtIn, kept);
  }

  async #note(word: EntryWord, values: Entry["values"] = {}): Promise<void> {
    const kept = this.#kept;
    if (kept === null) return;
    const entry = { atMs: this.nowMs, word, values };
    await this.#keep({ ...kept, history: remember(kept.history, entry) });
  }

  async #keep(kept: Kept, others: { keys?: PhoneKeys } = {}): Promise<void> {
    this.#kept = kept;
    await this.#database.put({ wallet: kept, ...others });
    this.#changed();
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
