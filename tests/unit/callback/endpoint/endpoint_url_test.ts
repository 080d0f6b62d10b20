import { assertEquals } from "@std/assert";
import {
  isSameEndpoint,
  storedUrl,
} from "../../../../edge/callback/endpoint/endpoint_url.ts";

Deno.test("isSameEndpoint() knows one URL in its spellings", () => {
  const same = [
    ["https://shop.example", "https://shop.example/"],
    ["https://shop.example/", "HTTPS://SHOP.example:443"],
    ["https://shop.example/cb", "https://shop.example/./cb"],
    ["https://shop.example/cb", "https://shop.example/x/../cb"],
    ["https://shop.example/cb", "https://shop.example/cb/"],
    ["https://shop.example/cb?a=1", "https://shop.example/cb/?a=1"],
    ["https://shop.example/cb", "https://shop.example/cb?"],
    ["https://shop.example/~a", "https://shop.example/%7ea"],
    ["https://shop.example/%c3%bc", "https://shop.example/%C3%BC"],
    ["https://shop.example/%2f", "https://shop.example/%2F"],
    ["https://xn--mnchen-3ya.example", "https://m\u00fcnchen.example"],
    ["https://[2001:db8::1]/", "https://[2001:DB8:0::1]"],
  ] as const;
  for (const [one, other] of same) {
    assertEquals(isSameEndpoint(one, other), true, other);
    assertEquals(isSameEndpoint(other, one), true, other);
  }
});

Deno.test("isSameEndpoint() takes different URLs for different", () => {
  const url = "https://shop.example/cb";
  const others = [
    "http://shop.example/cb",
    "https://shop.example:8443/cb",
    "https://www.shop.example/cb",
    "https://shop.example/CB",
    "https://shop.example/cb//",
    "https://shop.example/cb/x",
    "https://shop.example/cb?a",
    "https://shop.example/",
  ];
  for (const other of others) {
    assertEquals(isSameEndpoint(url, other), false, other);
  }
  // A slash that is escaped parts nothing, a plus is no space.
  assertEquals(isSameEndpoint(`${url}/a%2Fb`, `${url}/a/b`), false);
  assertEquals(isSameEndpoint(`${url}?a=%2B`, `${url}?a=+`), false);
});

Deno.test("storedUrl() leaves what is ASCII as it was written", () => {
  for (const url of ["HTTPS://Shop.Example:443/./a", "https://x.example/%7e"]) {
    assertEquals(storedUrl(url), url);
  }
  assertEquals(
    storedUrl("https://m\u00fcnchen.example/\u00fc?\u00fc"),
    "https://xn--mnchen-3ya.example/%C3%BC?%C3%BC",
  );
  // With and without the dot that ends a name it is the same host.
  assertEquals(
    storedUrl("https://Shop.example.:8443/cb?a=1."),
    "https://shop.example:8443/cb?a=1.",
  );
  assertEquals(
    storedUrl("https://shop.example/cb."),
    "https://shop.example/cb.",
  );
  // Two dots are no name, and one alone is none.
  assertEquals(storedUrl("https://shop.example../"), "https://shop.example./");
  assertEquals(storedUrl("https://./"), "https://./");
  // Fullwidth digits are an address, and judged as that.
  assertEquals(storedUrl("https://１２７。０。０。１/"), "https://127.0.0.1/");
});
