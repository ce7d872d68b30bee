import type { Effort, Reasoning, SignalReport } from "../contracts.ts";
import type { DecisionRoomOptions } from "./options.ts";

type ReasoningOptions = NonNullable<DecisionRoomOptions["decision"]["reasoning"]>;

/** From the least to the most. */
const EFFORTS: readonly Effort[] = ["off", "low", "medium", "high"];
/** Most tokens that are thought with, where the config sets no bound of its own. */
const BUDGET: Readonly<Record<Effort, number>> = { off: 0, low: 1_024, medium: 4_096, high: 16_384 };
/** A guess until outcomes tell: how much of its budget a model thinks with on the average. */
const USED = 0.5;

/** Signals by whose labels the effort goes, the one that knows more of it first. */
const READERS = ["domain", "complexity"];

/** What may say how much is thought about a request, strongest first. */
interface ReasoningFacts {
  /** By a rule. */
  readonly ruled?: Effort;
  /** By the route. */
  readonly routed?: Effort;
  readonly reports: readonly SignalReport[];
  /** The tenant has some of its share of high effort left. */
  readonly isLeft: boolean;
}

/** How much is to be thought; undefined where nothing says so. */
export function reasoningOf(
  options: ReasoningOptions | undefined,
  { ruled, routed, reports, isLeft }: ReasoningFacts,
): Reasoning | undefined {
  const wanted = ruled ?? routed ?? byLabel(options?.labels ?? {}, reports);
  if (wanted === undefined) return undefined;
  const most = options?.max_tokens ?? Infinity;
  const allowed = EFFORTS.slice(0, EFFORTS.indexOf(wanted) + 1)
    .filter((effort) => effort !== "high" || isLeft)
    .filter((effort) => thinkingTokens({ effort, budgetTokens: BUDGET[effort] }) <= most);
  const effort = allowed.at(-1)!;
  return { effort, budgetTokens: Math.min(BUDGET[effort], most) };
}

/** Tokens that a model will probably think with. */
export function thinkingTokens({ budgetTokens }: Reasoning): number {
  return Math.ceil(budgetTokens * USED);
}

/** Of each signal its likeliest label counts, where the table has it. */
function byLabel(labels: Readonly<Record<string, Effort>>, reports: readonly SignalReport[]): Effort | undefined {
  for (const reader of READERS) {
    const readings = reports.find(({ signal }) => signal === reader)?.readings ?? [];
    const [likeliest] = readings.toSorted((a, b) => b.score - a.score || (a.label < b.label ? -1 : 1));
    if (likeliest && Object.hasOwn(labels, likeliest.label)) return labels[likeliest.label];
  }
  return undefined;
}
