import type { HeadKind } from "./manifest.ts";

type Probabilities = Readonly<Record<string, number>>;

/** How the answers of both stages become one. With a share and a sharpness of 1 it is the full stage's alone. */
export interface Mix {
  /** Of the full stage, in [0,1]; the static one has the rest. */
  readonly share: number;
  /** By which the evidence of both together is multiplied. */
  readonly sharpness: number;
}

/** Nothing is so improbable, or so certain, that the other stage could not be heard. */
const LEAST = 1e-9;

/**
 * The log-linear mix of what both stages say of one text. For a choice p is proportional to
 * exp(sharpness * (share * log full + (1 - share) * log fast)); independent questions are mixed by their log-odds.
 * Labels are those of `full`, and both must have them.
 */
export function blend(
  full: Probabilities,
  fast: Probabilities,
  kind: HeadKind,
  { share, sharpness }: Mix,
): Probabilities {
  if (share === 1 && sharpness === 1) return full;
  const evidence = kind === "choice" ? Math.log : logOdds;
  const mixed = Object.entries(full).map(([label, probability]) => {
    const both = share * evidence(inside(probability)) + (1 - share) * evidence(inside(fast[label]!));
    return [label, sharpness * both] as const;
  });
  return Object.fromEntries(kind === "choice" ? shares(mixed) : mixed.map(([label, odds]) => [label, logistic(odds)]));
}

function shares(evidence: ReadonlyArray<readonly [string, number]>): [string, number][] {
  const most = Math.max(...evidence.map(([, value]) => value));
  const weights = evidence.map(([label, value]) => [label, Math.exp(value - most)] as const);
  const sum = weights.reduce((total, [, weight]) => total + weight, 0);
  return weights.map(([label, weight]) => [label, weight / sum]);
}

const inside = (probability: number) => Math.min(1 - LEAST, Math.max(LEAST, probability));
const logOdds = (probability: number) => Math.log(probability / (1 - probability));
const logistic = (value: number) => 1 / (1 + Math.exp(-value));
