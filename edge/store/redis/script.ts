/**
 * The Lua script that makes all reads and writes of the store in Redis.
 *
 * It is a string, so that every runtime can load it in the same way. It uses only commands of
 * Redis 7.0, takes every key from `KEYS` and reads no clock. It reads every record that it uses
 * before its first write, because Redis does not undo the writes of a script that fails.
 *
 * @module
 */

/**
 * The first line on a Redis server. With it the server refuses the script if it could not
 * write (on a replica, or if the server is full), even if the script only reads, because the
 * answer of a replica may be old.
 */
export const PLAIN_HEADER = "#!lua\n";

/**
 * The first line on Upstash, where a script locks the whole database unless it promises to use
 * only declared keys. Redis itself does not know the flag.
 */
export const UPSTASH_HEADER = "#!lua flags=allow-key-locking\n";

const MOST = Number.MAX_SAFE_INTEGER;
/** The character code of the number 0 in a plan. */
const ZERO = 48;
/** The letters of the plan. */
const [ABSENT, EQUALS, BELOW, ABOVE, WITHIN, EMPTY] = bytesOf("aqbtwm");
const [SET, SET_FOR, DELETE, ADD_TO] = bytesOf("STDR");
const [LOWER, UNINDEX, HAS_END, WIDE] = bytesOf("LUe2");

function bytesOf(letters: string): number[] {
  return Array.from(letters, (letter) => letter.charCodeAt(0));
}

/** The script without its first line. */
export const STORE_SCRIPT = String.raw`
-- Makes mini-transactions and snapshots (requests without checks and writes), one after
-- the other. Each one sees the writes of those before it.
--
-- KEYS   of each request, request by request: its values, maps, indexes, and
--        the names that it removes whatever they hold
-- ARGV   1    number of requests
--        then for each request its plan and the operands of the plan
-- Plan, one text: '1' or '2' characters for each number and letter; the number
-- of operands in two digits of base 64; the numbers of values, maps, indexes,
-- other names, reads, checks, writes, index additions, removals and ranges; then
--        maps       number of fields, and 'e' if the map is given an end, or 0
--        reads      place
--        checks     a place | q place | b place | t place | w place | m key | n
--                   absent, equals, below, above, within, empty, never
--        writes     S place | T place | D place | P place | R place
--                   set, set for a time, delete, add, add to what w has found
--        additions  I key count | L key count
--                   index, index only if lower
--        removals   U key count | X key
--                   unindex, delete a whole record
--        ranges     key
-- A place is that of a value or field: values first, then the fields of each
-- map. A key is a position among the request's KEYS. Both count from 1.
-- One character is a letter, or a number from 0 ('0') to 78 ('~') in the order
-- of ASCII. Two are the two digits of the same in base 64, from '0' to 'o'.
-- Operands, in the order of the plan:
--        maps       field ..., then the milliseconds until its end, if given
--        q value | b, t bound | w period delta max
--        S value | T value ttl_ms | P period delta | R delta
--        I, L score member ... | U member ...
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
-- Invariant: Redis does not undo the writes of a script that fails. Therefore every map
-- that is written is read first, and all checks and counters are computed before the first
-- write. The first writes are those that may still fail, because the kind of their record is
-- not known: additions to indexes (a reader ignores a member without a record), then, with
-- NX, the first value that is set and was checked to be absent (MGET returns nil for a record
-- of another kind, and NX does not overwrite it). Removals are last.

local call, try = redis.call, redis.pcall

-- Reads a canonical integer from 0 to 2^53 - 1; nil for any other text. tonumber() alone
-- would accept hexadecimal numbers, exponents and spaces.
local function integer(text)
  if #text > 16 or not (text == '0' or string.find(text, '^[1-9]%d*$')) then
    return nil
  end
  local number = tonumber(text)
  if number <= ${MOST} then return number end
end

-- The amount of the counter 'period:amount' for a caller in the given period, or nil if the
-- text is not a counter. If the stored period is later, it is the second result.
local function amount_of(text, period)
  if not text then return 0 end
  local stored, digits = string.match(text, '^(.*):(%d+)$')
  local amount = stored and #stored == #period and integer(digits)
  if not amount then return nil end
  if stored == period then return amount end
  -- The bytes are compared one by one, because Lua's < depends on the server's locale.
  for i = 1, #period do
    local was, is = string.byte(stored, i), string.byte(period, i)
    if was > is then return amount, stored end
    if was < is then return 0 end
  end
end

-- string.format is used, because tostring() would write 1e+15.
local function sum_of(amount, delta)
  local sum = math.max(0, amount + delta)
  if sum <= ${MOST} then return string.format('%.0f', sum) end
end

-- Converts a plan with two characters for each number to one with one.
local function narrowed(plan)
  local p = {}
  for i = 2, #plan, 2 do
    local high, low = string.byte(plan, i, i + 1)
    p[i / 2 + 1] = (high - ${ZERO}) * 64 + low
  end
  return p
end

-- The position of the next request: its names follow KEYS[next_base], and its plan is
-- ARGV[next_at].
local next_base, next_at = 0, 2

-- Makes the next request and returns its reply. Tables are made with room for the records of
-- a payment, because growing a table takes longer than filling it. Each run of the script
-- makes its functions anew, and every variable that functions share costs time, so they share
-- few.
local function transact()
  local KEYS, ARGV, tonumber, unpack = KEYS, ARGV, tonumber, unpack
  local base, at = next_base, next_at + 1
  -- A call returns 8 000 results at most; a plan with one character a number is shorter.
  local p = { string.byte(ARGV[next_at], 1, 4000) }
  if p[1] == ${WIDE} then p = narrowed(ARGV[next_at]) end
  local values, maps = p[4] - ${ZERO}, p[5] - ${ZERO}
  local reads, checks = p[8] - ${ZERO}, p[9] - ${ZERO}
  local writes = p[10] - ${ZERO}
  local step, first_field = 14, at
  next_base = base + values + maps + p[6] + p[7] - ${2 * ZERO}
  next_at = at + (p[2] - ${ZERO}) * 64 + p[3] - ${ZERO}

  -- Reading one value or field by its own command costs half as much.
  local record
  if values > 1 and maps == 0 then
    record = call('MGET', unpack(KEYS, base + 1, base + values))
  else
    record = { nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil }
    if values > 1 then
      local found = call('MGET', unpack(KEYS, base + 1, base + values))
      for k = 1, values do record[k] = found[k] end
    elseif values == 1 then
      local key = KEYS[base + 1]
      local found = try('GET', key)
      if type(found) == 'table' then return found end
      record[1] = found
    end
  end
  local place = values
  for m = 1, maps do
    local fields = p[step] - ${ZERO}
    local key, found = KEYS[base + values + m], nil
    if fields == 1 then
      found = try('HGET', key, ARGV[at])
      if type(found) == 'table' then return found end
      record[place + 1] = found
    else
      found = try('HMGET', key, unpack(ARGV, at, at + fields - 1))
      if found.err then return found end
      for f = 1, fields do record[place + f] = found[f] end
    end
    place, at = place + fields, at + fields
    if p[step + 1] == ${HAS_END} then at = at + 1 end
    step = step + 2
  end
  local first_read = step - 1
  step = step + reads

  -- The values that checks have found absent, and the counters that checks have read.
  local absents, amounts, periods = nil, nil, nil
  for position = 0, checks - 1 do
    local kind, k = p[step], p[step + 1] - ${ZERO}
    step = step + 2
    local found, holds = record[k] or false, false
    if kind == ${EQUALS} then
      holds = found == ARGV[at]
      at = at + 1
    elseif kind == ${ABSENT} then
      holds = not found
      if k <= values then
        if absents then absents[#absents + 1] = k else absents = { k } end
      end
    elseif kind == ${WITHIN} then
      local amount, later = amount_of(found, ARGV[at])
      if not amount then return { 2, 'corrupt' } end
      local delta = tonumber(ARGV[at + 1])
      if later then delta = math.max(0, delta) end
      if not amounts then amounts, periods = {}, {} end
      amounts[k], periods[k] = amount, later or ARGV[at]
      -- Rounding cannot hide an excess: a sum above 2^53 - 1 stays above it.
      holds = amount + delta <= tonumber(ARGV[at + 2])
      at = at + 3
    elseif kind == ${BELOW} or kind == ${ABOVE} then
      if found then
        local number, bound = integer(found), tonumber(ARGV[at])
        if not number then return { 2, 'corrupt' } end
        if kind == ${BELOW} then holds = number < bound
        else holds = number > bound end
      end
      at = at + 1
    elseif kind == ${EMPTY} then
      local key = KEYS[base + k]
      local members = try('ZRANGE', key, 0, 0)
      if members.err then return members end
      found = members[1] or false
      holds = not found
    else
      found = false
    end
    if not holds then
      local result = { 0, position, found }
      for r = 1, reads do
        result[3 + r] = record[p[first_read + r] - ${ZERO}]
      end
      return result
    end
  end

  -- The text of each record after the writes (false: removed), and the expiry of each value:
  -- its time to live, true if the expiry is not changed, or nil if there is none.
  local text, ends = nil, nil
  if writes > 0 then
    text = { nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil }
    ends = {}
  end
  for w = 1, writes do
    local kind, k = p[step], p[step + 1] - ${ZERO}
    step = step + 2
    if kind == ${SET} then
      if text[k] ~= nil then ends[k] = nil end
      text[k], at = ARGV[at], at + 1
    elseif kind == ${ADD_TO} then
      local sum = sum_of(amounts[k], tonumber(ARGV[at]))
      if not sum then return { 2, 'refused' } end
      if k <= values and record[k] then ends[k] = true end
      text[k], at = periods[k] .. ':' .. sum, at + 1
    elseif kind == ${SET_FOR} then
      text[k], ends[k] = ARGV[at], ARGV[at + 1]
      at = at + 2
    elseif kind == ${DELETE} then
      text[k], ends[k] = false, nil
    else
      local before, period, delta = text[k], ARGV[at], tonumber(ARGV[at + 1])
      if before == nil then before = record[k] end
      local amount, later = amount_of(before, period)
      if not amount then return { 2, 'corrupt' } end
      if delta >= 0 or amount > 0 and not later then
        local sum = sum_of(amount, delta)
        if not sum then return { 2, 'refused' } end
        if k <= values and text[k] == nil and before then ends[k] = true end
        text[k] = (later or period) .. ':' .. sum
      end
      at = at + 2
    end
  end

  -- From here on no check can refuse.
  for a = 1, p[11] - ${ZERO} do
    local key = KEYS[base + p[step + 1] - ${ZERO}]
    local to = at + 2 * (p[step + 2] - ${ZERO})
    local done
    if p[step] == ${LOWER} then
      done = try('ZADD', key, 'LT', unpack(ARGV, at, to - 1))
    else
      done = try('ZADD', key, unpack(ARGV, at, to - 1))
    end
    if type(done) == 'table' then return done end
    step, at = step + 3, to
  end

  local gone, fields_gone, failed = nil, nil, nil
  if writes > 0 then
    local fresh = nil
    for a = 1, absents and #absents or 0 do
      if text[absents[a]] then
        fresh = absents[a]
        break
      end
    end
    if fresh then
      local key, done = KEYS[base + fresh], nil
      if not ends[fresh] then
        done = call('SET', key, text[fresh], 'NX')
      else
        done = call('SET', key, text[fresh], 'NX', 'PX', ends[fresh])
      end
      if not done then return { 2, 'corrupt' } end
    end

    local field, last = first_field, values
    for m = 1, maps do
      local fields = p[12 + 2 * m] - ${ZERO}
      local key, set, size, unset = KEYS[base + values + m], nil, 0, nil
      for f = 0, fields - 1 do
        local before, value = record[last + 1 + f], text[last + 1 + f]
        -- A field that keeps its text is not written: most codes are of the seed of the code
        -- before.
        if value and value ~= before then
          set = set or { nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil,
            nil, nil, nil, nil, nil }
          set[size + 1], set[size + 2] = ARGV[field + f], value
          size = size + 2
        elseif value == false and before then
          unset = unset or {}
          unset[#unset + 1] = ARGV[field + f]
        end
      end
      if set then call('HSET', key, unpack(set, 1, size)) end
      field, last = field + fields, last + fields
      if p[13 + 2 * m] == ${HAS_END} then
        call('PEXPIRE', key, ARGV[field])
        field = field + 1
      end
      if unset then
        fields_gone = fields_gone or {}
        fields_gone[#fields_gone + 1] = { key, unset }
      end
    end

    for k = 1, values do
      local value, key, ttl = text[k], KEYS[base + k], ends[k]
      if value == false then
        if record[k] then
          gone = gone or {}
          gone[#gone + 1] = key
        end
      elseif value and k ~= fresh then
        if not ttl then
          call('SET', key, value)
        elseif ttl == true then
          -- XX: where time passes inside a script, a counter that ended
          -- meanwhile must not come back without an end.
          call('SET', key, value, 'XX', 'KEEPTTL')
        else
          call('SET', key, value, 'PX', ttl)
        end
      end
    end
    for m = 1, fields_gone and #fields_gone or 0 do
      local key = fields_gone[m][1]
      call('HDEL', key, unpack(fields_gone[m][2]))
    end
  end
  for u = 1, p[12] - ${ZERO} do
    local key = KEYS[base + p[step + 1] - ${ZERO}]
    if p[step] == ${UNINDEX} then
      local to = at + p[step + 2] - ${ZERO}
      local done = try('ZREM', key, unpack(ARGV, at, to - 1))
      if type(done) == 'table' then failed = done end
      step, at = step + 3, to
    else
      gone = gone or {}
      gone[#gone + 1] = key
      step = step + 2
    end
  end
  if gone then call('UNLINK', unpack(gone)) end
  if failed then return failed end

  local result = { 1 }
  for r = 1, reads do
    local k = p[first_read + r] - ${ZERO}
    local value = text and text[k]
    if value == nil then value = record[k] end
    result[1 + r] = value
  end
  local ranges = p[13] - ${ZERO}
  if ranges == 0 then return result end

  -- Whether a stands after b in bytes. Lua's < follows the server's locale.
  local function above(a, b)
    for i = 1, math.min(#a, #b) do
      local x, y = string.byte(a, i), string.byte(b, i)
      if x ~= y then return x > y end
    end
    return #a > #b
  end

  -- Rank of the first entry after (score, member), which has the score 'found' or
  -- is not there. Where it has another score than 'score', its place is looked for
  -- by halving among those with equal scores.
  local function rank_after(key, score, member, found)
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

  -- A page of an index, or the error of the server.
  local function page_of(key, at)
    local max, limit = ARGV[at + 1], tonumber(ARGV[at + 2])
    if ARGV[at + 3] == '' then
      return try('ZRANGE', key, ARGV[at], max, 'BYSCORE',
        'LIMIT', 0, limit, 'WITHSCORES')
    end
    local found = try('ZSCORE', key, ARGV[at + 4])
    if type(found) == 'table' then return found end
    local from = rank_after(key, ARGV[at + 3], ARGV[at + 4], found)
    local to = math.min(from + limit, call('ZCOUNT', key, '-inf', max)) - 1
    if from > to then return {} end
    return call('ZRANGE', key, from, to, 'WITHSCORES')
  end

  for r = 1, ranges do
    local page = page_of(KEYS[base + p[step] - ${ZERO}], at)
    if page.err then return page end
    result[1 + reads + r] = page
    step, at = step + 1, at + 5
  end
  return result
end

local replies = {}
for r = 1, tonumber(ARGV[1]) do
  local reply = transact()
  if reply.err then
    -- A wrong kind is told in the reply: servers differ in how an error reaches
    -- the caller.
    if not string.find(reply.err, '^WRONGTYPE') then return reply end
    reply = { 2, 'corrupt' }
  end
  replies[r] = reply
end
return replies
`;
