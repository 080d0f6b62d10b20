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

/** Serves the handler at `path` until the process is told to end. */
export async function serveBare(
  transact: Transact,
  path: "/v1/verifications" | "/v1/payments" = "/v1/verifications",
): Promise<void> {
  const app = new Hono();
  app.post(path, async (c) => {
    const { code, reference, order_id } = await c.req.json();
    const result = { reference, order_id, record: RECORD + code };
    return await transact(reference ?? order_id, JSON.stringify(result))
      ? c.json(result, path === "/v1/payments" ? 201 : 200)
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
