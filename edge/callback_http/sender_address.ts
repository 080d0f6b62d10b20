/**
 * Decides which addresses callbacks may go to: public unicast addresses only, so
 * that no merchant can make the edge send requests into its own network. The
 * library `ipaddr.js` knows IANA's special-purpose registries (RFC 6890). An IPv4
 * address mapped into IPv6 (RFC 4291 §2.5.5.2) is judged as the IPv4 address;
 * other IPv6 forms with an IPv4 address inside (NAT64, 6to4, Teredo) are refused.
 *
 * @module
 */

import ipaddr from "ipaddr.js";

/**
 * The part of IPv6 from which IANA assigns global unicast addresses (RFC 4291
 * §2.4). The check is needed because `ipaddr.js` calls an address unicast if it is
 * in no block that it knows, such as `::7f00:1`.
 */
const GLOBAL_UNICAST = ipaddr.parseCIDR("2000::/3");

/** At this public address Azure's host answers to the virtual machines on it. */
const AZURE_HOST = "168.63.129.16";

/** Whether a text is an IPv4 address in dotted form, or an IPv6 address. */
export function isAddress(text: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text);
}

/** Whether a text is an IPv4 address in dotted form. */
export function isIpv4(text: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(text);
}

/**
 * Whether a text is a public unicast address; `false` for what is not an
 * address.
 */
export function isPublicAddress(text: string): boolean {
  if (!isAddress(text)) return false;
  const address = ipaddr.process(text);
  if (address.range() !== "unicast") return false;
  return address.kind() === "ipv4"
    ? address.toString() !== AZURE_HOST
    : address.match(GLOBAL_UNICAST);
}
