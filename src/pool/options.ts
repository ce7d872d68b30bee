import { z } from "zod";

const NAME = /^[a-zA-Z][a-zA-Z0-9._:/-]{0,127}$/;
/** An hour: longer waits are a mistake in the file. */
const LONGEST_WAIT_MS = 3_600_000;
const MOST_MODELS = 500;
const MOST_TOKENS = 100_000_000;

const name = z.string().regex(NAME, "a name starts with a letter and has up to 128 letters, digits or . _ : / -");
const wait = z.int().min(1).max(LONGEST_WAIT_MS);
const usd = z.number().min(0).max(1_000_000);
const quality = z.number().min(0).max(1);

const timeouts = z
  .strictObject({
    connect_ms: wait.default(1_000).describe("Milliseconds to open a connection."),
    first_token_ms: wait.default(15_000).describe("Milliseconds from sending to the first token."),
    between_tokens_ms: wait.default(30_000).describe("Longest silence of a stream that has begun, in milliseconds."),
    total_ms: wait.default(300_000).describe("Milliseconds from sending to the end of the answer."),
  })
  .describe("How long an answer of this tier may take.");

const tier = z.strictObject({
  quality: quality.describe("Quality in [0,1] of a model of this tier where nothing better is known."),
  timeouts: timeouts.prefault({}),
});

const price = z
  .strictObject({
    input: usd.describe("USD per million input tokens."),
    output: usd.describe("USD per million output tokens."),
    cached_input: usd
      .optional()
      .describe("USD per million input tokens that the upstream had cached; the input price by default."),
  })
  .describe("What the model costs.");

const pace = z.number().min(0).max(LONGEST_WAIT_MS);

const target = z.strictObject({
  upstream: z.string().describe("Name of the upstream."),
  model: z.string().min(1).max(256).describe("What the upstream calls the model."),
  adapter: z
    .string()
    .min(1)
    .max(256)
    .optional()
    .describe(
      "What a vLLM server calls a LoRA adapter of that model: it is asked for in the model's place, and the model itself where the server does not know it.",
    ),
});

const model = z.strictObject({
  tier: z.string().describe("Name of the tier that the model belongs to."),
  quality: quality.optional().describe("Quality in [0,1] where no signal votes; the tier's by default."),
  price,
  context: z.int().min(1).max(MOST_TOKENS).default(128_000).describe("Longest prompt plus reply, in tokens."),
  max_tokens: z.int().min(1).max(MOST_TOKENS).optional().describe("Longest reply, in tokens; no limit by default."),
  modalities: z
    .array(z.enum(["text", "image", "audio", "video", "file"]))
    .min(1)
    .max(5)
    .default(["text"])
    .describe("What the model understands."),
  tools: z.boolean().default(true).describe("Whether the model can call tools."),
  parameters: z
    .array(z.string().min(1).max(128))
    .max(200)
    .optional()
    .describe("Optional body fields that the model knows, such as temperature; all of them by default."),
  reasoning: z
    .enum(["openai", "openai-minimal", "openai-none", "gpt-oss", "anthropic", "gemini", "qwen3", "deepseek"])
    .optional()
    .describe(
      "How the model is told how much to think. openai, openai-minimal (GPT-5), openai-none (GPT-5.1 and later) and gpt-oss: by an effort of low, medium or high and, where they have it, minimal or none. anthropic: by a budget of tokens, from Claude 4.6 on by an effort. gemini: by a budget, from Gemini 3 on by a level. qwen3 and deepseek: by a switch of the chat template on vLLM. It is not told when absent, nor where `parameters` lacks the field that would say it.",
    ),
  ttft_ms: pace.default(500).describe("Milliseconds to the first token, until its own answers tell."),
  ms_per_token: pace.default(15).describe("Milliseconds for each token after the first, until its own answers tell."),
  targets: z.array(target).min(1).max(32).describe("Where the model is served, first choice first."),
});

const holdsSome = (record: object) => Object.keys(record).length > 0;
const holdsFew = (record: object) => Object.keys(record).length <= MOST_MODELS;

/** @param others what other rooms have to say of a tier */
export const tiersWith = <T extends z.ZodRawShape>(others: T) =>
  z
    .record(name, tier.extend(others))
    .refine(holdsSome, "name at least one tier")
    .refine(holdsFew, `at most ${MOST_MODELS} tiers`)
    .describe("Classes of models, cheapest first: the order in the file is their rank.");

export const tiersOptions = tiersWith({});

export const modelsOptions = z
  .record(name, model)
  .refine(holdsSome, "name at least one model")
  .refine(holdsFew, `at most ${MOST_MODELS} models`)
  .describe("The model pool: each model's facts stand here and nowhere else.");

/** The file form, defaults filled in. */
export interface PoolOptions {
  readonly tiers: z.infer<typeof tiersOptions>;
  readonly models: z.infer<typeof modelsOptions>;
}
