import { join } from "node:path";
import { casesOf } from "./case.ts";
import type { ComparingSource } from "./compare.ts";
import { blend } from "./blend.ts";
import type { Encoding, Prediction, Scan } from "./encoder.ts";
import { fullSource, type FullInput, type FullSource, type RawReading } from "./full.ts";
import { checkModelFile, type Head, type Manifest, readManifest, readModelFile } from "./manifest.ts";
import type { Piece } from "./piece.ts";
import { predict } from "./prediction.ts";
import { readSafetensors } from "./safetensors.ts";
import { createScanning, encodeStatic, type Reader, type StaticAnswer } from "./scan.ts";
import { loadStage, type StageSource, type Wants } from "./stage.ts";
import { readVocabulary, type Vocabulary } from "./vocabulary.ts";
import { createWordPiece, type WordPiece } from "./wordpiece.ts";

/** Units of text looked at for each token that the full stage can read. */
const UNITS_PER_TOKEN = 64;

/** The packaged models, loaded: the static stage answers at once, the full one is for workers. */
export interface Packaged {
  readonly manifest: Manifest;
  /** For workers, which share its tables. */
  readonly source: StageSource;
  readonly vocabulary: Vocabulary;
  readonly wordpiece: WordPiece;
  /** Undefined where there is no full stage, or it was not asked for. */
  readonly full?: FullSource;
  /** Where there is a full stage, and a model that reads two texts at once. */
  readonly compare?: ComparingSource;
  encode(text: string): StaticAnswer;
  scan(texts: readonly string[], wants: Wants): Scan;
  /** The text's tokens for the full stage, at most `most` with [CLS] and [SEP]. */
  tokensFor(text: string, most: number): FullInput;
  /** A part of a text as the full stage reads it, between [CLS] and [SEP]. */
  inputOf(piece: Piece, text: string): Pick<FullInput, "ids" | "cases">;
}

/**
 * @param module URL of the module that makes the static stage
 * @throws EncoderError `model` that names the file which is missing or damaged
 */
export async function loadPackaged(folder: string, module: string, hasFull: boolean): Promise<Packaged> {
  const manifest = await readManifest(folder);
  const checked = (part: { readonly file: string } | undefined) =>
    hasFull && manifest.full && part ? checkModelFile(folder, part.file, manifest) : undefined;
  const [vocabulary, tensors, fullPath, comparePath] = await Promise.all([
    readModelFile(folder, manifest.tokenizer.file, manifest).then((bytes) => readVocabulary(textOf(bytes))),
    readModelFile(folder, manifest.static.file, manifest).then((bytes) =>
      readSafetensors(bytes, join(folder, manifest.static.file)),
    ),
    checked(manifest.full),
    checked(manifest.compare),
  ]);
  const source = { module, tensors, manifest };
  const wordpiece = createWordPiece(vocabulary);
  const reader: Reader = { wordpiece, stage: await loadStage(source), manifest };
  const { first, last, padding } = vocabulary;
  const inputOf = ({ ids, starts, ends }: Piece, text: string) => ({
    ids: Int32Array.of(first, ...ids, last),
    cases: Int32Array.of(0, ...casesOf(text, starts, ends), 0),
  });
  return {
    manifest,
    source,
    vocabulary,
    wordpiece,
    inputOf,
    ...(fullPath !== undefined && { full: fullSource(fullPath, manifest, padding) }),
    ...(comparePath !== undefined && { compare: { path: comparePath, padding } }),
    encode: (text) => encodeStatic(reader, text),
    scan(texts, wants) {
      const scanning = createScanning(reader, texts, wants);
      while (scanning.step());
      return scanning.found();
    },
    tokensFor(text, most) {
      const shown = text.slice(0, most * UNITS_PER_TOKEN);
      const tokens = wordpiece.encode(shown, { limit: most - 2 });
      return { ...inputOf(tokens, shown), cut: tokens.cut || shown.length < text.length };
    },
  };
}

const textOf = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");

/** Whether what the full stage says is mixed with what the static one says of the same text. */
export function isMixed({ heads }: Manifest): boolean {
  return Object.values(heads).some(({ full }) => full !== undefined && full.share < 1);
}

/** What the full stage made of a text, as an encoding; `fast` where its answers are mixed with the static stage's. */
export function fullEncoding(
  { vector, features, logits, tokens, cut }: RawReading,
  { heads }: Manifest,
  fast: Encoding["heads"] = {},
): Encoding {
  const predictions = Object.keys(logits).map(
    (name) => [name, answerOf(heads[name]!, logits[name]!, fast[name])] as const,
  );
  return { stage: "full", vector, features, heads: Object.fromEntries(predictions), tokens, cut };
}

/** One head's answer by the full stage, mixed with the static one's. How much it knows is the full stage's to say. */
export function answerOf(
  { labels, kind, full }: Head,
  logits: Float32Array,
  fast: Pick<Prediction, "probabilities"> | undefined,
): Prediction {
  const own = predict(logits, { labels, kind, temperature: full!.temperature });
  const other = fast?.probabilities ?? own.probabilities;
  return { ...own, probabilities: blend(own.probabilities, other, kind, full!) };
}
