/// <reference lib="dom" />
/**
 * A thief copies the files of the browser in which a wallet was enrolled. The seed in
 * them is sealed, but Chromium writes a key that no script can read into the same file,
 * so that the thief can open it: SECURITY.md says so. What ends this is what ends the
 * theft of a phone.
 */
import { assert, assertEquals } from "@std/assert";
import { decodeBase64Url } from "@std/encoding/base64url";
import { Buffer } from "node:buffer";
import { type Page } from "playwright-core";
import { openProfile } from "../support/browser/browser.ts";
import { serveHttp } from "../support/http/server.ts";
import { NOON_MS, startApp } from "../support/world/app.ts";
import { codeAt, type Seed } from "../support/world/wallet.ts";

/** The sealed seed, as a script of the page sees it. */
function readSealed(page: Page): Promise<{ iv: number[]; bytes: number[] }> {
  return page.evaluate(() =>
    new Promise((resolve) => {
      const opening = indexedDB.open("offcode-wallet");
      opening.onsuccess = () => {
        const reading = opening.result.transaction("values")
          .objectStore("values").get("wallet");
        reading.onsuccess = () => {
          const { iv, bytes } = reading.result.seed;
          resolve({ iv: [...iv], bytes: [...new Uint8Array(bytes)] });
        };
      };
    })
  );
}

/** Everything that the browser has written of its databases. */
async function filesBelow(folder: string): Promise<Uint8Array<ArrayBuffer>[]> {
  const files = [];
  for await (const { name, isFile } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isFile) files.push(await Deno.readFile(path));
    else files.push(...await filesBelow(path));
  }
  return files;
}

/** Tries each 32 bytes of a file as the key; `null` if none opens the seed. */
async function crack(
  file: Uint8Array<ArrayBuffer>,
  { iv, bytes }: { iv: number[]; bytes: number[] },
): Promise<Seed | null> {
  for (let i = 0; i + 32 <= file.length; i++) {
    const raw = file.slice(i, i + 32);
    // A random key repeats few of its bytes; texts repeat many.
    if (new Set(raw).size < 20) continue;
    const key = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, [
      "decrypt",
    ]);
    const algorithm = { name: "AES-GCM", iv: new Uint8Array(iv) };
    try {
      const plain = await crypto.subtle.decrypt(
        algorithm,
        key,
        new Uint8Array(bytes),
      );
      return JSON.parse(new TextDecoder().decode(plain));
    } catch {
      // It is not the key.
    }
  }
  return null;
}

Deno.test("who copies the browser's files has the seed until it is ended", async () => {
  await using app = await startApp({
    hasPages: true,
    settings: { hasTestCodes: true },
  });
  await using server = serveHttp(app.fetch);
  const merchant = await app.api.merchant();
  const folder = await Deno.makeTempDir({ prefix: "offcode-profile-" });
  await using cleaning = new AsyncDisposableStack();
  cleaning.defer(() => Deno.remove(folder, { recursive: true }));
  const context = await openProfile(folder);
  const page = await context.newPage();
  await context.clock.setFixedTime(NOON_MS);
  await page.goto(`${server.origin}/wallet`);
  await page.getByRole("button", { name: "Anna Berg" }).click();
  await page.locator(".pictures[data-ends-ms]").waitFor();
  const sealed = await readSealed(page);
  await context.close();

  const files = await filesBelow(`${folder}/Default/IndexedDB`);
  const cracked = await Promise.all(files.map((it) => crack(it, sealed)));
  const seed = cracked.find((it) => it !== null);
  assert(seed != null, "SECURITY.md may promise more than it does");
  for (const file of files) {
    const bytes = Buffer.from(file);
    // The seed is nowhere in the clear, neither as text nor as bytes.
    assertEquals(bytes.includes(seed.seed), false);
    assertEquals(bytes.includes(seed.seed, 0, "utf16le"), false);
    assertEquals(
      bytes.includes(Buffer.from(decodeBase64Url(seed.seed))),
      false,
    );
  }
  const pay = (order: string) =>
    app.api.pay(merchant, {
      code: codeAt(seed, app.clock.ms),
      order_id: order,
    });
  assertEquals((await pay("stolen-1")).status, 201);
  await app.api.must(
    204,
    "DELETE",
    `/wallet/api/enrolments/${seed.credential_id}`,
  );
  app.clock.advance(30_000);
  assertEquals((await pay("stolen-2")).body.code, "code-not-accepted");
});
