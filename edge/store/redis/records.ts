/**
 * Lists whole records of the store in Redis page by page, with their expiry, and writes
 * such records as they were listed. Only migrations and audits use it, so its scripts
 * need not be as short as the script of the store.
 *
 * @module
 */

import { cellOfName, sameCell } from "../keys.ts";
import { type RedisTransport, storeFault } from "./transport.ts";
import {
  type RecordPage,
  type RestoredRecord,
  type RestoreLock,
  type StoredRecord,
  StoreUnavailableError,
} from "../store.ts";

/** The most names of one run. Every other client waits while the server makes a run. */
const NAMES = 100;
/** The most members of an index, and fields of a map, that one command of a run adds. */
const ADDED = 1_000;
/** The most characters in a run that writes records. A single record may have more. */
const LETTERS = 250_000;

/**
 * Reads whole records. ARGV: the number of KEYS. Returns `kind, end, content` for each
 * key in the order of KEYS; the end is when the record expires in unix ms, or -1. The
 * script stops after a megabyte, and another run reads the rest.
 */
const READ_SCRIPT = String.raw`
local records, bytes = {}, 0
for i = 1, tonumber(ARGV[1]) do
  local key = KEYS[i]
  local kind, content = redis.call('TYPE', key).ok, ''
  if kind == 'string' then
    content = redis.call('GET', key)
    bytes = bytes + #content
  elseif kind == 'hash' then
    content = redis.call('HGETALL', key)
    for f = 1, #content do bytes = bytes + #content[f] end
  end
  local n = #records
  records[n + 1], records[n + 2] = kind, redis.call('PEXPIRETIME', key)
  records[n + 3] = content
  if bytes > 1000000 then break end
end
return records
`;

/**
 * Writes records if the lock has the right value. KEYS: the lock, then the records.
 * ARGV: the value of the lock, the number of records, then for each record its kind,
 * its end or an empty text, the number of its operands, and the operands. Returns 0 if
 * the lock has another value.
 */
const RESTORE_SCRIPT = String.raw`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
local at = 3
for i = 2, tonumber(ARGV[2]) + 1 do
  local key, kind, ends = KEYS[i], ARGV[at], ARGV[at + 1]
  local to = at + 2 + tonumber(ARGV[at + 2])
  at = at + 3
  if kind == 'value' then
    if ends == '' then
      redis.call('SET', key, ARGV[at])
    else
      redis.call('SET', key, ARGV[at], 'PXAT', ends)
    end
  else
    if kind == 'map' then redis.call('UNLINK', key) end
    local command = kind == 'map' and 'HSET' or 'ZADD'
    for first = at, to, ${2 * ADDED} do
      local last = math.min(to, first + ${2 * ADDED - 1})
      redis.call(command, key, unpack(ARGV, first, last))
    end
    if ends ~= '' then redis.call('PEXPIREAT', key, ends) end
  end
  at = to + 1
end
return 1
`;

/**
 * Divides names into groups. All names of a group are in one slot of a cluster, and no
 * group has more than `NAMES`.
 */
function groupsOf(names: readonly string[]): string[][] {
  const groups: string[][] = [];
  for (const group of Map.groupBy(names, cellOfName).values()) {
    for (let at = 0; at < group.length; at += NAMES) {
      groups.push(group.slice(at, at + NAMES));
    }
  }
  return groups;
}

/**
 * The records of one page.
 *
 * @throws {StoreUnavailableError} If there is no reply in time, an error, or a record of another
 * kind.
 */
export async function readPage(
  transport: RedisTransport,
  prefix: string,
  from: string,
): Promise<RecordPage> {
  const { cursor, names } = await transport.scan(prefix, from, "all");
  const records: StoredRecord[] = [];
  for (const group of groupsOf(names)) {
    for (let at = 0; at < group.length;) {
      const rest = group.slice(at);
      const reply = await transport.run(READ_SCRIPT, rest, [`${rest.length}`]);
      const count = Array.isArray(reply) ? reply.length / 3 : 0;
      if (!Number.isInteger(count) || count === 0) throw malformed();
      for (let i = 0; i < count; i++) {
        const parts = (reply as unknown[]).slice(3 * i, 3 * i + 3);
        const record = recordOf(rest[i]!, parts);
        if (record !== null) records.push(record);
      }
      at += count;
    }
  }
  return { records, next: cursor === "0" ? null : cursor };
}

/** A record by its reply; `null` if it has ended since its name was listed. */
function recordOf(
  name: string,
  [kind, end, content]: readonly unknown[],
): StoredRecord | null {
  if (kind === "none") return null;
  if (kind === "zset") return { kind: "index", name };
  if (typeof end !== "number") throw malformed();
  const expiresAtMs = end < 0 ? null : end;
  if (kind === "string") {
    if (typeof content !== "string") throw malformed();
    return { kind: "value", name, value: content, expiresAtMs };
  }
  // Something other than this store has written a record of another kind.
  if (kind !== "hash") throw new StoreUnavailableError("corrupt");
  if (!Array.isArray(content)) throw malformed();
  const fields = Array.from(
    { length: content.length / 2 },
    (_, i) => [content[2 * i], content[2 * i + 1]] as const,
  );
  return { kind: "map", name, fields, expiresAtMs };
}

/**
 * Writes records while the lock has the right value, in as many runs as they need.
 * Returns whether it always had that value.
 *
 * @throws {StoreUnavailableError} If there is no reply in time, or an error. A part of the
 * records may be written then.
 */
export async function restoreAll(
  transport: RedisTransport,
  records: readonly RestoredRecord[],
  lock: RestoreLock,
): Promise<boolean> {
  let isHeld = true;
  const groups = Map.groupBy(records, ({ name }) => cellOfName(name));
  for (const group of groups.values()) {
    const key = sameCell(lock.key, group[0]!.name);
    isHeld = await restoreCell(transport, group, { ...lock, key }) && isHeld;
  }
  return isHeld;
}

async function restoreCell(
  transport: RedisTransport,
  records: readonly RestoredRecord[],
  { key, value }: RestoreLock,
): Promise<boolean> {
  for (let at = 0; at < records.length;) {
    const names = [key];
    const args: string[] = [];
    let letters = 0;
    do {
      const record = records[at++]!;
      const operands = operandsOf(record);
      const end = record.kind === "index" ? null : record.expiresAtMs;
      names.push(record.name);
      args.push(record.kind, `${end ?? ""}`, `${operands.length}`);
      for (const operand of operands) {
        letters += operand.length;
        args.push(operand);
      }
    } while (at < records.length && names.length <= NAMES && letters < LETTERS);
    const reply = await transport.run(RESTORE_SCRIPT, names, [
      ...[value, `${names.length - 1}`],
      ...args,
    ]);
    if (reply === 0) return false;
    if (reply !== 1) throw malformed();
  }
  return true;
}

/** The operands of the command that writes a record. */
function operandsOf(record: RestoredRecord): string[] {
  switch (record.kind) {
    case "value":
      return [record.value];
    case "map":
      return record.fields.flat();
    case "index":
      return record.entries.flatMap(({ score, member }) => [
        `${score}`,
        member,
      ]);
  }
}

function malformed(): StoreUnavailableError {
  return storeFault("refused", "The reply is not of the script's form");
}
