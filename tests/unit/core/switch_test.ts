import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { CoreFaultError, openCore } from "../../../edge/core/core.ts";
import { CoreSwitch } from "../../../edge/core/switch.ts";
import { ID, wasm } from "../../wasm/core.ts";

Deno.test("activate() serves with a new, empty core and drops what was in shadow", () => {
  const core = openCore(wasm);
  const it = new CoreSwitch(core, wasm);
  assertEquals([it.serving.releaseId, it.serving.version], [null, 0]);
  it.startShadow({ releaseId: "core_1", wasm }, () => {});
  const first = it.shadow!;
  it.startShadow({ releaseId: "core_2", wasm }, () => {});
  assertEquals([first.releaseId, it.shadow!.releaseId], ["core_1", "core_2"]);
  core.loadBucket(ID, []);
  it.activate({ releaseId: "core_1", version: 1, wasm });
  // It was compared with the core before.
  assertEquals(it.shadow, null);
  assertEquals([it.serving.releaseId, it.serving.version], ["core_1", 1]);
  assertEquals([core.hasBucket(ID), it.core.hasBucket(ID)], [true, false]);
  const before = it.core;
  it.activate(null);
  assertEquals(it.serving.releaseId, null);
  // Buckets of the core before may still move, so it is another one than at first.
  assertEquals([core, before].includes(it.core), false);
});

Deno.test("activate() of what does not open changes nothing", () => {
  const core = openCore(wasm);
  const it = new CoreSwitch(core, wasm);
  it.startShadow({ releaseId: "core_1", wasm }, () => {});
  const odd = { releaseId: "core_2", version: 2, wasm: wasm.slice(0, 5_000) };
  assertThrows(() => it.activate(odd), CoreFaultError);
  assertStrictEquals(it.core, core);
  assertEquals([it.serving.releaseId, it.shadow?.releaseId], [null, "core_1"]);
  it.endShadow();
  assertEquals(it.shadow, null);
});
