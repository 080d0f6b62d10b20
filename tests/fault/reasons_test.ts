/**
 * Why Redis or the ledger could not be reached is told apart in the log, and an
 * authority of one's own is trusted by `DENO_CERT`.
 *
 * @module
 */

import { LimitedCommand } from "../support/http/command.ts";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { startRedis } from "../../scripts/redis_server.ts";
import { createAuthority } from "../support/http/net/certificates.ts";
import type { Reached } from "../support/http/net/reach_child.ts";
import { startServer } from "../support/world/server.ts";
import { createTlsFailures } from "../support/http/net/tls_servers.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

/** What every way says of servers, where an authority is trusted. */
async function reachAll(
  ports: Readonly<Record<string, number>>,
  cert: string,
): Promise<Record<string, Reached>> {
  const path = await Deno.makeTempFile({ suffix: ".pem" });
  try {
    await Deno.writeTextFile(path, cert);
    const { stdout, stderr } = await new LimitedCommand(Deno.execPath(), {
      args: [
        ...[
          "run",
          "-A",
          "--cached-only",
          "tests/support/http/net/reach_child.ts",
        ],
        JSON.stringify(ports),
      ],
      cwd: ROOT,
      env: { NO_COLOR: "1", DENO_CERT: path, DENO_NO_UPDATE_CHECK: "1" },
      signal: AbortSignal.timeout(60_000),
    }).output();
    const text = new TextDecoder().decode(stdout);
    assert(text !== "", new TextDecoder().decode(stderr));
    return JSON.parse(text);
  } finally {
    await Deno.remove(path);
  }
}

Deno.test("the ways to the ledger and to Redis say why TLS failed", async () => {
  const { authority, failures } = await createTlsFailures();
  await using servers = new AsyncDisposableStack();
  const ports: Record<string, number> = {};
  for (const [what, { start }] of Object.entries(failures)) {
    ports[what] = servers.use(await start()).port;
  }
  const found = await reachAll(ports, authority.cert);
  for (const [what, { fault, vague = fault }] of Object.entries(failures)) {
    const said = { fault: "unreachable", reason: `tls: ${vague}` };
    assertEquals(
      found[what],
      { ledger: said, rest: said, tcp: said, cluster: said },
      what,
    );
  }
});

Deno.test("a port where nobody listens is told apart from TLS", async () => {
  const authority = await createAuthority();
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const said = { fault: "unreachable", reason: "ECONNREFUSED" };
  assertEquals(await reachAll({ nobody: port }, authority.cert), {
    nobody: { ledger: said, rest: said, tcp: said, cluster: said },
  });
});

Deno.test("a Redis under TLS of one's own authority is reached with DENO_CERT, and without it the log says why not", async () => {
  const authority = await createAuthority();
  const { cert, key } = await authority.issue(["IP:127.0.0.1"]);
  const folder = await Deno.makeTempDir({ prefix: "offcode_tls_" });
  try {
    for (
      const [name, text] of Object.entries({ cert, key, ca: authority.cert })
    ) await Deno.writeTextFile(`${folder}/${name}.pem`, text);
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    listener.close();
    await using _redis = await startRedis({
      settings: [
        ...["--tls-port", `${port}`, "--tls-auth-clients", "no"],
        ...["--tls-cert-file", `${folder}/cert.pem`],
        ...["--tls-key-file", `${folder}/key.pem`],
        ...["--tls-ca-cert-file", `${folder}/ca.pem`],
      ],
    });
    const OFFCODE_STORE = `rediss://127.0.0.1:${port}`;
    for (const DENO_CERT of [`${folder}/ca.pem`, undefined]) {
      await using server = await startServer({
        env: { OFFCODE_STORE, ...(DENO_CERT !== undefined && { DENO_CERT }) },
      });
      const { status } = await server.api.call("POST", "/v1/admin/merchants", {
        key: server.api.adminKey,
        body: { name: "Shop" },
      });
      if (DENO_CERT !== undefined) {
        assertEquals(status, 201);
        continue;
      }
      assertEquals(status, 503);
      await server.kill("SIGTERM");
      assertStringIncludes(
        server.output(),
        '"fault":"unreachable","reason":"tls: unknown_issuer"',
      );
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
