import { createHash } from "node:crypto";
import { z } from "zod";
import { EncoderError } from "./encoder.ts";
import type { EncoderOptions } from "./options.ts";
import { unit } from "./vector.ts";

export type EmbeddingsOptions = NonNullable<EncoderOptions["embeddings"]>;

/** What an endpoint said of one text. */
export interface Embedded {
  readonly vector: Float32Array;
  /** As the endpoint counted them, or estimated. */
  readonly tokens: number;
  readonly cut: boolean;
}

/** An OpenAI-compatible embeddings endpoint. */
export interface Embeddings {
  /** @throws EncoderError (as a rejection) `deadline`, `overloaded`, `cancelled`, or `worker` where the endpoint failed */
  encode(text: string, deadlineMs: number): Promise<Embedded>;
  close(): void;
}

/** What is sent of a text: endpoints refuse what is much longer than 8,192 tokens. */
const MOST_UNITS = 16_384;
const MOST_REPLY_BYTES = 4_194_304;
/** Vectors remembered, so that a text that comes again costs no call. */
const REMEMBERED = 1024;
const UNITS_PER_TOKEN = 4;

const reply = z.object({
  data: z.array(z.object({ embedding: z.array(z.number()).min(1).max(65_536) })).min(1),
  usage: z.object({ prompt_tokens: z.number().min(0) }).optional(),
});

/** @param most requests that are under way at once */
export function createEmbeddings({ url, key, model, dimensions }: EmbeddingsOptions, most: number): Embeddings {
  const endpoint = `${url.replace(/\/+$/u, "")}/embeddings`;
  const headers = { "content-type": "application/json", ...(key !== undefined && { authorization: `Bearer ${key}` }) };
  const remembered = createMemory(REMEMBERED);
  const closing = new AbortController();
  let underWay = 0;
  let width = dimensions;

  async function ask(text: string, deadlineMs: number): Promise<Embedded> {
    const body = JSON.stringify({ model, input: text, encoding_format: "float", ...(dimensions && { dimensions }) });
    const signal = AbortSignal.any([AbortSignal.timeout(Math.max(1, Math.ceil(deadlineMs))), closing.signal]);
    const response = await fetch(endpoint, { method: "POST", headers, body, signal, redirect: "error" });
    const bytes = await readBody(response);
    if (response.status === 429) throw new EncoderError("overloaded", "The embeddings endpoint refuses more requests.");
    if (response.status !== 200) {
      throw new EncoderError("worker", `The embeddings endpoint answered with status ${response.status}.`);
    }
    const { data, usage } = readReply(bytes);
    const vector = unit(Float32Array.from(data[0]!.embedding));
    if (width !== undefined && vector.length !== width) {
      throw new EncoderError("worker", `The embeddings endpoint gave ${vector.length} dimensions, not ${width}.`);
    }
    width = vector.length;
    return { vector, tokens: usage?.prompt_tokens ?? Math.ceil(text.length / UNITS_PER_TOKEN), cut: false };
  }

  return {
    async encode(whole, deadlineMs) {
      const text = whole.slice(0, MOST_UNITS).toWellFormed();
      const cut = whole.length > MOST_UNITS;
      if (closing.signal.aborted) throw new EncoderError("cancelled", "The encoder was closed.");
      // Endpoints refuse an empty input; it means nothing.
      if (text.trim() === "") return { vector: new Float32Array(width ?? 0), tokens: 0, cut };
      const known = remembered.get(text);
      if (known !== undefined) return { ...known, cut };
      if (underWay >= most) throw new EncoderError("overloaded", "Too many texts wait for the embeddings endpoint.");
      underWay++;
      try {
        const found = await ask(text, deadlineMs);
        remembered.set(text, found);
        return { ...found, cut };
      } catch (error) {
        throw named(error, closing.signal.aborted);
      } finally {
        underWay--;
      }
    },
    close: () => closing.abort(),
  };
}

async function readBody(response: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > MOST_REPLY_BYTES) throw new EncoderError("worker", "The embeddings endpoint's answer is too large.");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function readReply(bytes: Buffer): z.output<typeof reply> {
  try {
    return reply.parse(JSON.parse(bytes.toString("utf8")));
  } catch {
    throw new EncoderError("worker", "The embeddings endpoint's answer holds no embedding.");
  }
}

/** What went wrong as an error that may be told. The cause is kept out: it may hold the address with its secrets. */
function named(error: unknown, isClosed: boolean): EncoderError {
  if (error instanceof EncoderError) return error;
  if (isClosed) return new EncoderError("cancelled", "The encoder was closed.");
  if (error instanceof DOMException && error.name === "TimeoutError") {
    return new EncoderError("deadline", "The embeddings endpoint did not answer in time.");
  }
  return new EncoderError("worker", "The embeddings endpoint cannot be reached.");
}

interface Memory {
  get(text: string): Embedded | undefined;
  set(text: string, found: Embedded): void;
}

/** Remembers the latest used, by digest: prompts themselves are not kept. */
function createMemory(most: number): Memory {
  const kept = new Map<string, Embedded>();
  const keyOf = (text: string) => createHash("sha256").update(text).digest("base64");
  function keep(key: string, found: Embedded): void {
    kept.delete(key);
    kept.set(key, found);
    if (kept.size > most) kept.delete(kept.keys().next().value!);
  }
  return {
    get(text) {
      const key = keyOf(text);
      const found = kept.get(key);
      if (found !== undefined) keep(key, found);
      return found;
    },
    set: (text, found) => keep(keyOf(text), found),
  };
}
