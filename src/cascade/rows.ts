import { agreement } from "./agreement.ts";
import { type Case, createCase } from "./case.ts";
import type { Answer, Asked } from "./answer.ts";
import { askedFeatures, type Features } from "./features.ts";
import type { Gate, GateTools } from "./gate.ts";
import { heuristics } from "./heuristics.ts";
import { logprobs } from "./logprobs.ts";

/** Gates that judge by what was recorded, without asking anybody. */
export const PLAIN = ["heuristics", "logprobs", "agreement"] as const;
export type PlainKind = (typeof PLAIN)[number];

/** How good a plain gate takes an answer to be, in [0,1]; NaN where it has nothing to tell by. */
export type Verdicts = Readonly<Record<PlainKind, number>>;

/** One recorded question with what came of it at the cheap models, which were heard, and at the strong one, the last. */
export interface CascadeRow {
  readonly id: string;
  /** 1 where the model's answer was right; the strong one's last. */
  readonly right: Uint8Array;
  /** USD of each model's answer. */
  readonly costs: Float64Array;
  readonly asked: Features;
  /** By cheap model: of its answer alone. */
  readonly alone: readonly Features[];
  /** By cheap model: of its answer beside the other's. The same as alone where there is no other. */
  readonly beside: readonly Features[];
  /** By cheap model: its answer beside the other's. */
  readonly verdicts: readonly Verdicts[];
}

/** @param answers of the cheap models, in their order */
export function cascadeRow(
  id: string,
  { asked, answers }: { readonly asked: Asked; readonly answers: readonly Answer[] },
  { right, costs }: Pick<CascadeRow, "right" | "costs">,
): CascadeRow {
  const cases = answers.map((answer, at) =>
    createCase(
      asked,
      answer,
      answers.filter((_, other) => other !== at),
    ),
  );
  return {
    id,
    right,
    costs,
    asked: askedFeatures(asked.turn),
    alone: answers.map((answer) => createCase(asked, answer).features),
    beside: cases.map(({ features }) => features),
    verdicts: cases.map((matter) => ({
      heuristics: goodBy(heuristics, matter),
      logprobs: goodBy(logprobs, matter),
      agreement: goodBy(agreement, matter),
    })),
  };
}

/** Nobody can be asked about what is long past. */
const ALONE: GateTools = { ask: async () => ({}), mark: () => "" };

function goodBy(gate: Gate, matter: Case): number {
  const verdict = gate.judge(matter, ALONE);
  return verdict === undefined || verdict instanceof Promise ? Number.NaN : verdict.good;
}
