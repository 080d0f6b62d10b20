/**
 * Lua scripts between Upstash and a plain Redis. Upstash takes the flag
 * `allow-key-locking` in the first line, which Redis does not know. The line is
 * therefore rewritten, and the hash by which the client knows a script is kept
 * beside the hash by which the server knows it. The promise of the flag is
 * kept: a key that was not declared is refused as Upstash refuses it.
 *
 * @module
 */

import { createHash } from "node:crypto";

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

const sha1 = (text: string) => createHash("sha1").update(text).digest("hex");

/** Rewrites the commands that carry a script or the hash of one. */
export class ScriptRewriter {
  readonly #serverSha = new Map<string, string>();

  /**
   * The command for the server, and the hash that its reply must show instead
   * of the server's, for `SCRIPT LOAD`.
   */
  rewrite(
    command: readonly string[],
  ): { readonly command: string[]; readonly sha?: string } {
    const [name = "", second = "", third = "", ...rest] = command;
    switch (name.toUpperCase()) {
      case "EVAL":
      case "EVAL_RO":
        return {
          command: [name, this.#forServer(second), ...command.slice(2)],
        };
      case "EVALSHA":
      case "EVALSHA_RO":
        return { command: [name, this.#shaOf(second), ...command.slice(2)] };
      case "SCRIPT":
        if (second.toUpperCase() === "LOAD") {
          return {
            command: [name, second, this.#forServer(third), ...rest],
            sha: sha1(third),
          };
        }
        if (second.toUpperCase() === "EXISTS") {
          const shas = command.slice(2).map((sha) => this.#shaOf(sha));
          return { command: [name, second, ...shas] };
        }
    }
    return { command: [...command] };
  }

  #shaOf(sha: string): string {
    return this.#serverSha.get(sha.toLowerCase()) ?? sha;
  }

  #forServer(script: string): string {
    const [, flags, body] = /^#!lua(?:[ ]+flags=(\S*))?[ ]*(\n[^]*)$/
      .exec(script) ?? [];
    if (flags === undefined || !flags.split(",").includes(FLAG)) return script;
    const left = flags.split(",").filter((it) => it !== FLAG).join(",");
    const first = left === "" ? "#!lua" : `#!lua flags=${left}`;
    // The inserted code stands on the line after the header, so that line
    // numbers do not change.
    const text = `${first}\n${DECLARED_KEYS_ONLY}${body}`;
    this.#serverSha.set(sha1(script), sha1(text));
    return text;
  }
}
