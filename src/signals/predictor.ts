import { readFile, stat } from "node:fs/promises";
import { z } from "zod";
import type { Prompt, Reading } from "../contracts.ts";
import { EncoderError, type Encoding } from "../inference/encoder.ts";
import { readPredictor, UnfitPredictor } from "../prediction/file.ts";
import { createPredictor as predictorOf, type Learned, type Predictor } from "../prediction/predictor.ts";
import { after } from "./later.ts";
import { deadlineOption, TURN_MS, weightOption } from "./options.ts";
import type { Look, Pace, Signal, Tools } from "./signal.ts";

const MOST_FILE_BYTES = 67_108_864;

export const predictorOptions = z
  .strictObject({
    path: z
      .string()
      .min(1)
      .max(4096)
      .describe("File of a predictor that `signalbox calibrate` learned from recorded outcomes"),
    weight: weightOption(1),
    deadline_ms: deadlineOption(TURN_MS),
  })
  .describe(
    "How well each model would answer the newest human turn, and how long its reply would be, as recorded outcomes teach",
  );

export type PredictorOptions = z.output<typeof predictorOptions>;

/** Its labels are models: what a reading is worth to its model is its score. */
export const predictorScores = () => ({});

/**
 * Reads what to expect of each model of the file: label the model's name, `score` its expected quality, `confidence`,
 * the same for all, how much the turn is like those that the file was learned from (1 for all but the oddest twentieth
 * of them).
 * @throws EncoderError where the file cannot be used, or was learned with another encoder
 */
export async function createPredictor({ path, deadline_ms }: PredictorOptions, { encoded }: Tools): Promise<Signal> {
  const { encoder, turnWithin } = encoded!;
  const learned = await learnedIn(path);
  if (learned.encoderVersion !== encoder.version) {
    throw new EncoderError(
      "model",
      `The predictor ${path} was learned with the encoder ${learned.encoderVersion}, and this one is ${encoder.version}. ` +
        "Learn it again with `signalbox calibrate`.",
    );
  }
  const predictor = predictorOf(learned);
  const turnOf = turnWithin(deadline_ms);
  return {
    name: "predictor",
    deadlineMs: deadline_ms,
    fast(prompt: Prompt, pace: Pace): Look | Promise<Look> {
      if (prompt.turn.trim() === "") return { readings: [] };
      if (pace.spent()) return { readings: [], unread: true };
      return after(turnOf(prompt), (encoding) => ({ readings: readingsOf(predictor, prompt.turn, encoding) }));
    },
  };
}

async function learnedIn(file: string): Promise<Learned> {
  const fail = (why: string, cause: unknown) => new EncoderError("model", `The predictor ${file} ${why}.`, { cause });
  let bytes: Uint8Array;
  try {
    const found = await stat(file);
    if (!found.isFile() || found.size > MOST_FILE_BYTES) throw new Error("not a file, or too large");
    bytes = await readFile(file);
  } catch (error) {
    const missing = error instanceof Error && "code" in error && error.code === "ENOENT";
    throw fail(missing ? "is not there" : "cannot be read", error);
  }
  try {
    return readPredictor(bytes);
  } catch (error) {
    if (error instanceof UnfitPredictor) throw fail(`cannot be used: ${error.message}`, error);
    throw error;
  }
}

function readingsOf(predictor: Predictor, turn: string, encoding: Encoding): Reading[] {
  const { quality, outputTokens, familiarity } = predictor.forecast(turn, encoding);
  return predictor.models.map((label, at) => {
    const tokens = outputTokens[at]!;
    const reading = { label, score: quality[at]!, confidence: familiarity };
    return Number.isNaN(tokens) ? reading : { ...reading, outputTokens: Math.round(tokens) };
  });
}
