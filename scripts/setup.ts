/**
 * What the test suite needs beside Deno: finds out which programs are missing and, as
 * root on a system with apt-get, installs them. On other systems it says what to
 * install. Then it fetches npm packages. It changes nothing if everything is there.
 *
 * @module
 */

import { existsSync, globSync } from "node:fs";

/** A program that tests start. */
export interface Tool {
  /** The name looked for on the PATH, or the whole path of a file. */
  readonly command: string;
  readonly apt: string;
  /** What it is for, to be read after "needed to". */
  readonly purpose: string;
}

const CODES = "make payment codes with the generator in";
const CHINESE = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc";

/** What the suite starts: program, package, purpose. */
export const TOOLS: readonly Tool[] = ([
  ["bash", "bash", "run the worked example of wasm/SPEC.md"],
  ["openssl", "openssl", "check codes against an independent HMAC"],
  ["unshare", "util-linux", "give tests files and a network of their own"],
  ["ip", "iproute2", "bring up the network of such a test"],
  ["python3", "python3", `${CODES} Python`],
  ["go", "golang-go", `${CODES} Go`],
  ["javac", "default-jdk-headless", `${CODES} Java`],
  ["php", "php-cli", "run the recipes of edge/MERCHANTS.md"],
  ["cc", "gcc", `${CODES} C`],
  ["/usr/include/openssl/hmac.h", "libssl-dev", `${CODES} C`],
  ["redis-server", "redis-server", "run the suites of the Redis store"],
  ["prometheus", "prometheus", "scrape edges and check alarms"],
  ["chromium", "chromium", "open the pages"],
  ["zbarimg", "zbar-tools", "read the pictures of codes"],
  [CHINESE, "fonts-noto-cjk", "show the pages in Chinese"],
  ["strace", "strace", "count what a payment asks of the disk"],
] as const).map(([command, apt, purpose]) => ({ command, apt, purpose }));

/** The tools of a list that are not on this machine. */
export function missingTools(tools: readonly Tool[]): readonly Tool[] {
  const folders = (Deno.env.get("PATH") ?? "").split(":");
  return tools.filter(({ command }) =>
    command.startsWith("/")
      ? !existsSync(command)
      : !folders.some((it) => existsSync(`${it}/${command}`))
  );
}

const APT_GET = { command: "apt-get", apt: "apt", purpose: "install programs" };

/**
 * Makes sure that every tool is there, installing what is missing.
 *
 * @throws {Error} If one is missing and cannot be installed; the message says
 * what to install.
 */
export async function ensureTools(
  tools: readonly Tool[] = TOOLS,
): Promise<void> {
  const absent = missingTools(tools);
  if (absent.length === 0) return;
  if (Deno.uid() === 0 && missingTools([APT_GET]).length === 0) {
    const packages = [...new Set(absent.map((it) => it.apt))];
    console.log(`Installing ${packages.join(" ")} with apt-get`);
    await run("apt-get", "-q", "update");
    const install = ["-q", "install", "-y", "--no-install-recommends"];
    await withoutServices(() => run("apt-get", ...install, ...packages));
  }
  const lines = missingTools(tools).map((it) =>
    `  ${it.command} (Debian package ${it.apt}), needed to ${it.purpose}`
  );
  if (lines.length === 0) return;
  throw new Error(
    ["Please install these programs and try again:", ...lines].join("\n"),
  );
}

const ROOT = new URL("../", import.meta.url);

/** Runs a program at the top of the repository, and says whether it went well. */
async function run(command: string, ...args: string[]): Promise<boolean> {
  const { success } = await new Deno.Command(command, {
    args,
    cwd: ROOT,
    env: { DEBIAN_FRONTEND: "noninteractive" },
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
  }).output();
  return success;
}

/**
 * Brings every npm package that a source file asks for into Deno's cache. A
 * program that a test starts would otherwise fetch what is still missing, and
 * say so on the very output that the test reads.
 *
 * @throws {Error} If one cannot be had; Deno has said which.
 */
export async function fetchPackages(): Promise<void> {
  const args = ["cache", "--quiet", ...listSources()];
  if (await run(Deno.execPath(), ...args)) return;
  throw new Error("An npm package could not be fetched");
}

/**
 * The paths, from the top of the repository, of the TypeScript files in folders:
 * folder by folder, each in order.
 */
export const listSources = (
  folders: readonly string[] = ["edge/", "scripts/", "tests/"],
): string[] =>
  folders.flatMap((it) =>
    globSync(`${it}**/*.ts`, { cwd: ROOT.pathname })
      .filter((path) => !path.endsWith(".d.ts")).sort()
  );

/** The program that Debian's packages ask whether they may start a service. */
const POLICY = "/usr/sbin/policy-rc.d";

/**
 * Does `work` while no package may start its service: the tests start servers
 * of their own, and nobody has asked for one on this machine.
 */
async function withoutServices(work: () => Promise<unknown>): Promise<void> {
  // If this machine has such a program already, that one decides.
  const isOurs = await Deno.writeTextFile(POLICY, "#!/bin/sh\nexit 101\n", {
    ...{ createNew: true, mode: 0o755 },
  }).then(() => true, () => false);
  try {
    await work();
  } finally {
    if (isOurs) await Deno.remove(POLICY);
  }
}

if (import.meta.main) {
  try {
    await ensureTools();
    await fetchPackages();
    console.log("Every program and package that the tests need is here");
  } catch (error) {
    console.error((error as Error).message);
    Deno.exit(1);
  }
}
