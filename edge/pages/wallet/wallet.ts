/// <reference lib="dom" />
/**
 * The wallet page.
 *
 * @module
 */

import { render } from "preact";
import {
  currentLanguage,
  showLanguage,
  translator,
} from "../shared/language.ts";
import { scriptUrl } from "../shared/trusted.ts";
import { html } from "../shared/view.ts";
import { WALLET_TEXTS } from "./texts.ts";

const language = currentLanguage();
showLanguage(language);
const t = translator(WALLET_TEXTS, language);
render(
  html`
    <main>
      <h1>${t("title")}</h1>
    </main>
  `,
  document.body,
);
await navigator.serviceWorker?.register(scriptUrl("/pages/wallet-worker.js"), {
  scope: "/wallet",
});
