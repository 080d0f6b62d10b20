/**
 * The holders of API keys, so that a test is made once for keys of every
 * scope: where their keys are made, listed and ended, and what a key is for.
 *
 * @module
 */

import type { Answer, Api } from "../api.ts";
import type { TestApp, TestClock } from "../app.ts";

/** A key that was made. */
export interface MadeKey {
  readonly key_id: string;
  readonly api_key: string;
}

/** Somebody who has keys. */
export interface TestHolder {
  readonly name: string;
  /** Path of its keys; one is ended below it. */
  readonly keysPath: string;
  make(): Promise<MadeKey>;
  list(api?: Api): Promise<{ key_id: string; [field: string]: unknown }[]>;
  end(keyId: string, query?: string): Promise<Answer>;
  /** Status of a call that changes nothing: 404 where the key is good. */
  status(key: string, api?: Api): Promise<number>;
}

/**
 * A merchant without the key that it was made with, and a wallet's backend.
 * Each key is made a millisecond after the one before.
 */
export async function keyHolders(
  { api, clock }: Pick<TestApp, "api" | "clock">,
): Promise<readonly [TestHolder, TestHolder]> {
  const merchant = await api.merchant();
  const path = `/v1/admin/merchants/${merchant.id}`;
  const { keys: [{ key_id }] } = await api.must(200, "GET", path, {
    key: api.adminKey,
  });
  await api.must(204, "DELETE", `${path}/keys/${key_id}`, {
    key: api.adminKey,
  });
  const holder = holderOf(api, clock, key_id);
  return [
    holder("merchant", path, `${path}/keys`, "/v1/payments?order_id=x"),
    holder(
      "wallet",
      "/v1/admin/wallet-keys",
      "/v1/admin/wallet-keys",
      "/v1/enrolments/cred_0",
      { name: "wallet" },
    ),
  ];
}

const holderOf = (api: Api, clock: TestClock, firstKeyId: string) =>
(
  name: string,
  listPath: string,
  keysPath: string,
  callPath: string,
  body?: object,
): TestHolder => ({
  name,
  keysPath,
  make() {
    clock.advance(1);
    return api.must(201, "POST", keysPath, {
      key: api.adminKey,
      ...(body !== undefined && { body }),
    });
  },
  async list(by = api) {
    const { keys } = await by.must(200, "GET", listPath, { key: by.adminKey });
    return keys.filter(({ key_id }: MadeKey) => key_id !== firstKeyId);
  },
  end: (keyId, query = "") =>
    api.call("DELETE", `${keysPath}/${keyId}${query}`, { key: api.adminKey }),
  status: async (key, by = api) =>
    (await by.call("GET", callPath, { key })).status,
});
