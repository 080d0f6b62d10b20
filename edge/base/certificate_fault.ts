/**
 * Says what is wrong with a server's certificate where `node:tls` does not. For an
 * unknown issuer and for a certificate outside its time that module has one code,
 * `UNABLE_TO_VERIFY_LEAF_SIGNATURE`; the runtime's own TLS has a text for each
 * (Deno 2.9.6).
 *
 * @module
 */

import { type TlsFault, tlsFaultOf } from "./network_fault.ts";

/** The server whose certificate was refused. */
export interface CertifiedServer {
  /** Where to connect: an address, or a name that resolves. */
  readonly address: string;
  readonly port: number;
  /** The name, or the address, that the certificate must be for. */
  readonly name: string;
  /** Authorities that are trusted in addition, PEM. */
  readonly caCerts?: readonly string[];
}

/**
 * Makes a TLS handshake with the server and sends nothing else. Returns its fault,
 * or `null` if it has none or ends for another reason, such as the signal.
 */
export async function certificateFault(
  { address, port, name, caCerts }: CertifiedServer,
  signal: AbortSignal,
): Promise<TlsFault | null> {
  let open: Deno.Conn | undefined;
  // A connection that TLS was begun on cannot be closed by itself any more.
  const close = () => {
    try {
      open?.close();
    } catch {
      // It has ended already.
    }
  };
  signal.addEventListener("abort", close);
  try {
    const tcp = open = await Deno.connect({ hostname: address, port, signal });
    const tls = open = await Deno.startTls(tcp, {
      hostname: name,
      ...(caCerts && { caCerts: [...caCerts] }),
    });
    signal.throwIfAborted();
    await tls.handshake();
    return null;
  } catch (error) {
    return tlsFaultOf(error);
  } finally {
    signal.removeEventListener("abort", close);
    close();
  }
}
