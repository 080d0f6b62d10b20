import { assert, assertEquals } from "@std/assert";
import { encodeBase64 } from "@std/encoding/base64";
import { readConfig } from "../../../edge/boot/config.ts";
import { faults } from "../../support/world/config.ts";

const LEDGER_SECRET = `whsec_${encodeBase64(new Uint8Array(32).fill(0xfb))}`;

Deno.test("readConfig() takes a ledger's https URL, and http on this machine", () => {
  for (
    const url of [
      "https://ledger.example",
      "https://ledger.example:8443/offcode",
      "http://127.0.0.1:9000",
      "http://127.8.9.10:9000",
      "http://localhost:9000/x",
      "http://[::1]:9000",
    ]
  ) {
    const env = { OFFCODE_LEDGER: url, OFFCODE_LEDGER_SECRET: LEDGER_SECRET };
    assertEquals(readConfig(env).ledger, {
      kind: "http",
      url,
      secret: LEDGER_SECRET,
    });
  }
  for (
    const url of [
      "http://ledger.example",
      "http://127.0.0.1.example",
      "http://localhost.example",
      "http://10.0.0.1",
      "https://user@ledger.example",
      "https://:pass@ledger.example",
      "ftp://ledger.example",
      "file:///ledger",
      "ledger.example",
      "Sandbox",
      "//ledger",
    ]
  ) {
    const env = { OFFCODE_LEDGER: url, OFFCODE_LEDGER_SECRET: LEDGER_SECRET };
    const [fault, ...others] = faults(env);
    assertEquals(others, [], url);
    assert(fault?.startsWith("OFFCODE_LEDGER must be sandbox or "), url);
  }
});

Deno.test("readConfig() takes a ledger's secret of 24 to 64 bytes, in one spelling", () => {
  const bytes = (length: number) =>
    encodeBase64(new Uint8Array(length).fill(7));
  const set = (secret: string) =>
    faults({
      OFFCODE_LEDGER: "https://ledger.example",
      OFFCODE_LEDGER_SECRET: secret,
    });
  for (const length of [24, 25, 26, 32, 64]) {
    assertEquals(set(`whsec_${bytes(length)}`), []);
  }
  const wrong = [
    "",
    "whsec_",
    bytes(32),
    `whsec_${bytes(23)}`,
    `whsec_${bytes(65)}`,
    `whsec_${bytes(25).replaceAll("=", "")}`,
    `WHSEC_${bytes(32)}`,
    `whsec_${bytes(32)} `,
    `whsec_${bytes(32)}\n`,
    LEDGER_SECRET.replaceAll("+", "-"),
  ];
  for (const secret of wrong) {
    assertEquals(set(secret), [
      "OFFCODE_LEDGER_SECRET must be whsec_ and 24 to 64 bytes in padded base64",
    ]);
  }
  // The sandbox needs none.
  assertEquals(faults({ OFFCODE_LEDGER_SECRET: "none" }), []);
});
