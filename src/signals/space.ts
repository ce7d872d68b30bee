import type { Encoder, Stage } from "../inference/encoder.ts";
import { embedExamples } from "./examples.ts";
import { learnLikeness, type Likeness } from "./likeness.ts";
import { createPrototypes, type Prototypes } from "./prototypes.ts";

/** What tells a route: its examples, and the threshold that the config gives it, where it gives one. */
export interface ExampleSet {
  readonly examples: readonly string[];
  readonly threshold?: number | undefined;
}

/** The examples of all routes in the vector space of one stage, and what they teach. */
export interface Space extends Likeness {
  /** By route; of equal texts of a route the first. */
  readonly prototypes: readonly Prototypes[];
  /** Everyday requests, which belong to no route. */
  readonly background: readonly Float32Array[];
}

/**
 * Each stage has a space of its own, and is told nothing of the other's.
 * @throws EncoderError where the examples cannot be embedded
 */
export async function learnSpace(encoder: Encoder, stage: Stage, routes: readonly ExampleSet[]): Promise<Space> {
  const lists = routes.map((route) => route.examples);
  const { examples, background } = await embedExamples(encoder, stage, lists);
  const prototypes = examples.map(createPrototypes);
  const given = routes.map(({ threshold }) => threshold);
  return { ...(await learnLikeness(prototypes, background, given)), prototypes, background };
}
