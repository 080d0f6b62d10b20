import { assertEquals } from "@std/assert";
import { createConfig, lintFromString } from "@redocly/openapi-core";
import spectral from "@stoplight/spectral-core";
import rulesets from "@stoplight/spectral-rulesets";
import { openApiDocument } from "../../../edge/http/docs/document.ts";

/** Findings that are left as they are, and why. */
const ACCEPTED: Readonly<Record<string, string>> = {
  "info-contact": "who runs a deployment is not known to the software",
};

const served = (sandbox: boolean) =>
  JSON.stringify(openApiDocument({
    version: "1.0.0",
    sandbox,
    testCodes: sandbox,
  }));

Deno.test("the document passes the recommended rules of Redocly, examples against schemas among them", async () => {
  const config = await createConfig({ extends: ["recommended"] });
  for (const sandbox of [true, false]) {
    const found = await lintFromString({
      source: served(sandbox),
      absoluteRef: "openapi.json",
      config,
    });
    assertEquals(
      found.map((it) => `${it.ruleId} ${it.location[0]?.pointer}`),
      [],
    );
  }
});

Deno.test("the document passes the rules of Spectral, examples against schemas among them", async () => {
  const linter = new spectral.Spectral();
  // deno-lint-ignore no-explicit-any
  linter.setRuleset({ extends: [rulesets.oas as any] });
  // The one with the sandbox holds everything, and takes its time.
  const found = await linter.run(served(true));
  const isAccepted = ({ code }: { code: string | number }) =>
    Object.hasOwn(ACCEPTED, code);
  assertEquals(
    found.filter((it) => !isAccepted(it))
      .map(({ code, path }) => `${code} ${path.join("/")}`),
    [],
  );
  // Nothing is listed that is not found.
  assertEquals(
    [...new Set(found.filter(isAccepted).map(({ code }) => `${code}`))],
    Object.keys(ACCEPTED),
  );
});

/** Every value of `key` anywhere below a value. */
function valuesOf(key: string, value: unknown): unknown[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, it]) =>
    name === key && typeof it !== "object" ? [it] : valuesOf(key, it)
  );
}

Deno.test("every pattern of the document compiles without flags, and keeps to what every engine takes", () => {
  const patterns = [
    ...new Set(valuesOf("pattern", JSON.parse(served(true)))),
  ] as string[];
  assertEquals(patterns.length > 0, true);
  for (const pattern of patterns) {
    new RegExp(pattern);
    // JSON Schema core §6.4: characters, classes, ranges, quantifiers, groups
    // and alternatives. No look-around, no `\p`, no class whose members differ
    // between engines, no escape but of what is special or a slash.
    assertEquals(/\(\?|\\[^\\^$.*+?()[\]{}|/-]/.test(pattern), false, pattern);
    assertEquals(/^\^[\x20-\x7e]*\$$/.test(pattern), true, pattern);
  }
});

Deno.test("every integer that does not fit 32 bits says that it has 64", () => {
  const wrong: string[] = [];
  const walk = (value: unknown, path: string) => {
    if (typeof value !== "object" || value === null) return;
    const { type, maximum = Infinity, format } = value as Record<
      string,
      unknown
    >;
    if (type === "integer" && (maximum as number) > 2 ** 31 - 1) {
      if (format !== "int64") wrong.push(path);
    }
    for (const [key, it] of Object.entries(value)) walk(it, `${path}/${key}`);
  };
  const document = JSON.parse(served(true));
  walk(document, "");
  assertEquals(wrong, []);
  const { PaymentRequest, SandboxAccount } = document.components.schemas;
  assertEquals(PaymentRequest.properties.amount_minor.format, "int64");
  assertEquals(SandboxAccount.properties.balance_minor.format, "int64");
});
