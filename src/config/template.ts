export const VLLM_URL = "http://127.0.0.1:8000/v1";
export const VLLM_MODEL = "meta-llama/Llama-3.1-8B-Instruct";

export interface TemplateOptions {
  /** Base URL of a vLLM server; the usual local one when absent. */
  readonly vllmUrl?: string;
  /** What that server calls its model. */
  readonly vllmModel?: string;
  readonly gemini: boolean;
  readonly openai: boolean;
}

/** The config that `signalbox init` writes: complete, commented, valid once its environment variables are set. */
export function configTemplate({
  vllmUrl = VLLM_URL,
  vllmModel = VLLM_MODEL,
  gemini,
  openai,
}: TemplateOptions): string {
  const strong = [...(gemini ? [GEMINI_MODEL] : []), ...(openai ? [OPENAI_MODEL] : [])];
  const large = strong.length > 0;
  // With vLLM alone it serves both tiers.
  const models = [smallModel(vllmModel), ...(large ? strong : [LARGE_VLLM_MODEL])];
  const best = gemini ? "gemini-pro" : openai ? "gpt" : "llama-70b";
  return [
    HEAD,
    upstreams(vllmUrl, gemini, openai),
    TIERS,
    `# The model pool. Prices are USD per million tokens, context is in tokens: check both against your own models.\nmodels:\n${models.join("\n")}`,
    SIGNALS,
    routes(poolName(vllmModel), best),
    safety(),
    decision(best),
    TAIL,
  ].join("\n");
}

const HEAD = `# Signalbox. After a change: signalbox validate. A running server takes a good file by itself.
version: 1

# The doors: gRPC and HTTP on one port.
server:
  listen: 127.0.0.1:8080
  # To be reached by others, name client keys:
  # auth: { keys: [{ key: "\${ACME_KEY}", tenant: acme }] }
  admin: { listen: 127.0.0.1:9090 }      # /metrics

# Model names that are routed; auto:cheap picks the profile cheap. Pool models can be asked for by name.
aliases: [auto]
`;

function upstreams(vllmUrl: string, gemini: boolean, openai: boolean): string {
  const lines = [
    "# Model servers. Keys come from the environment, or from a file: ${file:/run/secrets/key}.",
    "upstreams:",
    `  local: { kind: vllm, url: ${quoted(vllmUrl)} }`,
    ...(gemini ? ["  gemini: { kind: gemini, key: ${GEMINI_API_KEY} }"] : []),
    ...(openai ? ["  openai: { kind: openai, key: ${OPENAI_API_KEY} }"] : []),
    "",
    "# A target that fails this often is left alone for a while.",
    "breaker: { percent: 50, minimum_requests: 5, window_ms: 10000, reset_ms: 5000 }",
    "",
  ];
  return lines.join("\n");
}

const TIERS = `# Cheapest first. quality is what a model of the tier is worth where nothing better is known.
tiers:
  small:
    quality: 0.55
    timeouts: { connect_ms: 1000, first_token_ms: 10000, total_ms: 120000 }
  large:
    quality: 0.9
    timeouts: { connect_ms: 2000, first_token_ms: 30000, total_ms: 300000 }
`;

function smallModel(vllmModel: string): string {
  return `  ${poolName(vllmModel)}:
    tier: small
    price: { input: 0.05, output: 0.08 }
    context: 131072
    targets: [{ upstream: local, model: ${quoted(vllmModel)} }]`;
}

/** Names that stand in the template with another meaning. */
const TAKEN = new Set(["llama-70b", "gemini-pro", "gpt", "auto", "small", "large"]);
const LONGEST_NAME = 64;

/** What the pool calls the server's model: the end of its own name, as far as a name may hold it. */
function poolName(vllmModel: string): string {
  if (vllmModel === VLLM_MODEL) return "llama-8b";
  const name = vllmModel
    .slice(vllmModel.lastIndexOf("/") + 1)
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/gu, "-")
    .slice(0, LONGEST_NAME);
  return /^[a-z]/u.test(name) && !TAKEN.has(name) && !(name in Object.prototype) ? name : `local-${name}`;
}

/** As YAML reads it back; what looks like a reference is none. */
const quoted = (text: string) => JSON.stringify(text.replaceAll(/\$(?=\{[^{}\n]*\})/gu, "$$$$"));

const LARGE_VLLM_MODEL = `  llama-70b:
    tier: large
    price: { input: 0.6, output: 0.8 }
    context: 131072
    targets: [{ upstream: local, model: meta-llama/Llama-3.1-70B-Instruct }]`;

const GEMINI_MODEL = `  gemini-pro:
    tier: large
    price: { input: 1.25, output: 10, cached_input: 0.31 }
    context: 1048576
    modalities: [text, image]
    targets: [{ upstream: gemini, model: gemini-2.5-pro }]`;

const OPENAI_MODEL = `  gpt:
    tier: large
    price: { input: 1.25, output: 10, cached_input: 0.125 }
    context: 400000
    modalities: [text, image]
    targets: [{ upstream: openai, model: gpt-5 }]`;

const SIGNALS = `
# What reads the prompts. A signal that is not here is off; {} takes its defaults.
signals:
  # Words that you know the meaning of: each rule votes by its scores, or pins a model, tier or route.
  keyword:
    rules:
      - { label: small-talk, any: [hello, thank you], match: word, scores: { small: 0.95, large: 0.95 } }
  # What the newest turn is like, by examples of yours, whatever its words.
  # embedding: { routes: [{ label: refunds, examples: ["I want my money back"], scores: { small: 0.9, large: 0.95 } }] }
  # Which of fourteen subjects it is about: the harder the subject, the stronger the model.
  domain: { weight: 0.1 }
  # How hard it looks, by its form and by what the packaged encoder has learned; learned: false loads no model for it.
  complexity: {}
  # Attempts to override the instructions, also in documents and tool results.
  jailbreak: {}
  # Personal data: identifiers, with checksums where there are any. learned: true reads names and addresses too.
  pii: {}

# What is certain before any signal reads the prompt.
rules:
  - name: long-documents
    when: { min_tokens: 60000 }
    then: { tier: large }
`;

function routes(cheap: string, best: string): string {
  return `# Named ways with constraints of their own. The route default always exists.
routes:
  default:
    min_quality: 0.5
    # Where ${cheap} is chosen and its answer has a fault that shows (it refuses, breaks off, is no valid JSON, ...), the
    # strong model answers instead. Of a stream the first 48 tokens are judged. \`signalbox calibrate gates\` learns more.
    cascade:
      models: [${cheap}, ${best}]
      gates: [{ kind: heuristics, threshold: 0.35 }]
      mode: hold
      max_tokens: 48
`;
}

function safety(): string {
  return `# What is done about unsafe requests: block, guarded, internal or annotate.
safety:
  jailbreak: { action: block, threshold: 0.8, on_error: allow }
  injection: { action: annotate }
  # harmful: { action: annotate }        # requests that are plainly harmful; most models refuse them by themselves
  pii: { action: internal }              # keep personal data on your own servers
`;
}

function decision(best: string): string {
  return `# The cheapest model within the tolerance of the best answers; when unsure, the fallback.
decision:
  tolerance: 0.1
  threshold: 0.6
  fallback: ${best}
  baseline: ${best}                      # what costs are compared with
  # observe decides and records but sends everything to the default model.
  rollout: { mode: route, percent: 100 }
`;
}

const TAIL = `# Ways of deciding that a client picks, as in auto:cheap. These are built in: cheap, balanced, best, fast.
profiles:
  cheap: { tolerance: 0.2 }

# One line for each request, without its text.
records: { path: .signalbox/records.jsonl, keep: 5, text: false }

log: info
`;
