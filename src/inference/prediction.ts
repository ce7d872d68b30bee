import type { Prediction } from "./encoder.ts";
import type { HeadKind } from "./manifest.ts";

export interface HeadReading {
  readonly labels: readonly string[];
  readonly kind: HeadKind;
  readonly temperature: number;
}

/**
 * A head's logits as calibrated probabilities. `known` is the logistic function of the energy: of
 * log(sum(exp(logit / temperature))) - log(labels) for a choice, of the mean over the questions of
 * log(cosh(logit / temperature / 2)) otherwise, which is the same with `no` and `yes` as labels. It is 1/2 where all
 * logits are 0, and grows with the evidence.
 */
export function predict(logits: ArrayLike<number>, { labels, kind, temperature }: HeadReading): Prediction {
  const scaled = labels.map((_, index) => logits[index]! / temperature);
  return kind === "choice" ? choose(scaled, labels) : ask(scaled, labels);
}

function choose(scaled: readonly number[], labels: readonly string[]): Prediction {
  const most = Math.max(...scaled);
  const exponentials = scaled.map((value) => Math.exp(value - most));
  const sum = exponentials.reduce((total, value) => total + value, 0);
  const probabilities = named(labels, (index) => exponentials[index]! / sum);
  return { probabilities, known: logistic(most + Math.log(sum) - Math.log(labels.length)) };
}

function ask(scaled: readonly number[], labels: readonly string[]): Prediction {
  const probabilities = named(labels, (index) => logistic(scaled[index]!));
  const energy = scaled.reduce((total, value) => total + logCosh(value / 2), 0) / scaled.length;
  return { probabilities, known: logistic(energy) };
}

function named(labels: readonly string[], value: (index: number) => number): Record<string, number> {
  const record: Record<string, number> = {};
  for (let index = 0; index < labels.length; index++) record[labels[index]!] = value(index);
  return record;
}

const logistic = (value: number) => 1 / (1 + Math.exp(-value));
/** Without overflow for large values. */
const logCosh = (value: number) => Math.abs(value) + Math.log1p(Math.exp(-2 * Math.abs(value))) - Math.LN2;
