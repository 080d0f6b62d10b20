/**
 * Every call of the API, well and badly made, with a note of each secret that
 * was in it and of all that was told beside successes.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { decodeBase64Url } from "@std/encoding/base64url";
import type { Api } from "../api.ts";
import { codeAt, makeDevice, openSeed } from "../wallet.ts";
import { leaks, type Secret, spellings } from "./privacy_scan.ts";

const STEP_MS = 30_000;

/** Where nobody listens. */
const NOBODY = "http://127.0.0.1:1";

/** The key under which the seeds are sealed. */
export const MASTER_KEY = new Uint8Array(32).fill(7);

/** What was told beside successes, and what must not stand in it. */
export class Scenario {
  readonly told: string[] = [];
  readonly secrets: Secret[] = [];
  problems = 0;

  constructor(readonly api: Api) {
    this.keep("admin key", api.adminKey);
    this.keep("master key", MASTER_KEY);
  }

  keep(name: string, value: string | Uint8Array): void {
    this.secrets.push({ name, value });
  }

  keepCode(name: string, code: string): string {
    this.keep(`code ${name}`, code);
    if (code.length === 18) this.keep(`tag ${name}`, code.slice(7));
    return code;
  }

  /** A call; of an error all is noted, of a success the headers. */
  async call(...args: Parameters<Api["call"]>) {
    const answer = await this.api.call(...args);
    this.told.push(JSON.stringify([...answer.headers]));
    if (answer.status >= 400) {
      this.problems++;
      this.told.push(JSON.stringify(answer.body));
    }
    return answer;
  }
}

/** The secrets of a scenario's callers. */
interface Keys {
  readonly admin: string;
  readonly shop: string;
  readonly second: string;
  readonly wallet: string;
}

/** A customer's phone; each code that it shows is noted. */
interface NotedPhone {
  readonly id: string;
  code(drift: number): string;
}

type Call = Parameters<Api["call"]>;

/** A secret in the URL of the merchant's endpoint. */
const TOKEN = "hook-token-0123456789abcdef";

/** Every call, well and badly made, at `nowMs`. */
export async function play(scenario: Scenario, nowMs: number) {
  const keys = await makeKeys(scenario);
  const alice = await enrol(scenario, keys, "alice", nowMs);
  const bob = await enrol(scenario, keys, "bob", nowMs);
  const mallory = await enrol(scenario, keys, "mallory", nowMs, "blocked");
  const { pay, verify } = payer(scenario, keys);

  // These are well made. Some are refused because of the code or the customer.
  const now = alice.code(0);
  const answers = [
    await pay(now, "order-1"),
    await pay(now, "order-1"),
    await pay(now, "order-2"),
    await pay(now, "order-1", { amount_minor: 1 }),
    await pay(alice.code(10), "order-3"),
    await pay(alice.code(-10), "order-3"),
    await pay(
      scenario.keepCode("nobody's", `${now.slice(0, 7)}48151623420`),
      "order-3",
    ),
    await pay(`${now} `, "order-3"),
    await pay(now.slice(0, -1), "order-3"),
    await pay(scenario.keepCode("elsewhere", `91${now.slice(2)}`), "order-3"),
    await pay(bob.code(0), "order-4", { amount_minor: 999_999 }),
    await pay(mallory.code(0), "order-5"),
    await verify(bob.code(1), "ref-1"),
    await verify(bob.code(1), "ref-2"),
    await verify(now, "ref-1"),
    await verify(mallory.code(1), "ref-3"),
  ];
  assertEquals(answers.map(({ status }) => status), [
    ...[201, 200, 409, 409, 422, 422, 422, 422, 422, 422, 422, 422],
    ...[200, 409, 409, 422],
  ]);

  const rotated = await useEndpoint(scenario, keys.shop);
  const code = alice.code(1);
  await sendStrays(scenario, code, [
    ...codesAmiss(keys, code),
    ...secretsAmiss(keys, code),
    ...callbacksAmiss({ ...keys, rotated }, code),
    [code, "/v1/payments", {}],
  ]);
  const { wallet } = keys;
  await scenario.call("GET", `/v1/enrolments/${alice.id}`, { key: wallet });
  await scenario.call("DELETE", `/v1/enrolments/${alice.id}`, { key: wallet });
  await pay(code, "order-6");
  await scenario.call("GET", "/readyz");
  return { pay, verify, wallet, bob };
}

/** Makes a merchant with two keys, and a wallet key. */
async function makeKeys(scenario: Scenario): Promise<Keys> {
  const admin = scenario.api.adminKey;
  const { body: shop } = await scenario.call("POST", "/v1/admin/merchants", {
    key: admin,
    body: { name: "Shop", callback_url: `${NOBODY}/offcode` },
  });
  scenario.keep("merchant key", shop.api_key);
  scenario.keep("callback secret", shop.callback_secret);
  const { body: second } = await scenario.call(
    "POST",
    `/v1/admin/merchants/${shop.merchant_id}/keys`,
    { key: admin },
  );
  scenario.keep("second merchant key", second.api_key);
  const { body: wallet } = await scenario.call(
    "POST",
    "/v1/admin/wallet-keys",
    { key: admin, body: { name: "wallet" } },
  );
  scenario.keep("wallet key", wallet.api_key);
  return {
    ...{ admin, shop: shop.api_key },
    ...{ second: second.api_key, wallet: wallet.api_key },
  };
}

/** Enrols a customer with a balance. */
async function enrol(
  scenario: Scenario,
  keys: Keys,
  account: string,
  nowMs: number,
  risk?: "blocked",
): Promise<NotedPhone> {
  const device = await makeDevice();
  const { body: made } = await scenario.call("POST", "/v1/enrolments", {
    key: keys.wallet,
    body: {
      account_id: account,
      device_id: `phone-of-${account}`,
      device_key: device.publicJwk,
      ...(risk !== undefined && { risk }),
    },
  });
  scenario.keep(`JWE of ${account}`, made.seed_jwe);
  scenario.keep(`ciphertext of ${account}`, made.seed_jwe.split(".")[3]);
  const seed = await openSeed(device, made.seed_jwe);
  scenario.keep(`seed of ${account}`, decodeBase64Url(seed.seed));
  await scenario.call("PUT", `/v1/admin/sandbox/accounts/${account}`, {
    key: keys.admin,
    body: { balance_minor: 10_000, currency: "EUR" },
  });
  return {
    id: made.credential_id,
    code: (drift) =>
      scenario.keepCode(
        `of ${account} at ${drift}`,
        codeAt(seed, nowMs + drift * STEP_MS),
      ),
  };
}

/** The calls that use a code up. */
function payer(scenario: Scenario, { shop, wallet }: Keys) {
  return {
    pay: (code: unknown, order_id: string, more = {}) =>
      scenario.call("POST", "/v1/payments", {
        key: shop,
        body: { code, order_id, amount_minor: 1250, currency: "EUR", ...more },
      }),
    verify: (code: unknown, reference: string) =>
      scenario.call("POST", "/v1/verifications", {
        key: wallet,
        body: { code, reference },
      }),
  };
}

/** Sets an endpoint and rotates its secret. Returns the new secret. */
async function useEndpoint(scenario: Scenario, key: string): Promise<string> {
  scenario.keep("token in the endpoint's URL", TOKEN);
  const put = await scenario.call("PUT", "/v1/callback-endpoint", {
    key,
    body: { url: `${NOBODY}/offcode/${TOKEN}` },
  });
  scenario.keep("endpoint's secret", put.body.secret);
  const rotated = await scenario.call(
    "POST",
    "/v1/callback-endpoint/rotations",
    { key },
  );
  scenario.keep("endpoint's second secret", rotated.body.secret);
  assertEquals([put.status, rotated.status], [201, 201]);
  for (const path of ["callback-endpoint/test", "callbacks/cb_0/replays"]) {
    await scenario.call("POST", `/v1/${path}`, { key });
  }
  return rotated.body.secret;
}

/** Payments with a code in the wrong form, or in the wrong field. */
function codesAmiss(keys: Keys, code: string): Call[] {
  const right = { order_id: "o", amount_minor: 1, currency: "EUR" };
  return [
    ["POST", "/v1/payments", { key: keys.shop, body: code }],
    ["POST", "/v1/payments", { key: keys.shop, body: `{"code":"${code}"` }],
    ["POST", "/v1/payments", {
      key: keys.shop,
      body: `{"code":"${code}","code":"${code}"}`,
    }],
    ["POST", "/v1/payments", {
      key: keys.shop,
      body: { ...right, code: Number(code) },
    }],
    ["POST", "/v1/payments", {
      key: keys.shop,
      body: { ...right, code: [code] },
    }],
    ["POST", "/v1/payments", {
      key: keys.shop,
      body: { ...right, code: `${code}${code}${code}${code}` },
    }],
    ["POST", "/v1/payments", {
      key: keys.shop,
      body: { ...right, code: "1", order_id: `${code} ${code}` },
    }],
    ["POST", "/v1/payments", {
      key: keys.shop,
      body: { ...right, code: "1", currency: code, [code]: code },
    }],
    ["POST", "/v1/payments", {
      key: keys.shop,
      body: { ...right, code: "1", description: `\n${code}` },
    }],
  ];
}

/** Calls with codes and keys where they do not belong. */
function secretsAmiss(keys: Keys, code: string): Call[] {
  return [
    ["POST", `/v1/payments?code=${code}`, { key: keys.wallet, body: {} }],
    ["POST", `/v1/payments/${code}`, { key: keys.shop, body: {} }],
    ["GET", `/v1/payments/${code}`, { key: keys.shop }],
    ["GET", `/v1/payments?code=${code}`, { key: keys.shop }],
    ["GET", `/v1/payments?order_id=a&key=${keys.second}`, { key: keys.shop }],
    ["GET", `/${code}`, {}],
    ["GET", `/v1/enrolments/${encodeURIComponent(keys.admin)}`, {
      key: keys.wallet,
    }],
    ["GET", "/v1/payments?order_id=a", { key: keys.admin }],
    ["POST", "/v1/admin/merchants", {
      key: keys.second,
      body: { name: keys.admin },
    }],
    ["GET", "/v1/payments?order_id=a", {
      headers: { authorization: `Bearer ${keys.admin} ${keys.second}` },
    }],
    ["GET", "/v1/payments?order_id=a", {
      headers: { authorization: `Basic ${btoa(`${keys.second}:`)}` },
    }],
    ["POST", "/v1/admin/merchants", {
      key: keys.admin,
      body: {
        name: `${keys.second}\n`,
        callback_url: `https://${keys.second}@x`,
      },
    }],
    ["POST", "/v1/enrolments", {
      key: keys.wallet,
      body: {
        account_id: keys.wallet,
        device_id: `${code}\n`,
        device_key: { kty: "EC", crv: "P-256", x: code, y: code, d: code },
      },
    }],
  ];
}

/** Calls about callbacks with codes, keys and secrets where they do not belong. */
function callbacksAmiss(
  keys: Keys & { readonly rotated: string },
  code: string,
): Call[] {
  return [
    ["PUT", "/v1/callback-endpoint", {
      key: keys.shop,
      body: { url: `https://${TOKEN}@shop.example` },
    }],
    ["PUT", "/v1/callback-endpoint", {
      key: keys.shop,
      body: { url: `https://shop.example/${TOKEN}`, [TOKEN]: TOKEN },
    }],
    ["PUT", "/v1/callback-endpoint", {
      key: keys.shop,
      body: { url: `${TOKEN}://${code}/${keys.rotated}` },
    }],
    ["GET", `/v1/callbacks/${code}`, { key: keys.shop }],
    ["GET", `/v1/callbacks?cursor=${code}`, { key: keys.shop }],
    ["GET", `/v1/callbacks?status=${code}`, { key: keys.shop }],
    ["POST", "/v1/callback-replays", {
      key: keys.shop,
      body: { since: code, until: TOKEN, status: keys.second },
    }],
  ];
}

/** Makes badly made calls, each with the code in three headers as well. */
async function sendStrays(
  scenario: Scenario,
  code: string,
  strays: readonly Call[],
): Promise<void> {
  for (const [method, path, options] of strays) {
    const { status } = await scenario.call(method, path, {
      ...options,
      headers: {
        "user-agent": code,
        "x-request-id": code,
        "referer": `https://x.example/${code}`,
        ...options?.headers,
      },
    });
    assert(status >= 400 && status < 500, `${method} ${status}`);
  }
}

/** Nothing stands there; and whatever is put there is found. */
export function assertSilent(scenario: Scenario, said: string): void {
  const all = [said, ...scenario.told].join("\n");
  assertEquals(leaks(all, scenario.secrets), []);
  for (const secret of scenario.secrets) {
    for (const spelling of spellings(secret)) {
      const planted = `${said} x${spelling}x`;
      assertEquals(leaks(planted, [secret]), [secret.name], secret.name);
    }
  }
}
