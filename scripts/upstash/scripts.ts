/**
 * Lua scripts between Upstash and a plain Redis. Upstash takes the flag
 * `allow-key-locking` in the first line, which Redis does not know. The line is
 * therefore rewritten, and the hash by which the client knows a script is kept
 * beside the hash by which the server knows it. The promise of the flag is
 * kept: a key that was not declared is refused as Upstash refuses it.
 *
 * @module
 */

import { hash } from "node:crypto";

const FLAG = "allow-key-locking";

/** Placed in front of a script with the flag. */
const DECLARED_KEYS_ONLY = `
local server, declared = redis, {}
for _, key in ipairs(KEYS) do declared[key] = true end
local function check(name, key)
  if key ~= nil and not declared[key] then
    return server.error_reply("ERR Dynamic keys are not allowed in Lua " ..
      "scripts when 'allow-key-locking' flag is set. Key was: " .. key)
  end
end
local redis = setmetatable({
  call = function(...)
    local fault = check(...)
    if fault then error(fault) end
    return server.call(...)
  end,
  pcall = function(...) return check(...) or server.pcall(...) end,
}, { __index = server })
`.replaceAll("\n", " ");

/** The script as the server takes it. */
function forServer(script: string): string {
  const [, flags, body] =
    /^#!lua(?:[ ]+flags=(\S*))?[ ]*(\n[^]*)$/.exec(script) ?? [];
  if (flags === undefined || !flags.split(",").includes(FLAG)) return script;
  const left = flags.split(",").filter((it) => it !== FLAG).join(",");
  const first = left === "" ? "#!lua" : `#!lua flags=${left}`;
  // The inserted code stands on the line after the header, so that line
  // numbers do not change.
  return `${first}\n${DECLARED_KEYS_ONLY}${body}`;
}

/**
 * Makes what rewrites commands that carry a script or the hash of one: into the
 * words for the server, and for `SCRIPT LOAD` the hash that its reply must show
 * instead of the server's.
 */
export function scriptsFor() {
  const shas = new Map<string, string>();
  const serverSha = (sha: string) => shas.get(sha.toLowerCase()) ?? sha;
  function rewritten(script: string): string {
    const text = forServer(script);
    shas.set(hash("sha1", script), hash("sha1", text));
    return text;
  }
  return (command: string[]): { words: string[]; sha?: string } => {
    const [name = "", second = "", third = "", ...rest] = command;
    switch (name.toUpperCase().replace(/_RO$/, "")) {
      case "EVAL":
        return { words: [name, rewritten(second), ...command.slice(2)] };
      case "EVALSHA":
        return { words: [name, serverSha(second), ...command.slice(2)] };
      case "SCRIPT":
        if (/^LOAD$/i.test(second)) {
          const words = [name, second, rewritten(third), ...rest];
          return { words, sha: hash("sha1", third) };
        }
        if (/^EXISTS$/i.test(second)) {
          const hashes = command.slice(2).map(serverSha);
          return { words: [name, second, ...hashes] };
        }
    }
    return { words: command };
  };
}
