/**
 * The lint plugin that keeps the arrows between folders one-way.
 *
 * @module
 */

const plugin: Deno.lint.Plugin = { name: "offcode", rules: {} };

export default plugin;
