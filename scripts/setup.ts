/**
 * What the test suite needs beside Deno: finds out which programs are missing
 * and installs them where it may, on Debian and its kin as root; elsewhere it
 * says what to install. Fetches npm packages ahead. It changes nothing when all
 * are there.
 *
 * @module
 */

/** A program that tests start. */
export interface Tool {
  /** The name looked for on the PATH, or the whole path of a file. */
  readonly command: string;
  /** The Debian package that has it. */
  readonly apt: string;
  /** What it is for, to be read after "needed to". */
  readonly purpose: string;
}

const CODES = "make payment codes with the generator in";

/** What the suite starts: program, package, purpose. */
export const TOOLS: readonly Tool[] = ([
  ["bash", "bash", "run the worked example of wasm/SPEC.md"],
  ["openssl", "openssl", "check codes against an independent HMAC"],
  [
    "unshare",
    "util-linux",
    "give tests a file system and a network of their own",
  ],
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
  [
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "fonts-noto-cjk",
    "show the pages in Chinese",
  ],
  ["strace", "strace", "count what a payment asks of the disk"],
] as const).map(([command, apt, purpose]) => ({ command, apt, purpose }));

/** Says which of its arguments are neither programs on the PATH nor files. */
const MISSING = `for it; do
  case $it in /*) [ -f "$it" ] ;; *) command -v "$it" ;; esac > /dev/null ||
    echo "$it"
done`;

async function missing(commands: readonly string[]): Promise<string[]> {
  const { stdout } = await new Deno.Command("/bin/sh", {
    args: ["-c", MISSING, "sh", ...commands],
    stderr: "inherit",
  }).output();
  return new TextDecoder().decode(stdout).split("\n");
}

/** The tools of a list that are not on this machine. */
export async function missingTools(
  tools: readonly Tool[],
): Promise<readonly Tool[]> {
  const names = await missing(tools.map((it) => it.command));
  return tools.filter(({ command }) => names.includes(command));
}

/**
 * Makes sure that every tool is there, installing what is missing.
 *
 * @throws {Error} If one is missing and cannot be installed; the message says
 * what to install.
 */
export async function ensureTools(
  tools: readonly Tool[] = TOOLS,
): Promise<void> {
  const absent = await missingTools(tools);
  if (absent.length === 0) return;
  const mayInstall = Deno.uid() === 0 &&
    !(await missing(["apt-get"])).includes("apt-get");
  if (mayInstall) {
    const packages = [...new Set(absent.map((it) => it.apt))];
    console.log(`Installing ${packages.join(" ")} with apt-get`);
    await aptGet("update");
    await withoutServices(() =>
      aptGet("install", "-y", "--no-install-recommends", ...packages)
    );
  }
  const left = await missingTools(tools);
  if (left.length === 0) return;
  const lines = left.map((it) =>
    `  ${it.command} (Debian package ${it.apt}), needed to ${it.purpose}`
  );
  throw new Error(
    ["Please install these programs and try again:", ...lines].join("\n"),
  );
}

const ROOT = new URL("../", import.meta.url);

/**
 * Brings every npm package that a source file asks for into Deno's cache. A
 * program that a test starts would otherwise fetch what is still missing, and
 * say so on the very output that the test reads.
 *
 * @throws {Error} If one cannot be had; Deno has said which.
 */
export async function fetchPackages(): Promise<void> {
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["cache", "--quiet", ...await listSources()],
    cwd: ROOT,
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
  }).output();
  if (!success) throw new Error("An npm package could not be fetched");
}

/**
 * The paths, from the top of the repository, of the TypeScript files in folders:
 * folder by folder, each in order.
 */
export async function listSources(
  folders: readonly string[] = ["edge/", "scripts/", "tests/"],
): Promise<string[]> {
  const all: string[] = [];
  for (const folder of folders) {
    const found: string[] = [];
    for await (const entry of Deno.readDir(new URL(folder, ROOT))) {
      const path = `${folder}${entry.name}`;
      if (entry.isDirectory) found.push(...await listSources([`${path}/`]));
      else if (/(?<!\.d)\.ts$/.test(path)) found.push(path);
    }
    all.push(...found.sort());
  }
  return all;
}

/** Asked by Debian's packages before they start a service. */
const POLICY = "/usr/sbin/policy-rc.d";

/**
 * Does `work` while no package may start its service: the tests start servers
 * of their own, and nobody has asked for one on this machine.
 */
async function withoutServices(work: () => Promise<void>): Promise<void> {
  try {
    await Deno.writeTextFile(POLICY, "#!/bin/sh\nexit 101\n", {
      createNew: true,
      mode: 0o755,
    });
  } catch {
    // There is one, whose word counts, or there cannot be one.
    return await work();
  }
  try {
    await work();
  } finally {
    await Deno.remove(POLICY);
  }
}

/** Runs apt-get; what it could not do shows in what is still missing. */
async function aptGet(...args: string[]): Promise<void> {
  await new Deno.Command("apt-get", {
    args: ["-q", ...args],
    env: { DEBIAN_FRONTEND: "noninteractive" },
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
  }).output();
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
