/**
 * What a Redis server is asked to do, by its own `MONITOR`.
 *
 * @module
 */

import { TextLineStream } from "@std/streams/text-line-stream";
import { isNote } from "./time.ts";

/** A connection that hears every command of a server. */
export interface RedisMonitor extends AsyncDisposable {
  /** The commands that scripts give while `work` is done, in their order. */
  inScripts(work: () => Promise<unknown>): Promise<string[]>;
  /** The same with the first name that each command is about, such as `ZRANGE oc:{0}:orders`. */
  namesInScripts(work: () => Promise<unknown>): Promise<string[]>;
}

/** Begins to listen. */
export async function openMonitor(
  server: { readonly host: string; readonly port: number },
): Promise<RedisMonitor> {
  const { host: hostname, port } = server;
  const send = (connection: Deno.Conn, text: string) =>
    connection.write(new TextEncoder().encode(`${text}\r\n`));
  const connection = await Deno.connect({ hostname, port });
  const lines = connection.readable
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream())
    .getReader();
  await send(connection, "MONITOR");
  await lines.read();
  let marks = 0;

  /** All that was asked until now. */
  async function heard(): Promise<string[]> {
    const mark = `mark-${++marks}`;
    using other = await Deno.connect({ hostname, port });
    await send(other, `ECHO ${mark}`);
    const all: string[] = [];
    for (;;) {
      const { value, done } = await lines.read();
      if (done) throw new Error("The server has closed the connection");
      if (value.endsWith(`"${mark}"`)) return all;
      all.push(value);
    }
  }

  async function namesInScripts(
    work: () => Promise<unknown>,
  ): Promise<string[]> {
    await heard();
    await work();
    return (await heard()).filter((it) => !isNote(it)).flatMap((line) => {
      const [, word, name = ""] =
        /^\S+ \[\d+ lua\] "(\w+)"(?: "([^"]*)")?/.exec(line) ?? [];
      return word === undefined ? [] : [`${word.toUpperCase()} ${name}`];
    });
  }

  return {
    namesInScripts,
    inScripts: async (work) =>
      (await namesInScripts(work)).map((it) => it.split(" ")[0]!),
    async [Symbol.asyncDispose]() {
      await lines.cancel();
    },
  };
}
