import { EncoderError, type Encoder } from "../inference/encoder.ts";
import { featuresOf, type Sight, SUREST } from "./features.ts";
import { align } from "./guards/alignment.ts";
import { differenceOf } from "./guards/index.ts";
import { isStatement } from "./guards/statement.ts";
import { thesaurus } from "./guards/synonyms.ts";
import { readTurn, type Turn } from "./guards/turn.ts";
import { MODEL } from "./weights.ts";

/** Of an encoder, what deciding needs. */
export type Meaning = Pick<Encoder, "version" | "encode" | "compare">;

export interface SamenessOptions {
  /** In [0,1]: how sure the two must be the same question. What `calibrate cache` finds; see the default below. */
  readonly threshold?: number;
  /** By domain, in place of it. */
  readonly thresholds?: Readonly<Record<string, number>>;
}

/** A newest human turn with what is known of it. Read once, kept beside the answer. */
export interface Question {
  readonly turn: Turn;
  /** Of the static stage. */
  readonly vector: Float32Array;
}

/**
 * `why`: the guard that saw a difference; `cosine` or `score` where too little is alike; `second_look` where nobody could
 * look; `text` or `words` where they are the same to the letter, or word by word.
 */
export interface Verdict {
  readonly same: boolean;
  readonly why: string;
  /** Of the static stage's vectors. */
  readonly cosine: number;
  /** In [0,1], where it was worked out. */
  readonly score?: number;
}

export interface Look {
  readonly deadlineMs: number;
  readonly domain?: string;
  readonly abort?: AbortSignal;
}

export interface Sameness {
  /** @param vector of the static stage, where the caller has it */
  read(text: string, deadlineMs: number, vector?: Float32Array): Promise<Question>;
  /** Whether the answer to `stored` answers `asked`. Never rejects for want of time: then the two are not the same. */
  decide(stored: Question, asked: Question, look: Look): Promise<Verdict>;
  /** What a decision is made of, for fitting: why not, or the numbers. */
  inspect(stored: Question, asked: Question, look: Look): Promise<Inspection>;
}

export type Inspection =
  | { readonly why: string; readonly cosine: number }
  | { readonly features: Float64Array; readonly cosine: number };

/** Below this nothing else is looked at: paraphrases of the learn families lie above it. */
const LEAST_COSINE = 0.3;
/** Why two are the same: nothing that they say differs. */
const WORDS = "words";
/** Without a second look only this much alike, and word by word the same, will do. */
const ALONE = 0.95;

export const DEFAULT_THRESHOLD = MODEL.threshold;

export function createSameness(options: SamenessOptions, meaning: Meaning): Sameness {
  const words = thesaurus();
  const threshold = options.threshold ?? DEFAULT_THRESHOLD;
  const looksTwice = meaning.compare !== undefined && meaning.version === MODEL.encoder;
  const least = ({ domain }: Look) => (domain === undefined ? undefined : options.thresholds?.[domain]) ?? threshold;

  async function inspect(stored: Question, asked: Question, look: Look, needed: number): Promise<Inspection> {
    const [a, b] = [stored.turn, asked.turn];
    const cosine = dot(stored.vector, asked.vector);
    if (!a.isWhole || !b.isWhole) return { why: "length", cosine };
    if (cosine < LEAST_COSINE) return { why: "cosine", cosine };
    if (isStatement(a) || isStatement(b)) return { why: "statement", cosine };
    const { verdict, doubts } = differenceOf(a, b);
    if (verdict !== undefined) return { why: verdict, cosine };
    if (doubts.length === 0 && saysTheSame(a, b)) return { why: WORDS, cosine };
    const seen = { alignment: align(a, b, words), doubts: doubts.length, cosine };
    if (!looksTwice) return { why: isAlikeAlone(seen) ? WORDS : "second_look", cosine };
    // Where not even the surest second look would be enough, it is spared.
    if (scoreOf(featuresOf(a, b, { ...seen, logit: SUREST })) < needed) return { why: "score", cosine };
    const logit = await secondLook(meaning, a.text, b.text, look);
    // What is too long to be looked at together is judged without.
    if (logit === "too_long") return { why: isAlikeAlone(seen) ? WORDS : "second_look", cosine };
    if (logit === undefined) return { why: "second_look", cosine };
    return { features: featuresOf(a, b, { ...seen, logit }), cosine };
  }

  return {
    async read(text, deadlineMs, vector) {
      return { turn: readTurn(text), vector: vector ?? (await meaning.encode(text, deadlineMs)).vector };
    },
    async decide(stored, asked, look) {
      if (stored.turn.text.trim() === asked.turn.text.trim() && stored.turn.isWhole) {
        return { same: true, why: "text", cosine: 1, score: 1 };
      }
      const found = await inspect(stored, asked, look, least(look));
      if ("why" in found) return { same: found.why === WORDS, ...found, ...(found.why === WORDS && { score: 1 }) };
      const score = scoreOf(found.features);
      return { same: score >= least(look), why: "score", cosine: found.cosine, score };
    },
    inspect: (stored, asked, look) => inspect(stored, asked, look, 0),
  };
}

/** The logistic model's word, in [0,1]. */
function scoreOf(features: Float64Array): number {
  let logit: number = MODEL.bias;
  for (const [at, weight] of MODEL.weights.entries()) logit += weight * features[at]!;
  return 1 / (1 + Math.exp(-logit));
}

const isAlikeAlone = ({ alignment, doubts, cosine }: Omit<Sight, "logit">): boolean =>
  cosine >= ALONE && doubts === 0 && alignment.ours.length + alignment.theirs.length === 0;

function saysTheSame(a: Turn, b: Turn): boolean {
  if (wordsOf(a) !== wordsOf(b)) return false;
  // A small word with a capital may be a name: IT is not it.
  const plain = new Map(a.tokens.map(({ text, isPlain }) => [text, isPlain]));
  return b.tokens.every(({ text, isPlain }) => (plain.get(text) ?? isPlain) === isPlain);
}

/** Words and signs in their order, in small letters, without a greeting before and thanks behind. */
function wordsOf({ text }: Turn): string {
  const asked = text.trim().replace(GREETING, "").replace(THANKS, "$<end>");
  return (asked.toLowerCase().match(WORD) ?? []).join(" ");
}

/** Only where a sign sets them apart: "hello in German" asks for something. */
const GREETING = /^(?:(?:hi|hello|hey|hallo|hola|bonjour|please tell me|quick question)(?: there)?[,!.:]\s+)/iu;
const THANKS = /(?<end>[?.!])\s+(?:please|thanks|thank you|thx|danke|gracias|merci)[.!]{0,3}$/iu;
const WORD = /[\p{L}\p{M}\p{N}_]+|[^\s?.!,]/gu;

/** Undefined where nobody could look. */
async function secondLook(
  { compare: ask }: Meaning,
  one: string,
  other: string,
  { deadlineMs, abort }: Look,
): Promise<number | "too_long" | undefined> {
  try {
    return (await ask!(one, other, deadlineMs, abort)) ?? "too_long";
  } catch (error) {
    if (error instanceof EncoderError) return undefined;
    throw error;
  }
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += a[at]! * b[at]!;
  return sum;
}
