import { amountOf, BadLine, type Fields, has, numbersAt, scoreOf, textAt, textsAt } from "./line.ts";
import { CALL_TOKENS, type OutcomeFacts, type OutcomeRow, type TokenPrice, UnfitOutcomes } from "./outcome.ts";

/** The small file beside a columnar one: the order of its models, and what is known of them. */
export interface Meta {
  readonly models: readonly string[];
  /** Only two models, whose names stand apart. */
  readonly pair: boolean;
  readonly prices: Readonly<Record<string, TokenPrice>>;
}

/** One way that public sets of outcomes are written: when it is that, and how a row of it is read. */
interface Form {
  readonly fits: (fields: Fields) => boolean;
  readonly lengths: OutcomeFacts["lengths"];
  /** Undefined for a row that the published figures leave out. */
  readonly row: (fields: Fields, models: readonly string[]) => OutcomeRow | undefined;
}

const CHARACTERS_A_TOKEN = 4;
/** Characters of the instruction that stands around a question; with one that asks for reasons in JSON more. */
const INSTRUCTION = 120;
const LONG_INSTRUCTION = 320;

const FORMS: readonly Form[] = [
  { fits: (fields) => has(fields, "options") && has(fields, "correct"), lengths: "recorded", row: multipleChoice },
  { fits: (fields) => has(fields, "weak") && has(fields, "strong"), lengths: "calls", row: weakAndStrong },
  { fits: (fields) => has(fields, "turns") && has(fields, "scores"), lengths: "calls", row: judgedTurns },
  { fits: (fields) => has(fields, "correct") && has(fields, "chars"), lengths: "recorded", row: lengthsAndMarks },
  { fits: (fields) => has(fields, "question") && has(fields, "score"), lengths: "assumed", row: taskScores },
];

export function columnarForm(fields: Fields): Form | undefined {
  return FORMS.find((form) => form.fits(fields));
}

/** Errors: UnfitOutcomes. */
export function readMeta(value: unknown): Meta {
  const { models, weak, strong, prices } = (typeof value === "object" && value !== null ? value : {}) as Fields;
  if (typeof weak === "string" && typeof strong === "string") {
    return { models: [weak, strong], pair: true, prices: {} };
  }
  if (!Array.isArray(models) || !models.every((model) => typeof model === "string") || models.length === 0) {
    throw new UnfitOutcomes('the meta file beside it names neither "models" nor "weak" and "strong"');
  }
  return { models, pair: false, prices: pricesOf(prices) };
}

function pricesOf(prices: unknown): Meta["prices"] {
  if (typeof prices !== "object" || prices === null) return {};
  return Object.fromEntries(
    Object.entries(prices as Readonly<Record<string, Fields>>).flatMap(([model, own]) => {
      const { input_price: input, output_price: output } = own;
      return typeof input === "number" && typeof output === "number" ? [[model, { input, output }] as const] : [];
    }),
  );
}

/** `letters` as they stand before options. */
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

function multipleChoice(fields: Fields, models: readonly string[]): OutcomeRow {
  const question = textAt(fields, "question");
  const options = textsAt(fields, "options");
  if (options.length > LETTERS.length) throw new BadLine(`column "options" has more than ${LETTERS.length} entries`);
  return {
    ...shared(fields, "category"),
    text: [question, ...options.map((option, at) => `${LETTERS[at]}. ${option}`)].join("\n"),
    scores: numbersAt(fields, "correct", models.length, scoreOf),
    inputTokens: (question.length + options.join("").length + INSTRUCTION) / CHARACTERS_A_TOKEN,
    outputTokens: numbersAt(fields, "chars", models.length, amountOf).map((count) => count / CHARACTERS_A_TOKEN),
  };
}

function weakAndStrong(fields: Fields): OutcomeRow | undefined {
  if (fields["contaminated"] === 1) return undefined;
  const scores = ["weak", "strong"].map((column) => scoreOf(fields[column], `column "${column}"`));
  return {
    ...shared(fields, "subject"),
    text: textAt(fields, "prompt"),
    scores: Float64Array.from(scores),
    ...oneCall(2),
  };
}

/** A judge gave up to ten points for each turn. */
const MOST_POINTS = 10;

function judgedTurns(fields: Fields, models: readonly string[]): OutcomeRow | undefined {
  if (fields["contaminated"] === 1) return undefined;
  const [first] = textsAt(fields, "turns");
  if (first === undefined) throw new BadLine('column "turns" is empty');
  const table = fields["scores"] as Fields;
  const scores = models.map((model) => {
    const points = table[model];
    if (!Array.isArray(points) || points.length === 0) throw new BadLine('column "scores" lacks a model of the file');
    const mean = points.reduce((sum: number, one: unknown) => sum + Number(one), 0) / points.length;
    return scoreOf(mean / MOST_POINTS, 'an entry of column "scores"');
  });
  return { ...shared(fields, "category"), text: first, scores: Float64Array.from(scores), ...oneCall(models.length) };
}

function lengthsAndMarks(fields: Fields, models: readonly string[]): OutcomeRow {
  const text = textAt(fields, "question");
  return {
    ...shared(fields),
    text,
    scores: numbersAt(fields, "correct", models.length, scoreOf),
    inputTokens: (text.length + LONG_INSTRUCTION) / CHARACTERS_A_TOKEN,
    outputTokens: numbersAt(fields, "chars", models.length, amountOf).map((count) => count / CHARACTERS_A_TOKEN),
  };
}

function taskScores(fields: Fields, models: readonly string[]): OutcomeRow {
  const text = textAt(fields, "question");
  return {
    ...shared(fields, "task"),
    text,
    scores: numbersAt(fields, "score", models.length, scoreOf),
    inputTokens: (text.length + INSTRUCTION) / CHARACTERS_A_TOKEN,
    outputTokens: new Float64Array(models.length).fill(Number.NaN),
  };
}

function shared(fields: Fields, category?: string): { id: string; category?: string } {
  const id = textAt(fields, "qid");
  return category !== undefined && has(fields, category) ? { id, category: textAt(fields, category) } : { id };
}

const oneCall = (models: number) => ({
  inputTokens: CALL_TOKENS,
  outputTokens: new Float64Array(models),
});
