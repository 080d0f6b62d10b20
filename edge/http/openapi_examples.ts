/**
 * One example of every request and every response, as the documentation shows
 * them. A test holds each against its schema.
 *
 * @module
 */

const CREDENTIAL_ID = "cred_9f2c4e6a8b0d1f3a5c7e9b1d3f5a7c9e";
const MERCHANT_ID = "mer_0a1b2c3d4e5f60718293a4b5c6d7e8f9";
const KEY_ID = "key_3c5e7a9b1d2f4a6c8e0b2d4f6a8c0e1d";
const API_KEY = "ofc_shown-once-and-stored-as-a-hash";

/** Example of `schemas.paymentRequest`. */
export const paymentRequest = {
  code: "901004201234567890",
  order_id: "order-2026-000017",
  amount_minor: 1250,
  currency: "EUR",
  description: "Two flat whites",
  terminal_id: "till-3",
};

/** Example of `schemas.payment`. */
export const payment = {
  payment_id: "pay_1f3a5c7e9b1d3f5a7c9e9f2c4e6a8b0d00000b1d3f5a7c9e",
  order_id: "order-2026-000017",
  status: "succeeded",
  amount_minor: 1250,
  currency: "EUR",
  payer: "payer_q3v1l0Zr8wqkzJkq",
  order_version: 1_769_860_801,
  description: "Two flat whites",
  terminal_id: "till-3",
  created_at: "2026-01-31T12:00:00.000Z",
  updated_at: "2026-01-31T12:00:00.120Z",
};

/** Example of `schemas.payment`, of a paid order again. */
export const repeatedPayment = {
  ...payment,
  repeat: true,
  cashier: {
    en: "This order was already paid at 12:00 UTC. Take no further payment.",
    zh: "此订单已于 12:00（UTC）支付，请勿重复收款。",
  },
};

/** Example of `schemas.reversalRequest`. */
export const reversalRequest = { order_id: "order-2026-000017" };

/** Example of `schemas.reversal`. */
export const reversal = {
  order_id: "order-2026-000017",
  status: "reversed",
  payment_id: "pay_1f3a5c7e9b1d3f5a7c9e9f2c4e6a8b0d00000b1d3f5a7c9e",
};

/** Example of `schemas.enrolmentRequest`. */
export const enrolmentRequest = {
  account_id: "acct-1001",
  device_id: "phone-7",
  device_key: {
    kty: "EC",
    crv: "P-256",
    x: "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
    y: "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
  },
  risk: "normal",
};

/** Example of `schemas.createdEnrolment`. */
export const createdEnrolment = {
  credential_id: CREDENTIAL_ID,
  account_id: "acct-1001",
  device_id: "phone-7",
  expires_at: "2026-03-02T12:00:00.000Z",
  seed_jwe: "eyJhbGciOiJFQ0RILUVTIiwiZW5jIjoiQTI1NkdDTSJ9..iv.ciphertext.tag",
};

/** Example of `schemas.enrolment`. */
export const enrolment = {
  credential_id: CREDENTIAL_ID,
  account_id: "acct-1001",
  device_id: "phone-7",
  profile: 1,
  risk: "normal",
  status: "active",
  created_at: "2026-01-31T12:00:00.000Z",
  expires_at: "2026-03-02T12:00:00.000Z",
};

/** Example of `schemas.changeEnrolmentRequest`. */
export const changeEnrolmentRequest = { risk: "restricted" };

/** Example of `schemas.enrolment`, after a change of its tier. */
export const restrictedEnrolment = { ...enrolment, risk: "restricted" };

/** Example of `schemas.onlineCodeRequest`. */
export const onlineCodeRequest = { credential_id: CREDENTIAL_ID };

/** Example of `schemas.onlineCode`. */
export const onlineCode = {
  code: "900123456789012345",
  expires_at: "2026-01-31T12:01:00.000Z",
};

/** Example of `schemas.confirmations`. */
export const confirmations = {
  confirmations: [{
    payment_id: "pay_1f3a5c7e9b1d3f5a7c9e9f2c4e6a8b0d00000b1d3f5a7c9e",
    account_id: "acct-1001",
    merchant_name: "Corner Coffee",
    amount_minor: 125_000,
    currency: "EUR",
    expires_at: "2026-01-31T12:03:00.000Z",
  }],
};

/** Example of `schemas.confirmationRequest`. */
export const confirmationRequest = { approve: true };

/** Example of `schemas.verificationRequest`. */
export const verificationRequest = {
  code: "901004201234567890",
  reference: "ref-000017",
};

/** Example of `schemas.verification`. */
export const verification = {
  verification_id: "ver_5a7c9e9f2c4e6a8b0d1f3a5c7e9b1d3f",
  reference: "ref-000017",
  account_id: "acct-1001",
  credential_id: CREDENTIAL_ID,
  profile: 1,
  time_step: 58_995_360,
  drift_steps: 0,
  verified_at: "2026-01-31T12:00:04.000Z",
};

/** Example of `schemas.createMerchantRequest`. */
export const createMerchantRequest = {
  name: "Corner Coffee",
  callback_url: "https://shop.example/offcode",
};

const guessing = {
  bad_codes: { per_terminal_minute: 20, per_minute: 200, per_day: 2_000 },
  guess_odds: {
    customers: 1_000_000,
    per_guess: 3e-9,
    per_day: 0.000005999982009035946,
  },
};

/** Example of `schemas.merchant`. */
export const merchant = {
  merchant_id: MERCHANT_ID,
  name: "Corner Coffee",
  status: "suspended",
  ...guessing,
};

/** Example of `schemas.createdMerchant`. */
export const createdMerchant = {
  merchant_id: MERCHANT_ID,
  name: "Corner Coffee",
  status: "active",
  api_key: API_KEY,
  callback_secret: "whsec_shown-once-and-stored-sealed",
};

/** Example of `schemas.changeMerchantRequest`. */
export const changeMerchantRequest = {
  status: "suspended",
  bad_codes: { per_minute: 200, per_day: 2_000 },
};

/** Example of `schemas.merchants`. */
export const merchants = {
  merchants: [{
    merchant_id: MERCHANT_ID,
    name: "Corner Coffee",
    status: "active",
    created_at: "2026-01-31T11:00:00.000Z",
  }],
  cursor: "WzE3Njk4NTcyMDAwMDAsIm1lcl8wYSJd",
};

/** Example of `schemas.merchantDetail`. */
export const merchantDetail = {
  ...merchants.merchants[0]!,
  ...guessing,
  keys: [{
    key_id: "key_7d9f1b3c5e7a9c1d3f5b7d9f1a3c5e7b",
    created_at: "2026-01-31T11:00:00.000Z",
    ends_at: "2026-02-01T12:00:00.000Z",
  }, { key_id: KEY_ID, created_at: "2026-01-31T12:00:00.000Z" }],
};

/** Example of `schemas.addMerchantKeyRequest`. */
export const addMerchantKeyRequest = { grace_seconds: 86_400 };

/** Example of `schemas.createdKey`. */
export const createdKey = { key_id: KEY_ID, api_key: API_KEY };

/** Example of `schemas.createWalletKeyRequest`. */
export const createWalletKeyRequest = {
  name: "Wallet backend",
  wallet_system: "wallet-north",
  bad_codes: { per_minute: 100, per_day: 5_000 },
};

/** Example of `schemas.walletKeys`. */
export const walletKeys = {
  keys: [{
    key_id: KEY_ID,
    ...createWalletKeyRequest,
    scope: "wallet",
    created_at: "2026-01-31T12:00:00.000Z",
  }],
};

/** Example of `schemas.setBalanceRequest`. */
export const setBalanceRequest = { balance_minor: 100_000, currency: "EUR" };

/** Example of `schemas.sandboxAccount`. */
export const sandboxAccount = {
  account_id: "acct-1001",
  balance_minor: 100_000,
  currency: "EUR",
};

/** Example of `schemas.health`. */
export const health = { status: "ok" };

/** Example of `schemas.readiness`. */
export const readiness = {
  status: "ready",
  checks: { store: "ok", core: "ok", clock: "ok" },
};
