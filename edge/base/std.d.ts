// Shapes of the `@std/*` leaf modules that the import map takes from npm's
// `deno-std`, which carries JavaScript only. Without these, `deno check` would
// see `any` and let misuse through. The last one is another package without
// types.

declare module "@std/encoding/hex" {
  export function encodeHex(src: string | Uint8Array | ArrayBuffer): string;
  export function decodeHex(src: string): Uint8Array<ArrayBuffer>;
}

declare module "@std/encoding/base64" {
  export function encodeBase64(data: string | Uint8Array | ArrayBuffer): string;
  export function decodeBase64(b64: string): Uint8Array<ArrayBuffer>;
}

declare module "@std/encoding/base64url" {
  export function encodeBase64Url(
    data: string | Uint8Array | ArrayBuffer,
  ): string;
  export function decodeBase64Url(b64url: string): Uint8Array<ArrayBuffer>;
}

declare module "@std/crypto/timing-safe-equal" {
  export function timingSafeEqual(a: Uint8Array, b: Uint8Array): boolean;
}

declare module "@std/streams/text-line-stream" {
  export class TextLineStream extends TransformStream<string, string> {
    constructor(options?: { allowCR?: boolean });
  }
}

declare module "@std/assert" {
  export function assert(expr: unknown, msg?: string): asserts expr;
  export function assertEquals<T>(actual: T, expected: T, msg?: string): void;
  export function assertNotEquals<T>(
    actual: T,
    expected: T,
    msg?: string,
  ): void;
  export function assertStrictEquals<T>(
    actual: unknown,
    expected: T,
    msg?: string,
  ): asserts actual is T;
  export function assertExists<T>(
    actual: T,
    msg?: string,
  ): asserts actual is NonNullable<T>;
  export function assertGreater<T>(actual: T, expected: T, msg?: string): void;
  export function assertGreaterOrEqual<T>(
    actual: T,
    expected: T,
    msg?: string,
  ): void;
  export function assertLess<T>(actual: T, expected: T, msg?: string): void;
  export function assertLessOrEqual<T>(
    actual: T,
    expected: T,
    msg?: string,
  ): void;
  export function assertMatch(
    actual: string,
    expected: RegExp,
    msg?: string,
  ): void;
  export function assertNotMatch(
    actual: string,
    expected: RegExp,
    msg?: string,
  ): void;
  export function assertObjectMatch(
    // deno-lint-ignore no-explicit-any
    actual: Record<PropertyKey, any>,
    expected: Record<PropertyKey, unknown>,
    msg?: string,
  ): void;
  export function assertStringIncludes(
    actual: string,
    expected: string,
    msg?: string,
  ): void;
  export function assertInstanceOf<T>(
    actual: unknown,
    // deno-lint-ignore no-explicit-any
    expectedType: abstract new (...args: any[]) => T,
    msg?: string,
  ): asserts actual is T;
  export function assertRejects<E extends Error = Error>(
    fn: () => PromiseLike<unknown>,
    // deno-lint-ignore no-explicit-any
    ErrorClass?: abstract new (...args: any[]) => E,
    msgIncludes?: string,
    msg?: string,
  ): Promise<E>;
  export function assertThrows<E extends Error = Error>(
    fn: () => unknown,
    // deno-lint-ignore no-explicit-any
    ErrorClass?: abstract new (...args: any[]) => E,
    msgIncludes?: string,
    msg?: string,
  ): E;
  export function fail(msg?: string): never;
}

declare module "swagger-ui-dist/absolute-path.js" {
  /** The folder of the package's files. */
  export default function getAbsoluteFSPath(): string;
}

declare module "undici/client" {
  import type { Socket } from "node:net";

  /** Controls the exchange that is under way. */
  export interface Controller {
    /** Ends it and its connection. */
    abort(reason: Error): void;
  }

  /** Is called with the events of one exchange. The names are those of undici. */
  export interface Handler {
    onRequestStart(): void;
    /** The first byte of a response came. */
    onResponseStarted(): void;
    /** Also for each interim response (1xx). */
    onResponseStart(
      controller: Controller,
      status: number,
      headers: Record<string, string | string[] | undefined>,
    ): void;
    onResponseData(controller: Controller, chunk: Uint8Array): void;
    onResponseEnd(): void;
    onResponseError(controller: Controller, error: Error): void;
  }

  /** HTTP/1.1 over one connection at a time. */
  export default class Client {
    constructor(origin: string, options: {
      connect(
        options: unknown,
        callback: (error: Error | null, socket: Socket | null) => void,
      ): void;
      allowH2: false;
      pipelining: 1;
      maxHeaderSize: number;
      /** ms; 0: none. */
      headersTimeout: number;
      /** ms; 0: none. */
      bodyTimeout: number;
      /** ms. */
      keepAliveTimeout: number;
      /** ms, of what the other side may ask for. */
      keepAliveMaxTimeout: number;
    });
    dispatch(request: {
      method: "POST";
      path: string;
      headers: Readonly<Record<string, string>>;
      body: string;
    }, handler: Handler): boolean;
    destroy(error: Error): Promise<void>;
    on(event: "disconnect" | "error", listener: () => void): this;
  }
}
