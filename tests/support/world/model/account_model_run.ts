/**
 * The wallet's part of a run: its calls are made at an edge and predicted by
 * the reference model, and what the store holds is compared after each.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { parseEntry } from "../../../../edge/enrolment/record.ts";
import { bucketEntriesKey } from "../../../../edge/store/keys.ts";
import type { Store } from "../../../../edge/store/store.ts";
import { type Answer, type Api, phoneOf, type TestPhone } from "../api.ts";
import { said } from "../desk.ts";
import {
  type AccountModel,
  type ModelCredential,
  type ModelRisk,
  type ModelSeed,
} from "./account_model.ts";

/** A call of the wallet; numbers choose among what there is, the newest first. */
export type WalletCommand =
  | {
    readonly kind: "renew";
    readonly account: number;
    readonly credential: number;
    /** `null`: without an idempotency key. */
    readonly key: number | null;
    /** Whether the answer gets lost on its way to the phone. */
    readonly lost: boolean;
  }
  | {
    readonly kind: "enrol";
    readonly account: number;
    readonly device: number;
  }
  | {
    readonly kind: "revoke";
    readonly account: number;
    readonly credential: number;
  }
  | {
    readonly kind: "posture";
    readonly account: number;
    readonly credential: number;
    readonly rooted: boolean;
    readonly attestation: "passed" | "failed";
  }
  | {
    readonly kind: "risk";
    readonly account: number;
    readonly credential: number;
    readonly risk: ModelRisk;
  }
  | {
    readonly kind: "limits";
    readonly account: number;
    readonly perPayment: number | null;
    readonly count: number | null;
  }
  | {
    readonly kind: "switch";
    readonly account: number;
    readonly on: boolean;
  };

/** A wallet call that ends payments as well. */
export interface EraseCommand {
  readonly kind: "erase";
  readonly account: number;
}

export const ACCOUNTS = ["alice", "bob"];
export const DEVICES = ["phone-of-alice", "phone-of-bob", "phone-3"];

/** A credential with what the wallet knows of it. */
interface Known {
  readonly id: string;
  readonly model: ModelCredential;
}

type Of<K> = Extract<WalletCommand, { kind: K }>;
type Put = (path: string, body: unknown) => Promise<Answer>;

/** Of the wallet, and of all its customers' phones. */
export class WalletRun {
  readonly model: AccountModel;
  /** Seeds that phones have, by account, the newest first. */
  readonly #phones = new Map<string, { seed: ModelSeed; phone: TestPhone }[]>();
  /** Credentials by account, the newest first. */
  readonly #credentials = new Map<string, Known[]>();
  readonly #walletKey: string;
  readonly #store: Store;

  constructor(model: AccountModel, walletKey: string, store: Store) {
    this.model = model;
    this.#walletKey = walletKey;
    this.#store = store;
    for (const account of ACCOUNTS) {
      this.#phones.set(account, []);
      this.#credentials.set(account, []);
    }
  }

  /** Takes in an enrolment that was made already. */
  adopt(phone: TestPhone, nowMs: number): void {
    const { accountId, deviceId, credentialId: id } = phone;
    const model = this.model.enrol(accountId, deviceId, nowMs);
    this.#credentials.get(accountId)!.unshift({ id, model });
    this.#phones.get(accountId)!.unshift({ seed: model.newest!, phone });
  }

  /** A phone of an account, the newest one for 0, and its seed. */
  phone(account: string, n: number): { seed: ModelSeed; phone: TestPhone } {
    const phones = this.#phones.get(account)!;
    return phones[Math.min(n, phones.length - 1)]!;
  }

  async call(api: Api, command: WalletCommand, nowMs: number): Promise<void> {
    const told = JSON.stringify(command);
    const name = ACCOUNTS[command.account]!;
    const key = this.#walletKey;
    const { model } = this;
    const { policy, rememberedMs } = model.of(name);
    const isErased = rememberedMs !== null;
    const credentials = this.#credentials.get(name)!;
    const chosen = "credential" in command ? command.credential : 0;
    const it = credentials[Math.min(chosen, credentials.length - 1)]!;
    const path = `/v1/enrolments/${it.id}`;
    const put = (path: string, body: unknown) =>
      api.call("PUT", path, { key, body });
    switch (command.kind) {
      case "enrol": {
        const device = DEVICES[command.device]!;
        this.adopt(await api.enrol(key, name, device), nowMs);
        break;
      }
      case "renew":
        await this.#renew(api, it, command, nowMs);
        break;
      case "revoke":
        assertEquals(
          said(await api.call("DELETE", path, { key })),
          it.model.isGone ? "not-found" : "204",
        );
        model.revoke(it.model);
        break;
      case "posture":
        await this.#setPosture(put, it, command, nowMs);
        break;
      case "risk": {
        const body = { risk: command.risk };
        const answer = await api.call("PATCH", path, { key, body });
        if (it.model.isGone) {
          assertEquals(said(answer), "not-found", told);
          break;
        }
        policy.set = command.risk;
        const { risk, reason } = answer.body;
        assertEquals({ risk, reason }, model.judge(name), told);
        break;
      }
      case "limits":
        await this.#setLimits(put, name, command);
        break;
      case "switch": {
        const answer = await put(`/v1/accounts/${name}/status`, {
          offline_codes: command.on ? "on" : "off",
        });
        if (!isErased) policy.offlineCodes = command.on;
        assertEquals(said(answer), isErased ? "not-found" : "200", told);
        break;
      }
    }
    await this.check(api, nowMs, told);
  }

  /** An account has been erased. */
  erased(account: string): void {
    for (const { model } of this.#credentials.get(account)!) {
      model.isGone = true;
    }
  }

  /** Compares what is shown and what is stored. */
  async check(api: Api, nowMs: number, told: string): Promise<void> {
    await this.#checkShown(api, nowMs, told);
    await this.#checkSeeds(told);
  }

  async #renew(
    api: Api,
    it: Known,
    command: Of<"renew">,
    nowMs: number,
  ): Promise<void> {
    const key = command.key === null ? null : `k${command.key}`;
    const answer = await api.askRenewal(
      this.#walletKey,
      it.id,
      key === null ? {} : { key },
    );
    if (it.model.isGone) {
      return assertEquals(said(answer), "not-found", JSON.stringify(command));
    }
    const expected = this.model.renew(it.model, key, nowMs);
    const isRefused = typeof expected === "string";
    assertEquals(
      answer.status === 201 ? "201" : answer.body.reason,
      isRefused ? expected : "201",
      JSON.stringify(command),
    );
    if (!isRefused && !command.lost) await this.#receive(it, expected, answer);
  }

  async #setPosture(
    put: Put,
    { id, model: credential }: Known,
    { rooted, attestation, ...command }: Of<"posture">,
    nowMs: number,
  ): Promise<void> {
    const path = `/v1/enrolments/${id}/posture`;
    const answer = await put(path, { rooted, attestation });
    const told = JSON.stringify(command);
    if (credential.newest === null) {
      return assertEquals(said(answer), "not-found", told);
    }
    const account = this.model.of(credential.account);
    account.policy.posture = rooted
      ? { risk: "restricted", reason: "rooted" }
      : attestation === "failed"
      ? { risk: "restricted", reason: "attestation-failed" }
      : null;
    account.seenMs = nowMs;
    assertEquals(answer.body, this.model.judge(account.name), told);
  }

  async #setLimits(
    put: Put,
    name: string,
    { perPayment, count }: Of<"limits">,
  ): Promise<void> {
    const { policy, rememberedMs } = this.model.of(name);
    const isErased = rememberedMs !== null;
    if (!isErased) {
      policy.own = {
        ...(perPayment !== null && { perPaymentMinor: perPayment }),
        ...(count !== null && { countPerDay: count }),
      };
    }
    const answer = await put(`/v1/accounts/${name}/limits`, {
      currency: "EUR",
      ...(perPayment !== null && { per_payment_minor: perPayment }),
      ...(count !== null && { count_per_day: count }),
    });
    assertEquals(said(answer), isErased ? "not-found" : "200");
  }

  /** A phone receives a renewal, which it may have heard of before. */
  async #receive(
    { id, model: { account } }: Known,
    seed: ModelSeed,
    { body }: Answer,
  ): Promise<void> {
    const phones = this.#phones.get(account)!;
    const { device } = phones.find(({ phone }) => phone.credentialId === id)!
      .phone;
    const phone = await phoneOf(device, body);
    const before = phones.find((it) => it.seed === seed);
    if (before === undefined) phones.unshift({ seed, phone });
    else assertEquals(phone.seed, before.phone.seed);
    assertEquals(Date.parse(phone.seed.expires_at), seed.endsMs);
  }

  /** What the API shows of every account and credential. */
  async #checkShown(api: Api, nowMs: number, told: string): Promise<void> {
    const { model } = this;
    const key = this.#walletKey;
    for (const name of ACCOUNTS) {
      const { policy, seenMs, credential, rememberedMs } = model.of(name);
      const all = this.#credentials.get(name)!;
      for (const { id, model: { newest, endsMs, isGone } } of all) {
        const answer = await api.call("GET", `/v1/enrolments/${id}`, { key });
        if (isGone) {
          assertEquals(said(answer), "not-found", told);
          continue;
        }
        const { status, expires_at } = answer.body;
        assertEquals([status, Date.parse(expires_at)], [
          newest === null ? "revoked" : endsMs <= nowMs ? "expired" : "active",
          endsMs,
        ], told);
      }
      if (rememberedMs !== null) {
        await api.must(404, "GET", `/v1/accounts/${name}`, { key });
        continue;
      }
      const shown = await api.must(200, "GET", `/v1/accounts/${name}`, { key });
      const judged = model.judge(name);
      const { perPaymentMinor, perDayMinor, countPerDay } = model.limits(name);
      const holds = judged.risk !== "blocked";
      assertEquals(
        [shown.risk, shown.reason, shown.offline_codes, shown.limits],
        [judged.risk, judged.reason, policy.offlineCodes ? "on" : "off", {
          per_payment_minor: holds ? perPaymentMinor : 0,
          per_day_minor: holds ? perDayMinor : 0,
          count_per_day: holds ? countPerDay : 0,
          currency: "EUR",
        }],
        told,
      );
      assertEquals(
        [shown.seen_online_at, shown.credential_id],
        [
          new Date(seenMs).toISOString(),
          all.find(({ model }) => model === credential)?.id,
        ],
        told,
      );
    }
  }

  /** The seeds in the store are those that the model has, and no others. */
  async #checkSeeds(told: string): Promise<void> {
    for (const name of ACCOUNTS) {
      const { credential } = this.model.of(name);
      for (const { seed, phone } of this.#phones.get(name)!) {
        const { profile, bucket } = phone.seed;
        const entries = await this.#store.range({
          index: bucketEntriesKey(profile, bucket),
          min: 0,
          max: Number.MAX_SAFE_INTEGER,
          limit: 100,
        });
        const ends = entries.map(({ member }) => parseEntry(member))
          .filter(({ a, g }) => a === name && g === seed.generation)
          .map(({ x }) => x * 1000);
        const isStored = !seed.isDestroyed &&
          (seed === credential?.newest || seed === credential?.old);
        assertEquals(ends, isStored ? [seed.endsMs] : [], told);
      }
    }
  }
}
