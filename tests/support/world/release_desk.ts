/**
 * The team that releases cores, at an application under test.
 *
 * @module
 */

import { encodeBase64 } from "@std/encoding/base64";
import {
  type CoreManifest,
  newReleaseKey,
  type ReleaseKey,
  type SignedManifest,
} from "../../../edge/code/manifest.ts";
import {
  DEFAULT_SETTINGS,
  type Settings,
} from "../../../edge/boot/settings.ts";
import {
  readRelease,
  readSwitch,
  switchOf,
} from "../../../edge/release/record.ts";
import { coreShadowField } from "../../../edge/store/keys.ts";
import type { Store } from "../../../edge/store/store.ts";
import { CORE_WASM, manifestOf, signedBy } from "../code/releases.ts";
import type { Answer, Api } from "./api.ts";

/** Two people, who both may sign. */
export const SIGNERS: readonly [ReleaseKey, ReleaseKey] = [
  await newReleaseKey(),
  await newReleaseKey(),
];

/** Settings of an edge that trusts both of them; one signature is enough. */
export const releaseSettings = (
  change: Partial<Settings["release"]> = {},
): Pick<Settings, "release"> => ({
  release: {
    ...DEFAULT_SETTINGS.release,
    trusted: { keys: SIGNERS.map(({ publicKey }) => publicKey), threshold: 1 },
    ...change,
  },
});

/** Calls with a release key. */
export class ReleaseDesk {
  private constructor(readonly api: Api, readonly key: string) {}

  static async open(api: Api): Promise<ReleaseDesk> {
    const made = await api.must(201, "POST", "/v1/admin/release-keys", {
      key: api.adminKey,
      body: { name: "release desk" },
    });
    return new ReleaseDesk(api, made.api_key);
  }

  /** Uploads the committed core unless said otherwise. */
  upload(
    manifest: SignedManifest,
    wasm: Uint8Array = CORE_WASM,
  ): Promise<Answer> {
    return this.api.call("POST", "/v1/core-releases", {
      key: this.key,
      body: { manifest, wasm: encodeBase64(wasm) },
    });
  }

  /** Uploads the committed core under a version; gives the release's id. */
  async push(change: Partial<CoreManifest> = {}): Promise<string> {
    const signed = await signedBy(manifestOf(change), SIGNERS[0]);
    const { status, body } = await this.upload(signed);
    if (status !== 201) throw new Error(`${body.code}: ${body.detail}`);
    return body.release_id;
  }

  step(releaseId: string, step: string): Promise<Answer> {
    const path = `/v1/core-releases/${releaseId}/${step}`;
    return this.api.call("POST", path, { key: this.key });
  }

  rollback(releaseId?: string): Promise<Answer> {
    return this.api.call("POST", "/v1/core-releases/rollback", {
      key: this.key,
      ...(releaseId !== undefined && { body: { release_id: releaseId } }),
    });
  }

  get(releaseId: string): Promise<Answer> {
    const path = `/v1/core-releases/${releaseId}`;
    return this.api.call("GET", path, { key: this.key });
  }

  async list(): Promise<Answer["body"]> {
    const path = "/v1/core-releases";
    return await this.api.must(200, "GET", path, { key: this.key });
  }
}

/** Counts what edges count while a release is in shadow. */
export async function countShadow(
  store: Store,
  releaseId: string,
  field: "searches" | "differences",
  delta: number,
): Promise<void> {
  const counter = coreShadowField(releaseId, field);
  await store.txn({
    checks: [],
    writes: [{ kind: "add", counter, period: "0", delta }],
  });
}

async function readWhere(store: Store, where: "active" | "shadow") {
  const id = switchOf(await readSwitch(store))[where];
  return id === null ? null : await readRelease(store, id);
}

/** The release that a store says is active; `null`: the built-in core is. */
export const activeRelease = (store: Store) => readWhere(store, "active");

/** The release that a store says is in shadow; `null`: none is. */
export const shadowRelease = (store: Store) => readWhere(store, "shadow");
