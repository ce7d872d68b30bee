import { z } from "zod";

const path = z.string().min(1).max(4096);
const url = z
  .url({ protocol: /^https?$/u })
  .max(2048)
  .describe("Base URL of the endpoint, up to and without /embeddings, such as http://127.0.0.1:8000/v1");

const onnx = z
  .strictObject({
    model: path.describe("ONNX file: input_ids and attention_mask in, last_hidden_state or a named output out"),
    tokenizer: path.describe("The tokenizer.json that goes with it"),
    manifest: path.describe("JSON file that says what the model gives: version, dimensions, output, heads"),
  })
  .describe("An ONNX model of your own");

const embeddings = z
  .strictObject({
    url,
    key: z.string().min(1).max(4096).optional().describe("Sent as a bearer token; none by default"),
    model: z.string().min(1).max(256).describe("Name of the model in requests"),
    dimensions: z
      .int()
      .min(1)
      .max(65_536)
      .optional()
      .describe("Asked for in requests; what the model gives by default"),
  })
  .describe("An OpenAI-compatible endpoint for embeddings");

/** The `encoder` part of the config: what learned signals read with. */
export const encoderOptions = z
  .strictObject({
    source: z
      .union([z.literal("packaged"), z.strictObject({ onnx }), z.strictObject({ embeddings })])
      .default("packaged")
      .describe(
        "Where vectors come from: the packaged model, an ONNX model of your own, or an OpenAI-compatible endpoint",
      ),
    heads: path.optional().describe("JSON file of heads that `signalbox train heads` wrote; they replace the model's"),
    workers: z.int().min(1).max(64).default(1).describe("Threads that read long texts and run the full stage"),
    queue: z.int().min(1).max(100_000).default(256).describe("Texts that may wait for a worker; more are refused"),
    second_stage: z
      .enum(["never", "when_it_could_flip", "always"])
      .default("when_it_could_flip")
      .describe(
        "When the full stage reads too: where its answer could change the chosen model, by default. Unless it never does, it also reads what safety doubts, and names and addresses where signals.pii has learned to",
      ),
    deadline_ms: z
      .number()
      .positive()
      .max(10_000)
      .default(50)
      .describe(
        "Wall time that a second look may take, in milliseconds; after it the static answer stands. Names and addresses have the time of their signal",
      ),
    max_tokens: z
      .int()
      .min(8)
      .max(8192)
      .default(128)
      .describe("Tokens that the full stage reads at once: from the beginning of a turn, or in windows"),
  })
  .describe("The model that learned signals read with. Nothing is loaded unless one of them is on");

export type EncoderOptions = z.output<typeof encoderOptions>;
