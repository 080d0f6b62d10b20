/**
 * A phone, for every task that pays: it makes its key pair, opens its seed
 * once, and from then on computes codes without a network, with the core that
 * the edge searches with.
 *
 * @module
 */

import { decodeBase64Url } from "@std/encoding/base64url";
import { formatCode } from "../edge/code/format.ts";
import { timeStepAt, timeStepEndSeconds } from "../edge/code/time_step.ts";
import type { WalletCode } from "../edge/code/wallet.ts";
import type { Profile } from "../edge/code/profile.ts";
import { type Core, openCore } from "../edge/core/core.ts";
import type { DeviceKey, SeedDelivery } from "../edge/vault/deliver.ts";
import {
  newDeviceKey,
  openEnrolment,
  type PrivateDeviceKey,
  publicPart,
} from "./device.ts";

const CORE_URL = new URL("../wasm/release/core.wasm", import.meta.url);

/** The committed artefact. */
export const committedWasm = () => Deno.readFileSync(CORE_URL);

/** A fresh core from the committed artefact. */
export const committedCore = () => openCore(committedWasm());

/** The code of a step, by the core that the edge searches with. */
export function codeOf(
  core: Core,
  profile: Profile,
  { prefix, bucket, seed }: Pick<SeedDelivery, "prefix" | "bucket" | "seed">,
  step: number,
): string {
  const id = { prefix: Number(prefix), profile: profile.digit, bucket };
  const bytes = decodeBase64Url(seed);
  const tag = core.deriveTag(id, bytes, step, profile.tagDigits);
  return formatCode({ prefix, profile, bucket, tag });
}

/** A phone that is enrolled once and then shows codes. */
export class Phone {
  readonly #key: PrivateDeviceKey;
  #seed: SeedDelivery | null = null;

  private constructor(readonly core: Core, key: PrivateDeviceKey) {
    this.#key = key;
  }

  /** A new phone; without a key pair it makes one of its own. */
  static async make(core: Core, key?: PrivateDeviceKey): Promise<Phone> {
    return new Phone(core, key ?? await newDeviceKey());
  }

  /** What the wallet's backend enrols it with. */
  get deviceKey(): DeviceKey {
    return publicPart(this.#key);
  }

  /**
   * Takes the answer of its enrolment, as text.
   *
   * @throws {DeviceError} If it is not this phone's.
   */
  async receive(answer: string): Promise<void> {
    this.#seed = (await openEnrolment(answer, this.#key)).seed;
  }

  /**
   * The code at a moment.
   *
   * @throws {TypeError} If the phone is not enrolled, or in a profile that its
   * core does not implement.
   */
  show(unixMs: number): WalletCode {
    const seed = this.#seed;
    const profile = this.core.profiles.get(seed?.profile ?? 0);
    if (seed === null || profile === undefined) {
      throw new TypeError("The phone is not enrolled in a known profile");
    }
    const step = timeStepAt(unixMs, profile.timeStepSeconds);
    return {
      digits: codeOf(this.core, profile, seed, step),
      endsMs: timeStepEndSeconds(step, profile) * 1000,
    };
  }

  /** Whether a text holds the phone's seed. */
  isIn(text: string): boolean {
    return this.#seed !== null && text.includes(this.#seed.seed);
  }
}
