import type { Prompt } from "../contracts.ts";
import { names, readRest } from "./names.ts";
import { countOf, flagAt, metadataOf, readBody, refuse, stringAt } from "./shape.ts";
import { createTranscript, type Transcript } from "./transcript.ts";

/** What a body that is no conversation asks. `unread`: part of it is no text, so nobody here can say what it holds. */
export interface Inputs {
  readonly prompt: Prompt;
  readonly unread: boolean;
}

/** Members that are read on their own, or that hold nothing a model would see. `prompt_embeds` are tensors in base64. */
const KNOWN = names(
  "model prompt input prompt_embeds stream stream_options encoding_format dimensions max_tokens best_of n echo logprobs logit_bias seed",
);

/**
 * `POST /v1/embeddings` and `/v1/completions`: `input` or `prompt` is a text, a list of texts, the ids of a text's
 * tokens, or a list of those. All texts together are one human turn. `streams`: this path can answer in a stream.
 */
export function readInputs(value: unknown, { streams }: { readonly streams: boolean }): Inputs {
  const body = readBody(value);
  const model = stringAt(body["model"], "model");
  if (model === undefined || model === "") return refuse("model", "the name of a model");
  const transcript = createTranscript();
  transcript.begin("user");
  let tokenIds = 0;
  for (const name of ["prompt", "input"]) tokenIds += readTexts(transcript, name, body[name]);
  readRest(transcript, body, KNOWN);
  const prompt = transcript.finish({
    api: "openai-chat",
    model,
    stream: flagAt(body["stream"], "stream") && streams,
    maxOutputTokens: countOf(body["max_tokens"]),
    metadata: metadataOf(body["metadata"]),
  });
  return {
    prompt: { ...prompt, inputTokens: prompt.inputTokens + tokenIds },
    unread: tokenIds > 0 || (body["prompt_embeds"] ?? null) !== null,
  };
}

/** Reads the texts, and counts the token ids beside them. */
function readTexts(transcript: Transcript, name: string, value: unknown): number {
  let tokenIds = 0;
  for (const item of Array.isArray(value) ? (value as readonly unknown[]) : [value]) {
    if (typeof item === "string") transcript.words(item);
    else if (typeof item === "number") tokenIds += 1;
    else if (Array.isArray(item) && item.every((id) => typeof id === "number")) tokenIds += item.length;
    else transcript.aside(name, item);
  }
  return tokenIds;
}
