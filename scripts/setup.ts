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

/** What the suite starts. */
export const TOOLS: readonly Tool[] = [
  {
    command: "bash",
    apt: "bash",
    purpose: "run the worked example of wasm/SPEC.md",
  },
  {
    command: "openssl",
    apt: "openssl",
    purpose: "check codes against an independent HMAC",
  },
  {
    command: "unshare",
    apt: "util-linux",
    purpose: "give tests a file system and a network of their own",
  },
  {
    command: "ip",
    apt: "iproute2",
    purpose: "bring up the network of such a test",
  },
  {
    command: "python3",
    apt: "python3",
    purpose: "make payment codes with the generator in Python",
  },
  {
    command: "go",
    apt: "golang-go",
    purpose: "make payment codes with the generator in Go",
  },
  {
    command: "javac",
    apt: "default-jdk-headless",
    purpose: "make payment codes with the generator in Java",
  },
  {
    command: "cc",
    apt: "gcc",
    purpose: "make payment codes with the generator in C",
  },
  {
    command: "/usr/include/openssl/hmac.h",
    apt: "libssl-dev",
    purpose: "make payment codes with the generator in C",
  },
  {
    command: "redis-server",
    apt: "redis-server",
    purpose: "run the suites of the Redis store",
  },
  {
    command: "strace",
    apt: "strace",
    purpose: "count what a payment asks of the disk",
  },
];

/** The tools of a list that are not on the PATH. */
export async function missingTools(
  tools: readonly Tool[],
): Promise<readonly Tool[]> {
  const found = await Promise.all(
    tools.map(({ command }) =>
      command.startsWith("/") ? isFile(command) : isOnPath(command)
    ),
  );
  return tools.filter((_, i) => !found[i]);
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
  const missing = await missingTools(tools);
  if (missing.length === 0) return;
  if (Deno.uid() === 0 && await isOnPath("apt-get")) {
    const packages = [...new Set(missing.map((it) => it.apt))];
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
const SOURCES = ["edge", "scripts", "tests"];

/**
 * Brings every npm package that a source file asks for into Deno's cache. A
 * program that a test starts would otherwise fetch what is still missing, and
 * say so on the very output that the test reads.
 *
 * @throws {Error} If one cannot be had; Deno has said which.
 */
export async function fetchPackages(): Promise<void> {
  const files: string[] = [];
  for (const folder of SOURCES) await listSources(`${folder}/`, files);
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["cache", "--quiet", ...files],
    cwd: ROOT,
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
  }).output();
  if (!success) throw new Error("An npm package could not be fetched");
}

/** Adds the paths, from the root, of all TypeScript files below a folder. */
async function listSources(folder: string, found: string[]): Promise<void> {
  for await (
    const { name, isDirectory } of Deno.readDir(new URL(folder, ROOT))
  ) {
    if (isDirectory) await listSources(`${folder}${name}/`, found);
    else if (/(?<!\.d)\.ts$/.test(name)) found.push(folder + name);
  }
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

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function isOnPath(command: string): Promise<boolean> {
  for (const folder of (Deno.env.get("PATH") ?? "").split(":")) {
    if (folder === "") continue;
    try {
      const { isFile, mode } = await Deno.stat(`${folder}/${command}`);
      if (isFile && ((mode ?? 0o111) & 0o111) !== 0) return true;
    } catch (error) {
      const elsewhere = error instanceof Deno.errors.NotFound ||
        error instanceof Deno.errors.NotADirectory ||
        error instanceof Deno.errors.PermissionDenied;
      if (!elsewhere) throw error;
    }
  }
  return false;
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
