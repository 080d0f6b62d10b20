import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  client,
  messageOf,
  register,
} from "../../../support/upstash_gateway.ts";

const LOCKING = "#!lua flags=allow-key-locking\n";

register(
  "the gateway runs scripts that ask for locks on their keys",
  async ({ redis, raw }) => {
    const script = `${LOCKING}return redis.call('INCR', KEYS[1])`;
    assertEquals(await redis.eval(script, ["n"], []), 1);
    // By the hash that the client knows it by, also after a load.
    const sha = await redis.scriptLoad(script);
    const digest = await crypto.subtle.digest(
      "SHA-1",
      new TextEncoder().encode(script),
    );
    const hex = [...new Uint8Array(digest)]
      .map((byte) => byte.toString(16).padStart(2, "0")).join("");
    assertEquals(sha, hex);
    assertEquals(await redis.evalsha(sha, ["n"], []), 2);
    assertEquals(await redis.scriptExists(sha), [1]);
    await raw.send("SCRIPT", "FLUSH");
    assertEquals(await redis.scriptExists(sha), [0]);
    const unknown = await messageOf(redis.evalsha(sha, ["n"], []));
    assertStringIncludes(unknown, "NOSCRIPT");
    // Other flags stay.
    const reading = "#!lua flags=no-writes,allow-key-locking\n";
    const write = `${reading}return redis.call('INCR', KEYS[1])`;
    const refused = await messageOf(redis.eval(write, ["n"], []));
    assertStringIncludes(refused, "Write commands are not allowed");
    assertEquals(await raw.send("GET", "n"), "2");
  },
);

register(
  "the gateway refuses such scripts every key that was not declared",
  async ({ redis, raw }) => {
    for (const call of ["call", "pcall"]) {
      const script = `${LOCKING}return redis.${call}('SET', 'other', '1')`;
      const refused = await messageOf(redis.eval(script, ["n"], []));
      assertStringIncludes(refused, "Dynamic keys are not allowed");
    }
    assertEquals(await raw.send("EXISTS", "other"), 0);
    assertEquals(
      await redis.eval(`${LOCKING}return redis.call('TIME')[1]`, [], [])
        .then((seconds) => Number(seconds) > 0),
      true,
    );
  },
);
