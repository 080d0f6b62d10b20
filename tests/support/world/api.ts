/**
 * A client of the API, for tests: calls with a key and a JSON body, and the
 * usual first steps. It works on anything that answers requests, a real server
 * or an application in this process.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import type { Mode } from "../../../edge/base/ids.ts";
import {
  codeAt,
  type Device,
  makeDevice,
  openSeed,
  type Seed,
} from "./wallet.ts";

/** Answers a request. */
export type Fetch = (request: Request) => Response | Promise<Response>;

/** An answer, read. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // deno-lint-ignore no-explicit-any
  readonly body: any;
}

/** A merchant with its key. */
export interface TestMerchant {
  readonly id: string;
  readonly key: string;
}

/** A phone that is enrolled. */
export interface TestPhone {
  readonly device: Device;
  readonly seed: Seed;
  readonly accountId: string;
  readonly deviceId: string;
  readonly credentialId: string;
  /** The code shown at a time. */
  code(unixMs: number): string;
}

/** The phone that receives an answer with a seed. */
export async function phoneOf(
  device: Device,
  body: Answer["body"],
): Promise<TestPhone> {
  const seed = await openSeed(device, body.seed_jwe);
  return {
    device,
    seed,
    accountId: body.account_id,
    deviceId: body.device_id,
    credentialId: body.credential_id,
    code: (unixMs) => codeAt(seed, unixMs),
  };
}

/** More than any machine needs to answer once in time, however busy. */
export const MOST_TRIES = 1_000;

/**
 * Repeats a call while its answer has one of these codes, as a till does.
 *
 * @throws If it is not served in the end, or was told that repeating is
 * wrong.
 */
export async function insist(
  call: () => Promise<Answer>,
  late: readonly string[] = ["store-unavailable"],
): Promise<Answer> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const answer = await call();
    const { status, headers, body } = answer;
    if (status !== 503 || !late.includes(body.code)) return answer;
    assert(body.retry === "same-order" && headers.has("retry-after"));
    // An edge that could not connect does not try again for a moment.
    if (tries > 1) await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error("It is not served");
}

/** A client with the admin key. */
export class Api {
  constructor(
    readonly fetch: Fetch,
    readonly origin: string,
    readonly adminKey: string,
    /** What every answer must say. */
    readonly mode: Mode = "test",
    /**
     * Whether `must`, `pay` and `verify` repeat a call to which a store gave no
     * answer, or one that was too long under way to compare clocks by it.
     */
    readonly isPatient = false,
  ) {}

  /**
   * Any call; a string body goes out as it is. The mode is checked in every answer
   * and is not in what is returned.
   */
  async call(
    method: string,
    path: string,
    options: {
      key?: string;
      body?: unknown;
      headers?: Record<string, string>;
    } = {},
  ): Promise<Answer> {
    const { key, body, headers = {} } = options;
    const response = await this.fetch(
      new Request(this.origin + path, {
        method,
        headers: {
          ...(key !== undefined && { authorization: `Bearer ${key}` }),
          ...(body !== undefined && { "content-type": "application/json" }),
          ...headers,
        },
        ...(body !== undefined && {
          body: typeof body === "string" ? body : JSON.stringify(body),
        }),
      }),
    );
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text === ""
        ? null
        : response.headers.get("content-type")?.startsWith("text/plain")
        ? text
        : this.#withoutMode(path, JSON.parse(text), response.headers),
    };
  }

  #withoutMode(
    path: string,
    body: Answer["body"],
    headers: Headers,
  ): Answer["body"] {
    // Documents whose form is defined elsewhere.
    const isForeign = /^\/(openapi\.json|v1\/cores\/current)/.test(path);
    if (isForeign && body.code === undefined) return body;
    const { mode = headers.get("offcode-mode"), ...rest } = body;
    assertEquals(mode, this.mode, `The mode of ${path}`);
    return rest;
  }

  #patiently(call: () => Promise<Answer>): Promise<Answer> {
    const late = ["store-unavailable", "clock-unsure"];
    return this.isPatient ? insist(call, late) : call();
  }

  /** A call that must succeed with `status`. */
  async must(
    status: number,
    ...args: Parameters<Api["call"]>
  ): Promise<Answer["body"]> {
    const answer = await this.#patiently(() => this.call(...args));
    assertEquals(
      answer.status,
      status,
      `${args[0]} ${args[1]}: ${answer.body?.code} ${answer.body?.detail}`,
    );
    return answer.body;
  }

  async merchant(name = "Corner Shop"): Promise<TestMerchant> {
    const made = await this.must(201, "POST", "/v1/admin/merchants", {
      key: this.adminKey,
      body: { name },
    });
    return { id: made.merchant_id, key: made.api_key };
  }

  async walletKey(name = "wallet backend"): Promise<string> {
    const made = await this.must(201, "POST", "/v1/admin/wallet-keys", {
      key: this.adminKey,
      body: { name },
    });
    return made.api_key;
  }

  async metricsKey(name = "prometheus"): Promise<string> {
    const made = await this.must(201, "POST", "/v1/admin/metrics-keys", {
      key: this.adminKey,
      body: { name },
    });
    return made.api_key;
  }

  async setBalance(
    accountId: string,
    balanceMinor: number,
    currency = "EUR",
  ): Promise<void> {
    await this.must(
      200,
      "PUT",
      `/v1/admin/sandbox/accounts/${encodeURIComponent(accountId)}`,
      { key: this.adminKey, body: { balance_minor: balanceMinor, currency } },
    );
  }

  async balance(accountId: string): Promise<number> {
    const account = await this.must(
      200,
      "GET",
      `/v1/admin/sandbox/accounts/${encodeURIComponent(accountId)}`,
      { key: this.adminKey },
    );
    return account.balance_minor;
  }

  async enrol(
    walletKey: string,
    accountId: string,
    deviceId: string,
    risk?: string,
  ): Promise<TestPhone> {
    const device = await makeDevice();
    const made = await this.must(201, "POST", "/v1/enrolments", {
      key: walletKey,
      body: {
        account_id: accountId,
        device_id: deviceId,
        device_key: device.publicJwk,
        ...(risk !== undefined && { risk }),
      },
    });
    return await phoneOf(device, made);
  }

  /** Asks for a renewal; with a device key if `device` is given. */
  askRenewal(
    walletKey: string,
    credentialId: string,
    { device, key }: { device?: Device; key?: string } = {},
  ): Promise<Answer> {
    return this.call("POST", `/v1/enrolments/${credentialId}/renewals`, {
      key: walletKey,
      ...(device && { body: { device_key: device.publicJwk } }),
      ...(key !== undefined && { headers: { "idempotency-key": key } }),
    });
  }

  /** Renews a phone's seed; gives the phone as it is afterwards. */
  async renew(
    walletKey: string,
    { device, credentialId }: TestPhone,
    key?: string,
  ): Promise<TestPhone> {
    const answer = await this.askRenewal(
      walletKey,
      credentialId,
      key === undefined ? {} : { key },
    );
    assertEquals(answer.status, 201, answer.body.detail);
    return await phoneOf(device, answer.body);
  }

  /** Posts a payment of 12.50 EUR unless said otherwise. */
  pay(
    merchant: TestMerchant,
    fields: Record<string, unknown>,
  ): Promise<Answer> {
    const body = { amount_minor: 1250, currency: "EUR", ...fields };
    return this.#patiently(() =>
      this.call("POST", "/v1/payments", { key: merchant.key, body })
    );
  }

  verify(
    walletKey: string,
    code: string,
    reference: string,
  ): Promise<Answer> {
    const body = { code, reference };
    return this.#patiently(() =>
      this.call("POST", "/v1/verifications", { key: walletKey, body })
    );
  }
}
