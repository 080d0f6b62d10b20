/**
 * Certificates for servers of tests, made by `openssl` each time anew: nothing
 * secret is kept, nothing runs out.
 *
 * @module
 */

import { LimitedCommand } from "../command.ts";

/** An authority that a test trusts. */
export interface Authority {
  /** Its own certificate, PEM. */
  readonly cert: string;
  /** A certificate and its key, PEM, for names (`DNS:…`, `IP:…`). */
  issue(
    names: readonly string[],
    options?: { readonly days?: number },
  ): Promise<{ cert: string; key: string }>;
}

/** Makes an authority that nobody knew before. */
export async function createAuthority(): Promise<Authority> {
  const own = await makeKey();
  const cert = await openssl(
    { "ca.key": own },
    ["req", "-x509", "-new", "-key", "ca.key", "-subj", "/CN=Test authority"],
  );
  return {
    cert,
    async issue(names, { days = 2 } = {}) {
      const key = await makeKey();
      const request = await openssl(
        { "server.key": key },
        ["req", "-new", "-key", "server.key", "-subj", "/CN=Test server"],
      );
      const extensions = `subjectAltName=${names.join(",")}\n` +
        "basicConstraints=critical,CA:FALSE\n";
      const issued = await openssl(
        {
          "ca.key": own,
          "ca.pem": cert,
          "server.csr": request,
          "extensions": extensions,
        },
        [
          ...["x509", "-req", "-in", "server.csr", "-days", `${days}`],
          ...["-CA", "ca.pem", "-CAkey", "ca.key", "-set_serial", "2"],
          ...["-extfile", "extensions"],
        ],
      );
      return { cert: issued, key };
    },
  };
}

const makeKey = () =>
  openssl({}, [
    ...["genpkey", "-algorithm", "EC"],
    ...["-pkeyopt", "ec_paramgen_curve:P-256"],
  ]);

/** What openssl prints in a folder with these files. */
async function openssl(
  files: Readonly<Record<string, string>>,
  args: readonly string[],
): Promise<string> {
  const cwd = await Deno.makeTempDir({ prefix: "offcode_certificate_" });
  try {
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(`${cwd}/${name}`, text);
    }
    const { success, stdout, stderr } = await new LimitedCommand("openssl", {
      args: [...args],
      cwd,
      stdin: "null",
    }).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
    return new TextDecoder().decode(stdout);
  } finally {
    await Deno.remove(cwd, { recursive: true });
  }
}
