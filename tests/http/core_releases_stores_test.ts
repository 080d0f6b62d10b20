import { assertEquals } from "@std/assert";
import { MAX_CORE_BYTES } from "../../edge/code/manifest.ts";
import { manifestFor, paddedCore, signedBy } from "../support/code/releases.ts";
import { everyStore, startEdges } from "../support/store/stores.ts";
import {
  activeRelease,
  ReleaseDesk,
  releaseSettings,
  SIGNERS,
} from "../support/world/release_desk.ts";

for (const [name, factory] of everyStore()) {
  Deno.test(`the largest core goes from one edge to another through ${name}`, async () => {
    const settings = releaseSettings({ shadowMs: 0, shadowSearches: 0 });
    await using edges = await startEdges(factory, 2, { settings });
    const [one, two] = edges.apps;
    const desk = await ReleaseDesk.open(one.api);
    const wasm = paddedCore(MAX_CORE_BYTES);
    const manifest = await manifestFor(wasm);
    const signed = await signedBy(manifest, SIGNERS[0]);
    const { status, body } = await desk.upload(signed, wasm);
    assertEquals([status, body.state], [201, "uploaded"]);
    const other = await ReleaseDesk.open(two!.api);
    await other.step(body.release_id, "shadow");
    await desk.step(body.release_id, "activate");
    const active = await activeRelease(two!.store);
    assertEquals(active?.record.signed, signed);
    assertEquals(active?.wasm, wasm);
    assertEquals((await other.rollback(body.release_id)).status, 200);
    assertEquals(await activeRelease(one.store), null);
    const { history } = await desk.list();
    assertEquals(history.length, 4);
  });
}
