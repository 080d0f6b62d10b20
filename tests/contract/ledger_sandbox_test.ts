import { systemRandom } from "../../edge/base/clock.ts";
import { createSandboxLedger } from "../../edge/ledger/sandbox/sandbox.ts";
import { withTestAccounts } from "../../edge/ledger/sandbox/test_accounts.ts";
import { openSqliteStore } from "../../edge/store/sqlite/sqlite.ts";
import { ledgerContract } from "./ledger_contract.ts";

ledgerContract("sandbox ledger", async () => {
  const folder = await Deno.makeTempDir({ prefix: "offcode-ledger-" });
  const store = openSqliteStore({
    path: `${folder}/store.db`,
    clock: { nowMs: () => 1_750_000_000_000 },
  });
  const ledger = withTestAccounts(
    createSandboxLedger({ store, random: systemRandom }),
    store,
  );
  return {
    ledger,
    setAccount: (accountId, balanceMinor, currency) =>
      ledger.setAccount(accountId, { balanceMinor, currency }),
    balance: async (accountId) =>
      (await ledger.getAccount(accountId)).balanceMinor,
    async [Symbol.asyncDispose]() {
      await store.close();
      await Deno.remove(folder, { recursive: true });
    },
  };
});
