/**
 * The handler that the edge is raced against, whatever keeps its records: JSON
 * in, one transaction, JSON out.
 *
 * @module
 */

import { Hono } from "hono";

/** Writes one record; whether its reference was new. */
export type Transact = (
  reference: string,
  record: string,
) => boolean | Promise<boolean>;

/** As much as a verification's record with its names, about 420 bytes. */
const RECORD = "x".repeat(300);

/** Serves the handler until the process is told to end. */
export async function serveBare(transact: Transact): Promise<void> {
  const app = new Hono();
  app.post("/v1/verifications", async (c) => {
    const { code, reference } = await c.req.json();
    const result = { reference, record: RECORD + code };
    return await transact(reference, JSON.stringify(result))
      ? c.json(result)
      : c.json({ error: "conflict" }, 409);
  });
  const server = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    onListen: ({ port }) =>
      console.log(`Bare handler listens on http://127.0.0.1:${port}`),
  }, app.fetch);
  Deno.addSignalListener("SIGTERM", () => void server.shutdown());
  await server.finished;
}
