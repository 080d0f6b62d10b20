import { assertEquals } from "@std/assert";
import { encodeBase64 } from "@std/encoding/base64";
import { Webhook } from "standardwebhooks";
import { Inbox, type Taken } from "../../../../scripts/till/inbox.ts";
import { startReceiver } from "../../../../scripts/till/receiver.ts";

const SECRET = `whsec_${encodeBase64(new Uint8Array(32).fill(1))}`;

/** A receiver that notes what it works on. */
function start(
  options: Partial<Parameters<typeof startReceiver>[0]> = {},
) {
  const worked: Taken[] = [];
  const inbox = new Inbox(SECRET);
  const receiver = startReceiver({
    hostname: "127.0.0.1",
    port: 0,
    inbox: () => inbox,
    work: (taken) => void worked.push(taken),
    ...options,
  });
  return { receiver, worked };
}

const BODY = JSON.stringify({
  type: "endpoint.test",
  timestamp: "2026-01-15T12:00:00.000Z",
  data: { text: "é 钱 😀" },
});

async function post(
  url: string,
  id: string,
  body = BODY,
  secret = SECRET,
): Promise<number> {
  const now = new Date();
  const response = await fetch(url, {
    method: "POST",
    headers: {
      "webhook-id": id,
      "webhook-timestamp": `${Math.floor(now.getTime() / 1000)}`,
      "webhook-signature": new Webhook(secret).sign(id, now, body),
    },
    body,
    // Fails where an answer waits for what comes after it.
    signal: AbortSignal.timeout(5_000),
  });
  await response.body?.cancel();
  return response.status;
}

Deno.test("startReceiver() answers 2xx before it works", async () => {
  const begun = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const { receiver } = start({
    work: async () => {
      begun.resolve();
      await release.promise;
    },
  });
  // Both are answered while the first is still being worked on.
  assertEquals(await post(receiver.url, "cb_1"), 204);
  await begun.promise;
  assertEquals(await post(receiver.url, "cb_2"), 204);
  release.resolve();
  await receiver[Symbol.asyncDispose]();
});

Deno.test("startReceiver() works on one event after the other, to the end", async () => {
  const log: string[] = [];
  const { receiver } = start({
    work: async (taken) => {
      const id = taken.kind === "refused" ? "?" : taken.event.id;
      log.push(`${id} begins`);
      await Promise.resolve();
      log.push(`${id} ends`);
    },
  });
  const ids = ["cb_1", "cb_2", "cb_3"];
  for (const id of ids) assertEquals(await post(receiver.url, id), 204);
  await receiver[Symbol.asyncDispose]();
  assertEquals(log, ids.flatMap((id) => [`${id} begins`, `${id} ends`]));
});

Deno.test("startReceiver() goes on when its work fails", async () => {
  const faults: unknown[] = [];
  const { receiver } = start({
    work: () => Promise.reject(new Error("broken printer")),
    onFault: (error) => void faults.push((error as Error).message),
  });
  assertEquals(await post(receiver.url, "cb_1"), 204);
  assertEquals(await post(receiver.url, "cb_2"), 204);
  await receiver[Symbol.asyncDispose]();
  assertEquals(faults, ["broken printer", "broken printer"]);
});

Deno.test("startReceiver() answers a repeat 2xx and a wrong signature 401", async () => {
  const { receiver, worked } = start();
  assertEquals(await post(receiver.url, "cb_1"), 204);
  assertEquals(await post(receiver.url, "cb_1"), 204);
  const other = `whsec_${encodeBase64(new Uint8Array(32).fill(2))}`;
  assertEquals(await post(receiver.url, "cb_2", BODY, other), 401);
  await receiver[Symbol.asyncDispose]();
  assertEquals(worked.map((it) => it.kind), ["new", "repeat", "refused"]);
});

Deno.test("startReceiver() refuses what is no callback, and is not ready without a secret", async () => {
  let inbox: Inbox | null = null;
  const { receiver, worked } = start({ inbox: () => inbox });
  assertEquals(await post(receiver.url, "cb_1"), 503);
  inbox = new Inbox(SECRET);
  const got = await fetch(receiver.url);
  assertEquals([got.status, await got.text()], [405, ""]);
  assertEquals(await post(receiver.url, "cb_1", "x".repeat(65_537)), 413);
  assertEquals(worked, []);
  assertEquals(await post(receiver.url, "cb_1"), 204);
  await receiver[Symbol.asyncDispose]();
  assertEquals(worked.map((it) => it.kind), ["new"]);
});
