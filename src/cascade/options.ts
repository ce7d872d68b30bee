import { z } from "zod";

const reference = z.string().min(1).max(128);
const share = z.number().min(0).max(1);
const wait = z.int().min(1).max(600_000);
const KIND_TEXT = "Which gate.";
const THRESHOLD_TEXT = "Lowest probability that the answer is good with which it passes.";
const DEADLINE_TEXT = "Milliseconds that this may take.";
const MODEL_TEXT = "Model of the pool that is asked.";
const MOST_MODELS = 8;
const MOST_GATES = 8;
const RUBRIC = "it is right, complete, answers what was asked and nothing else, in the form that was asked for";

const gate = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("heuristics").describe(KIND_TEXT),
    threshold: share.default(0.5).describe(THRESHOLD_TEXT),
  }),
  z.strictObject({
    kind: z.literal("logprobs").describe(KIND_TEXT),
    threshold: share.default(0.4).describe(THRESHOLD_TEXT),
  }),
  z.strictObject({
    kind: z.literal("agreement").describe(KIND_TEXT),
    model: reference.describe(MODEL_TEXT),
    threshold: share.default(0.6).describe(THRESHOLD_TEXT),
  }),
  z.strictObject({
    kind: z.literal("consistency").describe(KIND_TEXT),
    samples: z.int().min(1).max(16).default(3).describe("How often the model that answered is asked again."),
    threshold: share.default(0.6).describe(THRESHOLD_TEXT),
    max_tokens: z.int().min(1).max(100_000).default(2_000).describe("Most tokens of one such answer."),
    deadline_ms: wait.default(20_000).describe(DEADLINE_TEXT),
  }),
  z.strictObject({
    kind: z.literal("verifier").describe(KIND_TEXT),
    model: reference.describe(MODEL_TEXT),
    text: z.string().min(1).max(4_000).default(RUBRIC).describe("What a good answer is."),
    threshold: share.default(0.7).describe(THRESHOLD_TEXT),
    deadline_ms: wait.default(5_000).describe(DEADLINE_TEXT),
  }),
]);

/** Whether some answer can be compared with that of this model before the last one is asked. */
const isAnother = (model: string, models: readonly string[]): boolean =>
  model !== models.at(-1) && (models.length > 2 || model !== models[0]);

export const cascadeOptions = z
  .strictObject({
    models: z
      .array(reference)
      .min(2)
      .max(MOST_MODELS)
      .describe("Models in the order in which they are asked. The answer of the last one is not judged."),
    when: z
      .enum(["decided", "always"])
      .default("decided")
      .describe("decided: begins with the model decided on, where it is one of these; always: with the first."),
    gates: z
      .array(gate)
      .min(1)
      .max(MOST_GATES)
      .optional()
      .describe(
        "What judges an answer. It passes where each of them lets it pass; the first that does not ends the judging.",
      ),
    path: z
      .string()
      .min(1)
      .max(4_096)
      .optional()
      .describe(
        "File of gates that `signalbox calibrate gates` learned, instead of gates; it was learned for these models.",
      ),
    mode: z
      .enum(["buffer", "hold"])
      .default("buffer")
      .describe(
        "How a streamed answer waits for its judgement. buffer: until it is whole; hold: its first max_tokens, by which alone it is judged.",
      ),
    max_tokens: z.int().min(1).max(100_000).default(64).describe("Tokens that mode hold keeps back."),
    usd: z
      .number()
      .positive()
      .max(1_000_000)
      .optional()
      .describe(
        "USD that all attempts may cost. Where the next model could cost more, the best answer so far is given out.",
      ),
    deadline_ms: wait
      .optional()
      .describe("Milliseconds after which no further model is asked where there is an answer to give out."),
    continue: z
      .boolean()
      .default(false)
      .describe("The next model is shown the answer that did not pass, and asked for a better one."),
    reasoning: z
      .strictObject({
        max_tokens: z.int().min(1).max(1_000_000).optional().describe("Most tokens."),
        deadline_ms: wait.optional().describe("Milliseconds from the first thought."),
      })
      .optional()
      .describe(
        "What a streamed answer may spend on thoughts before its first word; beyond it the next model is asked.",
      ),
    action: z
      .enum(["warn", "off"])
      .default("warn")
      .describe(
        "What happens once the cascade is found to cost more than its last model alone. off: that one answers, until an hour has passed.",
      ),
  })
  .refine(({ gates, path }) => (gates === undefined) !== (path === undefined), "say either gates or path")
  .refine(({ models }) => new Set(models).size === models.length, "a model stands here twice")
  .refine(
    ({ models, gates = [] }) => gates.every((one) => one.kind !== "agreement" || isAnother(one.model, models)),
    "agreement compares with another model than the last one, and than the only one before it",
  )
  .refine(
    ({ mode, gates, path }) =>
      mode === "buffer" ||
      (path === undefined && gates?.every(({ kind }) => kind === "heuristics" || kind === "logprobs")),
    "by its first tokens alone an answer is judged by heuristics and logprobs; set mode to buffer for other gates",
  )
  .describe(
    "Asks models one after the other until an answer passes. It holds where we dispatch the request ourselves and no model was insisted on.",
  );

export type CascadeOptions = z.output<typeof cascadeOptions>;
export type GateOptions = z.output<typeof gate>;

interface Complaint {
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly known: readonly string[];
}

/** Names of models that the pool does not have. */
export function checkCascade(
  { models, gates = [] }: CascadeOptions,
  path: Complaint["path"],
  known: readonly string[],
): Complaint[] {
  const named = [
    ...models.map((name, at) => ({ name, at: ["models", at] })),
    ...gates.flatMap((one, at) => ("model" in one ? [{ name: one.model, at: ["gates", at, "model"] }] : [])),
  ];
  return named
    .filter(({ name }) => !known.includes(name))
    .map(({ name, at }) => ({ path: [...path, ...at], message: `no model is called "${name}"`, known }));
}
