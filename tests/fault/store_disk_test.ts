/**
 * A disk without room. A limit on the size of files, which needs no rights,
 * stands in everywhere; where the machine lets a process have namespaces of its
 * own, a small file system is filled as well.
 *
 * @module
 */

import { LimitedCommand } from "../support/http/command.ts";
import { assert, assertEquals } from "@std/assert";
import type { StoreFault, Transaction } from "../../edge/store/store.ts";
import { absent, add, index, page, set } from "../support/store/ops.ts";
import { StoreProcess } from "../support/store/process/process.ts";
import { withStorePath } from "../support/store/sqlite.ts";

async function run(program: string, ...args: string[]): Promise<boolean> {
  const { success } = await new LimitedCommand(program, {
    args,
    stdout: "null",
    stderr: "null",
  }).output();
  return success;
}

const large = (n: number): Transaction => ({
  checks: [absent(`k${n}`)],
  writes: [
    add("count", 1),
    index("i", `${n}`, n),
    set(`k${n}`, `${n}`.repeat(20_000)),
  ],
});
const numbers = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => from + i);

/** Takes all room away, and gives it back. */
interface Disk {
  readonly child: StoreProcess;
  /** What the first to find no room hear; after it, `full`. */
  readonly firstFault: StoreFault;
  /** Whether reads go on. */
  readonly isReadable: boolean;
  fill(): Promise<void>;
  free(): Promise<void>;
}

async function survives(
  { child, firstFault, isReadable, fill, free }: Disk,
): Promise<void> {
  const read = async () =>
    await child.ask("read", {
      keys: ["count", ...numbers(0, 100).map((n) => `k${n}`)],
      ranges: [page("i")],
    });
  const committed = { committed: true, values: [] };

  assertEquals(await child.ask("open"), null);
  const first = numbers(0, 5);
  assertEquals(
    await child.ask("txns", first.map(large)),
    first.map(() => committed),
  );
  const before = await read();
  for (let round = 0; round < 3; round++) {
    await fill();
    const batch = numbers(10, 40);
    assertEquals(
      await child.ask("txns", batch.map(large)),
      batch.map(() => firstFault),
      "All that would have been written together fails together",
    );
    assertEquals(await child.ask("txn", large(60)), "full");
    assertEquals(await read(), isReadable ? before : "full");
    await free();
    assertEquals(await read(), before);
  }
  const later = numbers(10, 40);
  assertEquals(
    await child.ask("txns", later.map(large)),
    later.map(() => committed),
  );
  const after = await read();
  assertEquals(after.values[0], "0:45");
  assertEquals(
    after.ranges[0].map(({ score }: { score: number }) => score),
    [...first, ...later],
  );
}

Deno.test("txn() fails whole batches without room for its files, and recovers", async () => {
  await withStorePath(async (path) => {
    // The signal would end the process; SQLite is to see the error instead.
    const wrap = ["env", "--ignore-signal=XFSZ"];
    await using child = new StoreProcess(path, wrap);
    const limit = async (size: string) =>
      assertEquals(
        await run("prlimit", `--pid=${child.pid}`, `--fsize=${size}:`),
        true,
      );
    await survives({
      child,
      // "File too large" is no "disk full" to SQLite; the file is opened anew,
      // and there is no room for the index of its log.
      firstFault: "unreachable",
      isReadable: false,
      fill: () => limit("20000"),
      free: () => limit("unlimited"),
    });
  });
});

Deno.test("txn() fails whole batches on a full file system, and recovers", async () => {
  assert(
    await run("unshare", "-Urm", "mount", "-t", "tmpfs", "none", "/mnt"),
    "It needs a namespace: run it as root, or allow user namespaces",
  );
  await withStorePath(async (_, folder) => {
    const disk = `${folder}/disk`;
    await Deno.mkdir(disk);
    const mount = `mount -t tmpfs -o size=2m none ${disk} && exec "$@"`;
    const wrap = ["unshare", "-Urm", "sh", "-c", mount, "sh"];
    await using child = new StoreProcess(`${disk}/store.db`, wrap);
    await survives({
      child,
      firstFault: "full",
      isReadable: true,
      fill: async () =>
        assertEquals(await child.ask("fill", `${disk}/x`), null),
      free: async () =>
        assertEquals(await child.ask("remove", `${disk}/x`), null),
    });
  });
});
