/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/**
 * The markup of pages: `html` makes Preact elements out of a template. Text that is
 * put in is always text, never markup, so that no name or description that a stranger
 * chose can become an element.
 *
 * @module
 */

import htm from "htm";
import { type ComponentChild, h } from "preact";

type Tag = (
  strings: TemplateStringsArray,
  ...values: unknown[]
) => ComponentChild;

// The package has its types in the form of another module system.
const { bind } = htm as unknown as { bind(make: typeof h): Tag };

/** Elements of a page: `` html`<p class="wide">${text}</p>` ``. */
export const html: Tag = bind.call(htm, h);
