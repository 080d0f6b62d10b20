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

/** Every call, well and badly made, at `nowMs`. */
export async function play(scenario: Scenario, nowMs: number) {
  const { api } = scenario;
  const admin = api.adminKey;
  const shop = (await scenario.call("POST", "/v1/admin/merchants", {
    key: admin,
    body: { name: "Shop", callback_url: `${NOBODY}/offcode` },
  })).body;
  scenario.keep("merchant key", shop.api_key);
  scenario.keep("callback secret", shop.callback_secret);
  const { api_key: second } = (await scenario.call(
    "POST",
    `/v1/admin/merchants/${shop.merchant_id}/keys`,
    { key: admin },
  )).body;
  scenario.keep("second merchant key", second);
  const { api_key: wallet } = (await scenario.call(
    "POST",
    "/v1/admin/wallet-keys",
    { key: admin, body: { name: "wallet" } },
  )).body;
  scenario.keep("wallet key", wallet);

  const phones = [];
  for (const account of ["alice", "bob", "mallory"]) {
    const device = await makeDevice();
    const made = (await scenario.call("POST", "/v1/enrolments", {
      key: wallet,
      body: {
        account_id: account,
        device_id: `phone-of-${account}`,
        device_key: device.publicJwk,
        ...(account === "mallory" && { risk: "blocked" }),
      },
    })).body;
    scenario.keep(`JWE of ${account}`, made.seed_jwe);
    const parts = made.seed_jwe.split(".");
    scenario.keep(`ciphertext of ${account}`, parts[3]);
    const seed = await openSeed(device, made.seed_jwe);
    scenario.keep(`seed of ${account}`, decodeBase64Url(seed.seed));

    phones.push({
      code: (drift: number) =>
        scenario.keepCode(
          `of ${account} at ${drift}`,
          codeAt(seed, nowMs + drift * STEP_MS),
        ),
      id: made.credential_id,
    });
    await scenario.call(
      "PUT",
      `/v1/admin/sandbox/accounts/${account}`,
      { key: admin, body: { balance_minor: 10_000, currency: "EUR" } },
    );
  }
  const [alice, bob, mallory] = phones as [
    typeof phones[0],
    typeof phones[0],
    typeof phones[0],
  ];
  const now = alice.code(0);
  const pay = (code: unknown, order_id: string, more = {}) =>
    scenario.call("POST", "/v1/payments", {
      key: shop.api_key,
      body: { code, order_id, amount_minor: 1250, currency: "EUR", ...more },
    });
  const verify = (code: unknown, reference: string) =>
    scenario.call("POST", "/v1/verifications", {
      key: wallet,
      body: { code, reference },
    });

  // Well made, and refused for what they are.
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

  // A merchant's endpoint: its secrets, and what its URL may hold.
  const token = "hook-token-0123456789abcdef";
  scenario.keep("token in the endpoint's URL", token);
  const put = await scenario.call("PUT", "/v1/callback-endpoint", {
    key: shop.api_key,
    body: { url: `${NOBODY}/offcode/${token}` },
  });
  scenario.keep("endpoint's secret", put.body.secret);
  const rotated = await scenario.call(
    "POST",
    "/v1/callback-endpoint/rotations",
    { key: shop.api_key },
  );
  scenario.keep("endpoint's second secret", rotated.body.secret);
  assertEquals([put.status, rotated.status], [201, 201]);
  for (const path of ["callback-endpoint/test", "callbacks/cb_0/replays"]) {
    await scenario.call("POST", `/v1/${path}`, { key: shop.api_key });
  }

  // Badly made: secrets where they do not belong.
  const right = { order_id: "o", amount_minor: 1, currency: "EUR" };
  const code = alice.code(1);
  const strays: Parameters<Api["call"]>[] = [
    ["POST", "/v1/payments", { key: shop.api_key, body: code }],
    ["POST", "/v1/payments", { key: shop.api_key, body: `{"code":"${code}"` }],
    ["POST", "/v1/payments", {
      key: shop.api_key,
      body: `{"code":"${code}","code":"${code}"}`,
    }],
    ["POST", "/v1/payments", {
      key: shop.api_key,
      body: { ...right, code: Number(code) },
    }],
    ["POST", "/v1/payments", {
      key: shop.api_key,
      body: { ...right, code: [code] },
    }],
    ["POST", "/v1/payments", {
      key: shop.api_key,
      body: { ...right, code: `${code}${code}${code}${code}` },
    }],
    ["POST", "/v1/payments", {
      key: shop.api_key,
      body: { ...right, code: "1", order_id: `${code} ${code}` },
    }],
    ["POST", "/v1/payments", {
      key: shop.api_key,
      body: { ...right, code: "1", currency: code, [code]: code },
    }],
    ["POST", "/v1/payments", {
      key: shop.api_key,
      body: { ...right, code: "1", description: `\n${code}` },
    }],
    ["POST", `/v1/payments?code=${code}`, { key: wallet, body: {} }],
    ["POST", `/v1/payments/${code}`, { key: shop.api_key, body: {} }],
    ["GET", `/v1/payments/${code}`, { key: shop.api_key }],
    ["GET", `/v1/payments?code=${code}`, { key: shop.api_key }],
    ["GET", `/v1/payments?order_id=a&key=${second}`, { key: shop.api_key }],
    ["GET", `/${code}`, {}],
    ["GET", `/v1/enrolments/${encodeURIComponent(admin)}`, { key: wallet }],
    ["GET", "/v1/payments?order_id=a", { key: admin }],
    ["POST", "/v1/admin/merchants", { key: second, body: { name: admin } }],
    ["GET", "/v1/payments?order_id=a", {
      headers: { authorization: `Bearer ${admin} ${second}` },
    }],
    ["GET", "/v1/payments?order_id=a", {
      headers: { authorization: `Basic ${btoa(`${second}:`)}` },
    }],
    ["POST", "/v1/admin/merchants", {
      key: admin,
      body: { name: `${second}\n`, callback_url: `https://${second}@x` },
    }],
    ["POST", "/v1/enrolments", {
      key: wallet,
      body: {
        account_id: wallet,
        device_id: `${code}\n`,
        device_key: { kty: "EC", crv: "P-256", x: code, y: code, d: code },
      },
    }],
    ["PUT", "/v1/callback-endpoint", {
      key: shop.api_key,
      body: { url: `https://${token}@shop.example` },
    }],
    ["PUT", "/v1/callback-endpoint", {
      key: shop.api_key,
      body: { url: `https://shop.example/${token}`, [token]: token },
    }],
    ["PUT", "/v1/callback-endpoint", {
      key: shop.api_key,
      body: { url: `${token}://${code}/${rotated.body.secret}` },
    }],
    ["GET", `/v1/callbacks/${code}`, { key: shop.api_key }],
    ["GET", `/v1/callbacks?cursor=${code}`, { key: shop.api_key }],
    ["GET", `/v1/callbacks?status=${code}`, { key: shop.api_key }],
    ["POST", "/v1/callback-replays", {
      key: shop.api_key,
      body: { since: code, until: token, status: second },
    }],
    [code, "/v1/payments", {}],
  ];
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
  await scenario.call("GET", `/v1/enrolments/${alice.id}`, { key: wallet });
  await scenario.call("DELETE", `/v1/enrolments/${alice.id}`, { key: wallet });
  await pay(code, "order-6");
  await scenario.call("GET", "/readyz");
  return { pay, verify, wallet, bob };
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
