import { assert, assertEquals } from "@std/assert";
import { enrolOneOfMany } from "../../edge/enrolment/batch.ts";
import type { Enrolments } from "../../edge/enrolment/enrolments.ts";
import { StoreUnavailableError } from "../../edge/store/store.ts";
import type { Api } from "../support/world/api.ts";
import { NOON_MS, startApp } from "../support/world/app.ts";
import { codeAt, makeDevice, openSeed } from "../support/world/wallet.ts";

const PATH = "/v1/enrolments/batch";

/** Sends lines, and reads the lines that come back. */
async function send(
  api: Api,
  key: string,
  body: string,
  type = "application/x-ndjson",
) {
  const response = await api.fetch(
    new Request(api.origin + PATH, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": type },
      body,
    }),
  );
  const text = await response.text();
  return {
    status: response.status,
    type: response.headers.get("content-type"),
    // deno-lint-ignore no-explicit-any
    lines: text.trimEnd().split("\n").map((it): any => JSON.parse(it)),
  };
}

Deno.test("POST /v1/enrolments/batch enrols each line, and each can pay", async () => {
  await using app = await startApp();
  const { api } = app;
  const key = await api.walletKey();
  const merchant = await api.merchant();
  const devices = await Promise.all(
    Array.from({ length: 40 }, () => makeDevice()),
  );
  const body = devices.map(({ publicJwk }, i) =>
    JSON.stringify({
      account_id: `account-${i}`,
      device_id: `phone-${i}`,
      device_key: publicJwk,
    })
  ).join("\r\n");
  const { status, type, lines } = await send(api, key, `${body}\n`);
  assertEquals([status, type], [200, "application/x-ndjson"]);
  assertEquals(
    lines.map((it) => [it.line, it.status, it.account_id, it.device_id]),
    devices.map((_, i) => [i + 1, 201, `account-${i}`, `phone-${i}`]),
  );
  for (const i of [0, 39]) {
    const seed = await openSeed(devices[i]!, lines[i].seed_jwe);
    await api.setBalance(`account-${i}`, 10_000);
    const code = codeAt(seed, NOON_MS);
    const paid = await api.pay(merchant, { code, order_id: `order-${i}` });
    assertEquals(paid.status, 201);
  }
});

Deno.test("POST /v1/enrolments/batch answers each line for itself", async () => {
  await using app = await startApp();
  const { api } = app;
  const key = await api.walletKey();
  const { publicJwk: device_key } = await makeDevice();
  const line = (more: object) =>
    JSON.stringify({
      ...{ account_id: "alice", device_id: "phone-a", device_key },
      ...more,
    });
  const { status, lines } = await send(
    api,
    key,
    [
      line({}),
      "not json",
      line({ account_id: "" }),
      line({ device_id: "phone-b" }),
      line({ account_id: "bob" }),
      "",
      line({ account_id: "carol", device_id: "phone-c" }),
    ].join("\n"),
  );
  assertEquals(status, 200);
  assertEquals(
    lines.map((it) => [it.line, it.status, it.code ?? "", it.detail ?? ""]),
    [
      [1, 201, "", ""],
      [2, 400, "malformed-request", "The body is not JSON."],
      [3, 400, "malformed-request", lines[2].detail],
      [4, 400, "malformed-request", "The account is the one of line 1."],
      [5, 400, "malformed-request", "The device is the one of line 1."],
      [6, 400, "malformed-request", "The body is empty."],
      [7, 201, "", ""],
    ],
  );
  assert(lines[2].detail.startsWith("account_id "));
  assertEquals("cashier" in lines[1], false);
  const one = await api.must(
    200,
    "GET",
    `/v1/enrolments/${lines[0].credential_id}`,
    { key },
  );
  assertEquals([one.account_id, one.status], ["alice", "active"]);
});

Deno.test("POST /v1/enrolments/batch refuses what is no batch, and enrols nothing of it", async () => {
  await using app = await startApp();
  const { api } = app;
  const key = await api.walletKey();
  const merchant = await api.merchant();
  const line = JSON.stringify({ account_id: "alice" });
  const said = async (body: string, it = key, type?: string) => {
    const { status, lines } = await send(api, it, body, type);
    return [status, lines[0].code];
  };
  assertEquals(await said(""), [400, "malformed-request"]);
  assertEquals(await said(`${line}\n`.repeat(1_001)), [
    400,
    "malformed-request",
  ]);
  assertEquals(await said("x".repeat(1_048_577)), [413, "malformed-request"]);
  assertEquals(await said(line, key, "application/json"), [
    415,
    "malformed-request",
  ]);
  assertEquals(await said(line, merchant.key), [403, "forbidden"]);
  assertEquals((await send(api, key, `x\n`.repeat(1_000))).lines.length, 1_000);
});

Deno.test("enrolOneOfMany() makes a store without an answer the outcome of one, and hides no bug", async () => {
  const failing = (error: Error) =>
    enrolOneOfMany(() => Promise.reject(error)) as Enrolments["enrol"];
  const input = {} as Parameters<Enrolments["enrol"]>[0];
  const outcome = await failing(new StoreUnavailableError("timeout"))(input);
  assertEquals(outcome, { kind: "refused", code: "store-unavailable" });
  const thrown = await failing(new TypeError("a bug"))(input).catch((it) => it);
  assert(thrown instanceof TypeError);
});

Deno.test("POST /v1/enrolments/batch takes no account and no device of another wallet system", async () => {
  await using app = await startApp();
  const { api } = app;
  const keyOf = async (wallet_system: string): Promise<string> =>
    (await api.must(201, "POST", "/v1/admin/wallet-keys", {
      key: api.adminKey,
      body: { name: wallet_system, wallet_system },
    })).api_key;
  const { device } = await api.enrol(await keyOf("north"), "alice", "phone-a");
  const line = (account_id: string, device_id: string) =>
    JSON.stringify({ account_id, device_id, device_key: device.publicJwk });
  const { lines } = await send(
    api,
    await keyOf("south"),
    [line("alice", "b"), line("bob", "phone-a"), line("carol", "c")].join("\n"),
  );
  assertEquals(lines.map(({ status }) => status), [403, 403, 201]);
});
