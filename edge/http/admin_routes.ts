/**
 * What an administrator calls: merchants, keys, accounts of the sandbox.
 *
 * @module
 */

import { Hono } from "hono";
import type { MerchantRecord } from "../merchant/record.ts";
import { refused } from "../outcome.ts";
import { readJson, readNothing } from "./body.ts";
import {
  answer,
  type Env,
  isRefusal,
  refuse,
  type UseCases,
} from "./context.ts";
import { jsonResponse } from "./response.ts";
import {
  changeMerchantRequest,
  createMerchantRequest,
  createWalletKeyRequest,
  sandboxAccount,
  setBalanceRequest,
} from "./admin_schemas.ts";
import { requireScope } from "./scope.ts";

const accountId = sandboxAccount.shape.account_id;

function viewMerchant({ merchant_id, name, status }: MerchantRecord) {
  return { merchant_id, name, status };
}

/** Routes of an administrator, below `/v1/admin`. */
export function adminRoutes(useCases: UseCases): Hono<Env> {
  const { merchants, sandbox } = useCases;
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
    const { status } = body.value;
    const record = await merchants.setStatus(c.req.param("id"), status);
    if (isRefusal(record)) return refuse(c, record);
    return jsonResponse(c, 200, viewMerchant(record));
  });

  app.post("/merchants/:id/keys", async (c) => {
    const excess = await readNothing(c.req.raw);
    if (excess !== null) return answer(c, excess);
    const made = await merchants.addKey(c.req.param("id"));
    if (isRefusal(made)) return refuse(c, made);
    return jsonResponse(c, 201, { api_key: made.apiKey });
  });

  app.post("/wallet-keys", async (c) => {
    const body = await readJson(c.req.raw, createWalletKeyRequest);
    if (!body.ok) return answer(c, body.problem);
    const made = await merchants.addWalletKey(body.value.name);
    return jsonResponse(c, 201, { api_key: made.apiKey });
  });

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
