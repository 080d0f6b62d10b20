import { Buffer } from "node:buffer";
import { z } from "zod";
import {
  MAX_CORE_BYTES,
  MAX_PAYLOAD_LETTERS,
  MAX_SIGNATURES,
} from "../../../code/manifest.ts";
import { call, reply } from "../../kit/call.ts";
import { OBJECT, text } from "../../kit/fields.ts";
import { RELEASE } from "./release.ts";

/** Bytes that a body of this call may have: the binary in base64, and the manifest. */
const MAX_UPLOAD_BYTES = 524_288;

const LETTERS = "must be base64url without padding";
const SIGNATURES = `must be 1 to ${MAX_SIGNATURES} signatures`;
const WASM =
  `must be the binary in padded base64, ${MAX_CORE_BYTES} bytes at most`;

const letters = (most: number) =>
  text(/^[A-Za-z0-9_-]+$/, LETTERS).max(most, LETTERS);

export const pushRelease = call({
  id: "uploadCoreRelease",
  method: "post",
  path: "/v1/core-releases",
  scope: "release",
  summary: "Upload a signed core",
  description:
    "The manifest is a JWS in its general JSON form, each signature by Ed25519 with the protected header `alg`, `kid` (the public key in base64url) and `typ` (`offcode-core-release`). The edge that takes the upload tests the core, and nothing else changes. The call can be repeated. A refusal says why in `reason`: `signature`, `unknown-key`, `threshold`, `manifest`, `expired`, `hash`, `imports`, `abi`, `profiles`, `known-answers` or `older`.",
  body: {
    maxBytes: MAX_UPLOAD_BYTES,
    schema: z.strictObject({
      // What is not understood of a JWS is ignored (RFC 7515 §7.2.1).
      manifest: z.object({
        payload: letters(MAX_PAYLOAD_LETTERS).meta({
          description: "The manifest's JSON in base64url",
        }),
        signatures: z.array(
          z.object({
            protected: letters(1_024),
            signature: letters(128),
          }, OBJECT),
          SIGNATURES,
        ).min(1, SIGNATURES).max(MAX_SIGNATURES, SIGNATURES),
      }, OBJECT).meta({ description: "A JWS, general JSON serialization" }),
      wasm: z.string(WASM).max(4 * Math.ceil(MAX_CORE_BYTES / 3), WASM)
        .refine((it) => {
          const bytes = bytesOf(it);
          return bytes.length <= MAX_CORE_BYTES &&
            bytes.toString("base64") === it;
        }, WASM)
        .meta({ description: "The binary in padded base64" }),
    }, OBJECT).meta({ id: "CoreReleaseRequest" }),
    example: {
      manifest: {
        payload: "eyJ2ZXJzaW9uIjoyLC4uLn0",
        signatures: [{
          protected: "eyJhbGciOiJFZDI1NTE5IiwuLi59",
          signature: "c2lnbmF0dXJl",
        }],
      },
      wasm: "AGFzbQEAAAA=",
    },
  },
  answers: { 201: { ...RELEASE, says: "Taken, or taken before" } },
  problems: ["release-rejected"],
  handle: async ({ releases }, { caller, body: { manifest, wasm } }) =>
    reply(
      201,
      await releases.upload(
        caller.keyId,
        manifest,
        new Uint8Array(bytesOf(wasm)),
      ),
    ),
});

const bytesOf = (base64: string) => Buffer.from(base64, "base64");
