/**
 * Resolves names to addresses. Each call asks anew and no answer is cached, so that
 * the addresses that are judged are those that the name has now.
 *
 * @module
 */

import { getServers } from "node:dns";
import { lookup } from "node:dns/promises";
import { isAddress } from "./sender_address.ts";

/**
 * The addresses of a name, IPv4 and IPv6. If the answer for one kind is late, the
 * addresses of the other kind are given alone.
 *
 * Rejects if the name does not resolve. After the signal is aborted nobody waits
 * for the result.
 */
export type Resolve = (
  name: string,
  signal: AbortSignal,
) => Promise<readonly string[]>;

/** The address and port of a DNS server. */
export interface NameServer {
  readonly ipAddr: string;
  readonly port: number;
}

/** How {@linkcode createResolver} asks. */
export interface ResolverOptions {
  /** The name server to ask; by default those of the system. */
  readonly nameServer?: NameServer;
  /** Asks one question; by default the runtime's own function. */
  readonly resolveDns?: ResolveDns;
  /**
   * The name servers of the system; by default those that the machine is set
   * to.
   */
  readonly systemServers?: () => readonly NameServer[];
}

type ResolveDns = (
  name: string,
  type: "A" | "AAAA",
  options: { signal?: AbortSignal; nameServer?: NameServer },
) => Promise<string[]>;

/**
 * How long to wait for the other kind of address when one kind is known: some
 * name servers never answer AAAA (RFC 4074 §4.1), and one kind is enough to
 * connect (RFC 8305 §3).
 */
const OTHER_KIND_MS = 250;

/**
 * Resolves with the system's name servers, or with the one that is given. A
 * question that nobody answers is asked again within the signal's time.
 */
export function createResolver(options: ResolverOptions = {}): Resolve {
  const {
    nameServer,
    resolveDns = Deno.resolveDns as ResolveDns,
    systemServers = machineServers,
  } = options;

  /** Asks one question; an empty list if the name has no record of this kind. */
  async function askOnce(
    name: string,
    type: "A" | "AAAA",
    server: NameServer | undefined,
    signal?: AbortSignal,
  ): Promise<readonly string[]> {
    try {
      return await resolveDns(name, type, {
        ...(signal && { signal }),
        ...(server && { nameServer: server }),
      });
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return [];
      throw error;
    }
  }

  async function askDns(
    name: string,
    type: "A" | "AAAA",
    signal: AbortSignal,
  ): Promise<readonly string[]> {
    try {
      return await askOnce(name, type, nameServer, signal);
    } catch (error) {
      const isSilence = error instanceof Deno.errors.TimedOut;
      if (!isSilence || signal.aborted) throw error;
    }
    // A question with a signal is given up by the runtime after two seconds, or
    // sooner if the machine's settings say so. A question without a signal, to a
    // server that is named by its address, has three tries of five seconds each. It
    // cannot be cancelled and ends by itself.
    const servers = nameServer ? [nameServer] : systemServers();
    const answers = (servers.length > 0 ? servers : [undefined]).map(
      (server) => askOnce(name, type, server),
    );
    return await unlessAborted(Promise.any(answers), signal);
  }

  return async (name, signal) => {
    // The runtime's resolver refuses `_` except at the beginning of a label.
    const ask = /[^.]_/.test(name) && !nameServer ? askSystem : askDns;
    const settled = new AbortController();
    const either = AbortSignal.any([signal, settled.signal]);
    const found: string[] = [];
    let fault: unknown = new Deno.errors.NotFound("The name does not resolve");
    let timer: ReturnType<typeof setTimeout> | undefined;
    const enough = Promise.withResolvers<void>();
    const all = (["A", "AAAA"] as const).map(async (type) => {
      try {
        // The dot at the end makes the name absolute, so that no search domain
        // of the machine is appended.
        found.push(...await ask(`${name}.`, type, either));
      } catch (error) {
        fault = error;
      }
      if (found.length > 0) timer ??= setTimeout(enough.resolve, OTHER_KIND_MS);
    });
    await Promise.race([Promise.all(all), enough.promise]);
    clearTimeout(timer);
    // A late answer still adds to `found`, so a copy is returned.
    const addresses = [...found];
    settled.abort();
    if (addresses.length === 0) throw fault;
    return addresses;
  };
}

/** The name servers that the machine is set to, without repetitions. */
function machineServers(): readonly NameServer[] {
  return [...new Set(getServers())].map((text) => {
    const [, ipAddr, port] = /^\[?(.*?)\]?(?::(\d+))?$/.exec(
      isAddress(text) ? `[${text}]` : text,
    )!;
    return { ipAddr: ipAddr!, port: Number(port ?? 53) };
  });
}

/**
 * Asks the system's own resolver, which takes any name. The question cannot be
 * cancelled and occupies a thread while it waits, so only names that the
 * runtime's resolver refuses are asked for in this way.
 */
async function askSystem(
  name: string,
  type: "A" | "AAAA",
  signal: AbortSignal,
): Promise<readonly string[]> {
  const family = type === "A" ? 4 : 6;
  try {
    const found = lookup(name, { all: true, family });
    return (await unlessAborted(found, signal)).map((it) => it.address);
  } catch (error) {
    if ((error as { code?: string }).code === "ENOTFOUND") return [];
    throw error;
  }
}

/**
 * The result of a promise. Rejects with the signal's reason if that is aborted
 * first.
 */
async function unlessAborted<T>(
  promise: Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort);
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/**
 * A resolver that shares questions: a call for a name that is being asked for
 * already gets the same answer. A burst of callbacks to one endpoint then asks
 * only once.
 */
export function sharing(resolve: Resolve): Resolve {
  const asked = new Map<
    string,
    { answer: Promise<readonly string[]>; signal: AbortSignal }
  >();
  const ask: Resolve = (name, signal) => {
    const pending = asked.get(name);
    if (pending !== undefined) {
      return pending.answer.catch((error) => {
        // The caller that asked first ran out of time, which ended the shared
        // question. This caller has time left and asks anew.
        if (!pending.signal.aborted || signal.aborted) throw error;
        return ask(name, signal);
      });
    }
    const forget = () => {
      if (asked.get(name)?.answer === answer) asked.delete(name);
    };
    const answer = resolve(name, signal).finally(() => {
      signal.removeEventListener("abort", forget);
      forget();
    });
    // A question that was given up is not shared any more, so that later callers
    // ask anew.
    signal.addEventListener("abort", forget);
    asked.set(name, { answer, signal });
    return answer;
  };
  return ask;
}
