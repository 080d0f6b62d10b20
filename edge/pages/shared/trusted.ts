/// <reference lib="dom" />
/**
 * The one policy of Trusted Types (W3C) of the pages, for the addresses of scripts
 * that a page starts by itself: service workers and workers. It lets files of
 * `/pages/` through and nothing else.
 *
 * @module
 */

/** The part of Trusted Types that is used; Firefox has had it for a short time only. */
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

/** The address of a script of `/pages/`, as workers are started with. */
export function scriptUrl(url: string): string {
  return policy === undefined ? check(url) : policy.createScriptURL(url);
}
