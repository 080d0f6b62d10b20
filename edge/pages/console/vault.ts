/// <reference lib="dom" />
/**
 * How many records are sealed under each master key, and how many customers each
 * profile has.
 *
 * @module
 */

import type { ComponentChild } from "preact";
import { useEffect, useState } from "preact/hooks";
import { html } from "../shared/view.ts";
import { type Answer, isDone } from "./api.ts";
import { countText } from "./format.ts";
import { Badge, type Ctx, Outcome, problemText, Table } from "./parts.ts";

/** The numbers of records that are sealed under a master key. */
interface KeyUse {
  readonly kid: string;
  readonly state: "seals" | "opens" | "missing";
  readonly seeds: number;
  readonly callback_secrets: number;
  readonly api_keys: number;
}

/** The customers of a profile. */
interface ProfileUse {
  readonly profile: number;
  readonly state: "enrols" | "served" | "missing";
  readonly live_credentials: number;
}

const KINDS = {
  ...{ seals: "good", opens: "soft", missing: "bad" },
  ...{ enrols: "good", served: "soft" },
} as const;

/** The view of master keys and profiles. */
export function Vault({ ctx }: { ctx: Ctx }): ComponentChild {
  const { t, tag } = ctx;
  const [keyring, setKeyring] = useState<Answer | null>(null);
  const [profiles, setProfiles] = useState<Answer | null>(null);
  const read = async () => {
    setProfiles(await ctx.call("GET", "/v1/admin/profiles"));
    setKeyring(await ctx.call("GET", "/v1/admin/keyring"));
  };
  // The edge counts all records for this answer, so it is asked once and not every five
  // seconds.
  useEffect(() => void read(), [ctx.call]);
  const badge = (state: KeyUse["state"] | ProfileUse["state"]) =>
    html`<${Badge} kind=${KINDS[state]}>${t(state)}<//>`;
  const faults = [keyring, profiles].filter((it) => it !== null && !isDone(it));
  const keys: readonly KeyUse[] = keyring !== null && isDone(keyring)
    ? keyring.body.keys
    : [];
  const uses: readonly ProfileUse[] = profiles !== null && isDone(profiles)
    ? profiles.body.profiles
    : [];
  return html`
    <h2>${t("keyring")}</h2>
    ${faults.map((it) =>
      html`<${Outcome} text=${problemText(ctx, it!)} isBad=${true} />`
    )}
    <button type="button" onClick=${() => void read()}>${t(
      "countAgain",
    )}</button>
    <${Table}
      caption=${t("keyring")}
      isTitled=${true}
      heads=${[
        ...[t("masterKey"), t("state"), t("seeds"), t("callbackSecrets")],
        t("apiKeys"),
      ]}
      rows=${keys.map((it) => [
        html`<code>${it.kid}</code>`,
        badge(it.state),
        countText(it.seeds, tag),
        countText(it.callback_secrets, tag),
        countText(it.api_keys, tag),
      ])}
      empty=${keyring === null ? t("counting") : t("none")}
    />
    <h2>${t("profiles")}</h2>
    <${Table}
      caption=${t("profiles")}
      isTitled=${true}
      heads=${[t("profile"), t("state"), t("liveCredentials")]}
      rows=${uses.map((it) => [
        it.profile,
        badge(it.state),
        countText(it.live_credentials, tag),
      ])}
      empty=${profiles === null ? t("counting") : t("none")}
    />
  `;
}
