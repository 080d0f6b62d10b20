import { assertEquals } from "@std/assert";
import { until } from "../../../../scripts/redis_server.ts";
import { register, TOKEN } from "../../../support/redis/upstash_gateway.ts";

register("the gateway serves subscriptions", async ({ gateway, raw }) => {
  const response = await fetch(`${gateway.url}/subscribe/news/chat`, {
    method: "POST",
    headers: { authorization: `Bearer ${TOKEN}`, accept: "text/event-stream" },
  });
  const reader = response.body!.pipeThrough(new TextDecoderStream())
    .getReader();
  let text = "";
  const receive = async (end: string) => {
    while (!text.endsWith(end)) text += (await reader.read()).value ?? "";
  };
  await receive("data: subscribe,chat,2\n\n");
  assertEquals(await raw.send("PUBLISH", "news", "a,b"), 1);
  await receive("data: message,news,a,b\n\n");
  await reader.cancel();
});

register(
  "the gateway gives the official client what is published, and stops when told",
  async ({ redis, raw }) => {
    const heard: unknown[] = [];
    let told = Promise.withResolvers<void>();
    const wait = async () => {
      await told.promise;
      told = Promise.withResolvers();
    };
    const subscriber = redis.subscribe<unknown>(["news", "chat"]);
    const ready = Promise.withResolvers<void>();
    let channels = 0;
    subscriber.on("subscribe", () => ++channels === 2 && ready.resolve());
    subscriber.on("message", ({ channel, message }) => {
      heard.push([channel, message]);
      told.resolve();
    });
    await ready.promise;
    for (const message of ["text, with a comma", { deep: [1, null] }, 7]) {
      await redis.publish("chat", message);
      await wait();
    }
    assertEquals(heard, [
      ["chat", "text, with a comma"],
      ["chat", { deep: [1, null] }],
      ["chat", 7],
    ]);
    await subscriber.unsubscribe();
    await until(
      async () => (await raw.send("PUBSUB", "CHANNELS")).length === 0,
      "It is still subscribed",
    );
  },
);
