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
-- Mini-transactions and snapshots (no checks, no writes), one after the other,
-- each as if it had come alone: it sees what those before it wrote.
--
-- KEYS   the names of each request, once each in it, request by request
-- ARGV   1    number of requests
--        then for each request its plan and the operands of the plan
-- Plan, one text: the number of operands in three digits; in two digits each
-- the numbers of names, reads, checks, writes and ranges; then
--        names   a letter each: v value, i index, e either
--        reads   name
--        checks  a name | q name | b name | s name | m name
--                absent, equals, below, sum-at-most, empty
--        writes  S name | D name | A name | B name | I name | L name | U name
--                set, delete, add, add to what is there only (its end is past),
--                index, index only if lower, unindex
--        ranges  name
-- A name is its position among the request's, from 1, in two digits. Digits are
-- of base 64, from '0' to 'o' in the order of ASCII.
-- Operands, in the order of the plan:
--        q value | b bound | s delta max
--        S value ttl_ms (0: never ends) | A, B delta expires_at_ms
--        I, L score member | U member
--        range min max limit after_score after_member
--                after_score is empty where the page has no after
-- Numbers are decimal integers, at most 2^53 - 1 in size: exact as doubles.
--
-- Returns for each request
--          1, value of each read ..., page of each range: member, score, ...
--          0, position of the check from 0, value there, value of each read ...
--          2, fault
-- A value that is not there is nil. An error of the server is returned alone:
-- then requests before it may have been written.
--
-- Invariant: nothing of a request is written unless all will be. Kinds of all
-- names, then checks in order, then the counters are worked out; only then the
-- first write.

local call, try = redis.call, redis.pcall
local byte, find = string.byte, string.find
local MOST = 9007199254740991
-- What two digits of zero add up to.
local ZERO = 48 * 64 + 48
local VALUE, INDEX = byte('vi', 1, 2)
local ABSENT, EQUALS, BELOW, SUM = byte('aqbs', 1, 4)
local SET, DELETE, ADD, ADD_TO, PUT, LOWER = byte('SDABIL', 1, 6)

-- A number, or nil for anything but a canonical integer from 0 to 2^53 - 1.
-- tonumber() alone takes hexadecimals, exponents and spaces.
local function counter(text)
  if #text > 16 or not (text == '0' or find(text, '^[1-9]%d*$')) then
    return nil
  end
  local number = tonumber(text)
  if number <= MOST then return number end
end

-- Whether a stands after b in bytes. Lua's < follows the server's locale.
local function above(a, b)
  for i = 1, math.min(#a, #b) do
    local x, y = byte(a, i), byte(b, i)
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

local function page_of(key, at)
  local max, limit = ARGV[at + 1], tonumber(ARGV[at + 2])
  if ARGV[at + 3] == '' then
    return call('ZRANGE', key, ARGV[at], max, 'BYSCORE',
      'LIMIT', 0, limit, 'WITHSCORES')
  end
  local from = rank_after(key, ARGV[at + 3], ARGV[at + 4])
  local to = math.min(from + limit, call('ZCOUNT', key, '-inf', max)) - 1
  if from > to then return {} end
  return call('ZRANGE', key, from, to, 'WITHSCORES')
end

-- The reply to one request, whose names follow KEYS[base] and whose operands
-- begin at ARGV[at]; and how many names it has.
local function transact(plan, base, at)
  local n1, n0, r1, r0, c1, c0, w1, w0, p1, p0 = byte(plan, 4, 13)
  local names, reads = n1 * 64 + n0 - ZERO, r1 * 64 + r0 - ZERO
  local checks, writes = c1 * 64 + c0 - ZERO, w1 * 64 + w0 - ZERO
  local ranges = p1 * 64 + p0 - ZERO

  local function read_position(r)
    local high, low = byte(plan, 12 + names + 2 * r, 13 + names + 2 * r)
    return high * 64 + low - ZERO
  end

  -- Kinds: the text of each value, the size of each index. A wrong kind is told
  -- in the reply: servers differ in how an error reaches the caller.
  local record = {}
  for k = 1, names do
    local use, found = byte(plan, 13 + k), false
    if use == VALUE then
      found = try('GET', KEYS[base + k])
    elseif use == INDEX then
      found = try('ZCARD', KEYS[base + k])
    end
    if type(found) == 'table' then
      if string.sub(found.err, 1, 9) == 'WRONGTYPE' then
        found = { 2, 'corrupt' }
      end
      return found, names
    end
    record[k] = found
  end

  local step = 14 + names + 2 * reads

  for position = 0, checks - 1 do
    local kind, high, low = byte(plan, step, step + 2)
    step = step + 3
    local found, holds = record[high * 64 + low - ZERO], false
    if kind == ABSENT then
      holds = not found
    elseif kind == EQUALS then
      holds = found == ARGV[at]
      at = at + 1
    elseif kind == BELOW then
      if found then
        local number = counter(found)
        if not number then return { 2, 'corrupt' }, names end
        holds = number < tonumber(ARGV[at])
      end
      at = at + 1
    elseif kind == SUM then
      local number = counter(found or '0')
      if not number then return { 2, 'corrupt' }, names end
      -- Rounding hides no excess: what is above 2^53 - 1 stays above it.
      holds = number + tonumber(ARGV[at]) <= tonumber(ARGV[at + 1])
      at = at + 2
    else
      holds = found == 0
      if not holds then
        found = call('ZRANGE', KEYS[base + high * 64 + low - ZERO], 0, 0)[1]
      end
    end
    if not holds then
      local result = { 0, position, found }
      for r = 1, reads do result[3 + r] = record[read_position(r)] end
      return result, names
    end
  end

  -- What each add comes to, as earlier writes leave the counter.
  local first_step, first, state, sum, creates = step, at, {}, {}, {}
  for w = 1, writes do
    local kind, high, low = byte(plan, step, step + 2)
    step = step + 3
    local k = high * 64 + low - ZERO
    if kind == SET then
      state[k] = ARGV[at]
      at = at + 2
    elseif kind == DELETE then
      state[k] = false
    elseif kind == ADD or kind == ADD_TO then
      local before, delta = state[k], tonumber(ARGV[at])
      if before == nil then before = record[k] end
      if before then
        local number = counter(before)
        if not number then return { 2, 'corrupt' }, names end
        number = math.max(0, number + delta)
        if number > MOST then return { 2, 'refused' }, names end
        -- tostring() would make 1e+15 of it.
        sum[w] = string.format('%.0f', number)
      elseif delta >= 0 and kind == ADD then
        sum[w], creates[w] = ARGV[at], true
      end
      if sum[w] then state[k] = sum[w] end
      at = at + 2
    elseif kind == PUT or kind == LOWER then
      at = at + 2
    else
      at = at + 1
    end
  end

  -- From here on nothing is refused.
  step, at = first_step, first
  for w = 1, writes do
    local kind, high, low = byte(plan, step, step + 2)
    step = step + 3
    local key = KEYS[base + high * 64 + low - ZERO]
    if kind == SET then
      if ARGV[at + 1] == '0' then
        call('SET', key, ARGV[at])
      else
        call('SET', key, ARGV[at], 'PX', ARGV[at + 1])
      end
      at = at + 2
    elseif kind == DELETE then
      call('UNLINK', key)
    elseif kind == ADD or kind == ADD_TO then
      if creates[w] then
        call('SET', key, sum[w], 'PXAT', ARGV[at + 1])
      elseif sum[w] then
        -- XX: where time passes inside a script, a counter that ended meanwhile
        -- must not come back without an end.
        call('SET', key, sum[w], 'XX', 'KEEPTTL')
      end
      at = at + 2
    elseif kind == PUT then
      call('ZADD', key, ARGV[at], ARGV[at + 1])
      at = at + 2
    elseif kind == LOWER then
      call('ZADD', key, 'LT', ARGV[at], ARGV[at + 1])
      at = at + 2
    else
      call('ZREM', key, ARGV[at])
      at = at + 1
    end
  end

  local result = { 1 }
  for r = 1, reads do
    local k = read_position(r)
    local value = record[k]
    if state[k] ~= nil then value = call('GET', KEYS[base + k]) end
    result[1 + r] = value
  end
  for r = 1, ranges do
    local high, low = byte(plan, step, step + 1)
    step = step + 2
    result[1 + reads + r] = page_of(KEYS[base + high * 64 + low - ZERO], at)
    at = at + 5
  end
  return result, names
end

local replies, base, at = {}, 0, 2
for r = 1, tonumber(ARGV[1]) do
  local plan = ARGV[at]
  local reply, names = transact(plan, base, at + 1)
  if reply.err then return reply end
  replies[r] = reply
  local o2, o1, o0 = byte(plan, 1, 3)
  base = base + names
  at = at + 1 + (o2 - 48) * 4096 + o1 * 64 + o0 - ZERO
end
return replies
`;
