import { assertEquals } from "@std/assert";
import { certificateFault } from "../../../edge/base/certificate_fault.ts";

// What it says of each certificate: tests/fault/reasons_test.ts.

Deno.test("certificateFault() of a server that is silent ends with its signal", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { hostname: address, port } = listener.addr;
  const ended = new AbortController();
  const fault = certificateFault(
    { address, port, name: "pos.example" },
    ended.signal,
  );
  using silent = await listener.accept();
  // The first message of the handshake has arrived.
  await silent.read(new Uint8Array(1));
  ended.abort();
  assertEquals(await fault, null);
});

Deno.test("certificateFault() of a port where nobody listens, and after its signal, is none", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { hostname: address, port } = listener.addr;
  listener.close();
  const server = { address, port, name: "pos.example" };
  const { signal } = new AbortController();
  assertEquals(await certificateFault(server, signal), null);
  assertEquals(await certificateFault(server, AbortSignal.abort()), null);
});
