import { RE2JS } from "re2js";
import { z } from "zod";
import { LANGUAGES } from "../text/language.ts";

const NAME = /^[a-zA-Z][a-zA-Z0-9._:/-]{0,127}$/;
const LONGEST_WAIT_MS = 3_600_000;
const MOST_RULES = 1_000;
const MOST_NAMES = 500;

const name = z.string().regex(NAME, "a name starts with a letter and has up to 128 letters, digits or . _ : / -");
/** A reference: whether it leads somewhere is for the cross-check to say. */
const reference = z.string().min(1).max(128);
const references = z.array(reference).min(1).max(MOST_NAMES);
const share = z.number().min(0).max(1);
const usd = z.number().min(0).max(1_000_000);
const weight = z.number().min(-10_000).max(10_000);
const wait = z.int().min(1).max(LONGEST_WAIT_MS);
const tokens = z.int().min(0).max(100_000_000);
const words = z.array(z.string().min(1).max(256)).min(1).max(MOST_NAMES);
const record = <T extends z.ZodType>(value: T) =>
  z.record(name, value).refine((r) => Object.keys(r).length <= MOST_NAMES, `at most ${MOST_NAMES} entries`);

const EFFORT_TEXT = "How much models that can be told think: off, low, medium or high.";
const effort = z.enum(["off", "low", "medium", "high"]);
const mode = z.enum(["route", "observe", "kill"]);
const MODE_TEXT =
  "route: send where the decision says; observe: decide and record, but send to the default model; kill: the same, for emergencies, and no route may override it.";
const percent = z.number().min(0).max(100);
const PERCENT_TEXT = "Percentage of requests that are routed, by stable hash; the rest go to the default model.";
const DEFAULT_TEXT = "Model that answers what is not routed.";

export const decisionOptions = z
  .strictObject({
    tolerance: share
      .default(0.1)
      .describe("How far below the best predicted quality a model may be and still be adequate."),
    price_of_quality: usd
      .optional()
      .describe(
        "USD that an answer may cost more for each point (0.01) of predicted quality: the model that is worth most then answers, and tolerance has no say.",
      ),
    calibration: z
      .tuple([weight, weight, weight])
      .optional()
      .describe(
        "What `signalbox calibrate` learned of confidence where quality has a price: weights of 1, of how far the model is from being worth less than another, and of its predicted quality.",
      ),
    threshold: share.default(0.6).describe("Probability of adequacy below which the fallback model answers."),
    escalate_below_margin: share
      .default(0)
      .describe("Margin between the two best models below which the next tier up answers; 0 means never."),
    fallback: reference
      .optional()
      .describe("Model that answers when the decision is unsure; the best predicted one by default."),
    baseline: reference
      .optional()
      .describe("Model that savings are counted against; the dearest of the strongest tier by default."),
    router: z
      .strictObject({
        model: reference.describe("Model of the pool that is asked; it may be one that answers nothing else."),
        percent: percent
          .default(5)
          .describe("Most requests for which it is asked, as a percentage; above it the next tier up answers."),
        deadline_ms: wait.max(60_000).default(1_500).describe("Milliseconds that its answer may take."),
      })
      .optional()
      .describe(
        "Below escalate_below_margin a model is asked to choose, once, instead of escalating at once. It sees the newest human turn, 4,000 characters of it at most.",
      ),
    keep: z
      .array(z.enum(["turns", "tools"]))
      .max(2)
      .default(["turns", "tools"])
      .describe(
        "What stays with the model that answered its conversation before. turns: later turns, while that is adequate and, its prefix being cached, no dearer than the model that would be chosen. tools: results of tools that it called. A conversation is known by the header x-signalbox-conversation, else by the body's prompt_cache_key, else by its system text and first human turn; for an hour.",
      ),
    reasoning: z
      .strictObject({
        labels: record(effort)
          .default({})
          .describe(
            "Effort by label: one of the domain's, such as math, goes before one of complexity, such as complex.",
          ),
        max_tokens: tokens.optional().describe("Most tokens to think with; an effort that takes more is lowered."),
        percent: percent
          .default(100)
          .describe("Most requests of a tenant that are thought about with high effort; above it medium."),
      })
      .optional()
      .describe(
        "How much is thought, for models that say how they are told (models.NAME.reasoning), where the client says nothing of it itself. A route or a rule may say it too.",
      ),
    rollout: z
      .strictObject({
        mode: mode.default("route").describe(MODE_TEXT),
        percent: percent.default(100).describe(PERCENT_TEXT),
        default: reference.optional().describe(DEFAULT_TEXT),
      })
      .prefault({})
      .describe("How much of the traffic follows the decision."),
  })
  .describe("When a model is adequate, and what happens when none is for sure.");

const profile = z.strictObject({
  tolerance: share.optional().describe("Overrides decision.tolerance."),
  threshold: share.optional().describe("Overrides decision.threshold."),
  price_of_quality: usd.optional().describe("Overrides decision.price_of_quality."),
  min_quality: share.optional().describe("Lowest predicted quality that is adequate; a route's own floor still holds."),
  prefer: z.enum(["cost", "latency"]).optional().describe("What the adequate models compete on; cost by default."),
});

export const profilesOptions = record(profile)
  .prefault({})
  .describe("Ways of deciding that a client picks with `auto:NAME`. Built in: cheap, balanced, best, fast.");

const action = z.enum(["block", "guarded", "internal", "annotate"]);
const failing = z.enum(["allow", "internal", "guarded", "block"]);
const ACTION_TEXT =
  "block the request, send it to the guarded model, keep it on internal model servers, or only annotate the decision.";
const THRESHOLD_TEXT = "Score from which a reading counts.";
const ON_ERROR_TEXT = "What happens when the signal itself failed.";
const ON_UNREAD_TEXT =
  "What happens when part of the text was not read, for want of time too. By default what was not read counts as found: a long prompt is no way around a check.";

/** What a safety class does where the file does not say. */
export const SAFETY_DEFAULTS = { action: "annotate", threshold: 0.8, on_error: "allow" } as const;

const safetyClass = z.strictObject({
  action: action.default(SAFETY_DEFAULTS.action).describe(ACTION_TEXT),
  threshold: share.default(SAFETY_DEFAULTS.threshold).describe(THRESHOLD_TEXT),
  on_error: failing.default(SAFETY_DEFAULTS.on_error).describe(ON_ERROR_TEXT),
  on_unread: failing.optional().describe(ON_UNREAD_TEXT),
});

const safetyOverride = z.strictObject({
  action: action.optional().describe(ACTION_TEXT),
  threshold: share.optional().describe(THRESHOLD_TEXT),
  on_error: failing.optional().describe(ON_ERROR_TEXT),
  on_unread: failing.optional().describe(ON_UNREAD_TEXT),
});

export const safetyOptions = z
  .strictObject({
    model: reference.optional().describe("Model that answers what is suspicious, with nothing to fail over to."),
    jailbreak: safetyClass.optional().describe("Attempts to override the instructions."),
    injection: safetyClass.optional().describe("Instructions hidden in documents and tool results."),
    harmful: safetyClass
      .optional()
      .describe("Requests that are plainly harmful and play no trick; most models refuse them by themselves."),
    pii: safetyClass.optional().describe("Personal data."),
  })
  .prefault({})
  .describe("What is done about unsafe requests. A class that is absent is not judged.");

const route = z.strictObject({
  models: references.optional().describe("Only these models answer."),
  tier: reference.optional().describe("Only models of this tier answer."),
  min_quality: share.default(0).describe("Lowest predicted quality that is adequate."),
  fallback: reference.optional().describe("Overrides decision.fallback."),
  reasoning: effort.optional().describe(EFFORT_TEXT),
  timeouts: z
    .strictObject({
      connect_ms: wait.optional().describe("Milliseconds to open a connection."),
      first_token_ms: wait.optional().describe("Milliseconds from sending to the first token."),
      between_tokens_ms: wait.optional().describe("Longest silence of a stream that has begun, in milliseconds."),
      total_ms: wait.optional().describe("Milliseconds from sending to the end of the answer."),
    })
    .optional()
    .describe("Override the tier's timeouts."),
  continue: z
    .boolean()
    .optional()
    .describe(
      "A stream of plain text that breaks off goes on from the next target that can continue an answer (kinds vllm and anthropic), within the same total time.",
    ),
  safety: z
    .strictObject({
      jailbreak: safetyOverride.optional().describe("Overrides safety.jailbreak."),
      injection: safetyOverride.optional().describe("Overrides safety.injection."),
      harmful: safetyOverride.optional().describe("Overrides safety.harmful."),
      pii: safetyOverride.optional().describe("Overrides safety.pii."),
    })
    .optional()
    .describe(
      "Overrides the global safety. It may tighten or loosen where a rule pins the route, and only tighten where a signal does: what the client writes loosens nothing.",
    ),
  rollout: z
    .strictObject({
      mode: mode.optional().describe(MODE_TEXT),
      percent: percent.optional().describe(PERCENT_TEXT),
      default: reference.optional().describe(DEFAULT_TEXT),
    })
    .optional()
    .describe("Overrides the global rollout."),
});

/** @param others what other rooms have to say of a route */
export const routesWith = <T extends z.ZodRawShape>(others: T) =>
  record(route.extend(others))
    .prefault({})
    .describe("Named ways for requests. The route `default` always exists and takes what no pin sends elsewhere.");

export const routesOptions = routesWith({});

const pattern = z
  .string()
  .min(1)
  .max(1_000)
  .refine(compiles, "not a regular expression that runs in linear time (RE2 syntax)");

const when = z
  .strictObject({
    tenant: words.optional().describe("Any of these tenants."),
    headers: z
      .record(z.string().regex(/^[A-Za-z0-9-]{1,128}$/, "not a header name"), z.string().max(1_024))
      .optional()
      .describe("All of these headers with these values. Only a trusted gateway's headers match."),
    metadata: z
      .record(z.string().min(1).max(128), z.string().max(1_024))
      .optional()
      .describe("All of these entries of the body's metadata. The client wrote it: it proves nothing."),
    api: z
      .array(z.enum(["openai-chat", "openai-responses", "anthropic-messages", "gemini", "messages"]))
      .min(1)
      .max(5)
      .optional()
      .describe("Any of these APIs."),
    tools: words.optional().describe("Any tool of one of these names is offered to the model."),
    modalities: z
      .array(z.enum(["text", "image", "audio", "video", "file"]))
      .min(1)
      .max(5)
      .optional()
      .describe("The prompt holds any of these."),
    min_tokens: tokens.optional().describe("The prompt has at least this many tokens."),
    max_tokens: tokens.optional().describe("The prompt has at most this many tokens."),
    language: z
      .array(z.enum(LANGUAGES))
      .min(1)
      .max(LANGUAGES.length)
      .optional()
      .describe("The newest human turn is in any of these languages."),
    text: pattern
      .optional()
      .describe("Regular expression (RE2) found in the newest human turn: its first and its last 32,768 characters."),
  })
  .prefault({})
  .describe("All of these must hold; none means every request.");

const then = z
  .strictObject({
    model: reference.optional().describe("Pin this model."),
    tier: reference.optional().describe("Pin this tier."),
    route: reference.optional().describe("Pin this route."),
    models: references.optional().describe("Only these models may answer."),
    forbid: references.optional().describe("These models may not answer."),
    location: z.literal("internal").optional().describe("Keep the request on internal model servers."),
    reasoning: effort.optional().describe(EFFORT_TEXT),
    skip_signals: z.boolean().optional().describe("Decide without the signals that vote. Safety still reads."),
    block: z.string().min(1).max(500).optional().describe("Refuse the request, with 403 and this sentence."),
  })
  .refine((t) => Object.keys(t).length > 0, "say what happens then")
  .refine(
    (t) => [t.model, t.tier, t.route].filter((pin) => pin !== undefined).length <= 1,
    "pin one of model, tier and route",
  )
  .describe("What happens. Of several rules that match, the first pin and the first block win; the rest adds up.");

const ruleName = name.describe("Unique name, shown in decisions.");

export const rulesOptions = z
  .array(z.strictObject({ name: ruleName, when, then }))
  .max(MOST_RULES)
  .prefault([])
  .describe("What is certain before any signal reads the prompt.");

/** The file form of this room's part of the config, defaults filled in. */
export interface DecisionRoomOptions {
  readonly decision: z.infer<typeof decisionOptions>;
  readonly profiles: z.infer<typeof profilesOptions>;
  readonly routes: Readonly<Record<string, z.infer<typeof route>>>;
  readonly rules: z.infer<typeof rulesOptions>;
  readonly safety: z.infer<typeof safetyOptions>;
}

function compiles(text: string): boolean {
  try {
    RE2JS.compile(text);
    return true;
  } catch {
    return false;
  }
}
