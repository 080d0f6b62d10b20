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
  /**
   * A certificate and its key, PEM, for names (`DNS:…`, `IP:…`), that begins and ends
   * days from now.
   */
  issue(
    names: readonly string[],
    options?: { readonly from?: number; readonly to?: number },
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
    async issue(names, { from = -1, to = 2 } = {}) {
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
          "ca.cnf": CA_CONFIG,
          "index.txt": "",
        },
        [
          ...["ca", "-batch", "-config", "ca.cnf", "-in", "server.csr"],
          ...["-cert", "ca.pem", "-keyfile", "ca.key"],
          ...["-startdate", inDays(from), "-enddate", inDays(to)],
          ...["-extfile", "extensions", "-notext"],
        ],
      );
      return { cert: issued, key };
    },
  };
}

const CA_CONFIG = `[ca]
default_ca=own
[own]
database=index.txt
rand_serial=yes
new_certs_dir=.
default_md=sha256
policy=any
[any]
commonName=supplied
`;

/** A moment as `openssl ca` takes it: `20260131120000Z`. */
function inDays(days: number): string {
  const moment = new Date(Date.now() + days * 86_400_000).toISOString();
  return `${moment.slice(0, 19).replace(/[-T:]/g, "")}Z`;
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
