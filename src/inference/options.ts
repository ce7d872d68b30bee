import { z } from "zod";

const path = z.string().min(1).max(4096);
const url = z
  .url({ protocol: /^https?$/u })
  .max(2048)
  .describe("Base URL of the endpoint, up to and without /embeddings, such as http://127.0.0.1:8000/v1");

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
  .describe("An OpenAI-compatible endpoint for embeddings that reads instead of the packaged model");

/** The `encoder` part of the config: what learned signals read with. */
export const encoderOptions = z
  .strictObject({
    onnx: path
      .optional()
      .describe(
        "Manifest of an ONNX model of your own that reads instead of the packaged one: a JSON file that names its model and tokenizer beside it, and says what they give (version, dimensions, output, heads)",
      ),
    embeddings: embeddings.optional(),
    heads: path.optional().describe("JSON file of heads that `signalbox train heads` wrote; they replace the model's"),
    workers: z.int().min(1).max(64).default(1).describe("Threads that read long texts and run the full stage"),
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
  .refine(({ onnx, embeddings: endpoint }) => onnx === undefined || endpoint === undefined, {
    path: ["embeddings"],
    error: "give either onnx or embeddings",
  })
  .describe(
    "The model that learned signals read with: the packaged one, unless another is named. Nothing is loaded unless one of them is on",
  );

export type EncoderOptions = z.output<typeof encoderOptions>;
