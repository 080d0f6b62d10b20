/**
 * What an administrator calls: merchants, keys, accounts of the sandbox.
 *
 * @module
 */

import { Hono } from "hono";
import type { KeyHolder, KeyView } from "../merchant/api_keys.ts";
import type { Guessing } from "../merchant/guessing.ts";
import type { MerchantRecord } from "../merchant/record.ts";
import { refused } from "../base/outcome.ts";
import { readJson, readOptionalJson, readQuery } from "./kit/body.ts";
import {
  answer,
  type Ctx,
  type Env,
  isRefusal,
  refuse,
  type UseCases,
} from "./kit/context.ts";
import { jsonResponse, noContent } from "./kit/response.ts";
import {
  addMerchantKeyRequest,
  changeMerchantRequest,
  createMerchantRequest,
  createWalletKeyRequest,
  endKeyQuery,
  merchantsQuery,
  sandboxAccount,
  setBalanceRequest,
} from "./admin_schemas.ts";
import { requireScope } from "./kit/scope.ts";

const accountId = sandboxAccount.shape.account_id;

function viewMerchant({ merchant_id, name, status }: MerchantRecord) {
  return { merchant_id, name, status };
}

function listMerchant(record: MerchantRecord) {
  return { ...viewMerchant(record), created_at: record.created_at };
}

function viewTimes({ createdAt, endsAt }: KeyView) {
  return {
    created_at: createdAt,
    ...(endsAt !== undefined && { ends_at: endsAt }),
  };
}

/** How many bad codes a merchant has, and the odds of so many guesses. */
function viewGuessing(
  { badCodes, odds }: Awaited<ReturnType<Guessing["describe"]>>,
) {
  return {
    bad_codes: {
      per_terminal_minute: badCodes.perTerminalMinute,
      per_minute: badCodes.perMinute,
      per_day: badCodes.perDay,
    },
    guess_odds: {
      customers: odds.customers,
      per_guess: odds.perGuess,
      per_day: odds.perDay,
    },
  };
}

/** Routes of an administrator, below `/v1/admin`. */
export function adminRoutes(useCases: UseCases): Hono<Env> {
  const { merchants, apiKeys, guessing, sandbox } = useCases;
  const app = new Hono<Env>();
  app.use(requireScope(useCases.authenticator, "admin"));

  app.post("/merchants", async (c) => {
    const body = await readJson(c.req.raw, createMerchantRequest);
    if (!body.ok) return answer(c, body.problem);
    const { name, callback_url } = body.value;
    const made = await merchants.create({
      name,
      ...(callback_url !== undefined && { callbackUrl: callback_url }),
    });
    if (isRefusal(made)) return refuse(c, made);
    return jsonResponse(c, 201, {
      ...viewMerchant(made.record),
      api_key: made.apiKey,
      ...(made.callbackSecret !== undefined &&
        { callback_secret: made.callbackSecret }),
    });
  });

  app.patch("/merchants/:id", async (c) => {
    const body = await readJson(c.req.raw, changeMerchantRequest);
    if (!body.ok) return answer(c, body.problem);
    const { status, bad_codes } = body.value;
    const record = await merchants.change(c.req.param("id"), {
      ...(status !== undefined && { status }),
      ...(bad_codes !== undefined && { bad_codes }),
    });
    if (isRefusal(record)) return refuse(c, record);
    return jsonResponse(c, 200, {
      ...viewMerchant(record),
      ...viewGuessing(await guessing.describe(record)),
    });
  });

  app.get("/merchants", async (c) => {
    const query = readQuery(c.req.url, merchantsQuery);
    if (!query.ok) return answer(c, query.problem);
    const page = await merchants.list(query.value.cursor);
    if (isRefusal(page)) return refuse(c, page);
    return jsonResponse(c, 200, {
      ...page,
      merchants: page.merchants.map(listMerchant),
    });
  });

  app.get("/merchants/:id", async (c) => {
    const merchantId = c.req.param("id");
    const record = await merchants.get(merchantId);
    if (isRefusal(record)) return refuse(c, record);
    const keys = await apiKeys.list({ kind: "merchant", merchantId });
    return jsonResponse(c, 200, {
      ...listMerchant(record),
      ...viewGuessing(await guessing.describe(record)),
      keys: keys.map((key) => ({ key_id: key.keyId, ...viewTimes(key) })),
    });
  });

  /** Ends a key of anybody's. */
  async function endKey(c: Ctx, holder: KeyHolder, keyId: string) {
    const query = readQuery(c.req.url, endKeyQuery);
    if (!query.ok) return answer(c, query.problem);
    const graceSeconds = Number(query.value.grace_seconds ?? 0);
    const refusal = await apiKeys.end(holder, keyId, graceSeconds);
    return refusal === null ? noContent() : refuse(c, refusal);
  }

  app.post("/merchants/:id/keys", async (c) => {
    const body = await readOptionalJson(c.req.raw, addMerchantKeyRequest);
    if (!body.ok) return answer(c, body.problem);
    const made = await apiKeys.addToMerchant(
      c.req.param("id"),
      body.value.grace_seconds,
    );
    if (isRefusal(made)) return refuse(c, made);
    return jsonResponse(c, 201, { key_id: made.keyId, api_key: made.apiKey });
  });

  app.delete("/merchants/:id/keys/:key_id", (c) => {
    const { id: merchantId, key_id } = c.req.param();
    return endKey(c, { kind: "merchant", merchantId }, key_id);
  });

  app.get("/wallet-keys", async (c) => {
    const keys = await apiKeys.list({ kind: "operator" });
    return jsonResponse(c, 200, {
      keys: keys.map((key) => ({
        key_id: key.keyId,
        name: key.owner,
        scope: key.scope,
        ...viewTimes(key),
        ...(key.walletSystem !== undefined &&
          { wallet_system: key.walletSystem }),
        ...(key.badCodes !== undefined && { bad_codes: key.badCodes }),
      })),
    });
  });

  app.post("/wallet-keys", async (c) => {
    const body = await readJson(c.req.raw, createWalletKeyRequest);
    if (!body.ok) return answer(c, body.problem);
    const { name, wallet_system, bad_codes } = body.value;
    const made = await apiKeys.addToWallet({
      name,
      ...(wallet_system !== undefined && { walletSystem: wallet_system }),
      ...(bad_codes !== undefined && { badCodes: bad_codes }),
    });
    if (isRefusal(made)) return refuse(c, made);
    return jsonResponse(c, 201, { key_id: made.keyId, api_key: made.apiKey });
  });

  app.delete(
    "/wallet-keys/:key_id",
    (c) => endKey(c, { kind: "operator" }, c.req.param("key_id")),
  );

  app.get("/sandbox/accounts/:id", async (c) => {
    const id = accountId.safeParse(c.req.param("id"));
    if (sandbox === undefined || !id.success) {
      return refuse(c, refused("not-found"));
    }
    const account = await sandbox.getAccount(id.data);
    return jsonResponse(c, 200, {
      account_id: id.data,
      balance_minor: account.balanceMinor,
      ...(account.currency !== null && { currency: account.currency }),
    });
  });

  app.put("/sandbox/accounts/:id", async (c) => {
    const id = accountId.safeParse(c.req.param("id"));
    if (sandbox === undefined || !id.success) {
      return refuse(c, refused("not-found"));
    }
    const body = await readJson(c.req.raw, setBalanceRequest);
    if (!body.ok) return answer(c, body.problem);
    const { balance_minor, currency } = body.value;
    await sandbox.setAccount(id.data, {
      balanceMinor: balance_minor,
      currency,
    });
    return jsonResponse(c, 200, {
      account_id: id.data,
      balance_minor,
      currency,
    });
  });

  return app;
}
