import type { Config } from "../../config/schema.ts";
import type { Plan } from "../../contracts.ts";
import type { Encoder } from "../../inference/encoder.ts";
import { similarities } from "../../signals/survey.ts";
import { cut, printable, type Screen } from "../screen.ts";
import { table } from "../table.ts";
import { examplesOf, pinText } from "./list.ts";

/** How like the examples of one label a prompt is. */
export interface Score {
  readonly label: string;
  /** Cosine with the example that is most like it. */
  readonly similarity: number;
  readonly nearest: string;
  readonly probability: number;
  readonly threshold: number;
  readonly read: boolean;
  /** What answers when it is read; null where it only votes. */
  readonly pin: object | null;
  /** It pins, and nothing likelier does. */
  readonly wins: boolean;
}

/** Longer than any server would wait. */
const PATIENCE_MS = 30_000;

/**
 * The labels of all examples, the likeliest first, by the stage whose word stood in the decision.
 * @param turn the newest human turn, as signals read it
 * @throws EncoderError where it, or an example, cannot be read
 */
export async function scoresOf(
  encoder: Encoder,
  config: Config,
  turn: string,
  { signals }: Plan,
): Promise<readonly Score[]> {
  const routes = examplesOf(config);
  const stage = signals.find(({ signal }) => signal === "embedding")?.stage ?? "static";
  const { vector } =
    stage === "full" ? await encoder.refine(turn, PATIENCE_MS) : await encoder.encode(turn, PATIENCE_MS);
  const all = await similarities(encoder, stage, routes, vector);
  const winner = all.find(({ route, probability, threshold }) => probability >= threshold && routes[route]!.pin);
  return all.map((one) => {
    const { label, examples, pin } = routes[one.route]!;
    const { similarity, probability, threshold } = one;
    return {
      label,
      similarity,
      nearest: examples[one.nearest.example]!,
      probability,
      threshold,
      read: probability >= threshold,
      pin: pin ?? null,
      wins: one === winner,
    };
  });
}

const LONGEST_EXAMPLE = 40;

export function scoresText(scores: readonly Score[], config: Config, screen: Screen): string[] {
  if (scores.length === 0) return ["No route has examples: signals.embedding.routes is empty or absent."];
  const columns = [
    { head: "" },
    { head: "label" },
    { head: "nearest example", flexible: true },
    { head: "cosine", align: "right" },
    { head: "prob.", align: "right" },
    { head: "threshold", align: "right" },
    { head: "leads to" },
  ] as const;
  const marks = screen.unicode ? { wins: "▸", read: "✓" } : { wins: ">", read: "+" };
  const pins = new Map(examplesOf(config).map(({ label, pin }) => [label, pin]));
  const rows = scores.map(({ label, similarity, nearest, probability, threshold, read, wins }) => {
    const pin = pins.get(label);
    return [
      wins ? marks.wins : read ? marks.read : "",
      label,
      cut(screen, printable(nearest), LONGEST_EXAMPLE),
      similarity.toFixed(2),
      probability.toFixed(2),
      threshold.toFixed(2),
      pin ? pinText(pin) : "votes",
    ];
  });
  return table(screen, columns, rows);
}
