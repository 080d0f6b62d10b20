/**
 * A Redis whose time a test moves. Redis has a clock of its own that nobody can
 * stop, so its time is stretched instead: a millisecond of the test is twenty
 * minutes of the server, and what a test does meanwhile takes no time. The ends
 * of records are noted in an index on the same server, by the time of the test.
 * To let time pass is to remove the records whose ends have come: to bring the
 * expiry of every record nearer took longer with each record that a test made.
 *
 * This happens in front of each script, which stays as it is: it sees a
 * `redis.call` that multiplies the times it is given and notes them, and that
 * tells the end of a record in the time of the test.
 *
 * @module
 */

import type { Clock } from "../../../edge/base/clock.ts";
import type { RedisTransport } from "../../../edge/store/redis/transport.ts";

/**
 * How long a request to a store may take where a test is not about deadlines:
 * longer than on any machine, however busy.
 */
export const PATIENT_MS = 60_000;

/** Server's milliseconds in one of the test: a power of two, 17.5 minutes. */
const STRETCH = 2 ** 20;

/** What is kept among the names of a store: ends by name, and the time passed. */
const ENDS = "test-ends";
const PASSED = "test-passed";

/** Whether a command, as `MONITOR` writes it, is one of the notes of time. */
export function isNote(command: string): boolean {
  return [ENDS, PASSED].some((it) => command.includes(`"${it}"`));
}

const STRETCHING = `
local server = redis
local ends, passed, now_ms = KEYS[#KEYS - 2], KEYS[#KEYS - 1], KEYS[#KEYS]
-- The time of the test, without what the names of the store begin with.
now_ms = tonumber(string.sub(now_ms, #passed - ${PASSED.length} + 1))
-- The end of a record is told in the time of the test, and noted by the name
-- that the store knows.
local function noted(key, ms)
  local now = tonumber(server.call('GET', passed) or 0)
  local name = string.sub(key, #passed - ${PASSED.length} + 1)
  server.call('ZADD', ends, now + ms, name)
end
local function stretched(ms) return string.format('%.0f', ms * ${STRETCH}) end
local redis = {
  pcall = server.pcall,
  call = function(name, ...)
    if name == 'PEXPIRETIME' then
      local reply = server.call(name, ...)
      if reply < 0 then return reply end
      local key = string.sub((...), #passed - ${PASSED.length} + 1)
      local passed_ms = tonumber(server.call('GET', passed) or 0)
      return now_ms - passed_ms + tonumber(server.call('ZSCORE', ends, key))
    end
    if name ~= 'SET' and name ~= 'PEXPIRE' and name ~= 'PEXPIREAT' then
      return server.call(name, ...)
    end
    local arguments, ms = { ... }, nil
    for i = name == 'SET' and 3 or 1, #arguments - 1 do
      local word = name == 'SET' and arguments[i] or name
      if word == 'PX' or word == 'PEXPIRE' then
        ms = tonumber(arguments[i + 1])
      elseif word == 'PXAT' or word == 'PEXPIREAT' then
        ms = tonumber(arguments[i + 1]) - now_ms
        if name == 'SET' then arguments[i] = 'PX' else name = 'PEXPIRE' end
      end
      if ms then
        arguments[i + 1] = stretched(ms)
        break
      end
    end
    local reply = server.call(name, unpack(arguments))
    if ms and reply then noted(arguments[1], ms) end
    return reply
  end,
}
`;

/** Lets time pass: ARGV milliseconds, what the names of the store begin with. */
const PASS = `
local prefix = ARGV[2]
local ends = prefix .. '${ENDS}'
local now = redis.call('INCRBY', prefix .. '${PASSED}', ARGV[1])
for _, name in ipairs(redis.call('ZRANGEBYSCORE', ends, '-inf', now)) do
  -- One that was written anew without an end stays.
  local key = prefix .. name
  if redis.call('PTTL', key) > 0 then redis.call('UNLINK', key) end
end
redis.call('ZREMRANGEBYSCORE', ends, '-inf', now)
return 1
`;

/**
 * The command that lets `ms` of the test's time pass on a server, for the store
 * whose names all begin with `prefix`.
 */
export function passCommand(ms: number, prefix = ""): string[] {
  return ["EVAL", PASS, "0", `${ms}`, prefix];
}

/**
 * `transport` with `clock` in place of the server's, which stood at `serverMs`
 * when the test began. All names of its store begin with `prefix`.
 */
export function stretchTime(
  transport: RedisTransport,
  clock: Clock,
  serverMs: number,
  prefix = "",
): RedisTransport {
  const [ends, passed] = [prefix + ENDS, prefix + PASSED];
  return {
    maxRequests: transport.maxRequests,
    run: (script, keys, args) =>
      transport.run(
        STRETCHING + script,
        [...keys, ends, passed, `${prefix}${clock.nowMs()}`],
        args,
      ),
    timeMs: async () => {
      const passedMs = await transport.timeMs() - serverMs;
      return clock.nowMs() + Math.floor(passedMs / STRETCH);
    },
    async scan(...wanted) {
      const page = await transport.scan(...wanted);
      const names = page.names.filter((it) =>
        !it.endsWith(ENDS) && !it.endsWith(PASSED)
      );
      return { ...page, names };
    },
    info: () => transport.info(),
    close: () => transport.close(),
  };
}
