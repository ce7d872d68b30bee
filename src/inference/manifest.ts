import { createHash } from "node:crypto";
import { open, readFile, stat } from "node:fs/promises";
import { isAbsolute, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { EncoderError } from "./encoder.ts";

/** The model files that come with the package; `src` and `dist` stand side by side. */
export const PACKAGED_MODELS = fileURLToPath(new URL("../../models/", import.meta.url));

const MANIFEST = "manifest.json";
const MOST_MANIFEST_BYTES = 1_048_576;
const MOST_FILE_BYTES = 2_147_483_648;
const MOST_TOKENS = 8192;

export const fileName = z
  .string()
  .min(1)
  .max(256)
  .refine((name) => !isAbsolute(name) && !normalize(name).startsWith(".."), "a file lies beside the manifest");
const count = z.int().min(1).max(65_536);
const label = z.string().min(1).max(128);

const fit = z.strictObject({
  temperature: z.number().positive().max(1000),
  abstainBelow: z.number().min(0).max(1),
});
export type Fit = z.output<typeof fit>;

const portion = z.number().min(0).max(1);
const fullFit = fit.extend({
  /** See blend.ts. */
  share: portion.default(1),
  sharpness: z.number().positive().max(1000).default(1),
  /** Of safety: how suspicious a place must be for a second reading. */
  from: portion.default(0.02),
});

/** `choice`: one label holds. `questions`: each label is a question of its own. */
export const headKind = z.enum(["choice", "questions"]);
export type HeadKind = z.output<typeof headKind>;

export const labels = z
  .array(label)
  .min(1)
  .max(1000)
  .refine((names) => new Set(names).size === names.length, "no label stands twice");

const head = z.strictObject({ labels, kind: headKind, static: fit, full: fullFit.optional() });
export type Head = z.output<typeof head>;

const manifest = z.strictObject({
  format: z.literal(1),
  version: z.string().min(1).max(128),
  base: z.string().max(1024),
  licence: z.string().max(1024),
  tokenizer: z.strictObject({ file: fileName, lowercase: z.literal(true) }),
  files: z.record(
    fileName,
    z.strictObject({ bytes: z.int().min(0).max(MOST_FILE_BYTES), sha256: z.string().regex(/^[0-9a-f]{64}$/u) }),
  ),
  static: z.strictObject({
    file: fileName,
    dimensions: count,
    features: count,
    window: z
      .strictObject({ tokens: z.int().min(8).max(MOST_TOKENS), overlap: z.int().min(0).max(MOST_TOKENS) })
      .refine(({ tokens, overlap }) => overlap < tokens, "windows overlap by less than their length"),
  }),
  full: z
    .strictObject({ file: fileName, dimensions: count, features: count, maxTokens: z.int().min(8).max(MOST_TOKENS) })
    .optional(),
  /** Reads two texts at once; its file takes what it shares with the full stage's from there. */
  compare: z.strictObject({ file: fileName, maxTokens: z.int().min(8).max(MOST_TOKENS) }).optional(),
  heads: z.record(label, head),
  entities: z.strictObject({
    types: z.array(label).max(100),
    static: z.record(z.string(), z.unknown()).optional(),
    /** Least probability of an entity that the full stage tells. */
    full: z.strictObject({ least: portion.default(0.5) }).optional(),
  }),
});

/** What the model files are, what they give, and how to read it. */
export type Manifest = z.output<typeof manifest>;

/** @throws EncoderError `model` that says what is wrong */
export async function readManifest(folder: string): Promise<Manifest> {
  const path = join(folder, MANIFEST);
  const read = await readJson(path, manifest);
  const { tokenizer, static: statics, full, compare } = read;
  const named = [tokenizer, statics, full, compare].flatMap((part) => part?.file ?? []);
  const missing = named.find((name) => read.files[name] === undefined);
  if (missing !== undefined) throw new EncoderError("model", `${path} gives no size and sha256 of ${missing}.`);
  return read;
}

/** Reads a JSON file of at most a megabyte, or of `most` bytes, in the shape. */
export async function readJson<S extends z.ZodType>(
  path: string,
  shape: S,
  most = MOST_MANIFEST_BYTES,
): Promise<z.output<S>> {
  const value = await parseFile(path, most);
  const read = shape.safeParse(value);
  if (read.success) return read.data;
  const { path: key = [], message = "" } = read.error.issues[0] ?? {};
  throw new EncoderError("model", `${path} is wrong at ${key.length > 0 ? key.join(".") : "its top"}: ${message}.`);
}

async function parseFile(path: string, most: number): Promise<unknown> {
  let text: string;
  try {
    const { size } = await stat(path);
    if (size > most) throw new EncoderError("model", `${path} has ${size} bytes, more than the ${most} it may have.`);
    text = await readFile(path, "utf8");
  } catch (cause) {
    throw cause instanceof EncoderError ? cause : unreadable(path, cause);
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new EncoderError("model", `${path} is no JSON.`, { cause });
  }
}

/** The whole of a file that the manifest names, once its size and sha256 are what the manifest says. */
export async function readModelFile(folder: string, name: string, { files }: Manifest): Promise<Uint8Array> {
  const whole = new Uint8Array(files[name]!.bytes);
  await pass(join(folder, name), files[name]!, (from, to) => whole.subarray(from, to));
  return whole;
}

/** Checks a file that another reader opens, without keeping it. Gives its path. */
export async function checkModelFile(folder: string, name: string, { files }: Manifest): Promise<string> {
  const chunk = new Uint8Array(Math.min(CHUNK_BYTES, files[name]!.bytes));
  await pass(join(folder, name), files[name]!, (from, to) => chunk.subarray(0, to - from));
  return join(folder, name);
}

const CHUNK_BYTES = 4_194_304;

/** Reads and checks the file chunk by chunk, each into what `target` gives for its place, and breathes between them. */
async function pass(
  path: string,
  { bytes, sha256 }: { readonly bytes: number; readonly sha256: string },
  target: (from: number, to: number) => Uint8Array,
): Promise<void> {
  const hash = createHash("sha256");
  try {
    await using file = await open(path, "r");
    const { size } = await file.stat();
    if (size !== bytes) throw damaged(path, `it has ${size} bytes instead of ${bytes}`);
    for (let read = 0; read < bytes;) {
      const chunk = target(read, Math.min(read + CHUNK_BYTES, bytes));
      const { bytesRead } = await file.read(chunk, 0, chunk.length, read);
      if (bytesRead === 0) break;
      hash.update(chunk.subarray(0, bytesRead));
      read += bytesRead;
    }
  } catch (cause) {
    throw cause instanceof EncoderError ? cause : unreadable(path, cause);
  }
  if (hash.digest("hex") !== sha256) throw damaged(path, "its sha256 is not the manifest's");
}

function damaged(path: string, why: string): EncoderError {
  return new EncoderError(
    "model",
    `The model file ${path} is damaged: ${why}. Install the package again, or restore the file.`,
  );
}

function unreadable(path: string, cause: unknown): EncoderError {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code ?? "error";
  return new EncoderError("model", `The model file ${path} cannot be read (${code}). Check that it is there.`, {
    cause,
  });
}
