/**
 * The calls of an administrator, in the order of the document.
 *
 * @module
 */

import type { Audience } from "../../kit/call.ts";
import { makeTestCode } from "../merchant/test_code.ts";
import { addMerchantKey } from "./keys/add_to_merchant.ts";
import { addMetricsKey } from "./keys/add_metrics.ts";
import { addReleaseKey } from "./keys/add_release.ts";
import { addWalletKey } from "./keys/add_wallet.ts";
import { getKeyring } from "./keys/keyring.ts";
import { endMerchantKey } from "./keys/end_of_merchant.ts";
import { endWalletKey } from "./keys/end_wallet.ts";
import { listWalletKeys } from "./keys/list_wallet.ts";
import { changeMerchant } from "./merchants/change.ts";
import { createMerchant } from "./merchants/create.ts";
import { getMerchant } from "./merchants/get.ts";
import { listMerchants } from "./merchants/list.ts";
import { listProfiles } from "./profiles.ts";
import { getSandboxAccount } from "./sandbox/get.ts";
import { setSandboxAccount } from "./sandbox/set.ts";
import { listAlarms } from "./watch/alarms.ts";
import { listCallbackQueues } from "./watch/callback_queues.ts";
import { listAdminCallbacks, replayAdminCallback } from "./watch/callbacks.ts";
import { listDuePayments } from "./watch/due_payments.ts";
import { getAdminMetrics } from "./watch/metrics.ts";
import { findOrders } from "./watch/orders.ts";

export const ADMIN: Audience = {
  tag: "Admin",
  description: "Merchants and keys, and what an operator looks at",
  calls: [
    createMerchant,
    changeMerchant,
    listMerchants,
    getMerchant,
    addMerchantKey,
    endMerchantKey,
    listWalletKeys,
    addWalletKey,
    endWalletKey,
    addReleaseKey,
    addMetricsKey,
    getKeyring,
    listProfiles,
    getAdminMetrics,
    listAlarms,
    findOrders,
    listDuePayments,
    listCallbackQueues,
    listAdminCallbacks,
    replayAdminCallback,
  ],
};

export const SANDBOX: Audience = {
  tag: "Sandbox",
  description: "Accounts of the sandbox ledger, and test answers",
  calls: [getSandboxAccount, setSandboxAccount, makeTestCode],
};
