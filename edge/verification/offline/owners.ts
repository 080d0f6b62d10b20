/**
 * Packs the owners of a bucket's seeds into one byte array. As objects, the owners of
 * a million seeds took more memory than the seeds, and a search reads only one owner.
 *
 * The array is laid out so that a number leads directly to its owner:
 *
 *   ends, u32 × (n + 1) | owner × n
 *
 * `ends[i]` and `ends[i + 1]` are the bounds of owner i. An owner is the expiry (f64),
 * the generation (u32), the length of the credential id in bytes (u16), the credential
 * id and the account id. An id that `newId` has made is kept as its 16 bytes, and its
 * length is then HEX.
 *
 * @module
 */

/** The owner of a seed. */
export interface SeedOwner {
  readonly credentialId: string;
  readonly accountId: string;
  /** Unix second at which the credential expires. */
  readonly expires: number;
  /**
   * The number of the seed among those of its account; later seeds have higher
   * ones.
   */
  readonly generation: number;
}

/** The owners of a bucket, by their numbers from 0. */
export interface PackedOwners {
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const CREDENTIAL = "cred_";
const ID_BYTES = 16;
const ID_LENGTH = CREDENTIAL.length + 2 * ID_BYTES;
/** Written in place of the length of an id that is kept as 16 bytes. */
const HEX = 0xffff;
const HEAD_BYTES = 14;
const ASCII = Array.from({ length: 128 }, (_, i) => String.fromCharCode(i));
const utf8 = new TextEncoder();
const fromUtf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** Packs owners. The number of an owner is its index in the list. */
export function packOwners(owners: readonly SeedOwner[]): PackedOwners {
  let end = 4 * (owners.length + 1);
  let most = end;
  for (const { credentialId, accountId } of owners) {
    // UTF-8 takes at most three bytes for each UTF-16 unit.
    most += HEAD_BYTES + 3 * (credentialId.length + accountId.length);
  }
  const bytes = new Uint8Array(most);
  const view = new DataView(bytes.buffer);
  owners.forEach(({ credentialId, accountId, expires, generation }, i) => {
    view.setUint32(4 * i, end);
    view.setFloat64(end, expires);
    view.setUint32(end + 8, generation);
    const idStart = end + HEAD_BYTES;
    const hex = writeId(bytes, idStart, credentialId);
    const idEnd = hex
      ? idStart + ID_BYTES
      : writeText(bytes, idStart, credentialId);
    view.setUint16(end + 12, hex ? HEX : idEnd - idStart);
    end = writeText(bytes, idEnd, accountId);
  });
  view.setUint32(4 * owners.length, end);
  return { bytes: bytes.slice(0, end) };
}

/** The owner with this number, which must be one that was packed. */
export function ownerAt({ bytes }: PackedOwners, number: number): SeedOwner {
  const view = new DataView(bytes.buffer);
  const start = view.getUint32(4 * number);
  const end = view.getUint32(4 * number + 4);
  const idBytes = view.getUint16(start + 12);
  const idStart = start + HEAD_BYTES;
  const idEnd = idStart + (idBytes === HEX ? ID_BYTES : idBytes);
  return {
    credentialId: idBytes === HEX
      ? CREDENTIAL + bytes.subarray(idStart, idEnd).toHex()
      : readText(bytes, idStart, idEnd),
    accountId: readText(bytes, idEnd, end),
    expires: view.getFloat64(start),
    generation: view.getUint32(start + 8),
  };
}

/**
 * Reads a text. Ids are short and nearly always ASCII, for which this beats the
 * decoder.
 */
function readText(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    if (byte > 0x7f) return fromUtf8.decode(bytes.subarray(start, end));
    text += ASCII[byte];
  }
  return text;
}

/** Writes a text. Returns the offset of its end. */
function writeText(bytes: Uint8Array, offset: number, text: string): number {
  // Ids are short and nearly always ASCII, for which this loop beats the encoder.
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 0x7f) {
      return offset + utf8.encodeInto(text, bytes.subarray(offset)).written;
    }
    bytes[offset + i] = unit;
  }
  return offset + text.length;
}

/**
 * Writes the 16 bytes of an id that `newId` has made. Returns `false` if the text is
 * no such id; the caller then overwrites these bytes.
 */
function writeId(bytes: Uint8Array, offset: number, text: string): boolean {
  if (text.length !== ID_LENGTH || !text.startsWith(CREDENTIAL)) return false;
  let all = 0;
  for (let i = CREDENTIAL.length; i < ID_LENGTH; i += 2) {
    const high = digit(text.charCodeAt(i));
    const low = digit(text.charCodeAt(i + 1));
    all |= high | low;
    bytes[offset++] = high << 4 | low;
  }
  return all < 16;
}

/** The value of `0`–`9` or `a`–`f`; 16 for anything else. */
function digit(unit: number): number {
  if (unit >= 0x30 && unit <= 0x39) return unit - 0x30;
  return unit >= 0x61 && unit <= 0x66 ? unit - 0x57 : 16;
}
