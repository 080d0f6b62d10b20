import { z } from "zod";
import { call } from "../../kit/call.ts";
import { isRefusal } from "../../../base/outcome.ts";

export const getCoreBinary = call({
  id: "getCoreBinary",
  method: "get",
  path: "/v1/cores/{sha256}.wasm",
  summary: "The binary of a core, by its SHA-256",
  description:
    "The binary never changes under its name, so it may be cached for good.",
  params: {
    sha256: z.string().regex(/^[0-9a-f]{64}$/).meta({
      description: "SHA-256 of the binary in hex, as its manifest names it",
      example: "0".repeat(64),
    }),
  },
  headers: {
    "if-none-match": z.string().optional().meta({
      description: "The ETag of the binary that the caller has",
    }),
  },
  answers: {
    200: {
      says: "The binary",
      type: "application/wasm",
      schema: z.string().meta({ format: "binary" }),
      example: "\0asm",
    },
    304: { says: "The caller has it" },
  },
  problems: ["not-found", "store-unavailable"],
  async handle({ publishedCores }, { params: { sha256 }, headers: asked }) {
    const etag = `"${sha256}"`;
    const headers = {
      "cache-control": "public, max-age=31536000, immutable",
      etag,
    };
    const wasm = await publishedCores.binary(sha256);
    if (isRefusal(wasm)) return wasm;
    const has = (asked["if-none-match"] ?? "").split(",")
      .some((it) => it.trim().replace(/^W\//, "") === etag);
    return has
      ? { status: 304 as const, body: null, headers }
      : { status: 200 as const, body: wasm, headers };
  },
});
