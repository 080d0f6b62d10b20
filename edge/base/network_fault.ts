/**
 * Why another server could not be reached, in words for the person who can repair
 * it: the merchant for its endpoint, the operator for Redis and the ledger. The
 * text of an error is never repeated, because it may hold an address or what was
 * sent.
 *
 * Node's sockets name a fault by `code`, the runtime's `fetch` by its text only
 * (Deno 2.9.6, rustls).
 *
 * @module
 */

/** What can be wrong with TLS. */
export const TLS_FAULTS = [
  /** The certificate is for another name. */
  "name_mismatch",
  /**
   * No trusted authority issued the certificate; it may be a private
   * authority's.
   */
  "unknown_issuer",
  "expired",
  "not_yet_valid",
  /** The two sides have no TLS version or no cipher in common. */
  "no_common_version",
  /** The server wants a certificate of the client, which has none. */
  "client_certificate_wanted",
  /**
   * One of the two above: up to TLS 1.2 a server sends the same alert for both.
   */
  "refused_by_server",
  /** The server's bytes are not TLS. */
  "not_tls",
  /** Any other fault, such as a connection that ended during the handshake. */
  "handshake",
] as const;

/** What was wrong with TLS. */
export type TlsFault = typeof TLS_FAULTS[number];

/** The most causes that are followed; a chain of causes can be circular. */
const MAX_DEPTH = 5;

/** Patterns of error codes and texts; the first that matches decides. */
const SIGNS: readonly (readonly [RegExp, TlsFault])[] = [
  [
    /ALTNAME_INVALID|not valid for name|NotValidForName|Unrecogni[sz]edName/,
    "name_mismatch",
  ],
  [/CERT_HAS_EXPIRED|peer certificate: .*expired/i, "expired"],
  [/CERT_NOT_YET_VALID|NotValidYet|not valid yet/, "not_yet_valid"],
  [
    /UNABLE_TO_(GET_ISSUER|VERIFY)|SELF_SIGNED_CERT|UnknownIssuer|BadSignature|CaUsedAsEndEntity/,
    "unknown_issuer",
  ],
  // Alerts of a server that got no client certificate, or a bad one (RFC 8446 §6.2).
  [
    /alert: (Certificate|BadCert|NoCert|UnsupportedCert|Unknown_?CA|AccessDenied)/i,
    "client_certificate_wanted",
  ],
  [/PROTOCOL_VERSION|ProtocolVersion|incompatible/, "no_common_version"],
  [/HANDSHAKE_FAILURE|HandshakeFailure/, "refused_by_server"],
  [/WRONG_VERSION_NUMBER|InvalidContentType/, "not_tls"],
  [
    /peer certificate|fatal alert|tls handshake|before secure TLS|ERR_(SSL|TLS)_/,
    "handshake",
  ],
];

/**
 * The TLS fault that an error or one of its causes means; `null` if the error is about
 * something else.
 */
export function tlsFaultOf(error: unknown): TlsFault | null {
  for (let depth = 0; error instanceof Error && depth < MAX_DEPTH; depth++) {
    const text = `${(error as { code?: unknown }).code} ${error.message}`;
    const sign = SIGNS.find(([pattern]) => pattern.test(text));
    if (sign !== undefined) return sign[1];
    error = causeOf(error);
  }
  return null;
}

/** Texts of `fetch`'s errors, and the code that a socket would give for each. */
const TEXTS: readonly (readonly [RegExp, string])[] = [
  [/dns error/, "ENOTFOUND"],
  [/os error 111\)|Connection refused/, "ECONNREFUSED"],
  [/os error 104\)|Connection reset/, "ECONNRESET"],
  [/os error 11[03]\)|timed out/, "ETIMEDOUT"],
  [/unsuccessful tunnel|proxy/, "PROXY"],
];

/**
 * Why there was no connection: `tls: ` and a {@linkcode TlsFault}, a code such as
 * `ECONNREFUSED` or `ENOTFOUND`, or `PROXY` if a proxy refused. `null` if the error
 * does not say.
 */
export function networkReason(error: unknown): string | null {
  const tls = tlsFaultOf(error);
  if (tls !== null) return `tls: ${tls}`;
  for (let depth = 0; error instanceof Error && depth < MAX_DEPTH; depth++) {
    const { code } = error as { code?: unknown };
    if (typeof code === "string" && /^E[A-Z_]{2,30}$/.test(code)) return code;
    const { message } = error;
    const meant = TEXTS.find(([pattern]) => pattern.test(message));
    if (meant !== undefined) return meant[1];
    error = causeOf(error);
  }
  return null;
}

/** The cause of an error; of several attempts, the error of the first. */
function causeOf(error: Error): unknown {
  return error instanceof AggregateError ? error.errors[0] : error.cause;
}
