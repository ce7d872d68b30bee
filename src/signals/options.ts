import { z } from "zod";

const NAME = /^[a-zA-Z][a-zA-Z0-9._:/-]{0,127}$/;

/** A model, tier or route, as the config names it. */
const nameOption = z.string().regex(NAME, "a name starts with a letter and has letters, digits and . _ : / - only");
export const labelOption = z
  .string()
  .regex(NAME, "a label starts with a letter and has letters, digits and . _ : / - only");

export const pinOption = z.union([
  z.strictObject({ model: nameOption.describe("This model") }),
  z.strictObject({ tier: nameOption.describe("A model of this tier") }),
  z.strictObject({ route: nameOption.describe("This route") }),
]);

/** Score in [0,1] per model or tier. */
export const scoresOption = z.record(nameOption, z.number().min(0).max(1));

/** Score in [0,1] per label and per model or tier. */
export type ScoreTable = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** Time for a signal that reads the newest turn, and for one that reads everything: a megabyte takes some 50 ms, in turns with other requests. */
export const TURN_MS = 50;
export const EVERYTHING_MS = 1000;

export const deadlineOption = (ms: number) =>
  z.number().positive().max(10_000).default(ms).describe("Wall time that one reading may take, in milliseconds");
export const weightOption = (share: number) =>
  z.number().min(0).max(1).default(share).describe("Share in the vote before it is spread over who voted");
/** Whether a signal that reads by hand-made rules also reads with the encoder. */
export const learnedOption = (what: string, isOn = true) =>
  z.boolean().default(isOn).describe(`Read with the encoder too: ${what}. false loads no model for it`);
