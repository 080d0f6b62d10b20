import { assertEquals, assertThrows } from "@std/assert";
import { withinTime } from "../../../edge/core/interrupt.ts";
import { compileCore } from "../../../scripts/build_core.ts";
import { coreThatLoops } from "../../support/code/odd_cores.ts";
import { CORE_WASM, manifestFor } from "../../support/code/releases.ts";
import { LimitedCommand, saidBy } from "../../support/http/command.ts";

/** Hours, for what must not be interrupted. */
const LONG_MS = 10_000_000;

Deno.test("withinTime() gives what was returned or thrown in time", () => {
  assertEquals(withinTime(() => 7, LONG_MS), { result: 7 });
  assertEquals(withinTime(() => undefined, LONG_MS), { result: undefined });
  const wrong = () => {
    throw new RangeError("wrong");
  };
  assertThrows(() => withinTime(wrong, LONG_MS), RangeError, "wrong");
});

Deno.test("withinTime() interrupts what never returns, whatever it catches, and can be called again", () => {
  let isCaught = false;
  for (let i = 0; i < 2; i++) {
    const endless = () => {
      try {
        while (!isCaught);
      } catch {
        isCaught = true;
      } finally {
        isCaught = true;
      }
    };
    assertEquals(withinTime(endless, 20), undefined);
  }
  assertEquals(isCaught, false);
  assertEquals(withinTime(() => 7, LONG_MS), { result: 7 });
});

/**
 * What a process of its own says that runs some code with a core, and has ended. It would not
 * end while a thread of it is busy.
 */
async function inProcess(
  wasm: Uint8Array<ArrayBuffer>,
  code: string,
): Promise<string> {
  const root = new URL("../../../", import.meta.url);
  const source = `
    const wasm = Uint8Array.fromBase64("${wasm.toBase64()}");
    const load = (path) => import("${root}" + path);
    ${code}`;
  const config = new URL("deno.json", root).pathname;
  const { code: status, out, err } = await saidBy(
    new LimitedCommand(Deno.execPath(), {
      args: ["eval", "--config", config, source],
      env: { NO_COLOR: "1" },
      limitMs: 120_000,
    }),
  );
  assertEquals([status, err], [0, ""]);
  return out;
}

Deno.test("the thread ends in which a core that never returns was tested", async () => {
  const wasm = await compileCore({
    edit: (name, source) =>
      name !== "selftest.ts" ? source : source.replace(
        "export function passes(): bool {",
        `$&
          while (load<u32>(0) < 0xffffffff) store<u32>(0, 0);`,
      ),
  });
  const manifest = JSON.stringify(await manifestFor(wasm));
  const out = await inProcess(
    wasm,
    `const { proveCore } = await load("edge/core/prove.ts");
    console.log(await proveCore(wasm, ${manifest}, 300));`,
  );
  assertEquals(out, "known-answers\n");
});

Deno.test("the thread ends in which a core in shadow never returned, dropped before or by its interruption", async () => {
  const active = JSON.stringify(CORE_WASM.toBase64());
  const out = await inProcess(
    await coreThatLoops(),
    `const { openCore } = await load("edge/core/core.ts");
    const { ShadowCore } = await load("edge/core/shadow.ts");
    const active = Uint8Array.fromBase64(${active});
    const id = { prefix: 90, profile: 2, bucket: 42 };
    // On a busy machine the opening itself may be interrupted; it then gets more time.
    async function opened(limitMs) {
      const differs = Promise.withResolvers();
      let isDropped = false;
      differs.promise.then(() => isDropped = true);
      const pair = { active, shadow: wasm };
      const core = new ShadowCore(openCore(active), pair, differs.resolve, limitMs);
      const seeds = new Uint8Array(32);
      core.loadPacked(id, { seeds, credentials: new Uint32Array([1]) });
      core.search({ id, tag: 8n, tagDigits: 11, first: 1, count: 3 });
      while (core.tally().searches === 0) {
        if (isDropped) return await opened(2 * limitMs);
        await new Promise((it) => setTimeout(it, 5));
      }
      return { core, difference: differs.promise };
    }
    for (const looks of [20, 0]) {
      const { core, difference } = await opened(2_000);
      core.search({ id, tag: 7n, tagDigits: 11, first: 1, count: 3 });
      core.search({ id, tag: 7n, tagDigits: 11, first: 1, count: 3 });
      for (let i = 0; i < looks; i++) core.look();
      console.log(looks, await difference);
    }`,
  );
  assertEquals(out, "20 silent\n0 silent\n");
});
