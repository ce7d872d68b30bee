import { LANGUAGES } from "../../text/language.ts";
import type { Draft } from "./draft.ts";
import type { Part } from "./part.ts";
import type { Known } from "./vllm-sr-signals.ts";

/** One condition of a decision. */
interface Leaf {
  readonly type: string;
  readonly name: string;
  readonly part: Part;
}

/** What a decision asks of a prompt: one condition that holds of several, or all of them. */
interface Condition {
  readonly operator: "OR" | "AND" | "other";
  readonly leaves: readonly Leaf[];
}

/** Models that a decision names are worth this in its subject, and the others less. */
const NAMED = 0.95;
const OTHERS = 0.5;

/** Decisions, the most important first: each becomes a route, and what leads to it. */
export function readDecisions(root: Part, known: Known, draft: Draft): void {
  const decisions = [...(root.part("routing")?.list("decisions") ?? []), ...root.list("decisions")]
    .map((part) => ({ part, priority: part.number("priority") ?? 0 }))
    .toSorted((a, b) => b.priority - a.priority);
  for (const { part } of decisions) readDecision(part, known, draft);
  // Of keywords that are found, the first rule with a pin has its way.
  const order = new Map(decisions.map(({ part }, at) => [draft.routeName(String(nameIn(part))), at]));
  const rank = (pin: unknown) => order.get((pin as { route?: string } | undefined)?.route ?? "") ?? order.size;
  draft.keywords.sort((a, b) => rank(a.pin) - rank(b.pin));
}

const nameIn = (part: Part) => part.text("name");

function readDecision(decision: Part, known: Known, draft: Draft): void {
  const given = nameIn(decision);
  if (given === undefined) return decision.note("this decision has no name");
  for (const key of ["description", "tier"]) decision.text(key);
  const models = [...decision.list("modelRefs"), ...decision.list("model_refs")].flatMap((ref) => modelIn(ref, draft));
  const condition = conditionOf(decision.part("rules") ?? decision.part("rule"));
  const plugins = decision.list("plugins").map((plugin) => {
    const type = plugin.text("type");
    plugin.leave(
      "configuration",
      `${type}: what is done to requests and answers on the way is no part of a route here`,
    );
    return type;
  });
  const isRefusal = plugins.includes("fast_response");
  if (condition.leaves.length === 0 && models.length > 0) {
    draft.routes["default"] = { models };
    return;
  }
  const safety = condition.leaves.filter(({ type }) => type === "jailbreak" || type === "pii");
  if (safety.length > 0 && condition.operator !== "other") {
    for (const { type } of safety) if (isRefusal) draft.safety[type as "jailbreak" | "pii"] = { action: "block" };
    if (!isRefusal) decision.note("what is unsafe has actions here and no routes: safety says which");
  }
  const rest = condition.leaves.filter((leaf) => !safety.includes(leaf));
  if (models.length === 0 || rest.length === 0) return;
  const route = draft.routeName(given);
  draft.routes[route] = { models };
  lead({ operator: condition.operator, leaves: rest }, { route, models, decision }, known, draft);
}

/** Reasoning and weights have no place in a route. */
function modelIn(ref: Part, draft: Draft): string[] {
  const [model, lora] = [ref.text("model"), ref.text("lora_name")];
  if ((ref.value as { use_reasoning?: unknown } | null)?.use_reasoning === false) {
    ref.flag("use_reasoning");
    ref.text("reasoning_description");
  }
  const adapter = lora === undefined ? undefined : draft.modelName(lora);
  if (adapter !== undefined && draft.models.has(adapter)) return [adapter];
  const name = model === undefined ? undefined : draft.modelName(model);
  if (name !== undefined && draft.models.has(name)) return [name];
  ref.note("no model of this name can be reached");
  return [];
}

function conditionOf(rules: Part | undefined): Condition {
  if (!rules) return { operator: "OR", leaves: [] };
  const operator = (rules.text("operator") ?? "OR").toUpperCase();
  const parts = rules.has("conditions") ? rules.list("conditions") : [rules];
  const isNested = parts.some((part) => part.has("conditions"));
  const leaves = parts.flatMap((part) => {
    const [type, name] = [part.text("type"), part.text("name")];
    return type === undefined || name === undefined ? [] : [{ type, name, part }];
  });
  if (isNested || (operator !== "OR" && operator !== "AND"))
    return { operator: "other", leaves: isNested ? [...leaves, ...nested(parts)] : leaves };
  return { operator: leaves.length === 1 ? "OR" : operator, leaves };
}

/** Only that there are some, so that a decision with conditions is not taken for one without. */
const nested = (parts: readonly Part[]): Leaf[] =>
  parts.filter((part) => part.has("conditions")).map((part) => ({ type: "nested", name: "", part }));

interface Way {
  readonly route: string;
  readonly models: readonly string[];
  readonly decision: Part;
}

/** Kinds of conditions that examples answer. */
const LIKENESS: ReadonlySet<string> = new Set(["embedding", "preference"]);

function lead({ operator, leaves }: Condition, way: Way, known: Known, draft: Draft): void {
  if (operator === "OR") {
    for (const leaf of leaves) if (!leadFrom(leaf, way, known, draft)) leaf.part.note(noWay(leaf, way.route));
    return;
  }
  const whens = leaves.map((leaf) => whenOf(leaf, known));
  if (operator === "AND" && whens.every((when) => when !== undefined))
    addRule(Object.assign({}, ...whens) as object, way, draft);
  else
    way.decision.note(
      `several signals at once cannot be asked for here, nor what is not there: the route ${way.route} is written, and nothing leads to it yet`,
    );
}

function leadFrom(leaf: Leaf, { route, models, decision }: Way, known: Known, draft: Draft): boolean {
  const { type, name, part } = leaf;
  if (type === "keyword" || LIKENESS.has(type)) {
    const label = draft.label(name);
    const rules = (type === "keyword" ? draft.keywords : draft.routesByExample).filter((rule) => rule.label === label);
    for (const rule of rules) rule.pin ??= { route };
    return rules.length > 0;
  }
  if (type === "domain") {
    const labels = known.domains.get(name) ?? [];
    for (const label of labels) draft.domainScores[label] ??= scoresFor(models, draft);
    if (labels.length > 0)
      part.note(
        `a subject votes here and does not pin: the models of ${route} are worth more in it (signals.domain.scores)`,
      );
    return labels.length > 0;
  }
  const when = whenOf(leaf, known);
  if (when) addRule(when, { route, models, decision }, draft);
  return when !== undefined;
}

const scoresFor = (named: readonly string[], { models }: Draft) =>
  Object.fromEntries([...models.keys()].map((model) => [model, named.includes(model) ? NAMED : OTHERS]));

/** The condition as a rule has it: what is certain without a signal. */
function whenOf({ type, name }: Leaf, { contexts, metadata }: Known): object | undefined {
  if (type === "context") return contexts.get(name);
  if (type === "language") return (LANGUAGES as readonly string[]).includes(name) ? { language: [name] } : undefined;
  const pair = type === "metadata" ? metadata.get(name) : undefined;
  return pair && { metadata: { [pair[0]]: pair[1] } };
}

function addRule(when: object, { route }: Way, draft: Draft): void {
  const count = draft.rules.filter(({ name }) => name === route || name.startsWith(`${route}-`)).length;
  draft.rules.push({ name: count === 0 ? route : `${route}-${count + 1}`, when, then: { route } });
}

function noWay({ type }: Leaf, route: string): string {
  const reason = `nothing here reads what "${type}" asks for`;
  return type === "keyword" || LIKENESS.has(type) || type === "domain"
    ? `what it names was left out, so that it does not lead to ${route}`
    : `${reason}, so that it does not lead to ${route}`;
}
