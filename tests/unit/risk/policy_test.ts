import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { isRefusal } from "../../../edge/base/outcome.ts";
import { DEFAULT_SETTINGS } from "../../../edge/boot/settings.ts";
import { correctPayer } from "../../../edge/risk/payer.ts";
import {
  judge,
  payingTier,
  policies,
  type Policy,
  policyGuard,
  policyOf,
  setPolicy,
  TIERS,
  USUAL,
} from "../../../edge/risk/policy.ts";
import { accountField } from "../../../edge/store/keys.ts";
import { StoreUnavailableError } from "../../../edge/store/store.ts";

const key = accountField("alice", "policy");
const held = policies("alice").held(null);
const textOf = (policy: Policy) => {
  const write = setPolicy(held, policy);
  return write.kind === "set" ? write.value : null;
};

const risk = fc.constantFrom(...TIERS);
const amount = fc.option(fc.nat(999_999_999_999), { nil: undefined });
const anyPolicy: fc.Arbitrary<Policy> = fc.record({
  set: risk,
  offlineCodes: fc.boolean(),
  posture: fc.option(
    fc.record({ risk, reason: fc.stringMatching(/^[a-z0-9-]{1,20}$/) }),
    { nil: undefined },
  ),
  own: fc.option(
    fc.record({
      currency: fc.constantFrom("EUR", "CNY"),
      perPaymentMinor: amount,
      perDayMinor: amount,
      countPerDay: fc.option(fc.nat(1_000_000), { nil: undefined }),
    }),
    { nil: undefined },
  ),
}).map((it) => JSON.parse(JSON.stringify(it)) as Policy);

Deno.test("a policy is one text of at most 64 bytes, and none where it says nothing", () => {
  fc.assert(
    fc.property(anyPolicy, (policy) => {
      const text = textOf(policy);
      assertEquals(policyOf("alice", text), policy);
      assertEquals(
        policyGuard("alice", policy),
        text === null
          ? { kind: "absent", key, label: "policy" }
          : { kind: "equals", key, value: text, label: "policy" },
      );
      assert((text ?? "").length <= 64, text ?? "");
    }),
    { numRuns: 2_000 },
  );
  assertEquals(textOf(USUAL), null);
  assertEquals(setPolicy(held, USUAL), { kind: "delete", key });
  assertEquals(textOf({ ...USUAL, set: "blocked" }), "bn1");
});

Deno.test("a text that is no policy, or not in its one spelling, is a fault", () => {
  const texts = ["", "nn1", "blocked", "rn2", "rn1 ", "nr1", "xn1"]
    .concat(["rn1  EUR,01,,", "rn1  EUR,A,,", "rn1  EUR,,", "rn1 Rooted"]);
  for (const text of texts) {
    assertThrows(() => policyOf("alice", text), StoreUnavailableError);
  }
});

Deno.test("the more severe tier counts, and its reason is given", () => {
  const of = (set: Policy["set"], posture?: Policy["posture"]) =>
    judge({ ...USUAL, set, ...(posture && { posture }) });
  const rooted = { risk: "restricted", reason: "rooted" } as const;
  assertEquals(of("normal"), { risk: "normal", reason: "none" });
  assertEquals(of("normal", rooted), rooted);
  const set = { risk: "restricted", reason: "set-by-wallet" } as const;
  assertEquals(of("restricted"), set);
  assertEquals(of("restricted", rooted), set);
  assertEquals(of("blocked", rooted), {
    risk: "blocked",
    reason: "set-by-wallet",
  });
  const worse = { risk: "blocked", reason: "rooted" } as const;
  assertEquals(of("restricted", worse), worse);
});

Deno.test("payingTier() refuses the blocked, and offline codes that are off", () => {
  const code = (policy: Partial<Policy>, isOffline: boolean) => {
    const tier = payingTier({ ...USUAL, ...policy }, isOffline);
    return isRefusal(tier) ? tier.code : tier;
  };
  assertEquals(code({}, true), "normal");
  assertEquals(code({ set: "restricted" }, true), "restricted");
  assertEquals(code({ offlineCodes: false }, true), "offline-codes-off");
  assertEquals(code({ offlineCodes: false }, false), "normal");
  for (const isOffline of [true, false]) {
    const blocked = { set: "blocked", offlineCodes: false } as const;
    assertEquals(code(blocked, isOffline), "payer-blocked");
  }
});

Deno.test("correctPayer() refuses codes of every profile but that of online codes where offline codes are off", () => {
  const { limits } = DEFAULT_SETTINGS;
  const switchedOff = textOf({ ...USUAL, offlineCodes: false });
  const codes = [0, 1, 2].map((profile) => {
    const owned = { accountId: "alice", profile };
    const payer = correctPayer("policy", switchedOff, owned, limits);
    return "kind" in payer ? payer.code : payer.tier;
  });
  assertEquals(codes, ["normal", "offline-codes-off", "offline-codes-off"]);
});
