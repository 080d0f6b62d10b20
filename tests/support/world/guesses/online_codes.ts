/**
 * What tests of online codes ask the wallet for.
 *
 * @module
 */

import type { TestPhone } from "../api.ts";
import type { Desk } from "../desk.ts";

/** Asks for a credential's next code. */
export function issue(
  desk: Desk,
  credential_id: unknown,
  key = desk.walletKey,
) {
  return desk.api.call("POST", "/v1/online-codes", {
    key,
    body: { credential_id },
  });
}

/** Another customer, who can pay. */
export async function enrolBob(desk: Desk): Promise<TestPhone> {
  await desk.api.setBalance("bob", 10_000);
  return await desk.api.enrol(desk.walletKey, "bob", "phone-b");
}
