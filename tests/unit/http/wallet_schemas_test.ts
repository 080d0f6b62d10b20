import { assertEquals } from "@std/assert";
import { checkInput } from "../../../edge/http/kit/body.ts";
import { changeEnrolment } from "../../../edge/http/native/wallet/change_enrolment.ts";
import { confirmPayment } from "../../../edge/http/native/wallet/confirm_payment.ts";
import { enrol } from "../../../edge/http/native/wallet/enrol.ts";
import { issueOnlineCode } from "../../../edge/http/native/wallet/issue_online_code.ts";
import { bodyOf } from "../../support/http/calls.ts";
import {
  assertField,
  deviceKey,
  enrolment,
  NO_STRINGS,
} from "../../support/http/schema_fields.ts";

const changeEnrolmentRequest = bodyOf(changeEnrolment);
const confirmationRequest = bodyOf(confirmPayment);
const enrolmentRequest = bodyOf(enrol);
const onlineCodeRequest = bodyOf(issueOnlineCode);

/** What is said about a device key with `changes`, or the key that comes out. */
function judge(changes: Record<string, unknown>): unknown {
  const parsed = checkInput(
    { ...enrolment, device_key: { ...deviceKey, ...changes } },
    enrolmentRequest,
  );
  return parsed.ok ? parsed.value.device_key : parsed.problem.document.detail;
}

Deno.test("a device key is a public P-256 JWK; what exportKey() adds is dropped", () => {
  const exported = {
    key_ops: [],
    ext: true,
    alg: "ECDH",
    use: "enc",
    kid: "1",
  };
  assertEquals(judge({}), deviceKey);
  assertEquals(judge(exported), deviceKey);
  // RFC 7517 §4: members that are not understood are ignored.
  const more = {
    iat: 1_700_000_000,
    x5c: ["x"],
    jku: "https://keys.example",
    "urn:example:hardware": { strongbox: true },
    kid: 7,
    key_ops: new Array(9).fill("x"),
    alg: null,
    use: null,
  };
  assertEquals(judge(more), deviceKey);
  assertEquals(judge({ alg: "ECDH-ES" }), deviceKey);
});

Deno.test("a device key that is private, of another kind or spelled otherwise is refused", () => {
  const point = "must be 32 bytes in canonical base64url";
  const bad: [Record<string, unknown>, string][] = [
    ...["d", "p", "q", "dp", "dq", "qi", "oth", "k"].map((
      member,
    ): [Record<string, unknown>, string] => [
      { [member]: "x" },
      `device_key.${member} must be left out, as it belongs to a private key`,
    ]),
    [{ kty: "RSA" }, "device_key.kty must be EC"],
    [{ kty: undefined }, "device_key.kty is missing"],
    [{ crv: "P-384" }, "device_key.crv must be P-256"],
    [{ crv: "p-256" }, "device_key.crv must be P-256"],
    [{ use: "sig" }, "device_key.use must be enc"],
    [{ alg: "ES256" }, "device_key.alg must be ECDH-ES"],
    [{ x: "" }, `device_key.x ${point}`],
    [{ x: 1 }, `device_key.x ${point}`],
    [{ x: deviceKey.x + "A" }, `device_key.x ${point}`],
    [{ x: deviceKey.x + "=" }, `device_key.x ${point}`],
    [{ x: deviceKey.x.slice(1) }, `device_key.x ${point}`],
    // The last character has bits that no byte holds.
    [{ x: deviceKey.x.slice(0, -1) + "5" }, `device_key.x ${point}`],
    [{ y: deviceKey.y.replace("l", "+") }, `device_key.y ${point}`],
    [{ y: deviceKey.y.replace("l", "\n") }, `device_key.y ${point}`],
  ];
  for (const [changes, detail] of bad) assertEquals(judge(changes), detail);
});

Deno.test("a customer's word is true or false, a tier one of three", () => {
  const word = { approve: true };
  const notBoolean = ["true", 1, 0, null, undefined, [], {}];
  assertField(confirmationRequest, word, "approve", [true, false], notBoolean);
  const tier = { risk: "normal" };
  const tiers = ["normal", "restricted", "blocked"];
  const noTiers = ["", "Normal", "high", ...NO_STRINGS, undefined];
  assertField(changeEnrolmentRequest, tier, "risk", tiers, noTiers);
});

Deno.test("an online code is asked for by any text of at most 64 whole characters", () => {
  const request = { credential_id: "cred_1" };
  const good = ["cred_1", "", "x".repeat(64)];
  const bad = [...NO_STRINGS, undefined, "x".repeat(65), "\ud800", "a\udfff"];
  assertField(onlineCodeRequest, request, "credential_id", good, bad);
});
