import { type Counted, createCounted } from "./counted.ts";
import { createHash, createHmac, randomBytes } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { LoadedEncoder } from "./inference/create.ts";
import { PACKAGED_MODELS } from "./inference/manifest.ts";
import type { EncoderOptions } from "./inference/options.ts";
import { readOwnSource } from "./inference/own-manifest.ts";

/** Encoders that are loaded. @throws EncoderError `model` where one cannot be */
export type EncoderShelf = Counted<EncoderOptions, LoadedEncoder>;

export type LoadEncoder = (options: EncoderOptions) => Promise<LoadedEncoder>;

export const createEncoderShelf = (load: LoadEncoder, onFault: (error: unknown) => void): EncoderShelf =>
  createCounted({ identityOf: createIdentity(), make: load, close: (encoder) => encoder.close(), onFault });

/**
 * What an encoder is: the options that it is loaded with and the files that they name, so that other weights under an
 * old path are other weights. When it is asked, and how long it may take, is not part of it. The digest means nothing
 * outside this process, since a key is in it.
 */
function createIdentity(): (options: EncoderOptions) => Promise<string> {
  const secret = randomBytes(32);
  return async ({ onnx, embeddings, heads, workers, max_tokens, second_stage }) => {
    const marks = await Promise.all([
      contentsOf(onnx ?? join(PACKAGED_MODELS, "manifest.json")),
      ...(heads === undefined ? [] : [contentsOf(heads)]),
      ...(onnx === undefined ? [] : (await filesOf(onnx)).map(versionOf)),
    ]);
    const what = { onnx, embeddings, heads, workers, max_tokens, hasFull: second_stage !== "never", marks };
    return createHmac("sha256", secret).update(JSON.stringify(what)).digest("base64url");
  };
}

/** A manifest that cannot be read names none, and is for the loading to complain of; so is a file that is missing. */
async function filesOf(manifest: string): Promise<readonly string[]> {
  return readOwnSource(manifest).then(
    ({ model, tokenizer }) => [model, tokenizer],
    () => [],
  );
}

async function contentsOf(path: string): Promise<string> {
  return readFile(path).then(
    (bytes) => createHash("sha256").update(bytes).digest("base64url"),
    () => "missing",
  );
}

/** Of a large file, without reading it. */
async function versionOf(path: string): Promise<string> {
  return stat(path, { bigint: true }).then(
    ({ dev, ino, size, mtimeNs }) => `${dev}:${ino}:${size}:${mtimeNs}`,
    () => "missing",
  );
}
