import { assertEquals } from "@std/assert";
import { startRedis, until } from "../../../scripts/redis_server.ts";
import { LimitedCommand } from "../../support/http/command.ts";

Deno.test("LimitedCommand kills a process that runs for too long, however it is waited for", async () => {
  const command = () =>
    new LimitedCommand("sleep", { args: ["600"], limitMs: 20 });
  assertEquals((await command().spawn().status).signal, "SIGKILL");
  assertEquals((await command().output()).signal, "SIGKILL");
});

Deno.test("LimitedCommand gives what a process says and how it ends", async () => {
  const args = ["-c", "cat; echo out; echo err >&2; exit 3"];
  const { code, stdout, stderr } = await new LimitedCommand("sh", { args })
    .output();
  const decoder = new TextDecoder();
  assertEquals(
    [code, decoder.decode(stdout), decoder.decode(stderr)],
    [3, "out\n", "err\n"],
  );
});

Deno.test("startRedis() kills a server that runs for too long", async () => {
  await using server = await startRedis({ limitMs: 5_000 });
  const { host: hostname, port } = server;
  const isGone = async () => {
    try {
      (await Deno.connect({ hostname, port })).close();
      return false;
    } catch {
      return true;
    }
  };
  await until(isGone, "The server goes on");
});
