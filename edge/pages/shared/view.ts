/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/**
 * The markup of pages: `html` makes Preact elements out of a template. Values in the
 * template are always text, never markup, so that a name or a description from outside
 * can never become an element.
 *
 * @module
 */

import htm from "htm";
import { type ComponentChild, h } from "preact";

type Tag = (
  strings: TemplateStringsArray,
  ...values: unknown[]
) => ComponentChild;

// The types of the package are written for another module system.
const { bind } = htm as unknown as { bind(make: typeof h): Tag };

/** Elements of a page: `` html`<p class="wide">${text}</p>` ``. */
export const html: Tag = bind.call(htm, h);
