import fc from "fast-check";
import { TIERS } from "../../edge/risk/policy.ts";
import type { Link, Verdict } from "../support/ledger/journal_ledger.ts";
import { ACCOUNTS, DEVICES } from "../support/world/model/account_model_run.ts";
import {
  AMOUNTS,
  type Command,
  ORDERS,
  REFUND_AMOUNTS,
  REFUNDS,
  runCommands,
} from "../support/world/model/payment_model_run.ts";
import { PLAYS_ALL } from "../support/store/cells.ts";
import { celledStores, everyStore } from "../support/store/stores.ts";

const STORES = everyStore();
const RUNS = 200;
/** Over a Redis, whose stores pass the same contract and take longer. */
const REDIS_RUNS = 80;
const DAY_MS = 86_400_000;

const index = (of: readonly unknown[]) => fc.nat({ max: of.length - 1 });
const order = index(ORDERS);
const weather = fc.record({
  verdict: fc.constantFrom<Verdict[]>("approve", "approve", "decline", "hold"),
  link: fc.constantFrom<Link[]>(
    ...["up", "up", "up", "lost-call", "lost-answer", "late"] as const,
  ),
  crashAt: fc.oneof(
    { weight: 4, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.nat({ max: 16 }) },
  ),
});
/** The newest of something, mostly. */
const latest = fc.constantFrom(0, 0, 0, 1, 1, 2);
const ofAccount = { account: index(ACCOUNTS) };
const ofCredential = { ...ofAccount, credential: latest };
const kind = <K extends string>(name: K) => fc.constant(name);

const wallet: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      ...ofCredential,
      kind: kind("renew"),
      key: fc.constantFrom(null, 0, 1),
      lost: fc.boolean(),
    }),
  },
  fc.record({ ...ofAccount, kind: kind("enrol"), device: index(DEVICES) }),
  fc.record({ ...ofCredential, kind: kind("revoke") }),
  fc.record({
    ...ofCredential,
    kind: kind("posture"),
    rooted: fc.boolean(),
    attestation: fc.constantFrom("passed" as const, "failed" as const),
  }),
  fc.record({
    ...ofCredential,
    kind: kind("risk"),
    risk: fc.constantFrom(...TIERS, "normal" as const),
  }),
  fc.record({
    ...ofAccount,
    kind: kind("limits"),
    perPayment: fc.constantFrom(null, 0, 1_500),
    count: fc.constantFrom(null, 0, 2),
  }),
  fc.record({
    ...ofAccount,
    kind: kind("switch"),
    on: fc.constantFrom(true, true, false),
  }),
);

const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: kind("pay"),
      order,
      account: index(ACCOUNTS),
      amount: index(AMOUNTS),
      seed: latest,
      code: fc.constantFrom<("fresh" | "used" | "wrong")[]>(
        ...["fresh", "fresh", "fresh", "fresh", "used", "wrong"] as const,
      ),
      weather,
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: kind("query"), order, weather }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: kind("reverse"), order, weather }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: kind("refund"),
      order,
      refund: index(REFUNDS),
      amount: index(REFUND_AMOUNTS),
      weather,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: kind("answer"),
      order,
      approve: fc.boolean(),
      weather,
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: kind("sweep"), weather }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: kind("list"), account: index(ACCOUNTS) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: kind("deliver") }) },
  { weight: 4, arbitrary: wallet },
  { weight: 1, arbitrary: fc.record({ kind: kind("sweep-seeds") }) },
  { weight: 1, arbitrary: fc.record({ ...ofAccount, kind: kind("erase") }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: kind("pass"),
      ms: fc.constantFrom(
        ...[1, 1_000, 9_999, 10_000, 11_000, 30_000, 31_000, 37_001],
        ...[45_000, 60_000, 180_000, 3 * 3_600_000, 13 * 3_600_000],
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: kind("pass"),
      ms: fc.constantFrom(DAY_MS - 1_000, 2 * DAY_MS, 31 * DAY_MS),
    }),
  },
);

const CELLED_RUNS = 60;
const REDIS_CELLED_RUNS = 20;

/**
 * Without crashes: across cells one between the two steps of a claim ends the payment, where the
 * model has it paid. And without so long an outage that claims expire.
 */
function calm(command: Command): Command {
  return {
    ...command,
    ...("weather" in command &&
      { weather: { ...command.weather, crashAt: null } }),
    ...(command.kind === "pass" && { ms: Math.min(command.ms, DAY_MS) }),
  } as Command;
}

for (const [engine, factory] of celledStores()) {
  Deno.test(`payments live as the reference model says, over ${engine}`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(command, { minLength: 1, maxLength: 30, size: "max" }),
        (commands) => runCommands(factory, commands.map(calm)),
      ),
      {
        numRuns: PLAYS_ALL
          ? RUNS
          : engine.startsWith("SQLite")
          ? CELLED_RUNS
          : REDIS_CELLED_RUNS,
        endOnFailure: true,
      },
    );
  });
}

for (const [engine, factory] of STORES) {
  Deno.test(`payments live as the reference model says, over ${engine}`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(command, { minLength: 1, maxLength: 30, size: "max" }),
        (commands) => runCommands(factory, commands),
      ),
      {
        numRuns: PLAYS_ALL || engine === "SQLite" ? RUNS : REDIS_RUNS,
        endOnFailure: true,
      },
    );
  });
}
