import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { Worker } from "node:worker_threads";
import { createEncoder, type EncoderDeps, type LoadedEncoder } from "../../src/inference/create.ts";
import type { EncoderEvent } from "../../src/inference/event.ts";
import { ModelWorker } from "../../src/inference/model-worker.ts";
import { encoderOptions, type EncoderOptions } from "../../src/inference/options.ts";

export const FIXTURES = join(import.meta.dirname, "fixtures");
export const VOCABULARY = readFileSync(join(import.meta.dirname, "../../models/vocab.txt"), "utf8");
export const TINY_STAGE = new URL("./fixtures/tiny-stage.ts", import.meta.url).href;

/** A folder of its own, gone when the test is over. */
export function temporaryFolder(t: Pick<TestContext, "after">): string {
  const folder = mkdtempSync(join(tmpdir(), "signalbox-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The bytes of a safetensors file. */
export function safetensors(
  tensors: Record<string, { dtype: string; shape: number[]; bytes: Uint8Array }>,
  pad = 0,
): Uint8Array {
  let at = 0;
  const header: Record<string, unknown> = { __metadata__: { made: "by a test" } };
  for (const [name, { dtype, shape, bytes }] of Object.entries(tensors)) {
    header[name] = { dtype, shape, data_offsets: [at, at + bytes.length] };
    at += bytes.length;
  }
  const text = Buffer.from(JSON.stringify(header) + " ".repeat(pad));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, ...Object.values(tensors).map(({ bytes }) => bytes)]);
}

/** The tokenizer.json of the vocabulary, as the library reads it. */
export function libraryTokenizer(special: readonly { id: number; content: string }[]): Record<string, unknown> {
  const lines = VOCABULARY.split("\n").slice(0, -1);
  const flags = { special: true, single_word: false, lstrip: false, rstrip: false, normalized: false };
  const around = (id: string) => ({ SpecialToken: { id, type_id: 0 } });
  return {
    version: "1.0",
    added_tokens: special.map((token) => ({ ...token, ...flags })),
    normalizer: { type: "BertNormalizer", clean_text: true, handle_chinese_chars: true, lowercase: true },
    pre_tokenizer: { type: "BertPreTokenizer" },
    post_processor: {
      type: "TemplateProcessing",
      single: [around("[CLS]"), { Sequence: { id: "A", type_id: 0 } }, around("[SEP]")],
      pair: [],
      special_tokens: Object.fromEntries(
        ["[CLS]", "[SEP]"].map((token) => [token, { id: token, ids: [lines.indexOf(token)], tokens: [token] }]),
      ),
    },
    decoder: { type: "WordPiece", prefix: "##", cleanup: true },
    model: {
      type: "WordPiece",
      unk_token: "[UNK]",
      continuing_subword_prefix: "##",
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(lines.map((token, id) => [token, id])),
    },
  };
}

const fit = { temperature: 2, abstainBelow: 0.4 };

/** Writes a folder of models as the package has one, with tiny models in it. */
export function modelFolder(t: Pick<TestContext, "after">, full: "full" | "slow" = "full"): string {
  const folder = temporaryFolder(t);
  const table = Int8Array.from({ length: 32 * 8 }, (_, index) => ((index * 37) % 17) - 8);
  const tensors = safetensors({ table: { dtype: "I8", shape: [32, 8], bytes: new Uint8Array(table.buffer) } });
  writeFileSync(join(folder, "vocab.txt"), VOCABULARY);
  writeFileSync(join(folder, "static.safetensors"), tensors);
  cpSync(join(FIXTURES, `${full}.onnx`), join(folder, "full.onnx"));
  writeManifest(folder);
  return folder;
}

/** Writes the manifest of what lies in the folder. `change` is put over it. */
export function writeManifest(folder: string, change: Record<string, unknown> = {}): void {
  const files = ["vocab.txt", "static.safetensors", "full.onnx"].map((name) => {
    const bytes = readFileSync(join(folder, name));
    return [name, { bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") }] as const;
  });
  const manifest = {
    format: 1,
    version: "tiny-1",
    base: "none",
    licence: "none",
    tokenizer: { file: "vocab.txt", lowercase: true },
    files: Object.fromEntries(files),
    static: { file: "static.safetensors", dimensions: 8, features: 8, window: { tokens: 64, overlap: 16 } },
    full: { file: "full.onnx", dimensions: 8, features: 6, maxTokens: 128 },
    heads: {
      domain: { labels: ["law", "math", "other"], kind: "choice", static: fit, full: fit },
      safety: { labels: ["benign", "harmful", "jailbreak", "injection"], kind: "choice", static: fit, full: fit },
      failure: { labels: ["small", "large"], kind: "questions", static: fit, full: fit },
    },
    entities: { types: ["PERSON", "PLACE"] },
    ...change,
  };
  writeFileSync(join(folder, "manifest.json"), JSON.stringify(manifest));
}

export interface Rig {
  readonly encoder: LoadedEncoder;
  /** Every worker thread that was started, in order. */
  readonly workers: Worker[];
  readonly events: EncoderEvent[];
}

/** An encoder over tiny models; closed when the test is over. */
export async function startEncoder(
  t: Pick<TestContext, "after">,
  options: Partial<EncoderOptions> = {},
  deps: Partial<EncoderDeps> = {},
): Promise<Rig> {
  const workers: Worker[] = [];
  const events: EncoderEvent[] = [];
  const encoder = await createEncoder(
    { ...encoderOptions.parse({}), ...options },
    {
      clock: () => performance.now(),
      onEvent: (event) => void events.push(event),
      models: deps.models ?? modelFolder(t),
      stage: TINY_STAGE,
      startWorker(entry, setup) {
        const worker = new ModelWorker(entry, setup);
        workers.push(worker);
        return worker;
      },
      ...deps,
    },
  );
  t.after(() => encoder.close());
  return { encoder, workers, events };
}

/** A minute: far beyond what anything here takes. */
export const PATIENT_MS = 60_000;
