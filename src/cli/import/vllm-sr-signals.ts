import { DOMAIN_DIFFICULTY } from "../../signals/domain.ts";
import { type Draft, literal } from "./draft.ts";
import type { Part } from "./part.ts";

/** What conditions of decisions may refer to, by the kind of condition and the name. */
export interface Known {
  /** Subjects of the signal `domain` by the name that the file gives them. */
  readonly domains: ReadonlyMap<string, readonly string[]>;
  /** Bounds of a prompt's length, in tokens. */
  readonly contexts: ReadonlyMap<string, { readonly min_tokens?: number; readonly max_tokens?: number }>;
  readonly metadata: ReadonlyMap<string, readonly [key: string, value: string]>;
}

export function readSignals(root: Part, draft: Draft): Known {
  const signals = [root.part("routing")?.part("signals"), root.part("signals"), root].filter(
    (part) => part !== undefined,
  );
  const all = (...keys: readonly string[]) => signals.flatMap((part) => keys.flatMap((key) => part.list(key)));
  for (const rule of all("keywords", "keyword_rules")) readKeywords(rule, draft);
  for (const rule of all("embeddings", "embedding_rules", "preferences")) readEmbedding(rule, draft);
  const domains = new Map(all("domains", "categories").flatMap((domain) => readDomain(domain, draft)));
  if (domains.size > 0) draft.signals.domain ??= { scores: draft.domainScores };
  const contexts = new Map(all("context", "context_rules").flatMap(readContext));
  const metadata = new Map(all("metadata").flatMap(readMetadata));
  for (const language of all("language")) for (const key of ["name", "description"]) language.text(key);
  readComplexity(all("complexity", "complexity_rules"), draft);
  readSafety(root, all("jailbreak"), all("pii"), draft);
  return { domains, contexts, metadata };
}

const nameOf = (part: Part) => part.text("name") ?? part.text("category");

function readKeywords(rule: Part, draft: Draft): void {
  const name = nameOf(rule);
  const words = rule.texts("keywords");
  const operator = (rule.text("operator") ?? "OR").toUpperCase();
  rule.text("description");
  if (name === undefined || words.length === 0) return rule.note("a rule needs a name and keywords");
  if (operator !== "OR")
    return rule.note(
      `a rule here holds where any of its keywords is found; ${operator} cannot be said, so it is left out`,
    );
  const isFuzzy = rule.flag("fuzzy_match") === true || rule.text("method") === "fuzzy";
  const heedsCase = rule.flag("case_sensitive") === true;
  const label = draft.label(name);
  if (heedsCase) {
    const any = words.map((word) => literal(`(?-i)\\b${word.replaceAll(/[.*+?^${}()|[\]\\]/gu, "\\$&")}\\b`));
    draft.keywords.push({ label, match: "regex", any });
  } else draft.keywords.push({ label, match: isFuzzy ? "fuzzy" : "word", any: words.map(literal) });
  const method = rule.text("method");
  if (method === "bm25" || method === "ngram")
    rule.note(`${method} is no way of matching here: its keywords are looked for as whole words`);
}

function readEmbedding(rule: Part, draft: Draft): void {
  const name = nameOf(rule);
  const examples = [
    ...new Set([...rule.texts("candidates"), ...rule.texts("keywords")].map((text) => text.trim())),
  ].filter(Boolean);
  rule.text("description");
  rule.leave(
    "threshold",
    "what is near enough is learned from the examples here; set signals.embedding.routes[].threshold to say it",
  );
  rule.leave("aggregation_method", "examples are weighed together here, in one way");
  if (name === undefined || examples.length === 0) return rule.note("a route needs a name and examples");
  draft.routesByExample.push({ label: draft.label(name), examples: examples.map(literal) });
}

function readDomain(domain: Part, draft: Draft): (readonly [string, readonly string[]])[] {
  const name = nameOf(domain);
  if (name === undefined) return [];
  domain.text("description");
  const wanted = domain.has("mmlu_categories") ? domain.texts("mmlu_categories") : [name];
  const labels = wanted.map(plainLabel).filter((label) => Object.hasOwn(DOMAIN_DIFFICULTY, label));
  if (labels.length < wanted.length)
    domain.note(
      `the signal domain knows fourteen subjects, and ${wanted.length - labels.length} of these are not among them`,
    );
  for (const score of domain.list("model_scores")) {
    const [given, value] = [score.text("model"), score.number("score")];
    const model = given === undefined ? undefined : draft.modelName(given);
    if (model === undefined || value === undefined || value < 0 || value > 1 || !draft.models.has(model))
      score.note("a score in [0,1] for a model of the pool belongs here");
    else for (const label of labels) (draft.domainScores[label] ??= {})[model] = value;
  }
  return [[name, labels]];
}

const plainLabel = (text: string) =>
  text
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_]+/gu, " ");

function readContext(rule: Part): (readonly [string, { min_tokens?: number; max_tokens?: number }])[] {
  const name = nameOf(rule);
  const [least, most] = [tokensIn(rule.text("min_tokens")), tokensIn(rule.text("max_tokens"))];
  rule.text("description");
  if (name === undefined || (least === undefined && most === undefined)) return [];
  return [[name, { ...(least && { min_tokens: least }), ...(most !== undefined && { max_tokens: most }) }]];
}

/** `32K` is 32,000. */
function tokensIn(text: string | undefined): number | undefined {
  const parts = /^\s*(\d+(?:\.\d+)?)\s*([km]?)\s*$/iu.exec(text ?? "");
  if (!parts) return undefined;
  const factor = { "": 1, k: 1000, m: 1_000_000 }[parts[2]!.toLowerCase()] ?? 1;
  return Math.round(Number(parts[1]) * factor);
}

function readMetadata(rule: Part): (readonly [string, readonly [string, string]])[] {
  const [name, key] = [nameOf(rule), rule.text("key")];
  const value = rule.part("predicate")?.text("equals");
  rule.text("description");
  return name === undefined || key === undefined || value === undefined ? [] : [[name, [key, literal(value)]]];
}

function readComplexity(rules: readonly Part[], draft: Draft): void {
  if (rules.length === 0) return;
  draft.signals.complexity = {};
  for (const rule of rules)
    rule.note("the signal complexity is switched on; it comes trained, so it takes no examples of hard and easy");
  for (const rule of rules) for (const key of ["name", "description", "threshold"]) rule.text(key);
}

const OTHER_SCALE = "another classifier's threshold means nothing to ours: its own, 0.8, stands";

/** `prompt_guard` blocks; a rule of `jailbreak` or `pii` only finds, and what is done about it is a decision's to say. */
function readSafety(root: Part, jailbreak: readonly Part[], pii: readonly Part[], draft: Draft): void {
  const guard = root.part("prompt_guard");
  const isOn = guard?.flag("enabled") !== false;
  if (guard) guard.leave("threshold", OTHER_SCALE);
  if ((guard && isOn) || jailbreak.length > 0) {
    draft.signals.jailbreak = {};
    draft.safety.jailbreak = { action: guard && isOn ? "block" : "annotate" };
  }
  for (const rule of jailbreak) {
    rule.text("name");
    rule.text("description");
    rule.leave("threshold", OTHER_SCALE);
  }
  const model = root.part("classifier")?.part("pii_model");
  if (model) model.leave("threshold", OTHER_SCALE);
  if (!model && pii.length === 0) return;
  draft.signals.pii = {};
  draft.safety.pii = { action: "annotate" };
  for (const rule of pii) {
    rule.text("name");
    rule.text("description");
    rule.leave("threshold", OTHER_SCALE);
  }
}
