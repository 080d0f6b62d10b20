import { assertEquals } from "@std/assert";
import { register, TOKEN } from "../../../support/upstash_gateway.ts";

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
