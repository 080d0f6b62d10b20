/**
 * Names to addresses, asked anew each time: no answer is kept, so that what was
 * checked is what the name means now.
 *
 * @module
 */

/**
 * All addresses of a name, IPv4 and IPv6; none where it has none.
 *
 * Rejects where the name does not resolve. May be left alone when the signal is
 * aborted; it is waited for no longer then.
 */
export type Resolve = (
  name: string,
  signal: AbortSignal,
) => Promise<readonly string[]>;

/** Where a DNS server listens. */
export interface NameServer {
  readonly ipAddr: string;
  readonly port: number;
}

/** Resolves with the system's name servers, or with the one that is given. */
export function createResolver(nameServer?: NameServer): Resolve {
  return async (name, signal) => {
    const options = { signal, ...(nameServer && { nameServer }) };
    // The dot at the end: the name itself, whatever domains the machine would
    // try to append.
    const answers = await Promise.all(
      (["A", "AAAA"] as const).map(async (type) => {
        try {
          return await Deno.resolveDns(`${name}.`, type, options);
        } catch (error) {
          // No record of this type, but maybe of the other.
          if (error instanceof Deno.errors.NotFound) return null;
          throw error;
        }
      }),
    );
    if (answers.every((it) => it === null)) {
      throw new Deno.errors.NotFound("The name does not resolve");
    }
    return answers.flatMap((it) => it ?? []);
  };
}

/**
 * The same, but whoever asks for a name while it is being asked for gets that
 * answer too: a burst of callbacks to one endpoint is one question.
 */
export function sharing(resolve: Resolve): Resolve {
  const asked = new Map<string, Promise<readonly string[]>>();
  return (name, signal) => {
    const pending = asked.get(name);
    if (pending !== undefined) return pending;
    const forget = () => {
      if (asked.get(name) === answer) asked.delete(name);
    };
    const answer = resolve(name, signal).finally(() => {
      signal.removeEventListener("abort", forget);
      forget();
    });
    // A resolver that hangs has no claim on those who ask later.
    signal.addEventListener("abort", forget);
    asked.set(name, answer);
    return answer;
  };
}
