/**
 * Decides when two spellings of a URL mean one endpoint. Pure.
 *
 * @module
 */

/**
 * The URL in ASCII, as it is stored and connected to: a host with other letters
 * in its `xn--` form (RFC 5891), the rest percent-encoded (RFC 3987 §3.1). A dot
 * at the end of the host (an absolute DNS name) is removed, because certificates
 * never contain it. A URL that is ASCII and has no such dot is stored as it was
 * written.
 */
export function storedUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null) return text;
  const { hostname } = url;
  url.hostname = hostname.replace(/\.$/, "");
  return url.hostname === hostname && /^[\x21-\x7e]*$/.test(text)
    ? text
    : url.href;
}

/**
 * Whether two URLs are spellings of one endpoint: the same as the URL standard
 * reads them (case of scheme and host, default port, dots in the path) and as
 * RFC 3986 §6.2.2 compares percent-encodings, with or without a slash at the
 * end of the path.
 */
export function isSameEndpoint(one: string, other: string): boolean {
  return one === other || canonical(one) === canonical(other);
}

function canonical(text: string): string {
  const url = URL.parse(text);
  if (url === null) return text;
  const path = plainEscapes(url.pathname).replace(/\/$/, "");
  return url.origin + path + plainEscapes(url.search);
}

/**
 * Decodes percent-encodings that are not needed, and writes the others in upper
 * case.
 */
function plainEscapes(text: string): string {
  return text.replace(/%[0-9a-f]{2}/gi, (escape) => {
    const character = String.fromCharCode(parseInt(escape.slice(1), 16));
    return /[A-Za-z0-9._~-]/.test(character) ? character : escape.toUpperCase();
  });
}
