/**
 * Servers on 127.0.0.1 that fail in TLS, each in its way, and what that is
 * called.
 *
 * @module
 */

import { LimitedCommand } from "../command.ts";
import type { TlsFault } from "../../../../edge/base/network_fault.ts";
import { type Authority, createAuthority } from "./certificates.ts";

/** A server that fails. */
export interface FailingServer extends AsyncDisposable {
  readonly port: number;
}

/** How servers fail, by what they are. */
export type TlsFailures = Readonly<
  Record<string, {
    /** What a client that counts bytes calls it. */
    readonly fault: TlsFault;
    /** What others call it, where that is not the same. */
    readonly vague?: TlsFault;
    start(): Promise<FailingServer>;
  }>
>;

/** So long a server may take to listen. */
const START_MS = 40_000;

/** An authority and servers that would be trusted but for one thing. */
export async function createTlsFailures(): Promise<
  { readonly authority: Authority; readonly failures: TlsFailures }
> {
  const [authority, stranger] = await Promise.all([
    createAuthority(),
    createAuthority(),
  ]);
  const NAMES = ["IP:127.0.0.1", "DNS:localhost", "DNS:pos.example"];
  const [good, expired, early, other, unknown] = await Promise.all([
    authority.issue(NAMES),
    authority.issue(NAMES, { from: -2, to: -1 }),
    authority.issue(NAMES, { from: 1, to: 2 }),
    authority.issue(["DNS:other.example"]),
    stranger.issue(NAMES),
  ]);
  // OpenSSL offers old versions and demands little at this level only.
  const OLD = ["-cipher", "ALL:@SECLEVEL=0"];
  const WANTS = ["-Verify", "1", "-verify_return_error", "-CAfile", "ca.pem"];
  const openssl = (files: typeof good, ...args: string[]) => () =>
    startOpenssl({ ...files, ca: authority.cert }, args);
  return {
    authority,
    failures: {
      "a certificate for another name": {
        fault: "name_mismatch",
        start: openssl(other),
      },
      "a certificate of an unknown authority": {
        fault: "unknown_issuer",
        start: openssl(unknown),
      },
      "a certificate that has expired": {
        fault: "expired",
        start: openssl(expired),
      },
      "a certificate that is not valid yet": {
        fault: "not_yet_valid",
        start: openssl(early),
      },
      "TLS 1.1 only": {
        fault: "no_common_version",
        start: openssl(good, "-tls1_1", ...OLD),
      },
      "a cipher of old only": {
        fault: "no_common_version",
        vague: "refused_by_server",
        start: openssl(
          good,
          ...["-tls1_2", "-cipher", "ECDHE-ECDSA-AES256-SHA:@SECLEVEL=0"],
        ),
      },
      "a wish for a client's certificate, in TLS 1.3": {
        fault: "client_certificate_wanted",
        start: openssl(good, ...WANTS),
      },
      "a wish for a client's certificate, in TLS 1.2": {
        fault: "client_certificate_wanted",
        vague: "refused_by_server",
        start: openssl(good, "-tls1_2", ...WANTS),
      },
      "no TLS at all": {
        fault: "not_tls",
        start: () => startRude("HTTP/1.1 400 Bad Request\r\n\r\n"),
      },
      "an end in the middle of the handshake": {
        fault: "handshake",
        start: () => startRude(""),
      },
    },
  };
}

/** `openssl s_server`, which answers any request with a page. */
async function startOpenssl(
  files: { readonly cert: string; readonly key: string; readonly ca: string },
  args: readonly string[],
): Promise<FailingServer> {
  await using started = new AsyncDisposableStack();
  const cwd = await Deno.makeTempDir({ prefix: "offcode_tls_" });
  started.defer(() => Deno.remove(cwd, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    await Deno.writeTextFile(`${cwd}/${name}.pem`, text);
  }
  const child = new LimitedCommand("openssl", {
    args: [
      ...["s_server", "-accept", "127.0.0.1:0", "-www"],
      ...["-cert", "cert.pem", "-key", "key.pem", ...args],
    ],
    cwd,
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const listening = Promise.withResolvers<number>();
  const drained = (async () => {
    let text = "";
    for await (const it of child.stdout.pipeThrough(new TextDecoderStream())) {
      text += it;
      const port = /^ACCEPT \S*:(\d+)$/m.exec(text)?.[1];
      if (port !== undefined) listening.resolve(Number(port));
    }
    listening.reject(new Error("openssl does not listen"));
  })();
  const kill = () => {
    try {
      child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
  };
  started.defer(async () => {
    kill();
    await child.status;
    await drained;
  });
  const timer = setTimeout(kill, START_MS);
  const port = await listening.promise.finally(() => clearTimeout(timer));
  const stack = started.move();
  return { port, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** Answers the first bytes with a text, and hangs up. */
async function startRude(text: string): Promise<FailingServer> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepted = (async () => {
    for await (const connection of listener) {
      try {
        await connection.read(new Uint8Array(4_096));
        await connection.write(new TextEncoder().encode(text));
      } catch {
        // The other side has left.
      }
      connection.close();
    }
  })();
  return await Promise.resolve({
    port: listener.addr.port,
    async [Symbol.asyncDispose]() {
      listener.close();
      await accepted;
    },
  });
}
