import { z } from "zod";
import type { Alternative, Prompt, Reading } from "../contracts.ts";
import type { Encoding } from "../inference/encoder.ts";
import { knowsDifficulty, learnedFrom, mixed, otherGrades } from "./difficulty.ts";
import type { EncodedPrompts } from "./encoded.ts";
import { after, attempt } from "./later.ts";
import { createLexicon } from "./lexicon.ts";
import { deadlineOption, learnedOption, scoresOption, type ScoreTable, TURN_MS, weightOption } from "./options.ts";
import type { Look, Pace, Signal, Tools } from "./signal.ts";
import { fold, isUnspaced } from "../text/writing.ts";

const LABELS = ["simple", "moderate", "complex"] as const;
const DEFAULTS = { moderate: 0.35, complex: 0.7 } as const;

export const complexityOptions = z
  .strictObject({
    weight: weightOption(0.2),
    deadline_ms: deadlineOption(TURN_MS),
    learned: learnedOption("what the encoder has learned of difficulty and of models that fail"),
    thresholds: z
      .partialRecord(z.enum(["moderate", "complex"]), z.number().min(0).max(1))
      .transform((own) => ({ ...DEFAULTS, ...own }))
      .refine(({ moderate, complex }) => moderate < complex, { message: "moderate must be below complex" })
      .prefault({})
      .describe("From which difficulty in [0,1] on a prompt is moderate, 0.35 by default, and complex, 0.7"),
    scores: z
      .partialRecord(z.enum(LABELS), scoresOption)
      .optional()
      .describe(
        "Score in [0,1] per label (simple, moderate, complex) and per model or tier; derived from the tiers when absent",
      ),
  })
  .describe("How hard the newest human turn looks");

export type ComplexityOptions = z.output<typeof complexityOptions>;

/** Score per label and per model or tier, for the labels that the config scores; undefined when it scores none. */
export function complexityScores({ scores }: ComplexityOptions): ScoreTable | undefined {
  if (scores === undefined) return undefined;
  return Object.fromEntries(LABELS.flatMap((label) => (scores[label] === undefined ? [] : [[label, scores[label]]])));
}

/** Words that show what is asked, in English, Chinese, Spanish, German, French, Portuguese, Italian, Japanese, Russian, Korean. */
const LEXICON = createLexicon({
  proof:
    "prove, proves, proof, derive, derivation, deduce, step by step, step-by-step, rigorous*, theorem, show that, verify that, counterexample, induction, chain of thought, show your work, 证明, 推导, 推理, 一步一步, 逐步, 严格, 定理, demuestra*, demostra*, deduc*, paso a paso, teorema, beweis*, leite her, herleit*, schritt für schritt, prouve*, démontre*, déduire, étape par étape, théorème, prove que, demonstre, passo a passo, dimostra*, passo dopo passo, deriva la, 証明, 導出, ステップバイステップ, 段階的に, 順を追って, докажи*, выведи*, пошагово, шаг за шагом, 증명*, 단계별*",
  analysis:
    "why, analyse*, analyze*, analysis, trade-off*, tradeoff*, trade off, trade offs, optimis*, optimiz*, compare*, comparing, contrast, evaluate*, evaluation, critically, critique, assess*, argue, argument*, justify, implications, consequences, pros and cons, strategy, strategies, design, designing, architect*, reasoning, interpret*, hypothes*, root cause, diagnose, in depth, in-depth, thorough*, comprehensive*, 为什么, 为何, 分析, 权衡, 优化, 比较, 对比, 评估, 设计, 架构, 论证, 深入, 影响, por qué, analiza*, compara*, evalúa*, optimiz*, diseña*, ventajas y desventajas, argument*, warum, weshalb, analysier*, vergleich*, bewerte*, optimier*, entwirf, entwerfe*, abwäg*, begründe*, pourquoi, analyse*, comparez, évalue*, optimise*, conçois, concevoir, avantages et inconvénients, por que, analise, avalie, otimiz*, projete, compare, perché, analizza*, confronta*, valuta*, ottimizza*, progetta*, なぜ, 分析, 比較, 評価, 最適化, 設計, トレードオフ, почему, проанализируй*, сравни*, оцени*, оптимизир*, спроектируй*, 왜, 분석*, 비교*, 평가*, 설계*, 최적화*",
  explain:
    "explain*, describe, discuss, elaborate, how does, how do, how would, how could, outline, walk me through, teach me, 解释, 说明, 讨论, 描述, 如何, explica*, describe*, discute*, cómo, erklär*, beschreib*, diskutier*, erläuter*, wie funktioniert, explique*, décri*, discute*, comment, descreva, como funciona, spiega*, descrivi*, discuti, come funziona, 説明, 解説, 議論, объясни*, опиши*, 설명*",
  make: "write, create, implement, generate, build, develop, code, program, refactor, debug, fix, draft, compose, function, script, algorithm, 写, 编写, 实现, 创建, 生成, 开发, 代码, 函数, 算法, escrib*, crea, implementa*, genera*, función, algoritmo, schreib*, erstell*, implementier*, generier*, funktion, algorithmus, écri*, crée*, implémente*, génère*, fonction, algorithme, escreva, crie, implemente, gere, função, scrivi*, crea, implementa, genera, funzione, 書いて, 作成, 実装, 生成, 関数, アルゴリズム, напиши*, создай*, реализуй*, функци*, алгоритм*, 작성*, 만들어*, 구현*, 함수*",
  constraint:
    "must, must not, should, at most, at least, exactly, without, only, except, no more than, no less than, no fewer, fewer than, less than, more than, greater than, ensure, make sure, constraint*, require*, subject to, assuming, given that, suppose, such that, provided that, within, in exactly, do not, cannot, limit*, minimi*, maximi*, 必须, 至少, 至多, 最多, 不超过, 不得, 不能, 仅, 只能, 恰好, 假设, 满足, 要求, 条件, debe*, al menos, como máximo, a lo sumo, sin, exactamente, solo, suponga*, siempre que, muss, müssen, mindestens, höchstens, ohne, genau, nur, darf nicht, angenommen, vorausgesetzt, doit, doivent, au moins, au plus, sans, exactement, seulement, supposons, deve, devem, pelo menos, no máximo, sem, exatamente, apenas, suponha, devono, almeno, al massimo, senza, esattamente, soltanto, supponi, しなければならない, 少なくとも, 多くとも, 以内, 以上, 以下, 必ず, ちょうど, 仮定, должен, должна, должно, должны, не менее, не более, без, ровно, только, 반드시, 최소, 최대, 이하, 이상",
  clause:
    "and, but, because, which, while, if, then, when, where, that, whereas, although, however, unless, since, after, before, so that, if and only if, 并且, 而且, 但是, 因为, 如果, 那么, 然后, 其中, 同时, 虽然, y, pero, porque, que, si, mientras, cuando, aunque, und, aber, weil, dass, wenn, während, obwohl, falls, et, mais, parce que, qui, si, alors que, lorsque, bien que, e, mas, se, enquanto, quando, embora, ma, poiché, mentre, sebbene, そして, しかし, もし, ならば, ため, ので, и, но, потому что, если, который, когда, 그리고, 하지만, 만약",
  number:
    "how many, how much, how long, how far, calculate, compute, total, sum, average, percent*, ratio, twice, half, times, each, per, remaining, altogether, probability, fraction, 多少, 计算, 总共, 一共, 平均, 概率, 比例, cuánto*, calcul*, total, wie viele, wie viel, berechne*, insgesamt, wahrscheinlichkeit, combien, quantos, quanto, calcule, quanti, calcola, いくつ, 何個, 計算, 合計, 確率, сколько, вычисли*, рассчитай*, вероятност*, 몇, 계산*",
  maths:
    "equation*, integral*, derivative, matrix, vector, polynomial, function f, triangle*, angle*, prime, integer*, modulo, divisible, solve, simplify, evaluate, sequence, log, cos, sin, sqrt, frac, eigenvalue*, determinant, permutation*, graph, 方程, 积分, 导数, 矩阵, 三角形, 整数, 素数, 求解, ecuación, gleichung*, équation*, equação, equazione, 方程式, 積分, 行列, 整数, уравнени*, интеграл*, матриц*, 방정식*",
  lookup:
    "who, whom, when did, when was, when is, where is, where was, what is the name, what year, which year, what country, capital of, define, definition of, meaning of, translate, translation, synonym*, 谁, 哪里, 什么时候, 哪一年, 翻译, 定义, quién, cuándo, dónde, traduc*, wer, wann, wo, übersetz*, qui est, quand, où, tradui*, quem, onde, traduz*, chi, dove, tradu*, 誰, いつ, どこ, 翻訳, кто, когда, где, переведи*, 누구, 언제, 어디, 번역*",
  errand:
    "play, turn on, turn off, set a, set an, remind me, book a, book me, weather, alarm, timer, playlist, song, please, thanks, thank you, hello, hi, hey, my account, my card, can i, can you, could you, i need, i want, my, 你好, 谢谢, 请, hola, gracias, por favor, hallo, danke, bitte, bonjour, merci, olá, obrigado, ciao, grazie, こんにちは, ありがとう, привет, спасибо, 안녕*",
  summary:
    "summar*, condense, tl;dr, tldr, in brief, briefly, short, one sentence, two sentences, key points, list, name, extract, 总结, 概括, 摘要, 简要, resum*, zusammenfass*, fasse, kurz, résume*, brièvement, riassum*, 要約, кратко, 요약*",
  riddle:
    "scenario, which of the following, statements, premises, argument, deductively, options, true or false, valid, invalid, option",
});

/**
 * What counts towards difficulty: `n` occurrences push by `weight * n / (n + half)`, so that the first ones count most.
 * Fitted on prompts of known difficulty, with bounds that keep each sign sensible.
 */
const FEATURES = {
  words: { half: 25, weight: 2.32 },
  questions: { half: 1.5, weight: 0.34 },
  sentences: { half: 3, weight: 1.26 },
  numerals: { half: 4, weight: 0.41 },
  symbols: { half: 4, weight: 0.56 },
  items: { half: 3, weight: 0.56 },
  code: { half: 3, weight: 1.02 },
  proof: { half: 1.5, weight: 2.03 },
  analysis: { half: 1.5, weight: 2.8 },
  explain: { half: 1.5, weight: 0.85 },
  make: { half: 1.5, weight: 1.55 },
  constraint: { half: 1.5, weight: 0.9 },
  clause: { half: 4, weight: 0.41 },
  number: { half: 1.5, weight: -0.23 },
  maths: { half: 1.5, weight: 0.68 },
  lookup: { half: 1.5, weight: -1.14 },
  errand: { half: 1.5, weight: -0.34 },
  summary: { half: 1.5, weight: -0.45 },
  riddle: { half: 1.5, weight: 1.84 },
} as const;
const BIAS = -2.01;

/** Width of the slope at a threshold: how softly one label turns into the next. */
const SOFTNESS = 0.06;
/** Distance from the nearest threshold at which the confidence has gone most of its way from 0.5 to 1. */
const CLEAR = 0.1;

/**
 * Reads how hard the newest human turn looks, as a difficulty in [0,1]: from its form and words and, where the encoder
 * has learned to tell, from its meaning. Where the encoder fails, form and words stand alone and the look says so.
 *
 * All three labels are read, the strongest first, so that a vote moves smoothly: `score` is how much of the label
 * there is, the three sum to 1, and exactly at a threshold its two labels are about equal. `confidence`, the same for
 * all three, goes from 0.5 at a threshold to 1 far from both. Of a long turn form is read at the head and the tail only.
 */
export function createComplexity(options: ComplexityOptions, { encoded }: Pick<Tools, "encoded"> = {}): Signal {
  const { learned, thresholds, deadline_ms: deadlineMs } = options;
  if (learned && encoded && knowsDifficulty(encoded.encoder)) return learnedComplexity(options, encoded);
  return {
    name: "complexity",
    deadlineMs,
    fast: (prompt, pace) =>
      nothingToRead(prompt, pace) ?? { readings: readingsOf(difficultyOf(prompt.turn), thresholds) },
  };
}

function learnedComplexity(
  { thresholds, deadline_ms: deadlineMs }: ComplexityOptions,
  encoded: EncodedPrompts,
): Signal {
  const { moderate, complex } = thresholds;
  const middles = { simple: moderate / 2, moderate: (moderate + complex) / 2, complex: (1 + complex) / 2 };
  const turnOf = encoded.turnWithin(deadlineMs);
  const forms = new WeakMap<Prompt, number>();
  /** Asked for again by whoever looks a second time, or wonders whether to. */
  const formOf = (prompt: Prompt): number => {
    const form = forms.get(prompt) ?? difficultyOf(prompt.turn);
    forms.set(prompt, form);
    return form;
  };
  const look = (byForm: number, encoding: Encoding): Look => {
    const difficulty = mixed(byForm, learnedFrom(encoding, encoded.encoder), middles);
    return { readings: readingsOf(difficulty, thresholds), stage: encoding.stage };
  };
  return {
    name: "complexity",
    deadlineMs,
    fast(prompt, pace) {
      const nothing = nothingToRead(prompt, pace);
      if (nothing) return nothing;
      const byForm = formOf(prompt);
      const alone = readingsOf(byForm, thresholds);
      pace.share(() => alone);
      return after(
        attempt("The encoder", () => turnOf(prompt)),
        (tried) => ("value" in tried ? look(byForm, tried.value) : { readings: alone, fault: tried.fault }),
      );
    },
    ...(encoded.looksAgain && {
      refine: async (prompt, abort) => look(formOf(prompt), await encoded.again(prompt, abort)),
      alternatives(prompt) {
        const encoding = encoded.turnNow(prompt);
        if (!encoding) return [];
        const byForm = formOf(prompt);
        return otherGrades(learnedFrom(encoding, encoded.encoder)).map(({ probability, learned }): Alternative => ({
          probability,
          readings: readingsOf(mixed(byForm, learned, middles), thresholds),
        }));
      },
    }),
  };
}

function nothingToRead({ turn }: Prompt, pace: Pace): Look | undefined {
  if (turn.trim() === "") return { readings: [] };
  return pace.spent() ? { readings: [], unread: true } : undefined;
}

function readingsOf(difficulty: number, thresholds: ComplexityOptions["thresholds"]): Reading[] {
  const { moderate, complex } = thresholds;
  const nearest = Math.min(Math.abs(difficulty - moderate), Math.abs(difficulty - complex));
  const confidence = 1 - Math.exp(-nearest / CLEAR) / 2;
  const simplicity = logistic((moderate - difficulty) / SOFTNESS);
  const complexity = logistic((difficulty - complex) / SOFTNESS);
  const shares = { simple: simplicity, moderate: Math.max(0, 1 - simplicity - complexity), complex: complexity };
  return LABELS.map((label) => ({ label, score: shares[label], confidence })).sort((a, b) => b.score - a.score);
}

function difficultyOf(turn: string): number {
  const counts = countsOf(turn);
  let load = BIAS;
  for (const name of NAMES) {
    const { half, weight } = FEATURES[name];
    load += (weight * counts[name]) / (counts[name] + half);
  }
  return logistic(load);
}

function logistic(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** Units read at the head and at the tail of a long turn; what lies between is more of the same. */
const END_UNITS = 8192;

const ITEM = /^[ \t]{0,8}(?:\d{1,3}[.)]|[-*•])[ \t]/gmu;
const CODE = /```|=>|::|[a-z]\(|[;{}]$|\w_\w|[a-z][A-Z]|\bdef \w|\bat \w+[.(]|Traceback|Exception|Error:/gmu;
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/gu;
/** Letters that make a word, on average, where words are written without spaces. */
const LETTERS_PER_WORD = 2;

type Feature = keyof typeof FEATURES;
type Counts = Record<Feature, number>;
const NAMES = Object.keys(FEATURES) as Feature[];
const CONCEPTS = LEXICON.concepts as Feature[];

function countsOf(turn: string): Counts {
  const text = turn.length <= 2 * END_UNITS ? turn : `${turn.slice(0, END_UNITS)}\n${turn.slice(-END_UNITS)}`;
  const counts = Object.fromEntries(NAMES.map((name) => [name, 0])) as Counts;
  countMarks(text, counts);
  if (isUnspaced(text)) counts.words += countOf(text, UNSPACED) / LETTERS_PER_WORD;
  counts.items = countOf(text, ITEM);
  counts.code = countOf(text, CODE);
  LEXICON.read(fold(text), (concept) => void counts[CONCEPTS[concept]!]++);
  return counts;
}

function countOf(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}

/** What single characters tell, by character: questions, ends of sentences, signs of formulas. */
const MARKS = new Map<number, Feature>([
  ...Array.from("?？؟", (mark) => [mark.charCodeAt(0), "questions"] as const),
  ...Array.from(".!。！।", (mark) => [mark.charCodeAt(0), "sentences"] as const),
  ...Array.from("$*+<>=^\\±×÷∀∂∃∈∏∑√∞∧∨∩∪∫≈≠≡≤≥⊂⊆", (mark) => [mark.charCodeAt(0), "symbols"] as const),
]);
const ZERO = 48;
const NINE = 57;

function countMarks(text: string, counts: Counts): void {
  let inWord = false;
  let inNumber = false;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    const isDigit = unit >= ZERO && unit <= NINE;
    const isBlank = unit <= 32 || unit === 0xa0 || unit === 0x3000;
    if (isDigit && !inNumber) counts.numerals++;
    if (!isBlank && !inWord) counts.words++;
    inNumber = isDigit;
    inWord = !isBlank;
    if (isDigit || isBlank || (unit >= 97 && unit <= 122)) continue;
    const mark = MARKS.get(unit);
    if (mark !== undefined) counts[mark]++;
  }
}
