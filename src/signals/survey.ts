import type { Encoder, Stage } from "../inference/encoder.ts";
import { fold } from "../text/writing.ts";
import { FEW_EXAMPLES } from "./likeness.ts";
import { dot } from "./prototypes.ts";
import { type ExampleSet, learnSpace, type Space } from "./space.ts";

/** Which example of which route, by their places in the lists. */
export interface ExampleAt {
  readonly route: number;
  readonly example: number;
}

/** What a threshold does to the examples, each seen as if it had not been given. */
export interface Effect {
  readonly threshold: number;
  /** The route's own examples that reach it. */
  readonly kept: number;
  /** Examples of other routes that reach it. */
  readonly letIn: number;
  /** Everyday requests that reach it. */
  readonly everyday: number;
}

export interface RouteSurvey {
  /** Equal texts count once. */
  readonly examples: number;
  /** Of all other routes together. */
  readonly others: number;
  readonly now: Effect;
  /** Where the examples say that the threshold should be; absent where they are too few to say. */
  readonly proposed?: Effect;
}

/** An example that is clearly more like another route than like its own others, so that a prompt like it goes there. */
export interface Swallowed extends ExampleAt {
  readonly by: number;
  /** Probability of belonging to its own route without it, and to the other one. */
  readonly own: number;
  readonly other: number;
}

/** Two examples of two routes that say nearly the same. */
export interface Collision {
  readonly pair: readonly [ExampleAt, ExampleAt];
  /** Cosine, from -1 to 1. */
  readonly similarity: number;
}

/** What the examples of all routes say of each other. */
export interface Survey {
  /** In the order of the routes. */
  readonly routes: readonly RouteSurvey[];
  readonly everyday: number;
  /** The same text, however it is written, in two routes. */
  readonly contradictions: readonly (readonly [ExampleAt, ExampleAt])[];
  readonly collisions: readonly Collision[];
  /** Clearest first: one that went astray takes neighbours with it. */
  readonly swallowed: readonly Swallowed[];
}

/** From here on two texts say nearly the same. */
const NEARLY_THE_SAME = 0.9;
/** So much likelier must another route be: of what lies between two routes either may be right. */
const CLEARLY = 0.1;

/** @throws EncoderError where the examples cannot be embedded */
export async function surveyExamples(encoder: Encoder, stage: Stage, routes: readonly ExampleSet[]): Promise<Survey> {
  const distinct = routes.map(({ examples }) => [...new Set(examples)]);
  const space = await learnSpace(encoder, stage, routes);
  const placeOf = ({ route, example }: ExampleAt): ExampleAt => ({
    route,
    example: routes[route]!.examples.indexOf(distinct[route]![example]!),
  });
  const all = distinct.flatMap((texts, route) => texts.map((text, example) => ({ route, example, text: plain(text) })));
  const likely = distinct.map((texts, route) => texts.map((_, example) => space.ofExample(route, example)));
  const everyday = space.background.map(space.of);
  const contradictions = sameTexts(all);
  const torn = new Set(contradictions.map(([{ text }]) => text));
  return {
    routes: routes.map((_, route) => routeSurvey(space, likely, everyday, route)),
    everyday: everyday.length,
    contradictions: contradictions.map(([a, b]) => [placeOf(a), placeOf(b)]),
    collisions: collisionsOf(space, all).map((found) => ({
      ...found,
      pair: [placeOf(found.pair[0]), placeOf(found.pair[1])],
    })),
    swallowed: all
      .filter(({ text }) => !torn.has(text))
      .flatMap((one) => swallowedBy(space, likely[one.route]![one.example]!, one) ?? [])
      .map((found) => ({ ...found, ...placeOf(found) }))
      .toSorted((a, b) => b.other - b.own - (a.other - a.own)),
  };
}

type Named = ExampleAt & { readonly text: string };

const plain = (text: string): string => fold(text).trim().replaceAll(/\s+/gu, " ");

function sameTexts(all: readonly Named[]): [Named, Named][] {
  const first = new Map<string, Named>();
  return all.flatMap((one): [Named, Named][] => {
    const known = first.get(one.text);
    if (!known) first.set(one.text, one);
    return known && known.route !== one.route ? [[known, one]] : [];
  });
}

function collisionsOf({ prototypes }: Space, all: readonly Named[]): Collision[] {
  const vectorOf = ({ route, example }: ExampleAt) => prototypes[route]!.examples[example]!;
  return all.flatMap((a, at) =>
    all.slice(at + 1).flatMap((b): Collision[] => {
      if (b.route === a.route || b.text === a.text) return [];
      const similarity = dot(vectorOf(a), vectorOf(b));
      return similarity >= NEARLY_THE_SAME ? [{ pair: [a, b], similarity }] : [];
    }),
  );
}

/** Where the other route would be read, and before its own. */
function swallowedBy(
  { thresholds }: Space,
  likely: ReturnType<Space["ofExample"]>,
  { route, example }: ExampleAt,
): Swallowed | undefined {
  const own = likely[route] ?? 0;
  const [by, other] = likely.reduce<[number, number]>(
    (best, value = 0, at) => (at !== route && value > best[1] ? [at, value] : best),
    [route, own],
  );
  return other >= Math.max(own + CLEARLY, thresholds[by]!) ? { route, example, by, own, other } : undefined;
}

/** By route and example, the probabilities of belonging to each route. */
type Likely = readonly (readonly ReturnType<Space["ofExample"]>[])[];

function routeSurvey(
  { thresholds, learned }: Space,
  likely: Likely,
  background: readonly (readonly number[])[],
  route: number,
): RouteSurvey {
  const own = likely[route]!.map((each) => each[route] ?? 0);
  const others = likely.flatMap((all, other) => (other === route ? [] : all.map((each) => each[route]!)));
  const everyday = background.map((each) => each[route]!);
  const effect = (threshold: number): Effect => {
    const reaching = (all: readonly number[]) => all.filter((probability) => probability >= threshold).length;
    return { threshold, kept: reaching(own), letIn: reaching(others), everyday: reaching(everyday) };
  };
  return {
    examples: own.length,
    others: others.length,
    now: effect(thresholds[route]!),
    ...(own.length >= FEW_EXAMPLES && { proposed: effect(learned[route]!) }),
  };
}

/** How like the examples of one route a text is. */
export interface Similarity {
  readonly route: number;
  /** The example that is most like it, and its cosine. */
  readonly nearest: ExampleAt;
  readonly similarity: number;
  readonly probability: number;
  readonly threshold: number;
}

/**
 * How like each route a text is, the likeliest first.
 * @param vector of the text, by the same stage
 * @throws EncoderError where the examples cannot be embedded
 */
export async function similarities(
  encoder: Encoder,
  stage: Stage,
  routes: readonly ExampleSet[],
  vector: Float32Array,
): Promise<readonly Similarity[]> {
  const space = await learnSpace(encoder, stage, routes);
  const likely = space.of(vector);
  return routes
    .map(({ examples }, route): Similarity => {
      const distinct = [...new Set(examples)];
      const cosines = space.prototypes[route]!.examples.map((example) => dot(vector, example));
      const similarity = Math.max(...cosines);
      const example = examples.indexOf(distinct[cosines.indexOf(similarity)]!);
      const threshold = space.thresholds[route]!;
      return { route, nearest: { route, example }, similarity, probability: likely[route]!, threshold };
    })
    .toSorted((a, b) => b.probability - a.probability || a.route - b.route);
}
