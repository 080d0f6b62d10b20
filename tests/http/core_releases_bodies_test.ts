import { assert, assertEquals } from "@std/assert";
import { encodeBase64 } from "@std/encoding/base64";
import { manifestOf, signedBy } from "../support/code/releases.ts";
import { startApp } from "../support/world/app.ts";
import { dumpStore } from "../support/store/dump.ts";
import {
  ReleaseDesk,
  releaseSettings,
  SIGNERS,
} from "../support/world/release_desk.ts";

const LETTERS = 64 * 1024;

/** An upload as it goes over the wire, and what is answered. */
async function post(
  { api, key }: ReleaseDesk,
  body: BodyInit,
  headers: Record<string, string> = {},
) {
  const response = await api.fetch(
    new Request(`${api.origin}/v1/core-releases`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${key}`,
        "content-type": "application/json",
        ...headers,
      },
      body,
    }),
  );
  const { code, detail } = await response.json();
  return [response.status, code, detail];
}

Deno.test("an upload of 50 MB is refused by its length, or while it is read", async () => {
  await using app = await startApp({ settings: releaseSettings() });
  const desk = await ReleaseDesk.open(app.api);
  const before = dumpStore(app.path);
  const long = [
    413,
    "malformed-request",
    "The body is longer than 524288 bytes.",
  ];
  const mebibytes = 50;
  assertEquals(
    await post(desk, "{}", { "content-length": `${mebibytes * 2 ** 20}` }),
    long,
  );
  let sent = 0;
  const chunk = new Uint8Array(LETTERS).fill(0x41);
  const stream = new ReadableStream({
    pull(controller) {
      controller.enqueue(chunk);
      sent++;
      if (sent === mebibytes * 16) controller.close();
    },
  });
  assertEquals(await post(desk, stream), long);
  assert(sent <= 12, `${sent} chunks were read`);
  assertEquals(dumpStore(app.path), before);
});

Deno.test("an upload that is cut off is refused, wherever it is cut", async () => {
  await using app = await startApp({ settings: releaseSettings() });
  const desk = await ReleaseDesk.open(app.api);
  const before = dumpStore(app.path);
  const signed = await signedBy(manifestOf(), SIGNERS[0]);
  const text = JSON.stringify({
    manifest: signed,
    wasm: encodeBase64(
      new Uint8Array(100),
    ),
  });
  const bytes = new TextEncoder().encode(text);
  for (const length of [0, 1, 100, bytes.length - 1, bytes.length]) {
    const stream = new ReadableStream({
      start: (controller) => controller.enqueue(bytes.slice(0, length + 1)),
      pull: () => Promise.reject(new Error("The connection broke")),
    });
    assertEquals(await post(desk, stream), [
      400,
      "malformed-request",
      "The body ended before it was complete.",
    ]);
  }
  assertEquals(dumpStore(app.path), before);
});

Deno.test("an upload is refused that is not a JWS in general form and a binary of at most 160 KiB", async () => {
  await using app = await startApp({ settings: releaseSettings() });
  const desk = await ReleaseDesk.open(app.api);
  const before = dumpStore(app.path);
  const manifest = await signedBy(manifestOf(), SIGNERS[0]);
  const [signature] = manifest.signatures;
  const wasm = encodeBase64(new Uint8Array(163_840));
  const binary =
    "wasm must be the binary in padded base64, 163840 bytes at most";
  const count = "manifest.signatures must be 1 to 16 signatures";
  const letters = "must be base64url without padding";
  for (
    const [change, detail] of [
      [{ wasm: encodeBase64(new Uint8Array(163_841)) }, binary],
      [{ wasm: "AGFzbQEAAAA" }, binary],
      [{ wasm: "AGFzbQE-AAA=" }, binary],
      [{ wasm: "AGFzbQEAAAB=" }, binary],
      [{ wasm: " AGFzbQEAAAA=" }, binary],
      [{ wasm: 7 }, binary],
      [{ wasm: undefined }, "wasm is missing"],
      [{ manifest: undefined }, "manifest is missing"],
      [{ manifest: "a.b.c" }, "manifest must be a JSON object"],
      [{ manifest: { ...manifest, signatures: [] } }, count],
      [
        { manifest: { ...manifest, signatures: Array(17).fill(signature) } },
        count,
      ],
      [
        { manifest: { ...manifest, payload: "e30=" } },
        `manifest.payload ${letters}`,
      ],
      [
        { manifest: { ...manifest, payload: "a".repeat(65_537) } },
        `manifest.payload ${letters}`,
      ],
      [{ more: 1 }, "more is not known"],
      [
        {
          manifest: {
            ...manifest,
            signatures: [{ ...signature, signature: "?" }],
          },
        },
        `manifest.signatures.0.signature ${letters}`,
      ],
    ] as const
  ) {
    assertEquals(
      await post(desk, JSON.stringify({ manifest, wasm, ...change })),
      [400, "malformed-request", detail],
    );
  }
  // The largest binary is read; it is not the manifest's. What is not known of a JWS is ignored.
  const wide = {
    ...{ ...manifest, more: 1 },
    signatures: [{ ...signature, header: { kid: "x" }, more: 1 }],
  };
  const [status, code] = await post(
    desk,
    JSON.stringify({ manifest: wide, wasm }),
  );
  assertEquals([status, code], [422, "release-rejected"]);
  assertEquals(dumpStore(app.path), before);
});
