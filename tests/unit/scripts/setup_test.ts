import { programOf, saidBy } from "../../support/http/command.ts";
import { assertEquals } from "@std/assert";
import { ensureTools, missingTools, TOOLS } from "../../../scripts/setup.ts";

const ABSENT = {
  command: "offcode-no-such-program",
  apt: "offcode-no-such-package",
  purpose: "show what happens",
};

/** What is looked for on the PATH; other tools are files of this machine. */
const PROGRAMS = TOOLS.filter(({ command }) => !command.startsWith("/"));

/** Runs setup with a PATH of its own, in which a shell script is apt-get. */
async function setup(aptGet: string | undefined) {
  const folder = await Deno.makeTempDir();
  try {
    if (aptGet !== undefined) {
      await Deno.writeTextFile(`${folder}/apt-get`, `#!/bin/sh\n${aptGet}`, {
        mode: 0o755,
      });
    }
    const env = { PATH: folder, FOLDER: folder };
    return await saidBy(programOf("scripts/setup.ts", [], { env }));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("missingTools() names what is not on the PATH and nothing else", () => {
  assertEquals(missingTools([...TOOLS, ABSENT]), [ABSENT]);
});

Deno.test("missingTools() takes a whole path for a file that need not run", () => {
  const file = { ...ABSENT, command: new URL(import.meta.url).pathname };
  const none = { ...ABSENT, command: `${file.command}.none` };
  assertEquals(missingTools([file, none]), [none]);
});

Deno.test("ensureTools() leaves a machine alone that has everything", async () => {
  await ensureTools([]);
  await ensureTools();
});

Deno.test("setup says what to install where there is no apt-get", async () => {
  const { code, err } = await setup(undefined);
  assertEquals(code, 1);
  assertEquals(err.split("\n"), [
    "Please install these programs and try again:",
    ...PROGRAMS.map((it) =>
      `  ${it.command} (Debian package ${it.apt}), needed to ${it.purpose}`
    ),
    "",
  ]);
});

Deno.test({
  name: "setup installs what is missing, without a question, as root",
  // Whoever is not root gets the list of the test above instead.
  fn: async () => {
    const policy = () =>
      Deno.readTextFile("/usr/sbin/policy-rc.d").catch(() => "none");
    const before = await policy();
    const { code, out, err } = await setup(`
      echo "apt-get $* $DEBIAN_FRONTEND"
      if [ "$2" = install ]; then
        [ -e /usr/sbin/policy-rc.d ] && echo "no service starts"
        for name in ${PROGRAMS.map(({ command }) => command).join(" ")}; do
          echo '#!/bin/sh' > "$FOLDER/$name"
          /bin/chmod 755 "$FOLDER/$name"
        done
      fi`);
    if (Deno.uid() !== 0) {
      assertEquals(code, 1);
      return;
    }
    assertEquals({ code, err }, { code: 0, err: "" });
    const names = PROGRAMS.map(({ apt }) => apt).join(" ");
    assertEquals(out.split("\n"), [
      `Installing ${names} with apt-get`,
      "apt-get -q update noninteractive",
      `apt-get -q install -y --no-install-recommends ${names} noninteractive`,
      "no service starts",
      "Every program and package that the tests need is here",
      "",
    ]);
    assertEquals(await policy(), before);
  },
});

Deno.test("setup fails when apt-get did not bring the programs", async () => {
  const { code } = await setup("exit 100");
  assertEquals(code, 1);
});
