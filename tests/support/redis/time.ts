/**
 * A Redis whose time a test moves. Redis has a clock of its own that nobody can
 * stop, so its time is stretched instead: a millisecond of the test is twenty
 * minutes of the server. What a test does meanwhile takes no time, and to let
 * time pass is to bring every expiry nearer.
 *
 * The stretching happens in front of the script, which stays as it is: it sees
 * a `redis.call` that multiplies the times it is given.
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

const STRETCHING = `
local server = redis
local function stretched(ms) return string.format('%.0f', ms * ${STRETCH}) end
local redis = {
  pcall = server.pcall,
  call = function(name, ...)
    local arguments = { ... }
    if name == 'SET' then
      for i = 3, #arguments - 1 do
        if arguments[i] == 'PX' then
          arguments[i + 1] = stretched(tonumber(arguments[i + 1]))
        end
      end
    elseif name == 'PEXPIRE' then
      arguments[2] = stretched(tonumber(arguments[2]))
    end
    return server.call(name, unpack(arguments))
  end,
}
`;

/** Brings expiries nearer: ARGV milliseconds, pattern of the names. */
const PASS = `
for _, key in ipairs(redis.call('KEYS', ARGV[2])) do
  local ends = redis.call('PEXPIRETIME', key)
  if ends > 0 then
    ends = string.format('%.0f', math.max(1, ends - tonumber(ARGV[1])))
    redis.call('PEXPIREAT', key, ends)
  end
end
return 1
`;

/**
 * The command that lets `ms` of the test's time pass on a server, for all names
 * or for those of a pattern.
 */
export function passCommand(ms: number, names = "*"): string[] {
  return ["EVAL", PASS, "0", `${ms * STRETCH}`, names];
}

/**
 * `transport` with `clock` in place of the server's, which stood at `serverMs`
 * when the test began.
 */
export function stretchTime(
  transport: RedisTransport,
  clock: Clock,
  serverMs: number,
): RedisTransport {
  return {
    maxRequests: transport.maxRequests,
    run: (script, keys, args) => transport.run(STRETCHING + script, keys, args),
    timeMs: async () => {
      const passedMs = await transport.timeMs() - serverMs;
      return clock.nowMs() + Math.floor(passedMs / STRETCH);
    },
    scan: (prefix, cursor) => transport.scan(prefix, cursor),
    info: () => transport.info(),
    close: () => transport.close(),
  };
}
