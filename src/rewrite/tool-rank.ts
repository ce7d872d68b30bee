import { createHash } from "node:crypto";
import { LRUCache } from "lru-cache";
import { gramsOf } from "./grams.ts";

/** A tool as it is chosen by: what its parameters are is not looked at. */
export interface ToolText {
  readonly name: string;
  readonly description: string;
}

/**
 * Unit vectors of texts of up to 4,001 UTF-16 units, one each, from one stage of one encoder. An empty vector says
 * nothing: where there are none, tools are chosen by their words.
 */
export type Embed = (texts: readonly string[]) => readonly Float32Array[];

/** What tools are wanted for. */
export interface Question {
  readonly turn: string;
  readonly firstTurn: string;
}

export interface ToolRanker {
  /** How well each tool fits, in the order of the list. Figures of one call are compared with each other only. */
  rank(question: Question, tools: readonly ToolText[]): readonly number[];
}

/**
 * What each sign counts, fitted to rows whose tools are known (`node test/bench/tools-fit.ts`): likeness of meaning,
 * the share of the question's rarer groups of letters that the tool has, how many those are, and the share of the
 * groups of its name that the question has.
 */
const WEIGHTS = { meaning: 8.2, covered: 4.2, mass: 0.9, name: 3.4 } as const;
/** Of a turn, what is looked at: a pasted document is not all of what is asked. */
const MOST_UNITS = 2_000;
const MOST_SENTENCES = 12;
const SHORTEST_SENTENCE = 9;
const MOST_DESCRIPTION = 2_000;
/** A few words may go on from a turn that named the subject. */
const FIRST_TURN = 0.5;

interface KnownTool {
  readonly vector: Float32Array;
  readonly grams: ReadonlySet<number>;
  readonly name: ReadonlySet<number>;
}

/** The signs of one tool for one question, as `WEIGHTS` counts them. */
export type Signs = Readonly<Record<keyof typeof WEIGHTS, number>>;

/** @param most tools that are held: those of all clients together, the latest used */
export function createToolRanker(
  embed: Embed,
  most: number,
): ToolRanker & {
  /** What `rank` goes by, for one turn. */
  signs(turn: string, tools: readonly ToolText[]): readonly Signs[];
} {
  const known = new LRUCache<string, KnownTool>({ max: most });
  const know = (tools: readonly ToolText[]): readonly KnownTool[] => {
    const keys = tools.map(keyOf);
    const fresh = new Map(keys.flatMap((key, index) => (known.has(key) ? [] : [[key, tools[index]!] as const])));
    const vectors = fresh.size === 0 ? [] : embed([...fresh.values()].map(spoken));
    const made = new Map([...fresh].map(([key, tool], index) => [key, knownTool(tool, vectors[index]!)]));
    const found = keys.map((key) => made.get(key) ?? known.get(key)!);
    for (const [key, tool] of made) known.set(key, tool);
    return found;
  };
  const signs = (turn: string, tools: readonly ToolText[]): readonly Signs[] => signsOf(embed, turn, know(tools));
  return {
    signs,
    rank({ turn, firstTurn }, tools) {
      const now = signs(turn, tools).map(scoreOf);
      if (firstTurn === "" || firstTurn === turn) return now;
      const first = signs(firstTurn, tools).map(scoreOf);
      return now.map((score, index) => score + FIRST_TURN * first[index]!);
    },
  };
}

function scoreOf(signs: Signs): number {
  return (
    WEIGHTS.meaning * signs.meaning +
    WEIGHTS.covered * signs.covered +
    WEIGHTS.mass * signs.mass +
    WEIGHTS.name * signs.name
  );
}

function keyOf({ name, description }: ToolText): string {
  return createHash("sha256").update(`${name}\0${description}`).digest("base64url");
}

/** `findNextBus` and `find_next_bus` are words. */
function spoken({ name, description }: ToolText): string {
  return `${wordsOf(name)}. ${description.slice(0, MOST_DESCRIPTION)}`;
}

function wordsOf(name: string): string {
  return name
    .replace(/(\p{Ll}|\p{N})(\p{Lu})/gu, "$1 $2")
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}

function knownTool(tool: ToolText, vector: Float32Array): KnownTool {
  return { vector, grams: gramsOf(spoken(tool)), name: gramsOf(wordsOf(tool.name)) };
}

function signsOf(embed: Embed, turn: string, tools: readonly KnownTool[]): readonly Signs[] {
  const asked = turn.length <= 2 * MOST_UNITS ? turn : `${turn.slice(0, MOST_UNITS)}\n${turn.slice(-MOST_UNITS)}`;
  const sentences = sentencesOf(asked);
  const vectors = embed(sentences);
  const grams = sentences.map(gramsOf);
  const weigh = rarityAmong(tools);
  const whole = grams[0]!;
  const heard = sum(whole, (gram) => weigh(gram, true));
  return tools.map(({ vector, grams: own, name }) => {
    const shared = sum(whole, (gram) => (own.has(gram) ? weigh(gram) : 0));
    const named = sum(name, (gram) => weigh(gram));
    const said = (sentence: ReadonlySet<number>) => sum(name, (gram) => (sentence.has(gram) ? weigh(gram) : 0));
    return {
      meaning: Math.max(...vectors.map((each) => dot(each, vector))),
      covered: heard === 0 ? 0 : shared / heard,
      mass: Math.log1p(shared),
      name: named === 0 ? 0 : Math.max(...grams.map(said)) / named,
    };
  });
}

/** The whole of it, then its sentences: each may ask for another tool. */
function sentencesOf(turn: string): readonly string[] {
  const sentences = turn
    .split(/(?<=[.?!;。？！；])\s*|\n+/u)
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence.length >= SHORTEST_SENTENCE);
  const half = MOST_SENTENCES / 2;
  const few = sentences.length <= MOST_SENTENCES ? sentences : [...sentences.slice(0, half), ...sentences.slice(-half)];
  return few.length > 1 ? [turn, ...few] : [turn];
}

/** What a group of letters tells of a tool that has it: much where few of these tools do. Nothing of no tool's, `heard`. */
function rarityAmong(tools: readonly KnownTool[]): (gram: number, heard?: boolean) => number {
  const holders = new Map<number, number>();
  for (const { grams } of tools) for (const gram of grams) holders.set(gram, (holders.get(gram) ?? 0) + 1);
  return (gram, heard = false) => {
    const held = holders.get(gram) ?? 0;
    return heard && held === 0 ? 0 : Math.log(1 + (tools.length - held + 0.5) / (held + 0.5));
  };
}

function sum(grams: ReadonlySet<number>, weight: (gram: number) => number): number {
  let total = 0;
  for (const gram of grams) total += weight(gram);
  return total;
}

function dot(a: Float32Array, b: Float32Array): number {
  let total = 0;
  for (let at = 0; at < a.length; at++) total += a[at]! * b[at]!;
  return total;
}
