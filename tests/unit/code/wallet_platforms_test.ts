import { assertEquals } from "@std/assert";
import { stripTypeScriptTypes } from "node:module";
import { newReleaseKey, toBase64url } from "../../../edge/code/manifest.ts";
import * as wallet from "../../../edge/code/wallet.ts";
import {
  CORE_DESCRIPTION,
  CORE_WASM,
  manifestOf,
  signedBy,
} from "../../support/code/releases.ts";
import { runWallet } from "../../support/code/wallet_run.mjs";
import { LimitedCommand } from "../../support/http/command.ts";
import { NOON_MS } from "../../support/world/app.ts";
import { codeAt } from "../../support/world/wallet.ts";

const alice = await newReleaseKey();
const SEEDS = [1, 2].map((profile) => ({
  ...{ prefix: "90", profile, bucket: 42 },
  seed: toBase64url(new Uint8Array(32).fill(profile)),
}));

/** What every platform is to do, and what comes of it. */
const GIVEN = {
  ...{ wasm: CORE_WASM, description: CORE_DESCRIPTION, seeds: SEEDS },
  trusted: { keys: [alice.publicKey], threshold: 1 },
  signed: await signedBy(manifestOf({ version: 7 }), alice),
  unixMs: NOON_MS,
};
const EXPECTED = {
  versions: [0, 7, 7],
  update: "updated",
  codes: SEEDS.map((seed) =>
    codeAt({
      ...seed,
      ...{ bucket_digits: 4, tag_digits: 11, time_step_seconds: 30 },
      ...{ credential_id: "", expires_at: "" },
    }, NOON_MS)
  ),
};

Deno.test("a wallet runs in Deno and in a worker", async () => {
  assertEquals(await runWallet(wallet, GIVEN), EXPECTED);
  const url = (path: string) => new URL(path, import.meta.url).href;
  const source = `
    import * as wallet from ${
    JSON.stringify(url("../../../edge/code/wallet.ts"))
  };
    import { runWallet } from ${
    JSON.stringify(url("../../support/code/wallet_run.mjs"))
  };
    onmessage = async ({ data }) => postMessage(await runWallet(wallet, data));`;
  const blob = URL.createObjectURL(
    new Blob([source], { type: "text/javascript" }),
  );
  const worker = new Worker(blob, { type: "module" });
  try {
    const answer = new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = (event) => {
        event.preventDefault();
        reject(new Error(event.message));
      };
    });
    worker.postMessage(GIVEN);
    assertEquals(await answer, EXPECTED);
  } finally {
    worker.terminate();
    URL.revokeObjectURL(blob);
  }
});

Deno.test("a wallet runs in Node, from the same files without their types", async () => {
  const folder = await Deno.makeTempDir({ prefix: "offcode-wallet-" });
  try {
    const code = new URL("../../../edge/code/", import.meta.url);
    for await (const { name } of Deno.readDir(code)) {
      const source = await Deno.readTextFile(new URL(name, code));
      await Deno.writeTextFile(
        `${folder}/${name.replace(".ts", ".mjs")}`,
        stripTypeScriptTypes(source).replaceAll('.ts"', '.mjs"'),
      );
    }
    const run = new URL("../../support/code/wallet_run.mjs", import.meta.url);
    const given = JSON.stringify(
      GIVEN,
      (_, it) => it instanceof Uint8Array ? { bytes: it.toHex() } : it,
    );
    await Deno.writeTextFile(
      `${folder}/main.mjs`,
      `import * as wallet from "./wallet.mjs";
       import { runWallet } from ${JSON.stringify(run.href)};
       const given = JSON.parse(${JSON.stringify(given)}, (_, it) =>
         it?.bytes ? new Uint8Array(Buffer.from(it.bytes, "hex")) : it);
       console.log(JSON.stringify(await runWallet(wallet, given)));`,
    );
    const { stdout, stderr } = await new LimitedCommand("node", {
      args: [`${folder}/main.mjs`],
    }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    assertEquals(text(stderr), "");
    assertEquals(JSON.parse(text(stdout)), EXPECTED);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
