import { assert, assertEquals } from "@std/assert";
import { nearest } from "../../../edge/base/nearest.ts";
import {
  SETTING_TABLE,
  TASK_VARIABLES,
} from "../../../edge/boot/setting_table.ts";
import { faults, KEYS, MASTER_KEYS } from "../../support/world/config.ts";

const ROOT = new URL("../../../", import.meta.url);

Deno.test("readConfig() names a misspelled setting with the nearest right name", () => {
  const cases: [string, string][] = [
    ["OFFCODE_BAD_CODES_LIMIT", "OFFCODE_BAD_CODE_LIMIT"],
    ["OFFCODE_LIMIT", "OFFCODE_LIMITS"],
    ["OFFCODE_TIMEZONE", "OFFCODE_TIME_ZONE"],
    ["OFFCODE_MASTER_KEY", "OFFCODE_MASTER_KEYS"],
    ["OFFCODE_CALLBACK_INSECURE", "OFFCODE_CALLBACKS_INSECURE"],
    ["offcode_prefix", "OFFCODE_PREFIX"],
    ["Offcode_Ledger", "OFFCODE_LEDGER"],
    ["offcode_anything_else", "OFFCODE_ADMIN_KEY"],
    ["OFCODE_STORE", "OFFCODE_STORE"],
    ["OFF_CODE_STORE", "OFFCODE_STORE"],
    ["OFFCODE-STORE", "OFFCODE_STORE"],
    ["OFFCODE_PORT", "PORT"],
    ["OFFCODE_HOST", "HOST"],
    ["OFFCODE_UPSTASH_REDIS_REST_URL", "UPSTASH_REDIS_REST_URL"],
  ];
  for (const [name, right] of cases) {
    assertEquals(faults({ [name]: "8000" }), [
      `${name} is no setting: the nearest is ${right}`,
    ]);
  }
  // It stands with the other faults, and shows no value.
  assertEquals(faults({ PORT: "x", OFFCODE_MASTER_KEY: MASTER_KEYS }), [
    "OFFCODE_MASTER_KEY is no setting: the nearest is OFFCODE_MASTER_KEYS",
    "PORT must be a number from 0 to 65535",
  ]);
});

Deno.test("readConfig() passes over what is not meant for it", () => {
  const tasks = Object.fromEntries(TASK_VARIABLES.map((name) => [name, "x"]));
  assertEquals(
    faults({
      ...KEYS,
      ...tasks,
      OFFCODE_PREFIX_OLD: "",
      PATH: "/bin",
      HOSTNAME: "edge-1",
      STORE: "x",
      CODE_PREFIX: "x",
      UPSTASH_VECTOR_REST_URL: "x",
      // What Kubernetes sets beside services that are called offcode….
      OFFCODE_PORT: "tcp://10.0.0.1:80",
      OFFCODE_PORT_80_TCP: "tcp://10.0.0.1:80",
      OFFCODE_PORT_80_TCP_PROTO: "tcp",
      OFFCODE_PORT_80_TCP_PORT: "80",
      OFFCODE_PORT_80_TCP_ADDR: "10.0.0.1",
      OFFCODE_SERVICE_HOST: "10.0.0.1",
      OFFCODE_SERVICE_PORT: "80",
      OFFCODE_SERVICE_PORT_HTTP: "80",
      OFFCODE_EDGE_SERVICE_HOST: "10.0.0.2",
      OFFCODE_EDGE_PORT: "tcp://10.0.0.2:80",
    }),
    [],
  );
});

Deno.test("nearest() finds the name with the fewest changed letters, the first of several", () => {
  assertEquals(nearest("kitten", ["sitting", "mitten", "bitten"]), "mitten");
  assertEquals(nearest("kitten", ["sitting"], 3), "sitting");
  assertEquals(nearest("kitten", ["sitting"], 2), null);
  assertEquals(nearest("", ["ab"], 2), "ab");
  assertEquals(nearest("ab", [""], 1), null);
  assertEquals(nearest("same", ["same"], 0), "same");
  assertEquals(nearest("any", []), null);
});

Deno.test("the table of settings has a row for each setting, with its default", async () => {
  const page = await Deno.readTextFile(new URL("edge/OPERATIONS.md", ROOT));
  const [, table] = page.split("\n## Configuration\n");
  const rows = table!.split("\n## ")[0]!.split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) => line.split("|").map((cell) => cell.trim()));
  const shown = new Map(
    rows.flatMap(([, names, standard]) =>
      [...names!.matchAll(/`([A-Z_]+)`/g)].map(([, name]) => [name!, standard!])
    ),
  );
  assertEquals([...shown.keys()].sort(), Object.keys(SETTING_TABLE).sort());
  // Defaults that a table shows otherwise than as they are.
  const inWords = ["OFFCODE_LIMITS", "OFFCODE_CALLBACKS_INSECURE"];
  for (const [name, standard] of Object.entries(SETTING_TABLE)) {
    if (!standard || inWords.includes(name)) continue;
    assertEquals(shown.get(name), `\`${standard}\``, name);
  }
});

Deno.test("pages and sentences name no setting that is not there", async () => {
  const known = [...Object.keys(SETTING_TABLE), ...TASK_VARIABLES];
  const pages = ["README.md", "SECURITY.md", "CONTRIBUTING.md"];
  for (const folder of ["edge/", "scripts/"]) {
    pages.push(...await textsUnder(folder));
  }
  assert(pages.length > 50);
  for (const page of pages) {
    const text = await Deno.readTextFile(new URL(page, ROOT));
    const names = text.match(/\bOFFCODE_[A-Z_]*[A-Z]/g) ?? [];
    const unknown = names.filter((name) => !known.includes(name));
    assertEquals(
      unknown,
      page.endsWith("setting_table.ts") ? ["OFFCODE_PORT"] : [],
      page,
    );
  }
});

/** The sources and pages below a folder of the repository. */
async function textsUnder(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (
    const { name, isDirectory } of Deno.readDir(new URL(folder, ROOT))
  ) {
    const path = folder + name;
    if (isDirectory) found.push(...await textsUnder(`${path}/`));
    else if (/\.(?:ts|md|html)$/.test(name)) found.push(path);
  }
  return found;
}
