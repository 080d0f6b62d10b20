/**
 * Which addresses callbacks go to: public unicast ones, so that no merchant can
 * have the edge knock at what stands beside it. The special-purpose registries
 * of IANA (RFC 6890) are `ipaddr.js`'s; forms of IPv4 inside IPv6 are either
 * judged as that IPv4 (mapped, RFC 4291 §2.5.5.2) or refused whole (NAT64, 6to4,
 * Teredo).
 *
 * @module
 */

import ipaddr from "ipaddr.js";

/**
 * All of IPv6 that is given out as global unicast (RFC 4291 §2.4, IANA). Beyond
 * it `ipaddr.js` takes for unicast what is in no block it knows: `::7f00:1`.
 */
const GLOBAL_UNICAST = ipaddr.parseCIDR("2000::/3");

/** Azure's host answers there from within every machine of it. */
const AZURE_HOST = "168.63.129.16";

/** Whether a text is one whole IPv4 or IPv6 address, dotted or with colons. */
export function isAddress(text: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text);
}

/** Whether a text is an IPv4 address with its dots. */
export function isIpv4(text: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(text);
}

/** Whether an address is a public unicast one; what is no address is not. */
export function isPublicAddress(text: string): boolean {
  if (!isAddress(text)) return false;
  const address = ipaddr.process(text);
  if (address.range() !== "unicast") return false;
  return address.kind() === "ipv4"
    ? address.toString() !== AZURE_HOST
    : address.match(GLOBAL_UNICAST);
}
