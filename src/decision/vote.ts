import type { Reading, Vote } from "../contracts.ts";
import type { ScoreTable } from "./difficulty.ts";
import { micro, ONE } from "./micro.ts";

/** One signal at the ballot: what it read, how much it weighs, and what its labels are worth to whom. */
export interface Voter {
  readonly signal: string;
  /** In [0,1]; weights need not add up to 1. */
  readonly weight: number;
  readonly readings: readonly Reading[];
  readonly scores?: ScoreTable;
  /** Its labels are names of models: a reading's score is the score of that model. */
  readonly byModel?: true;
}

const NO_SCORES: ScoreTable = {};

/** A model as the vote sees it. */
export interface Standing {
  readonly name: string;
  readonly tier: string;
  /** In [0,1], for when nobody votes, and for labels that say nothing about the model. */
  readonly quality: number;
}

export interface Ballot {
  /** Predicted quality in [0,1] by model. */
  readonly qualities: ReadonlyMap<string, number>;
  /** One for each voter, sorted by signal. */
  readonly votes: readonly Vote[];
  /** Mean confidence of the readings that counted, weighted by share of the vote; 0 when nobody voted. */
  readonly readingConfidence: number;
}

/** What one voter says, in millionths: a score for each model, in the order of the models. */
interface Voice {
  readonly weight: number;
  readonly scores: readonly number[];
  readonly confidence: number;
}

/**
 * Predicted quality of each model: the mean of what the signals say, by weight. A signal says of a model the mean of
 * its labels' scores, by how much of each label it read. A label's score for a model is looked up under the model's
 * name, then its tier's, then in `defaults`; a table that has the label but not the model leaves it its own quality.
 * A signal whose labels are models says of each the score that it read, and leaves the others their own quality.
 * A signal that read no label of any table, or no model, has no vote: its weight is spread over the others.
 */
export function vote(voters: readonly Voter[], models: readonly Standing[], defaults: ScoreTable): Ballot {
  // Sorted, so that the order in which signals finish shows nowhere.
  const sorted = voters.toSorted((a, b) => (a.signal < b.signal ? -1 : 1));
  const voices = sorted.map((voter) => listen(voter, models, defaults));
  const heard = voices.filter((voice) => voice !== undefined);
  const total = sum(heard.map(({ weight }) => weight));
  return {
    qualities: new Map(models.map((model, i) => [model.name, quality(heard, total, i) ?? model.quality])),
    votes: sorted.map((voter, i) => counted(voter, voices[i], total)),
    readingConfidence: total === 0 ? 0 : sum(heard.map((v) => v.weight * v.confidence)) / (total * ONE),
  };
}

/** One division of two whole numbers: it keeps the order of any two models, and their ties. */
function quality(heard: readonly Voice[], total: number, model: number): number | undefined {
  return total === 0 ? undefined : sum(heard.map((voice) => voice.weight * voice.scores[model]!)) / (total * ONE);
}

function listen(voter: Voter, models: readonly Standing[], defaults: ScoreTable): Voice | undefined {
  return voter.byModel ? listenByModel(voter, models) : listenByTable(voter, models, defaults);
}

function listenByModel({ weight, readings }: Voter, models: readonly Standing[]): Voice | undefined {
  const own = models.map(({ name }) => readings.find(({ label, score: read }) => label === name && read >= 0));
  const known = own.filter((reading) => reading !== undefined);
  if (micro(weight) === 0 || known.length === 0) return undefined;
  return {
    weight: micro(weight),
    scores: models.map(({ quality: usual }, i) => micro(own[i]?.score ?? usual)),
    confidence: Math.round(sum(known.map(({ confidence }) => micro(confidence))) / known.length),
  };
}

function listenByTable(voter: Voter, models: readonly Standing[], defaults: ScoreTable): Voice | undefined {
  const weight = micro(voter.weight);
  const own = voter.scores ?? NO_SCORES;
  const known = voter.readings.filter(({ label }) => Object.hasOwn(own, label) || Object.hasOwn(defaults, label));
  const amounts = known.map((reading) => micro(reading.score));
  const whole = sum(amounts);
  if (weight === 0 || whole === 0) return undefined;

  const mean = (of: (reading: Reading) => number) =>
    Math.round(sum(known.map((reading, i) => amounts[i]! * micro(of(reading)))) / whole);
  return {
    weight,
    scores: models.map((model) => mean(({ label }) => score(label, model, own, defaults))),
    confidence: mean(({ confidence }) => confidence),
  };
}

function score(label: string, model: Standing, own: ScoreTable, defaults: ScoreTable): number {
  return (
    entry(own, label, model.name) ??
    entry(own, label, model.tier) ??
    entry(defaults, label, model.name) ??
    model.quality
  );
}

/** Labels and names come from outside: "constructor" is one like any other. */
function entry(table: ScoreTable, label: string, name: string): number | undefined {
  const row = Object.hasOwn(table, label) ? table[label] : undefined;
  return row && Object.hasOwn(row, name) ? row[name] : undefined;
}

function counted({ signal, weight }: Voter, voice: Voice | undefined, total: number): Vote {
  if (voice) return { signal, weight: voice.weight / total };
  const rest = total === 0 ? "nobody voted, so every model keeps its own quality" : `its weight ${weight} was spread`;
  return { signal, weight: 0, note: `no vote: ${rest}` };
}

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);
