import { assertEquals } from "@std/assert";
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
