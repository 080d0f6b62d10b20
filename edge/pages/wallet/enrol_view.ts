/// <reference lib="dom" />
/**
 * The view in which a wallet is set up: a person chooses the customer, and this phone
 * gets its seed.
 *
 * @module
 */

import { useEffect, useState } from "preact/hooks";
import type { Translate } from "../shared/language.ts";
import { html } from "../shared/view.ts";
import { backend, type Customer, RefusedError, type Start } from "./backend.ts";
import { DeliveryError } from "./keys.ts";
import type { Phone } from "./phone.ts";
import type { WalletKey } from "./texts.ts";

/** The steps of setting up. A failure has the code of its problem, or `offline`. */
type Step =
  | { readonly kind: "loading" | "busy" | "choose" }
  | { readonly kind: "failed"; readonly code: string };

/** The word for a failure. */
function codeOf(error: unknown): string {
  if (error instanceof RefusedError) return error.code;
  return error instanceof DeliveryError ? "seed" : "offline";
}

/** Lets a person choose the customer, and enrols. */
export function Enrol(
  { phone, t }: { phone: Phone; t: Translate<WalletKey> },
) {
  const [start, setStart] = useState<Start | null>(null);
  const [step, setStep] = useState<Step>({ kind: "loading" });
  const attempt = async (work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      setStep({ kind: "failed", code: codeOf(error) });
    }
  };
  const load = () =>
    attempt(async () => {
      setStep({ kind: "loading" });
      setStart(await backend.start());
      setStep({ kind: "choose" });
    });
  useEffect(() => void load(), []);
  const choose = (customer: Customer) =>
    attempt(async () => {
      setStep({ kind: "busy" });
      const { release_keys: keys, release_threshold: threshold } = start!;
      await phone.enrol(customer, { keys, threshold });
    });
  return html`
    <h2>${t("chooseTitle")}</h2>
    <p>${t("chooseText")}</p>
    ${step.kind === "failed" && html`
      <p class="note bad" role="alert">
        ${step.code === "offline"
          ? t("chooseOffline")
          : t("failed", { code: step.code })}
      </p>
      <button class="main" onClick=${load}>${t("again")}</button>
    `}
    ${step.kind === "busy" && html`<p role="status">${t("setUp")}</p>`}
    ${step.kind === "choose" && html`
      <ul class="customers">
        ${start!.customers.map((customer) =>
          html`
            <li key=${customer.account_id}>
              <button onClick=${() => choose(customer)}>${customer
                .name}</button>
            </li>
          `
        )}
      </ul>
    `}
  `;
}
