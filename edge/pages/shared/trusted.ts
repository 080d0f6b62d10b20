/// <reference lib="dom" />
/**
 * The only Trusted Types policy (W3C) of the pages. It is for the addresses of scripts
 * that a page starts by itself: service workers and workers. It allows files of
 * `/pages/` and nothing else.
 *
 * @module
 */

/** The part of Trusted Types that is used. Older versions of Firefox do not have it. */
interface TrustedTypes {
  createPolicy(name: string, rules: {
    createScriptURL(url: string): string;
  }): { createScriptURL(url: string): string };
}

function check(url: string): string {
  if (/^\/pages\/[a-z-]+\.js$/.test(url)) return url;
  throw new TypeError("A page starts scripts of its own only");
}

const policy = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes
  ?.createPolicy("offcode", { createScriptURL: check });

/**
 * The address of a script of `/pages/`, in the form that a worker must be started with.
 */
export function scriptUrl(url: string): string {
  return policy === undefined ? check(url) : policy.createScriptURL(url);
}
