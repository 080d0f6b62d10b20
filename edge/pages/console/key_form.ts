/// <reference lib="dom" />
/**
 * Asks for a key. The field is cleared when the key is submitted.
 *
 * @module
 */

import type { ComponentChild } from "preact";
import { useState } from "preact/hooks";
import { html } from "../shared/view.ts";
import { isKey } from "./api.ts";
import type { Ctx } from "./parts.ts";

/** A field for a key, and the button that submits it. */
export function KeyForm(
  { ctx, id, label, button, fault = "", onKey }: {
    ctx: Pick<Ctx, "t">;
    id: string;
    label: string;
    button: string;
    /** Why the previous key was not accepted. */
    fault?: string;
    onKey: (key: string) => void;
  },
): ComponentChild {
  const [text, setText] = useState("");
  const [isOdd, setOdd] = useState(false);
  const take = (event: Event) => {
    event.preventDefault();
    const key = text.trim();
    setOdd(!isKey(key));
    if (!isKey(key)) return;
    setText("");
    onKey(key);
  };
  const said = isOdd ? ctx.t("keyOdd") : fault;
  return html`
    <form class="key" onSubmit=${take}>
      <label for=${id}>${label}</label>
      <input
        id=${id}
        type="password"
        autocomplete="off"
        spellcheck=${false}
        value=${text}
        aria-describedby=${`${id}-said`}
        aria-invalid=${said !== ""}
        onInput=${(event: Event) =>
          setText((event.target as HTMLInputElement).value)}
      />
      <button class="main">${button}</button>
      <p id=${`${id}-said`} role="alert" class=${said === "" ? "" : "note bad"}>
        ${said}
      </p>
    </form>
  `;
}
