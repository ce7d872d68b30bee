import { join } from "node:path";
import { casesOf } from "./case.ts";
import type { Encoding, Scan } from "./encoder.ts";
import { fullSource, type FullInput, type FullSource, type RawReading } from "./full.ts";
import { checkModelFile, type Manifest, readManifest, readModelFile } from "./manifest.ts";
import { predict } from "./prediction.ts";
import { readSafetensors } from "./safetensors.ts";
import { createScanning, encodeStatic, type Reader } from "./scan.ts";
import { loadStage, type StageSource, type Wants } from "./stage.ts";
import { readVocabulary, type Vocabulary } from "./vocabulary.ts";
import { createWordPiece } from "./wordpiece.ts";

/** Units of text looked at for each token that the full stage can read. */
const UNITS_PER_TOKEN = 64;

/** The packaged models, loaded: the static stage answers at once, the full one is for workers. */
export interface Packaged {
  readonly manifest: Manifest;
  /** For workers, which share its tables. */
  readonly source: StageSource;
  readonly vocabulary: Vocabulary;
  /** Undefined where there is no full stage, or it was not asked for. */
  readonly full?: FullSource;
  encode(text: string): Encoding;
  scan(texts: readonly string[], wants: Wants): Scan;
  /** The text's tokens for the full stage, at most `most` with [CLS] and [SEP]. */
  tokensFor(text: string, most: number): FullInput;
}

/**
 * @param module URL of the module that makes the static stage
 * @throws EncoderError `model` that names the file which is missing or damaged
 */
export async function loadPackaged(folder: string, module: string, hasFull: boolean): Promise<Packaged> {
  const manifest = await readManifest(folder);
  const [vocabulary, tensors, fullPath] = await Promise.all([
    readModelFile(folder, manifest.tokenizer.file, manifest).then((bytes) => readVocabulary(textOf(bytes))),
    readModelFile(folder, manifest.static.file, manifest).then((bytes) =>
      readSafetensors(bytes, join(folder, manifest.static.file)),
    ),
    hasFull && manifest.full !== undefined ? checkModelFile(folder, manifest.full.file, manifest) : undefined,
  ]);
  const source = { module, tensors, manifest };
  const wordpiece = createWordPiece(vocabulary);
  const reader: Reader = { wordpiece, stage: await loadStage(source), manifest };
  return {
    manifest,
    source,
    vocabulary,
    ...(fullPath !== undefined && { full: fullSource(fullPath, manifest, vocabulary.padding) }),
    encode: (text) => encodeStatic(reader, text),
    scan(texts, wants) {
      const scanning = createScanning(reader, texts, wants);
      while (scanning.step());
      return scanning.found();
    },
    tokensFor(text, most) {
      const shown = text.slice(0, most * UNITS_PER_TOKEN);
      const { ids, starts, ends, cut } = wordpiece.encode(shown, { limit: most - 2 });
      const { first, last } = vocabulary;
      return {
        ids: Int32Array.of(first, ...ids, last),
        cases: Int32Array.of(0, ...casesOf(shown, starts, ends), 0),
        cut: cut || shown.length < text.length,
      };
    },
  };
}

const textOf = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");

/** What the full stage made of a text, as an encoding. */
export function fullEncoding({ vector, features, logits, tokens, cut }: RawReading, { heads }: Manifest): Encoding {
  const predictions = Object.entries(logits).map(([name, values]) => {
    const { labels, kind, full } = heads[name]!;
    return [name, predict(values, { labels, kind, temperature: full!.temperature })] as const;
  });
  return { stage: "full", vector, features, heads: Object.fromEntries(predictions), tokens, cut };
}
