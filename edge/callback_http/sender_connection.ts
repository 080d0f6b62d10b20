/**
 * One connection to one address, for one request after another. A connection that
 * has ended is never opened again. `undici` speaks HTTP/1.1 over it: it follows
 * no redirect, decompresses nothing and buffers no body.
 *
 * There is no timer in this file: the owner of a connection closes it when its
 * time is up.
 *
 * @module
 */

import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import Client from "undici/client";
import type { SendFault } from "../callback/sender.ts";
import { certificateFault } from "../base/certificate_fault.ts";
import { type TlsFault, tlsFaultOf } from "../base/network_fault.ts";
import type { Target } from "./sender_target.ts";

/** The most bytes of a body that are read. */
export const MAX_BODY_BYTES = 16_384;

/** The most bytes of a response head; each interim response has its own. */
const MAX_HEAD_BYTES = 16_384;
/** The most interim responses (1xx) before the final one. */
const MAX_INTERIM = 8;
/**
 * The most bytes of one exchange, framing included: a server can also flood the
 * edge with chunk extensions or interim responses.
 */
const MAX_BYTES = 262_144;
/** No valid date and no sensible number is longer. */
const MAX_RETRY_AFTER_LENGTH = 64;
/** The size of a TLS record that holds an alert only (RFC 8446 §5.1, §6). */
const ALERT_BYTES = 7;
/**
 * An idle connection is closed after this time, which is earlier than most
 * servers do.
 */
const IDLE_MS = 4_000;
/** The longest idle time where the server announces its own by `Keep-Alive`. */
const MAX_IDLE_MS = 30_000;

/** The result of one request. */
export type Exchange =
  | {
    readonly kind: "answered";
    readonly status: number;
    readonly retryAfter?: string;
    readonly body: Uint8Array;
    /**
     * Whether the connection can carry another request, as long as it has not
     * ended.
     */
    readonly reusable: boolean;
  }
  | {
    readonly kind: "failed";
    readonly fault: SendFault;
    /** What was wrong with TLS; only where `fault` is `tls`. */
    readonly tls?: TlsFault;
    /** Whether no byte of a response arrived. */
    readonly silent: boolean;
  };

/** A connection, which is opened by its first request. */
export interface Connection {
  /** The address to which it connects. */
  readonly address: string;
  /**
   * Makes one POST; only one at a time.
   *
   * Rejects only with a TypeError, for headers that are invalid.
   */
  exchange(
    path: string,
    headers: Readonly<Record<string, string>>,
    body: string,
  ): Promise<Exchange>;
  /**
   * Ends the connection, even during a request. Resolves when its socket is
   * closed.
   */
  close(): Promise<void>;
  /** Whether the connection has ended. */
  readonly ended: boolean;
  /** Whether the address has not accepted the TCP connection yet. */
  readonly isConnecting: boolean;
  /** Called once, when the connection has ended. */
  onEnd: () => void;
}

const EMPTY = new Uint8Array(0);
const TOO_MUCH = new Error("Too much came");

/** Prepares a connection to one of a target's addresses. */
export function openConnection(
  target: Target,
  address: string,
  caCerts: readonly string[] | undefined,
): Connection {
  return new HttpConnection(target, address, caCerts);
}

class HttpConnection implements Connection {
  readonly address: string;
  onEnd = () => {};
  ended = false;
  readonly #target: Target;
  readonly #caCerts: readonly string[] | undefined;
  readonly #client: Client;
  #socket: Socket | undefined;
  /** The fault that an error at this moment means. */
  #stage: "connect" | "tls" | "broken" = "connect";
  /** What was wrong with TLS, once that is known. */
  #tlsFault: TlsFault | null = null;
  /** Resolves when nothing more will be known of it. */
  #asking: Promise<void> | undefined;
  readonly #closing = new AbortController();
  /** The value of the socket's `bytesRead` above which the connection is cut. */
  #limit = MAX_BYTES;

  constructor(
    target: Target,
    address: string,
    caCerts: readonly string[] | undefined,
  ) {
    this.#target = target;
    this.address = address;
    this.#caCerts = caCerts;
    this.#client = new Client(target.origin, {
      connect: (_, callback) => this.#connect(callback),
      allowH2: false,
      pipelining: 1,
      maxHeaderSize: MAX_HEAD_BYTES,
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: IDLE_MS,
      keepAliveMaxTimeout: MAX_IDLE_MS,
    });
    const end = () => this.#end();
    this.#client.on("disconnect", end);
    // An `error` event without a listener would end the process.
    this.#client.on("error", end);
  }

  get isConnecting(): boolean {
    return this.#stage === "connect";
  }

  exchange(
    path: string,
    headers: Readonly<Record<string, string>>,
    body: string,
  ): Promise<Exchange> {
    this.#limit = (this.#socket?.bytesRead ?? 0) + MAX_BYTES;
    return new Promise((resolve, reject) => {
      this.#client.dispatch(
        { method: "POST", path, headers, body },
        readResponse(resolve, reject, () => this.#fault()),
      );
    });
  }

  async close(): Promise<void> {
    this.#end();
    this.#closing.abort();
    await this.#asking;
    const socket = this.#socket;
    const gone = socket === undefined || socket.closed
      ? undefined
      : new Promise<void>((resolve) => socket.once("close", resolve));
    socket?.destroy();
    await this.#client.destroy(new Error("The connection was cut"));
    await gone;
  }

  #end(): void {
    if (this.ended) return;
    this.ended = true;
    this.onEnd();
  }

  #fault(): { fault: SendFault; tls?: TlsFault } {
    // In TLS 1.3 a server refuses a client without a certificate only after the
    // handshake has ended, when the stage is no longer `tls`.
    const isTls = this.#stage === "tls" ||
      this.#tlsFault === "client_certificate_wanted";
    return isTls
      ? { fault: "tls", tls: this.#tlsFault ?? "handshake" }
      : { fault: this.#stage };
  }

  #connect(callback: (...made: [Error, null] | [null, Socket]) => void): void {
    if (this.ended) {
      // After a lost connection undici would open another one.
      const error = new Error("The connection ended");
      return queueMicrotask(() => callback(error, null));
    }
    const { isTls } = this.#target;
    const { tcp, made } = this.#open();
    this.#socket = made;
    let open: typeof callback | null = callback;
    const settle = (error: Error | null) => {
      if (error === null) open?.(null, made);
      else open?.(error, null);
      open = null;
    };
    made.setNoDelay(true);
    made.on("connect", () => this.#stage = isTls ? "tls" : "broken");
    made.once(isTls ? "secureConnect" : "connect", () => {
      this.#stage = "broken";
      settle(null);
      // This listener is added after undici's own, so that undici reads what has
      // arrived, which may be a whole answer, before the socket is destroyed.
      made.on("readable", () => {
        if (made.bytesRead > this.#limit) made.destroy(TOO_MUCH);
      });
    });
    made.on("error", (error) => {
      this.#noteTlsFault(error, tcp);
      if (this.#tlsFault === "unknown_issuer") {
        this.#asking ??= this.#askCertificate();
      }
    });
    made.once("close", async () => {
      await this.#asking;
      settle(new Error("The connection ended"));
    });
  }

  /** Opens the TCP connection, and TLS over it where the target has TLS. */
  #open(): { tcp: Socket; made: Socket } {
    const { isTls, isAddress, host, port } = this.#target;
    const to = { host: this.address, port };
    const tcp = connectTcp(to);
    if (!isTls) return { tcp, made: tcp };
    const made = connectTls({
      ...to,
      // TLS runs over this socket, which also counts the bytes that came
      // before the handshake ended.
      socket: tcp,
      ...(!isAddress && { servername: host }),
      ...(this.#caCerts && { ca: [...this.#caCerts] }),
      ALPNProtocols: ["http/1.1"],
    });
    return { tcp, made };
  }

  /** Asks whether the certificate is only outside its time. */
  async #askCertificate(): Promise<void> {
    const { host, port } = this.#target;
    const { address } = this;
    const server = { address, port, name: host };
    this.#tlsFault = await certificateFault(
      { ...server, ...(this.#caCerts && { caCerts: this.#caCerts }) },
      this.#closing.signal,
    ) ?? this.#tlsFault;
  }

  #noteTlsFault(error: Error, tcp: Socket): void {
    // Keep the first error: later ones only follow from it.
    this.#tlsFault ??= this.#target.isTls ? tlsFaultOf(error) : null;
    if (this.#tlsFault === "refused_by_server") {
      // A server that wants a client's certificate has sent its own before the
      // alert, so more than the alert has arrived.
      this.#tlsFault = tcp.bytesRead > ALERT_BYTES
        ? "client_certificate_wanted"
        : "no_common_version";
    }
  }
}

/** Reads one response; `faultOf` is asked when the connection fails. */
function readResponse(
  resolve: (exchange: Exchange) => void,
  reject: (error: TypeError) => void,
  faultOf: () => { readonly fault: SendFault; readonly tls?: TlsFault },
): Parameters<Client["dispatch"]>[1] {
  const read = new Beginning(MAX_BODY_BYTES);
  let silent = true;
  let interim = 0;
  let status = 0;
  let retryAfter: string | undefined;
  const answer = (reusable: boolean) =>
    resolve({
      kind: "answered",
      status,
      ...(retryAfter !== undefined && { retryAfter }),
      body: read.bytes(),
      reusable,
    });
  return {
    onRequestStart() {},
    onResponseStarted() {
      silent = false;
    },
    onResponseStart(controller, code, headers) {
      if (code < 200) {
        if (++interim > MAX_INTERIM) controller.abort(TOO_MUCH);
        return;
      }
      status = code;
      retryAfter = short(headers["retry-after"]);
    },
    onResponseData(controller, chunk) {
      if (read.add(chunk)) return;
      answer(false);
      // The answer is complete for our purpose; the rest is not read.
      controller.abort(TOO_MUCH);
    },
    onResponseEnd: () => answer(true),
    onResponseError(_, error) {
      if ((error as { code?: string }).code === "UND_ERR_INVALID_ARG") {
        reject(new TypeError("The request is invalid", { cause: error }));
      } else resolve({ kind: "failed", ...faultOf(), silent });
    },
  };
}

function short(header: string | string[] | undefined): string | undefined {
  return typeof header === "string" && header.length <= MAX_RETRY_AFTER_LENGTH
    ? header
    : undefined;
}

/** Collects the first bytes of a body. */
class Beginning {
  readonly #most: number;
  #bytes = EMPTY;
  #length = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /**
   * Copies as much of a chunk as there is room for; `false` if that is not all
   * of it.
   */
  add(chunk: Uint8Array): boolean {
    const end = Math.min(this.#length + chunk.length, this.#most);
    if (end > this.#bytes.length) {
      const size = Math.min(Math.max(end, 2 * this.#bytes.length), this.#most);
      const larger = new Uint8Array(size);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    const room = end - this.#length;
    this.#bytes.set(chunk.subarray(0, room), this.#length);
    this.#length = end;
    return room === chunk.length;
  }

  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }
}
