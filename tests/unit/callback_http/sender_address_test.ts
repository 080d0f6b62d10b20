import { assertEquals } from "@std/assert";
import {
  isAddress,
  isPublicAddress,
} from "../../../edge/callback_http/sender_address.ts";

/** RFC 6890 and what came after it, first and last of each block. */
const REFUSED = {
  "this network": ["0.0.0.0", "0.255.255.255"],
  "private": ["10.0.0.0", "10.255.255.255", "172.16.0.0", "172.31.255.255"],
  "private C": ["192.168.0.0", "192.168.255.255"],
  "shared (RFC 6598)": ["100.64.0.0", "100.127.255.255", "100.100.100.200"],
  "loopback": ["127.0.0.0", "127.0.0.1", "127.255.255.255"],
  "link local": ["169.254.0.0", "169.254.169.254", "169.254.255.255"],
  "IETF assignments": ["192.0.0.0", "192.0.0.192", "192.0.0.255"],
  "documentation": ["192.0.2.1", "198.51.100.1", "203.0.113.1"],
  "relays (6to4)": ["192.88.99.1"],
  "benchmarks": ["198.18.0.0", "198.19.255.255"],
  "multicast": ["224.0.0.1", "239.255.255.255"],
  "reserved": ["240.0.0.1", "255.255.255.254"],
  "broadcast": ["255.255.255.255"],
  "Azure's host": ["168.63.129.16"],
  "IPv6 unspecified and loopback": ["::", "::1", "0:0:0:0:0:0:0:1"],
  "IPv4 mapped": [
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "0:0:0:0:0:ffff:a00:1",
    "::ffff:169.254.169.254",
    "::ffff:a83f:8110",
  ],
  "IPv4 compatible": ["::127.0.0.1", "::7f00:1", "::a00:1", "::808:808"],
  "IPv4 translated": ["::ffff:0:7f00:1", "::ffff:0:808:808"],
  "NAT64": ["64:ff9b::7f00:1", "64:ff9b::10.0.0.1", "64:ff9b:1::1"],
  "6to4": ["2002:7f00:1::", "2002:a00:1::1", "2002:808:808::1"],
  "Teredo": ["2001::1", "2001:0:7f00:1::", "2001:0:ffff::"],
  "discard": ["100::1"],
  "ORCHID, benchmarks, documentation": [
    "2001:10::1",
    "2001:20::1",
    "2001:2::1",
    "2001:db8::1",
    "3fff::1",
  ],
  "unique local": ["fc00::1", "fd00:ec2::254", "fdff:ffff::1"],
  "link local v6": ["fe80::1", "febf::1", "fe80::1%eth0"],
  "site local": ["fec0::1"],
  "multicast v6": ["ff02::1", "ff0e::1"],
  "SRv6": ["5f00::1"],
  "not given out": ["4000::1", "8000::1", "e000::1", "1fff::1"],
  "no address": [
    "",
    "localhost",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "8.8.8",
    "8.8.8.8.8",
    "8.8.8.08",
    " 8.8.8.8",
    "[2606:4700::1111]",
    "2606:4700::1111::",
  ],
};

const ALLOWED = [
  "1.1.1.1",
  "8.8.8.8",
  "9.255.255.255",
  "11.0.0.0",
  "100.63.255.255",
  "100.128.0.0",
  "126.255.255.255",
  "128.0.0.0",
  "168.63.129.15",
  "168.63.129.17",
  "172.15.255.255",
  "172.32.0.0",
  "192.169.0.0",
  "223.255.255.255",
  "2606:4700:4700::1111",
  "2a00:1450:4001:80b::200e",
  "::ffff:8.8.8.8",
];

Deno.test("isPublicAddress() refuses every special block, in every form", () => {
  for (const [name, addresses] of Object.entries(REFUSED)) {
    for (const address of addresses) {
      assertEquals(isPublicAddress(address), false, `${name}: ${address}`);
    }
  }
});

Deno.test("isPublicAddress() takes what lies beside the special blocks", () => {
  for (const address of ALLOWED) {
    assertEquals(isPublicAddress(address), true, address);
  }
});

Deno.test("isAddress() knows an address by its whole spelling", () => {
  for (const address of ALLOWED) assertEquals(isAddress(address), true);
  for (const text of REFUSED["no address"]) {
    assertEquals(isAddress(text), false, text);
  }
});
