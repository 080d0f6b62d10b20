/**
 * Resolves names as the sender does, by the name server that this machine is set
 * to, which is one of this process: for a namespace of its own. Prints what came
 * of each and all questions, as one line of JSON.
 *
 * @module
 */

import { createResolver } from "../../../../edge/callback_http/sender_resolver.ts";
import { startDnsServer } from "./dns_server.ts";

const DEADLINE_MS = 10_000;

{
  await using dns = await startDnsServer(53);
  for (const [name, records] of Object.entries(JSON.parse(Deno.args[0]!))) {
    dns.records.set(name, records as Record<string, never>);
  }
  const resolve = createResolver();
  const results = [...dns.records.keys(), "unknown_name.example"].map(
    async (name) => {
      const signal = AbortSignal.timeout(DEADLINE_MS);
      try {
        return [name, await resolve(name, signal)];
      } catch (error) {
        return [name, (error as Error).name];
      }
    },
  );
  console.log(JSON.stringify(await Promise.all(results)));
}
// The system's resolver may still wait for an answer.
Deno.exit();
