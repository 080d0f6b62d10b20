/**
 * Names to addresses, asked anew each time: no answer is kept, so that what was
 * checked is what the name means now.
 *
 * @module
 */

import { getServers } from "node:dns";
import { lookup } from "node:dns/promises";
import { isAddress } from "./sender_address.ts";

/**
 * The addresses of a name, IPv4 and IPv6; those of one kind alone where the
 * answer for the other kind is late.
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

/** How {@linkcode createResolver} asks. */
export interface ResolverOptions {
  /** The system's name servers unless given. */
  readonly nameServer?: NameServer;
  /** The runtime's own unless given. */
  readonly resolveDns?: ResolveDns;
  /** Those that the machine is set to unless given. */
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

  /** One question; none where there is no record of this kind. */
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
    // With a signal the runtime gives up after two seconds, and by the machine's
    // settings maybe sooner. Without one, and asked by its address, a server has
    // five seconds for each of three tries. Such questions cannot be cancelled;
    // they end by themselves.
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
        // The dot at the end: the name itself, whatever domains the machine
        // would try to append.
        found.push(...await ask(`${name}.`, type, either));
      } catch (error) {
        fault = error;
      }
      if (found.length > 0) timer ??= setTimeout(enough.resolve, OTHER_KIND_MS);
    });
    await Promise.race([Promise.all(all), enough.promise]);
    clearTimeout(timer);
    // A copy, because a late answer still adds to `found`.
    const addresses = [...found];
    settled.abort();
    if (addresses.length === 0) throw fault;
    return addresses;
  };
}

/** The name servers that the machine is set to, each once. */
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

/** What a promise gives, or the signal's reason if that is aborted first. */
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
 * The same, but whoever asks for a name while it is being asked for gets that
 * answer too: a burst of callbacks to one endpoint is one question.
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
    // A resolver that hangs has no claim on those who ask later.
    signal.addEventListener("abort", forget);
    asked.set(name, { answer, signal });
    return answer;
  };
  return ask;
}
