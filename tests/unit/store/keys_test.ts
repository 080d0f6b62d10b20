import { assertEquals } from "@std/assert";
import { accountKey } from "../../../edge/store/keys.ts";

Deno.test("accountKey() names each account, whichever was named before it", () => {
  const names = ["", "alice", "bob", "alice", "alice", "a:b", ""];
  assertEquals(
    names.map(accountKey),
    ["", "alice", "bob", "alice", "alice", "a%3Ab", ""].map((it) =>
      `oc:{0}:account:${it}`
    ),
  );
});
