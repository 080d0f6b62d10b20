/**
 * The faults of the store port for SQLite's result codes. The low byte of an extended code is
 * the primary code (https://sqlite.org/rescode.html).
 *
 * @module
 */

import { type StoreFault, StoreUnavailableError } from "../store.ts";

/** SQLITE_IOERR_SHMSIZE: no room for the index of the write-ahead log. */
const IOERR_SHMSIZE = 4874;

const FAULT_BY_PRIMARY_CODE: Readonly<Record<number, StoreFault>> = {
  5: "locked", // SQLITE_BUSY
  6: "locked", // SQLITE_LOCKED
  8: "read-only", // SQLITE_READONLY
  10: "unreachable", // SQLITE_IOERR
  11: "corrupt", // SQLITE_CORRUPT
  13: "full", // SQLITE_FULL
  14: "unreachable", // SQLITE_CANTOPEN
  15: "locked", // SQLITE_PROTOCOL
  20: "corrupt", // SQLITE_MISMATCH
  24: "corrupt", // SQLITE_FORMAT
  26: "corrupt", // SQLITE_NOTADB
};

const FAULT_BY_SYSTEM_CODE: Readonly<Record<string, StoreFault>> = {
  EACCES: "read-only",
  EPERM: "read-only",
  EROFS: "read-only",
  ENOSPC: "full",
  EDQUOT: "full",
};

/** The fault for an error of `node:sqlite` or `node:fs`. */
export function toStoreFault(error: unknown): StoreUnavailableError {
  if (error instanceof StoreUnavailableError) return error;
  const { errcode, code } = (error ?? {}) as {
    errcode?: unknown;
    code?: unknown;
  };
  let fault: StoreFault | undefined;
  if (typeof errcode === "number") {
    fault = errcode === IOERR_SHMSIZE
      ? "full"
      : FAULT_BY_PRIMARY_CODE[errcode & 0xff];
  } else if (typeof code === "string") {
    // Errors of opening have no result code. Only the path can be the cause.
    fault = code === "ERR_SQLITE_ERROR"
      ? "unreachable"
      : FAULT_BY_SYSTEM_CODE[code] ??
        (/^E[A-Z]+$/.test(code) ? "unreachable" : undefined);
  }
  return new StoreUnavailableError(fault ?? "refused", { cause: error });
}
