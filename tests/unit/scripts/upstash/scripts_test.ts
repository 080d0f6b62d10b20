import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  messageOf,
  post,
  register,
} from "../../../support/redis/upstash_gateway.ts";

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

register(
  "the gateway serves the client's own scripts, sent once and run by hash after",
  async ({ gateway, redis, raw }) => {
    const script = redis.createScript<[number, string]>(
      "return {redis.call('INCR', KEYS[1]), ARGV[1]}",
    );
    assertEquals(await script.exec(["n"], ["é"]), [1, "é"]);
    assertEquals(await script.exec(["n"], ["😀"]), [2, "😀"]);
    // An EVALSHA that was refused, the EVAL after it, and an EVALSHA.
    const { EVALSHA, EVAL } = gateway.stats().commands;
    assertEquals([EVALSHA, EVAL], [2, 1]);
    await redis.scriptFlush();
    assertEquals(await script.exec(["n"], ["again"]), [3, "again"]);
    assertEquals(await raw.send("GET", "n"), "3");

    const reading = redis.createScript<number, true>(
      "return redis.call('GET', KEYS[1])",
      { readonly: true } as const,
    );
    assertEquals(await reading.exec(["n"], []), 3);
    const writing = redis.createScript<number, true>(
      "return redis.call('DEL', KEYS[1])",
      {
        readonly: true,
      } as const,
    );
    assertStringIncludes(
      await messageOf(writing.exec(["n"], [])),
      "Write commands are not allowed",
    );
    assertEquals(await raw.send("GET", "n"), "3");
  },
);

register(
  "the gateway runs functions that were loaded",
  async ({ gateway, redis }) => {
    const code = "#!lua name=lib\n" +
      "redis.register_function{function_name='both', " +
      "callback=function(keys, args) return {keys[1], args[1]} end, " +
      "flags={'no-writes'}}";
    const load = await post(gateway, "/", ["FUNCTION", "LOAD", code]);
    assertEquals(load.body, { result: "lib" });
    assertEquals(await redis.exec(["FCALL", "both", 1, "k", "a"]), ["k", "a"]);
    assertEquals(await redis.exec(["FCALL_RO", "both", 1, "k", "a"]), [
      "k",
      "a",
    ]);
  },
);
