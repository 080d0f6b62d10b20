import { assertEquals, assertRejects } from "@std/assert";
import { ConfigError, readConfig } from "../../../edge/boot/config.ts";
import { withMasterKeysFile } from "../../../edge/boot/master_keys_file.ts";
import { KEYS, MASTER_KEYS } from "../../support/world/config.ts";

const SECOND = `k2:${"A".repeat(43)}=`;

async function withFile(
  text: string,
  mode: number,
  test: (path: string) => Promise<void>,
) {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(path, text);
    await Deno.chmod(path, mode);
    await test(path);
  } finally {
    await Deno.remove(path);
  }
}

const read = async (env: Record<string, string>) =>
  readConfig(await withMasterKeysFile(env)).keys?.keyring.map(({ kid }) => kid);

Deno.test("withMasterKeysFile() takes keys from a file that its owner alone may read", async () => {
  const { OFFCODE_MASTER_KEYS: _, ...env } = KEYS;
  for (
    const text of [`${MASTER_KEYS},${SECOND}`, `${MASTER_KEYS}\n ${SECOND}\n`]
  ) {
    await withFile(text, 0o400, async (path) => {
      const found = await read({ ...env, OFFCODE_MASTER_KEYS_FILE: path });
      assertEquals(found, ["k1", "k2"]);
    });
  }
});

Deno.test("withMasterKeysFile() changes nothing without its variable", async () => {
  assertEquals(await read(KEYS), ["k1"]);
  assertEquals(await read({ ...KEYS, OFFCODE_MASTER_KEYS_FILE: "" }), ["k1"]);
});

Deno.test("withMasterKeysFile() refuses a file that others may read, and shows nothing of it", async () => {
  const { OFFCODE_MASTER_KEYS: _, ...env } = KEYS;
  for (const mode of [0o440, 0o404, 0o420, 0o402, 0o644]) {
    await withFile(MASTER_KEYS, mode, async (path) => {
      const error = await assertRejects(
        () => read({ ...env, OFFCODE_MASTER_KEYS_FILE: path }),
        ConfigError,
        "others than the owner may read the file",
      );
      assertEquals(error.message.includes(MASTER_KEYS), false);
    });
  }
});

Deno.test("withMasterKeysFile() refuses a file that is missing, empty, or set beside the keys", async () => {
  const { OFFCODE_MASTER_KEYS: _, ...env } = KEYS;
  const refused = (more: Record<string, string>, text: string) =>
    assertRejects(() => read({ ...env, ...more }), ConfigError, text);
  await refused(
    { OFFCODE_MASTER_KEYS_FILE: "/nowhere/keys" },
    "cannot be read",
  );
  await withFile(" \n", 0o600, async (path) => {
    await refused({ OFFCODE_MASTER_KEYS_FILE: path }, "empty");
    const both = {
      OFFCODE_MASTER_KEYS: SECOND,
      OFFCODE_MASTER_KEYS_FILE: path,
    };
    await refused(both, "not both");
  });
  await withFile("k1:short", 0o600, async (path) => {
    await refused({ OFFCODE_MASTER_KEYS_FILE: path }, "32 bytes");
  });
});
