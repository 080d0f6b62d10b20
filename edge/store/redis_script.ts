/**
 * The one Lua script that reads and writes the store in Redis.
 *
 * It is kept as a string, so that every runtime can load it the same way. It
 * stays within the commands of Redis 7.0, takes every key from `KEYS`, reads no
 * clock, and looks at every record that it uses before its first write: Redis
 * does not undo what a script has written before it failed.
 *
 * @module
 */

/**
 * First line on a Redis server. It makes the server refuse the script wherever
 * it could not write (a replica, a full server), also when it only reads: a
 * replica's answer may be old.
 */
export const PLAIN_HEADER = "#!lua\n";

/**
 * First line on Upstash, where a script locks the whole database unless it
 * promises to touch declared keys only. Redis itself does not know the flag.
 */
export const UPSTASH_HEADER = "#!lua flags=allow-key-locking\n";

/** The script, to be put behind one of the headers. */
export const STORE_SCRIPT = String.raw`
-- One mini-transaction, or one snapshot (no checks, no writes).
--
-- KEYS   every name of the request, once each
-- ARGV   1    a letter for each key: v value, i index, e either
--        2    unix ms of the caller, who asks whether an add may create
--        3-6  number of reads, checks, writes, ranges
--        then, each beginning with the position of its key in KEYS:
--        reads   key
--        checks  a key | q key value | b key bound | s key delta max | m key
--                absent, equals, below, sum-at-most, empty
--        writes  S key value ttl_ms (0: never ends) | D key
--                A key delta expires_at_ms
--                I key score member | L key score member | U key member
--                set, delete, add, index, index only if lower, unindex
--        ranges  key min max limit after_score after_member
--                after_score is empty where the page has no after
-- Numbers are decimal integers, at most 2^53 - 1 in size: exact as doubles.
--
-- Returns  1, value of each read ..., page of each range: member, score, ...
--          0, position of the check from 0, value there, value of each read ...
--          2, fault
-- A value that is not there is nil.
--
-- Invariant: nothing is written unless all will be. Kinds of all names, then
-- checks in order, then the counters are worked out; only then the first write.

local call, try = redis.call, redis.pcall
local MOST = 9007199254740991

local uses, now = ARGV[1], tonumber(ARGV[2])
local reads, checks = tonumber(ARGV[3]), tonumber(ARGV[4])
local writes, ranges = tonumber(ARGV[5]), tonumber(ARGV[6])

-- A number, or nil for anything but a canonical integer from 0 to 2^53 - 1.
-- tonumber() alone takes hexadecimals, exponents and spaces.
local function counter(text)
  if #text > 16 or not (text == '0' or string.find(text, '^[1-9]%d*$')) then
    return nil
  end
  local number = tonumber(text)
  if number <= MOST then return number end
end

-- Whether a stands after b in bytes. Lua's < follows the server's locale.
local function above(a, b)
  for i = 1, math.min(#a, #b) do
    local x, y = string.byte(a, i), string.byte(b, i)
    if x ~= y then return x > y end
  end
  return #a > #b
end

-- Rank of the first entry after (score, member). A member that is not there
-- with this score is looked for by halving among those with equal scores.
local function rank_after(key, score, member)
  local found = call('ZSCORE', key, member)
  if found and tonumber(found) == tonumber(score) then
    return call('ZRANK', key, member) + 1
  end
  local low = call('ZCOUNT', key, '-inf', '(' .. score)
  local high = call('ZCOUNT', key, '-inf', score)
  while low < high do
    local middle = math.floor((low + high) / 2)
    if above(call('ZRANGE', key, middle, middle)[1], member) then
      high = middle
    else
      low = middle + 1
    end
  end
  return low
end

-- Kinds: the text of each value, the size of each index. A wrong kind is told
-- in the reply: servers differ in how an error reaches the caller.
local record = {}
for k = 1, #KEYS do
  local use, found = string.sub(uses, k, k), false
  if use == 'v' then
    found = try('GET', KEYS[k])
  elseif use == 'i' then
    found = try('ZCARD', KEYS[k])
  end
  if type(found) == 'table' then
    if string.sub(found.err, 1, 9) == 'WRONGTYPE' then return { 2, 'corrupt' } end
    return found
  end
  record[k] = found
end

local at = 7 + reads

for position = 0, checks - 1 do
  local kind, k = ARGV[at], tonumber(ARGV[at + 1])
  local found, holds = record[k], false
  if kind == 'a' then
    holds = not found
    at = at + 2
  elseif kind == 'q' then
    holds = found == ARGV[at + 2]
    at = at + 3
  elseif kind == 'b' then
    if found then
      local number = counter(found)
      if not number then return { 2, 'corrupt' } end
      holds = number < tonumber(ARGV[at + 2])
    end
    at = at + 3
  elseif kind == 's' then
    local number = counter(found or '0')
    if not number then return { 2, 'corrupt' } end
    -- Rounding hides no excess: what is above 2^53 - 1 stays above it.
    holds = number + tonumber(ARGV[at + 2]) <= tonumber(ARGV[at + 3])
    at = at + 4
  else
    holds = found == 0
    if not holds then found = call('ZRANGE', KEYS[k], 0, 0)[1] end
    at = at + 2
  end
  if not holds then
    local result = { 0, position, found }
    for r = 1, reads do result[3 + r] = record[tonumber(ARGV[6 + r])] end
    return result
  end
end

-- What each add comes to, as earlier writes leave the counter.
local first, state, sum, creates = at, {}, {}, {}
for w = 1, writes do
  local kind, k = ARGV[at], tonumber(ARGV[at + 1])
  if kind == 'S' then
    state[k] = ARGV[at + 2]
    at = at + 4
  elseif kind == 'D' then
    state[k] = false
    at = at + 2
  elseif kind == 'A' then
    local before, delta = state[k], tonumber(ARGV[at + 2])
    if before == nil then before = record[k] end
    if before then
      local number = counter(before)
      if not number then return { 2, 'corrupt' } end
      number = math.max(0, number + delta)
      if number > MOST then return { 2, 'refused' } end
      -- tostring() would make 1e+15 of it.
      sum[w] = string.format('%.0f', number)
    elseif delta >= 0 and tonumber(ARGV[at + 3]) > now then
      sum[w], creates[w] = ARGV[at + 2], true
    end
    if sum[w] then state[k] = sum[w] end
    at = at + 4
  elseif kind == 'U' then
    at = at + 3
  else
    at = at + 4
  end
end

-- From here on nothing is refused.
at = first
for w = 1, writes do
  local kind, key = ARGV[at], KEYS[tonumber(ARGV[at + 1])]
  if kind == 'S' then
    if ARGV[at + 3] == '0' then
      call('SET', key, ARGV[at + 2])
    else
      call('SET', key, ARGV[at + 2], 'PX', ARGV[at + 3])
    end
    at = at + 4
  elseif kind == 'D' then
    call('UNLINK', key)
    at = at + 2
  elseif kind == 'A' then
    if creates[w] then
      call('SET', key, sum[w], 'PXAT', ARGV[at + 3])
    elseif sum[w] then
      -- XX: where time passes inside a script, a counter that ended meanwhile
      -- must not come back without an end.
      call('SET', key, sum[w], 'XX', 'KEEPTTL')
    end
    at = at + 4
  elseif kind == 'I' then
    call('ZADD', key, ARGV[at + 2], ARGV[at + 3])
    at = at + 4
  elseif kind == 'L' then
    call('ZADD', key, 'LT', ARGV[at + 2], ARGV[at + 3])
    at = at + 4
  else
    call('ZREM', key, ARGV[at + 2])
    at = at + 3
  end
end

local result = { 1 }
for r = 1, reads do
  local k = tonumber(ARGV[6 + r])
  local value = record[k]
  if writes > 0 then value = call('GET', KEYS[k]) end
  result[1 + r] = value
end
for r = 1, ranges do
  local key = KEYS[tonumber(ARGV[at])]
  local max, limit = ARGV[at + 2], tonumber(ARGV[at + 3])
  local page = {}
  if ARGV[at + 4] == '' then
    page = call('ZRANGE', key, ARGV[at + 1], max, 'BYSCORE',
      'LIMIT', 0, limit, 'WITHSCORES')
  else
    local from = rank_after(key, ARGV[at + 4], ARGV[at + 5])
    local to = math.min(from + limit, call('ZCOUNT', key, '-inf', max)) - 1
    if from <= to then page = call('ZRANGE', key, from, to, 'WITHSCORES') end
  end
  result[1 + reads + r] = page
  at = at + 6
end
return result
`;
