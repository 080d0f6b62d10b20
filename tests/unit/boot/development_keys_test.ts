import { LimitedCommand } from "../../support/http/command.ts";
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { systemRandom } from "../../../edge/base/clock.ts";
import { developmentKeys } from "../../../edge/boot/development_keys.ts";

const ROOT = new URL("../../../", import.meta.url);

async function withFolder(test: (folder: string) => Promise<void>) {
  const folder = await Deno.makeTempDir({ prefix: "offcode-keys-" });
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const names = async (folder: string) =>
  (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);

Deno.test("developmentKeys() makes keys once, for their owner's eyes only", () =>
  withFolder(async (folder) => {
    const path = `${folder}/data/keys.json`;
    const first = await developmentKeys(path, systemRandom);
    assertEquals([first.made, first.path], [true, path]);
    assert(/^ock_test_[\w-]{43}$/.test(first.keys.adminKey));
    assertEquals(first.keys.keyring.map(({ kid }) => kid), ["development"]);
    assertEquals((await Deno.stat(path)).mode! & 0o777, 0o600);
    assertEquals(await names(`${folder}/data`), ["keys.json"]);

    const text = await Deno.readTextFile(path);
    const second = await developmentKeys(path, systemRandom);
    assertEquals(second.made, false);
    assertEquals(second.keys.adminKey, first.keys.adminKey);
    assert(
      second.keys.keyring[0].secret.equals(first.keys.keyring[0].secret),
    );
    assertEquals(await Deno.readTextFile(path), text);

    const other = await developmentKeys(`${folder}/b/keys.json`, systemRandom);
    assertNotEquals(other.keys.adminKey, first.keys.adminKey);
    assert(!other.keys.keyring[0].secret.equals(first.keys.keyring[0].secret));
  }));

Deno.test("developmentKeys() gives 50 callers at once the same keys", () =>
  withFolder(async (folder) => {
    const path = `${folder}/data/keys.json`;
    const all = await Promise.all(
      Array.from({ length: 50 }, () => developmentKeys(path, systemRandom)),
    );
    assertEquals(all.filter(({ made }) => made).length, 1);
    assertEquals(new Set(all.map(({ keys }) => keys.adminKey)).size, 1);
    assertEquals(await names(`${folder}/data`), ["keys.json"]);
  }));

Deno.test("developmentKeys() gives processes that start at once the same keys", () =>
  withFolder(async (folder) => {
    const script = `
      import { developmentKeys } from "${ROOT}edge/boot/development_keys.ts";
      import { systemRandom } from "${ROOT}edge/base/clock.ts";
      const { keys, made } = await developmentKeys("./data/keys.json", systemRandom);
      console.log(JSON.stringify([keys.adminKey, made]));`;
    const outputs = await Promise.all(
      Array.from({ length: 4 }, () =>
        new LimitedCommand(Deno.execPath(), {
          args: ["eval", "--config", `${ROOT.pathname}deno.json`, script],
          cwd: folder,
          env: { NO_COLOR: "1" },
        }).output()),
    );
    const told = outputs.map(({ success, stdout, stderr }) => {
      assert(success, new TextDecoder().decode(stderr));
      return JSON.parse(new TextDecoder().decode(stdout)) as [string, boolean];
    });
    assertEquals(new Set(told.map(([key]) => key)).size, 1);
    assertEquals(told.filter(([, made]) => made).length, 1);
    assertEquals(await names(`${folder}/data`), ["keys.json"]);
  }));
