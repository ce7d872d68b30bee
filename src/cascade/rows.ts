import { createCase } from "./case.ts";
import type { Answer, Asked } from "./answer.ts";
import { askedFeatures, type Features } from "./features.ts";

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
}

/** @param answers of the cheap models, in their order */
export function cascadeRow(
  id: string,
  { asked, answers }: { readonly asked: Asked; readonly answers: readonly Answer[] },
  { right, costs }: Pick<CascadeRow, "right" | "costs">,
): CascadeRow {
  return {
    id,
    right,
    costs,
    asked: askedFeatures(asked.turn),
    alone: answers.map((answer) => createCase(asked, answer).features),
    beside: answers.map(
      (answer, at) =>
        createCase(
          asked,
          answer,
          answers.filter((_, other) => other !== at),
        ).features,
    ),
  };
}
