import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import {
  parseTarget,
  rememberTargets,
} from "../../../edge/callback_http/sender_target.ts";

Deno.test("parseTarget() takes a URL apart", () => {
  assertEquals(parseTarget("https://pos.example/cb?shop=7", false), {
    href: "https://pos.example/cb?shop=7",
    origin: "https://pos.example",
    host: "pos.example",
    isAddress: false,
    port: 443,
    isTls: true,
    path: "/cb?shop=7",
  });
  assertEquals(parseTarget("HTTPS://POS.Example:8443", false), {
    href: "https://pos.example:8443/",
    origin: "https://pos.example:8443",
    host: "pos.example",
    isAddress: false,
    port: 8443,
    isTls: true,
    path: "/",
  });
  assertEquals(parseTarget("http://[::1]/", true), {
    href: "http://[::1]/",
    origin: "http://[::1]",
    host: "::1",
    isAddress: true,
    port: 80,
    isTls: false,
    path: "/",
  });
});

Deno.test("parseTarget() sees through every spelling of an address", () => {
  const loopback = [
    ...["127.1", "127.0.1", "0x7f.1", "0x7f000001", "2130706433"],
    ...["017700000001", "0177.0.0.1", "0x7f.0x0.0x0.0x1", "127.0.0.1"],
    ...["%31%32%37.0.0.1", "１２７。０。０。１", "①②⑦.0.0.1", "127.0.0.01"],
  ];
  for (const host of loopback) {
    const target = parseTarget(`https://${host}/`, false);
    assertEquals(target?.host, "127.0.0.1", host);
    assertEquals(target?.isAddress, true, host);
  }
  for (
    const [host, address] of [
      ["[::ffff:127.0.0.1]", "::ffff:7f00:1"],
      ["[0:0:0:0:0:0:0:1]", "::1"],
      ["[::127.0.0.1]", "::7f00:1"],
      ["0", "0.0.0.0"],
      ["0xa9.254.43518", "169.254.169.254"],
    ]
  ) assertEquals(parseTarget(`https://${host}/`, false)?.host, address, host);
});

const NEVER = [
  "",
  "pos.example",
  "/cb",
  "//pos.example/cb",
  "https:",
  "https://",
  "https://pos.example:99999/",
  "https://pos.example:-1/",
  "https://1.2.3.4.5/",
  "https://256.1.1.1/",
  "https://[fe80::1%25eth0]/",
  "https://pos example/",
  "ftp://pos.example/",
  "file:///etc/passwd",
  "unix:/run/redis.sock",
  "ws://pos.example/",
  "data:text/plain,x",
  "javascript:0",
  // Names that end in a dot: localhost by another name.
  "https://localhost./",
  "https://pos.example./",
  // A user, a password, neither behind a sign that says so.
  "https://user@pos.example/",
  "https://user:password@pos.example/",
  "https://:password@pos.example/",
  "https://pos.example%40127.0.0.1/",
  "https://pos.example@127.0.0.1/",
  "https://pos.example/#part",
  "https://pos.example/#",
  `https://pos.example/${"x".repeat(2048)}`,
];

Deno.test("parseTarget() refuses what no setting allows", () => {
  for (const url of NEVER) {
    assertEquals(parseTarget(url, false), null, url);
    assertEquals(parseTarget(url, true), null, url);
  }
});

Deno.test("parseTarget() takes http and odd ports in development only", () => {
  const odd = [0, 1, 22, 25, 80, 110, 465, 993, 1023]
    .concat([1720, 2049, 4190, 5060, 6000, 6667, 6697, 10080])
    .map((port) => `https://pos.example:${port}/`);
  for (const url of ["http://pos.example/", "http://127.0.0.1:3000/", ...odd]) {
    assertEquals(parseTarget(url, false), null, url);
    assertEquals(parseTarget(url, true) === null, false, url);
  }
  for (const port of [443, 1024, 3000, 6379, 8080, 8443, 65535]) {
    const target = parseTarget(`https://pos.example:${port}/`, false);
    assertEquals(target?.port, port);
  }
});

Deno.test("rememberTargets() says what parseTarget() says, of few and of many", () => {
  for (const insecure of [false, true]) {
    const targetOf = rememberTargets(insecure);
    const urls = ["http://127.0.0.1/", "https://a.example/#", "no URL"];
    // More than are remembered.
    for (let n = 0; n < 2_500; n++) urls.push(`https://pos.example/${n}`);
    const first = targetOf(urls[3]!);
    assertStrictEquals(targetOf(urls[3]!), first);
    for (let again = 0; again < 2; again++) {
      for (const url of urls) {
        assertEquals(targetOf(url), parseTarget(url, insecure));
      }
    }
    const last = urls.at(-1)!;
    assertStrictEquals(targetOf(last), targetOf(last));
    // Forgotten meanwhile, and so no longer the same one.
    assert(targetOf(urls[3]!) !== first);
  }
});
