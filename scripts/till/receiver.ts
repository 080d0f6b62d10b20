/**
 * A merchant's HTTP server for callbacks: it judges each one, answers, and only
 * then works on it. Offcode waits ten seconds for an answer and takes silence
 * for a failure, so nothing slow may happen before the answer.
 *
 * @module
 */

import type { Inbox, Taken } from "./inbox.ts";

/** A callback has less than 20 kB. */
const MAX_BODY_BYTES = 65_536;

/** How the server is started. */
export interface ReceiverOptions {
  readonly hostname: string;
  readonly port: number;
  /** Judges what comes; may be given once the secret is known. */
  readonly inbox: () => Inbox | null;
  /** The shop's own work, one callback after the other, after the answer. */
  readonly work: (taken: Taken) => void | Promise<void>;
  /**
   * Called with the error if the work has thrown; the callback was answered
   * already.
   */
  readonly onFault?: (error: unknown) => void;
}

/** A running server; disposing of it ends it when its work is done. */
export interface Receiver extends AsyncDisposable {
  /** Where callbacks go. */
  readonly url: string;
}

/** Starts a server. */
export function startReceiver(options: ReceiverOptions): Receiver {
  const { hostname, port, onFault = () => {} } = options;
  const pending = new Set<Promise<void>>();
  let queue = Promise.resolve();

  /**
   * Works on a callback after its answer, even if the answer did not arrive,
   * because the callback was taken.
   */
  function workLater(taken: Taken, answered: Promise<void>): void {
    const enqueue = () =>
      queue = queue.then(() => options.work(taken)).catch(onFault);
    const done = answered.then(enqueue, enqueue)
      .finally(() => pending.delete(done));
    pending.add(done);
  }

  const server = Deno.serve(
    { hostname, port, onListen: () => {} },
    async (request, info) => {
      if (request.method !== "POST") return answer(405);
      const body = await readText(request);
      if (body === null) return answer(413);
      const inbox = options.inbox();
      // Before the secret is known the callback is refused, and Offcode sends
      // it again.
      if (inbox === null) return answer(503);
      const taken = inbox.take(body, request.headers);
      workLater(taken, info.completed);
      // A repeated callback and an outdated one are answered with a 2xx, too,
      // because they need not come again.
      return answer(taken.kind === "refused" ? 401 : 204);
    },
  );
  const host = hostname.includes(":") ? `[${hostname}]` : hostname;
  return {
    url: `http://${host}:${server.addr.port}/offcode`,
    async [Symbol.asyncDispose]() {
      await server.shutdown();
      await Promise.all(pending);
    },
  };
}

const answer = (status: number) => new Response(null, { status });

/** The body byte for byte, as far as it is UTF-8; nothing if it is too long. */
async function readText(request: Request): Promise<string | null> {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let text = "";
  let length = 0;
  for await (const chunk of request.body ?? []) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) return null;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
