import { startLedgerServer } from "../support/ledger/server.ts";
import { ledgerContract } from "./ledger_contract.ts";

const ASKS_FOR_MINOR = 100_000;

ledgerContract(
  "ledger over HTTP",
  () => {
    const server = startLedgerServer({
      clock: { nowMs: () => 1_750_000_000_000 },
    });
    server.books.askAboveMinor = ASKS_FOR_MINOR - 1;
    return Promise.resolve({
      ledger: server.connect(),
      setAccount: (accountId, balanceMinor, currency) =>
        Promise.resolve(server.setAccount(accountId, balanceMinor, currency)),
      balance: (accountId) => Promise.resolve(server.balance(accountId)),
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    });
  },
  { asksForMinor: ASKS_FOR_MINOR },
);
